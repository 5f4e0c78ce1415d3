"""Who may import whom: the floors of the house, read from the imports themselves."""

import ast
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1] / 'fastwam_ros'
MODULES = sorted(ROOT.rglob('*.py'))
# A room imports itself and the rooms named here, nothing else of the package.
MAY_IMPORT = {
    'wam': set(),
    'motion': set(),
    'robot': set(),
    'loop': {'wam', 'motion', 'robot'},
    'sim': {'robot'},
    'bag': {'robot'},
    'apps': {'wam', 'motion', 'robot', 'loop', 'sim', 'bag'},
    'nodes': {'loop', 'motion', 'robot', 'sim', 'bag', 'wam', 'msg'},
}
# One module of a room, for those who shall know no other: a tracker is a tracker on both sides.
MAY_IMPORT_ALONE = {'sim': 'fastwam_ros.motion.chaser'}
ONLY_IN_NODES = ('rclpy', 'rcl_interfaces', 'std_msgs', 'sensor_msgs', 'trajectory_msgs')
TORCH = ('torch', 'diffusers', 'transformers', 'safetensors')
NEVER_NAMED = {'utils', 'util', 'helpers', 'helper', 'common', 'manager'}


def imports(path: Path) -> set[str]:
    """Full names of every module that a file imports, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f'{path}: relative import'
            names |= {f'{node.module}.{alias.name}' for alias in node.names} | {node.module}
    return names


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return parts[0] if len(parts) > 1 else ''


def own_rooms(names: set[str]) -> set[str]:
    return {name.split('.')[1] for name in names if name.startswith('fastwam_ros.')}


@pytest.mark.parametrize('path', MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_only_from_lower_floors(path):
    here = room(path)
    if not here:
        return
    alone = MAY_IMPORT_ALONE.get(here)
    names = {name for name in imports(path) if alone is None or not name.startswith(alone)}
    wrong = own_rooms(names) - {here} - MAY_IMPORT[here]
    assert not wrong, f'{here} imports {sorted(wrong)}; it may import {sorted(MAY_IMPORT[here])}'


@pytest.mark.parametrize('path', MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_ros_stays_in_nodes_and_torch_away_from_the_robot(path):
    found = {name.split('.')[0] for name in imports(path)}
    here = room(path)
    if here != 'nodes':
        assert not found & set(ONLY_IN_NODES)
        assert 'rosless' not in found
    if here not in ('wam', 'apps'):
        assert not found & set(TORCH)
    assert 'diffusers' not in found or path.parent.name == 'wam'
    assert path.stem not in NEVER_NAMED


def test_the_report_judges_without_the_code_that_it_judges():
    judges = [list(ROOT.glob(f'apps/{place}/*.py')) for place in ('report', 'replay/measures')]
    assert all(judges)
    for path in (path for place in judges for path in place):
        assert not own_rooms(imports(path)) & {'motion', 'loop'}


def test_only_the_executor_publishes_on_motion_target():
    for path in ROOT.glob('nodes/*_node.py'):
        text = path.read_text()
        named = 'ARM_TARGET' in text and 'create_publisher' in text
        if named and path.stem != 'executor_node':
            tree = ast.parse(text)
            calls = [
                ast.unparse(node)
                for node in ast.walk(tree)
                if isinstance(node, ast.Call) and 'create_publisher' in ast.unparse(node.func)
            ]
            assert not any('TARGET' in call for call in calls), path


@pytest.mark.parametrize('path', sorted(ROOT.glob('nodes/*_node.py')), ids=lambda p: p.stem)
def test_a_node_is_a_program_and_is_installed(path):
    assert os.access(path, os.X_OK), 'chmod +x'
    assert path.read_text().startswith('#!/usr/bin/env python3')
    listed = (ROOT.parent / 'CMakeLists.txt').read_text()
    names = listed.split('foreach(node ')[1].split(')')[0].split()
    assert path.stem.removesuffix('_node') in names


def test_every_room_says_what_it_is():
    for folder in ROOT.iterdir():
        if folder.is_dir() and (folder / '__init__.py').exists():
            text = ast.get_docstring(ast.parse((folder / '__init__.py').read_text()))
            assert text and text.startswith('Floor '), folder
            assert '\n' not in text.split('\n\n')[0], f'{folder}: one sentence'
