"""Which files are one recording: a file alone, or a folder of ros2 bag with some of its parts.

Files are known by their first bytes, not by their names. Refuses to know messages.
"""

import re
import shutil
import tempfile
import weakref
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
import zstandard

from fastwam_ros.bag import mcap_file, sqlite_file
from fastwam_ros.bag.mcap_file import McapFile
from fastwam_ros.bag.sqlite_file import SqliteFile
from fastwam_ros.bag.storage import BagError, Storage

METADATA = 'metadata.yaml'
ZSTD = b'\x28\xb5\x2f\xfd'
_ROS1 = b'#ROSBAG V'
_NAME = re.compile(r'(.+?)(_\d+)?((\.mcap|\.db3)(\.zstd)?)?')
_HEAD = 16  # [bytes] that tell what a file is


@dataclass(frozen=True)
class Parts:
    """The files of one recording, and what is wrong with the set of them."""

    files: tuple[Path, ...]
    problems: tuple[str, ...] = ()


def parts(path: Path) -> Parts:
    """What is at a path. Raises BagError where that is no recording, or more than one."""
    if not path.exists():
        raise BagError(f'{path}: No such file or directory')
    if not path.is_dir():
        return Parts((path,))
    there = _recorded(path)
    listed, problems = _listed(path)
    if not there:
        raise BagError(f'{path} holds no recording{_below(path)}')
    if missing := [name for name in listed if path / name not in there]:
        problems.append(f'{len(missing)} of {len(listed)} files are missing: {", ".join(missing)}')
    elif listed:
        return Parts(tuple(path / name for name in listed), tuple(problems))
    groups = _groups(there)
    if len(groups) > 1 and not listed:
        names = ', '.join(files[0].name for files in groups)
        raise BagError(f'{path} holds {len(groups)} recordings: name one of {names}')
    return Parts(tuple(there), tuple(problems))


def recordings(path: Path) -> Iterator[Path]:
    """The recording at a path, or each of those in a folder and below. Raises BagError."""
    if not path.is_dir() or (path / METADATA).exists():
        yield path
        return
    groups = _groups(_recorded(path))
    if len(groups) == 1:
        yield path
    else:
        yield from (file for files in groups for file in files)
    inner = [each for each in sorted(path.iterdir()) if each.is_dir() and _recorded(each)]
    for each in inner:
        yield from recordings(each)
    if not groups and not inner:
        raise BagError(f'{path} holds no recording')


def opened(path: Path) -> tuple[Storage, str]:
    """A file by what is in it, and what is wrong with its packing.

    Raises BagError where it is no recording's, OSError.
    """
    head = _head(path)
    if not head:
        raise BagError(f'{path} is empty: the recorder was ended before it began')
    if head.startswith(mcap_file.MAGIC):
        return McapFile(path), ''
    if head.startswith(sqlite_file.MAGIC):
        return SqliteFile(path), ''
    if head.startswith(ZSTD):
        return _unpacked(path)
    if head.startswith(_ROS1):
        raise BagError(
            f'{path} is a bag of ROS 1: rosbags-convert --src {path.name} --dst NEW makes one of '
            'ROS 2 of it'
        )
    raise BagError(f'{path} is no bag in mcap or sqlite3: it begins with {head[:8]!r}')


def _head(path: Path) -> bytes:
    with path.open('rb') as file:
        return file.read(_HEAD)


def _recorded(folder: Path) -> list[Path]:
    """Files of recordings in a folder, those of no length by their names."""
    magics = (mcap_file.MAGIC, sqlite_file.MAGIC, ZSTD, _ROS1)
    return [
        file
        for file in sorted(folder.iterdir())
        if file.is_file() and (_head(file).startswith(magics) or file.suffix in ('.mcap', '.db3'))
    ]


def _groups(files: list[Path]) -> list[list[Path]]:
    """Files that are parts of one recording, by their names: run_0.mcap, run_1.mcap."""
    found = defaultdict(list)
    for file in files:
        match = _NAME.fullmatch(file.name)
        found[match.group(1) if match else file.name].append(file)
    return list(found.values())


def _below(path: Path) -> str:
    inner = [each.name for each in sorted(path.iterdir()) if each.is_dir() and _recorded(each)]
    return f', but its folders do: {", ".join(inner)}' if inner else ''


def _listed(folder: Path) -> tuple[list[str], list[str]]:
    """The files that a folder should have by its metadata, and what is wrong with that."""
    file = folder / METADATA
    if not file.exists():
        return [], [f'{METADATA} is missing: the files were looked for']
    try:
        about: dict[str, Any] = yaml.safe_load(file.read_text())['rosbag2_bagfile_information']
        names = [Path(name).name for name in about['relative_file_paths']]
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        return [], [f'{METADATA} is damaged ({why}): the files were looked for']
    packed = about.get('compression_format') or ''
    if (about.get('compression_mode') or 'NONE').upper() != 'NONE' and packed != 'zstd':
        raise BagError(f'{folder} is compressed with {packed!r}: zstd can be read')
    return names, []


def _unpacked(path: Path) -> tuple[Storage, str]:
    """A compressed file by way of a temporary one, which goes with what is returned."""
    folder = tempfile.mkdtemp(prefix='fastwam_bag_')
    plain = Path(folder, path.name.removesuffix('.zstd'))
    try:
        problem = _unpack(path, plain)
        if _head(plain).startswith(ZSTD):
            raise BagError(f'{path} is compressed twice: unpack it once with zstd -d')
        storage, _ = opened(plain)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(storage, shutil.rmtree, folder, ignore_errors=True)
    return storage, problem


def _unpack(packed: Path, plain: Path) -> str:
    """Returns what of it could not be unpacked, in words; what is cut off says so by itself."""
    with packed.open('rb') as source, plain.open('wb') as target:
        reader = zstandard.ZstdDecompressor().stream_reader(source, read_across_frames=True)
        try:
            while piece := reader.read(1 << 20):
                target.write(piece)
        except zstandard.ZstdError as error:
            return f'{packed.name} is damaged ({error}): read as far as it goes'
    return ''
