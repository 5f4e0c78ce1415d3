"""Where a recording goes: a file, a folder of files, or a name of its own in a folder."""

from pathlib import Path

_SUFFIX = '.mcap'


def place(output: str, split: bool, name: str) -> Path:
    """The file, or with `split` the folder, that `output` asks for; it is not made.

    A folder that is there, or a name that ends in '/', gets a recording called `name`. Raises
    ValueError for a folder that is named like a file.
    """
    path = Path(output)
    if path.is_dir() or output.endswith('/'):
        return path / (name if split else name + _SUFFIX)
    if split and path.suffix == _SUFFIX:
        raise ValueError(
            f'{path} is the name of one file, and one that is split is a folder: '
            f'{path.with_suffix("")}'
        )
    return path
