"""package.xml against what is imported, started and built; what is said twice is the same."""

import ast
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = ElementTree.parse(ROOT / 'package.xml').getroot()
BUILD = (ROOT / 'CMakeLists.txt').read_text()
SETUP = (ROOT / 'setup.py').read_text()
# What rosdep calls otherwise than Python does.
MODULES = {
    'python3-numpy': 'numpy',
    'python3-pil': 'PIL',
    'python3-psutil': 'psutil',
    'python3-pytest': 'pytest',
    'python3-scipy': 'scipy',
    'python3-yaml': 'yaml',
}
# Where they are there: a vendor's messages, pictures that are not JPEG.
OPTIONAL = {'hdas_msg', 'cv_bridge'}
# What rosdep has no key for, or one that brings another version: setup.py has it for pip.
BY_PIP = {
    *('av', 'bokeh', 'jinja2', 'matplotlib', 'pyarrow'),
    *('mcap', 'mujoco', 'rosbags', 'ruckig', 'zstandard'),
    *('diffusers', 'safetensors', 'torch', 'transformers', 'triton'),
}
WITH_PINOCCHIO = {'coal'}
# Used by no import: message code, and the launch files' own command and format.
OF_THE_RUN = {'rosidl_default_runtime', 'ros2launch', 'launch_yaml', 'xacro'}


def dependencies(*kinds: str) -> set[str]:
    """Of those kinds, as Python or ROS name them."""
    keys = {element.text for kind in kinds for element in MANIFEST.findall(kind)}
    return {MODULES.get(key, key) for key in keys}


def imported(folder: Path) -> set[str]:
    """First names of what files import that is neither Python's own nor ours."""
    names: set[str] = set()
    for path in folder.rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.split('.')[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.split('.')[0])
    return names - set(sys.stdlib_module_names) - {'fastwam_ros', 'test'}


def started(entries: Iterable[dict]) -> set[str]:
    """Packages whose programs a launch file starts."""
    found = set()
    for entry in entries:
        found |= {entry['node']['pkg']} if 'node' in entry else set()
        found |= started(entry.get('group', ()))
    return found - {'fastwam_ros'}


def packages_of_launch_files() -> set[str]:
    files = (ROOT / 'launch').glob('*.launch.yaml')
    return set().union(*(started(yaml.safe_load(file.read_text())['launch']) for file in files))


def test_what_runs_is_depended_on_and_nothing_else():
    used = imported(ROOT / 'fastwam_ros') | packages_of_launch_files() | OF_THE_RUN
    wanted = used - OPTIONAL - BY_PIP - WITH_PINOCCHIO
    assert dependencies('depend', 'exec_depend') == wanted


def test_what_is_left_to_pip_is_in_setup_py():
    found = imported(ROOT / 'fastwam_ros')
    named = {
        re.split(r'[-;\[]', word)[0].lower() for word in re.findall(r'[\'"](\w[^\'"]*)', SETUP)
    }
    assert found >= BY_PIP
    assert named >= BY_PIP


def test_what_is_built_with_is_depended_on():
    found = set(re.findall(r'find_package\((\w+)', BUILD))
    built = dependencies('buildtool_depend', 'depend')
    assert {name for name in found if name in built} == built
    linters = {name for name in found if name.startswith('ament_cmake_')}
    assert linters - built <= dependencies('test_depend')
    assert found <= built | dependencies('test_depend')


def test_every_node_is_installed():
    (names,) = re.findall(r'foreach\(node ([^)]*)\)', BUILD)
    files = (ROOT / 'fastwam_ros' / 'nodes').glob('*_node.py')
    assert set(names.split()) == {file.stem.removesuffix('_node') for file in files}


def test_commands_are_those_of_pip():
    (names,) = re.findall(r'foreach\(command ([^)]*)\)', BUILD)
    assert set(names.split()) == set(re.findall(r'fastwam-(\w+) = fastwam_ros\.apps\.\1\.', SETUP))


def test_every_message_is_built():
    assert set(re.findall(r'msg/\w+\.msg', BUILD)) == {
        str(file.relative_to(ROOT)) for file in (ROOT / 'msg').glob('*.msg')
    }


def test_version_and_license_are_said_alike():
    for tag, word in (('version', 'version'), ('license', 'license')):
        (said,) = re.findall(rf"{word}='([^']+)'", SETUP)
        assert MANIFEST.findtext(tag) == said
