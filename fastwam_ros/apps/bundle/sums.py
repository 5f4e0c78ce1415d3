"""SHA256SUMS of a bundle, as `sha256sum -c SHA256SUMS` reads it too."""

import re
from pathlib import Path

from fastwam_ros.apps.files import sha256

SUMS = 'SHA256SUMS'
_LINE = re.compile(r'([0-9a-f]{64}) [ *](\S.*)')


def write_sums(folder: Path) -> None:
    """Of every file that lies in the folder now."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != SUMS)
    lines = [f'{sha256(path)}  {path.name}\n' for path in files]
    (folder / SUMS).write_text(''.join(lines), encoding='utf-8')


def changed(folder: Path) -> list[str]:
    """One line per file that is not what it was when the sums were written.

    Raises FileNotFoundError without sums; a line of them that is none is told as well.
    """
    found = []
    for line in (folder / SUMS).read_text(encoding='utf-8', errors='replace').splitlines():
        match = _LINE.fullmatch(line)
        path = folder / match[2] if match else None
        if match is None or path is None:
            found.append(f'{SUMS} has a line that is none: {line[:60]!r}')
        elif not path.is_file():
            found.append(f'{match[2]} is missing, but {SUMS} lists it')
        elif sha256(path) != match[1]:
            found.append(f'{match[2]} was changed since the bundle was made: its sha256 differs')
    return found
