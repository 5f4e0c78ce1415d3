"""Where a ROS package lies: installed by colcon, installed by pip, or a source checkout.

Knows folders and package.xml. Refuses to know what a package contains.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree


class PackageError(Exception):
    """A package, or something that it was said to have, was not found."""


def name_of(folder: Path) -> str | None:
    """The name in the package.xml of `folder`; None where there is none."""
    manifest = folder / 'package.xml'
    if not manifest.is_file():
        return None
    return ElementTree.parse(manifest).getroot().findtext('name')


def find_share(package: str) -> Path:
    """The folder with a package's config/, launch/, msg/ ...: its share or its source folder.

    Raises PackageError with the places that were looked at.
    """
    looked = []
    for folder in _candidates(package):
        if name_of(folder) == package:
            return folder
        looked.append(str(folder))
    raise PackageError(f'package {package!r} not found in {", ".join(looked)}')


def _candidates(package: str) -> Iterator[Path]:
    for prefix in filter(None, os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)):
        yield Path(prefix, 'share', package)
    here = Path.cwd()
    yield from (here, *here.parents)
    for place in _python_places(package):
        yield Path(place).parent
    yield Path(sys.prefix, 'share', package)


def _python_places(package: str) -> list[str]:
    """The folders of a Python package; does not ask the message finder, which asks us."""
    if package in sys.modules:
        return list(getattr(sys.modules[package], '__path__', []))
    for finder in sys.meta_path:
        if not getattr(finder, 'asks_packages', False):
            spec = finder.find_spec(package, None)
            if spec is not None:
                return list(spec.submodule_search_locations or [])
    return []


def module_of(package: str, executable: str) -> str:
    """The Python module behind `exec` of a package: `<package>.nodes.<executable>_node`.

    The convention stands in for CMake's `install(PROGRAMS ... RENAME <executable>)`.
    Raises PackageError that lists the executables there are.
    """
    places = _python_places(package)
    if not places:
        raise PackageError(f'package {package!r} has no Python package: is it installed with pip?')
    there = sorted(
        path.name.removesuffix('_node.py')
        for place in places
        for path in Path(place, 'nodes').glob('*_node.py')
    )
    if executable not in there:
        names = ', '.join(there) or 'none'
        raise PackageError(f'package {package!r} has no executable {executable!r}: it has {names}')
    return f'{package}.nodes.{executable}_node'
