"""Where training data has its actions: from a bundle's two small files, in our names and units."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from fastwam_ros.loop.training_range import MARGIN, Range, training_range
from fastwam_ros.robot.joints import ARM_NAMES, GRIPPER_NAMES, JOINT_NAMES

ROOT = Path(__file__).parents[2]
TINY = ROOT / 'bundles' / 'tiny_r1lite'
ORDER = (*ARM_NAMES, *GRIPPER_NAMES)  # another one than the bundle's
SIZE = len(JOINT_NAMES)
LOW = {name: -0.01 * (n + 1) for n, name in enumerate(JOINT_NAMES)}
HIGH = {name: 1.0 + 0.01 * n for n, name in enumerate(JOINT_NAMES)}


def bundle(
    folder: Path,
    names: Any = JOINT_NAMES,
    units: Any = None,
    leaf: Any = None,
    robot: Any = 'r1lite',
    representation: str = 'absolute',
) -> Path:
    """The two files, in the order of `names`; statistics of state that nobody may take."""
    folder.mkdir(exist_ok=True)
    units = ['rad'] * len(names) if units is None else units
    joints = {'names': list(names), 'units': units, 'representation': representation}
    contract = {'format': 1, 'name': 'ours', 'robot': robot, 'joints': joints}
    (folder / 'policy.yaml').write_text(yaml.safe_dump(contract))
    if leaf is None:
        leaf = {'global_min': [LOW[n] for n in names], 'global_max': [HIGH[n] for n in names]}
    state = {key: [99.0] * SIZE for key in ('global_min', 'global_max')}
    tree = {'state': {'default': state}, 'action': {'default': leaf}}
    (folder / 'dataset_stats.json').write_text(json.dumps(tree))
    return folder


def refused(folder: Path, words: str, error: type[Exception] = ValueError) -> None:
    with pytest.raises(error) as caught:
        training_range(folder)
    assert words in str(caught.value)
    assert '\n' not in str(caught.value)


def bounds(found: Range, *given: Any) -> tuple[np.ndarray, np.ndarray]:
    wide = found.widened(*given)
    assert wide.bundle == found.bundle
    return wide.lower, wide.upper


def test_columns_go_by_name_whatever_the_bundles_order(tmp_path):
    shuffled = tuple(np.random.default_rng(0).permutation(JOINT_NAMES).tolist())
    found = training_range(bundle(tmp_path / 'a', shuffled))
    assert (found.bundle, found.names) == ('ours', shuffled)
    lower, upper = bounds(found, ORDER, 0.5)
    for n, name in enumerate(ORDER):
        span = HIGH[name] - LOW[name]
        assert lower[n] == pytest.approx(LOW[name] - 0.5 * span)
        assert upper[n] == pytest.approx(HIGH[name] + 0.5 * span)


def test_units_are_those_of_the_bundle(tmp_path):
    units = ['percent' if name in GRIPPER_NAMES else 'rad' for name in JOINT_NAMES]
    low = [2.0 if unit == 'percent' else -1.0 for unit in units]
    high = [80.0 if unit == 'percent' else 1.0 for unit in units]
    leaf = {'global_min': low, 'global_max': high}
    found = training_range(bundle(tmp_path / 'a', units=units, leaf=leaf))
    lower, upper = found.lower.tolist(), found.upper.tolist()
    left, arm = JOINT_NAMES.index('left_gripper'), JOINT_NAMES.index('right_arm_joint3')
    assert (lower[left], upper[left]) == pytest.approx((0.002, 0.08))
    assert (lower[arm], upper[arm]) == (-1.0, 1.0)


def test_a_joint_that_stood_still_gets_a_margin_all_the_same(tmp_path):
    leaf = {'global_min': [0.02] * SIZE, 'global_max': [0.02] * SIZE}
    found = training_range(bundle(tmp_path / 'a', leaf=leaf))
    lower, upper = bounds(found, ORDER)
    assert lower[:12] == pytest.approx(0.02 - 0.05)
    assert upper[12:] == pytest.approx(0.02 + 0.005)
    lower, upper = bounds(found, ORDER, 0.0)
    assert (lower < 0.02).all()
    assert (upper > 0.02).all()


def test_quantiles_serve_where_there_are_no_extremes_and_are_widened(tmp_path):
    quantiles = {'global_q01': [-1.0] * SIZE, 'global_q99': [3.0] * SIZE}
    found = training_range(bundle(tmp_path / 'a', leaf=quantiles))
    assert (set(found.lower), set(found.upper)) == ({-4.0}, {6.0})
    both = {**quantiles, 'global_min': [-1.5] * SIZE, 'global_max': [3.5] * SIZE}
    found = training_range(bundle(tmp_path / 'a', leaf=both))
    assert (set(found.lower), set(found.upper)) == ({-1.5}, {3.5})


def test_the_bundled_one_has_all_joints_and_its_margin_is_small(tmp_path):
    found = training_range(TINY)
    lower, upper = bounds(found, JOINT_NAMES)
    stats = json.loads((TINY / 'dataset_stats.json').read_text())['action']['default']
    low, high = np.array(stats['global_min']), np.array(stats['global_max'])
    assert lower == pytest.approx(low - MARGIN * (high - low))
    assert upper == pytest.approx(high + MARGIN * (high - low))
    with pytest.raises(ValueError):
        lower[0] = 0.0  # nobody shifts a bound


def test_it_comes_without_torch_and_without_the_weights(tmp_path):
    """The robot's computer has neither."""
    for name in ('policy.yaml', 'dataset_stats.json'):
        (tmp_path / name).write_bytes((TINY / name).read_bytes())
    program = (
        'import sys; from fastwam_ros.loop.training_range import training_range; '
        'print(training_range(sys.argv[1]).bundle, sorted(sys.modules))'
    )
    command = [sys.executable, '-c', program, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith('tiny_r1lite ')
    assert not {"'torch'", "'safetensors'", "'diffusers'"} & set(
        done.stdout.replace(',', '').split()
    )


# What is no bundle of this robot


def test_files_that_are_missing_or_damaged(tmp_path):
    refused(tmp_path, f'{tmp_path}/policy.yaml is missing: is {tmp_path} a', FileNotFoundError)
    folder = bundle(tmp_path / 'a')
    (folder / 'dataset_stats.json').unlink()
    refused(folder, 'dataset_stats.json is missing', FileNotFoundError)
    for text, words in (
        ('{"state": {', 'dataset_stats.json is no JSON'),
        ('[1, 2]', 'dataset_stats.json holds no names and values'),
        ('{"action": {}}', 'lacks `action` with `default` in it'),
        ('{"action": {"default": 3}}', 'lacks `action` with `default` in it'),
    ):
        (folder / 'dataset_stats.json').write_text(text)
        refused(folder, words)
    (folder / 'dataset_stats.json').write_bytes(b'\xff\xfe')
    refused(folder, 'dataset_stats.json is no JSON')
    (folder / 'policy.yaml').write_text('a: [1,\nb')
    refused(folder, 'policy.yaml is no YAML')


def test_statistics_that_miss_a_joint_name_it(tmp_path):
    short = {'global_min': [0.0] * 13, 'global_max': [1.0] * SIZE}
    refused(bundle(tmp_path, leaf=short), "global_min ends before ['right_gripper']")
    broken = [1.0] * SIZE
    broken[3] = float('nan')
    leaf = {'global_min': [0.0] * SIZE, 'global_max': broken}
    refused(bundle(tmp_path, leaf=leaf), "global_max is not finite for ['left_arm_joint4']")
    broken[3] = -1.0
    refused(bundle(tmp_path, leaf=leaf), "global_min is above global_max for ['left_arm_joint4']")
    leaf = {'global_min': [0.0] * 15, 'global_max': [1.0] * 15}
    refused(bundle(tmp_path, leaf=leaf), 'has 15 values, but policy.yaml names 14 joints')
    for wrong in (['a'] * SIZE, [[0.0] * SIZE] * 32, 3.0, {'a': 1}):
        leaf = {'global_min': wrong, 'global_max': [1.0] * SIZE}
        refused(bundle(tmp_path, leaf=leaf), 'global_min is no list of numbers')
    leaf = {'global_mean': [0.0] * SIZE, 'global_min': [0.0] * SIZE}
    refused(bundle(tmp_path, leaf=leaf), 'has neither global_min, global_max nor global_q01, glob')


def test_bundles_of_something_else(tmp_path):
    refused(bundle(tmp_path, robot='robotwin'), "robot is 'robotwin', this is an 'r1lite'")
    refused(bundle(tmp_path, representation='relative'), "representation is 'relative': only abs")
    names = [*JOINT_NAMES[:-1], 'torso_joint1']
    leaf = {'global_min': [0.0] * SIZE, 'global_max': [1.0] * SIZE}
    refused(bundle(tmp_path, names, leaf=leaf), "differ in ['right_gripper', 'torso_joint1']")
    twice = [*JOINT_NAMES, JOINT_NAMES[0]]
    refused(bundle(tmp_path, twice, leaf=leaf), 'differ in a name twice')
    refused(bundle(tmp_path, units=['rad'] * 3, leaf=leaf), '3 units for 14 joint names')
    refused(bundle(tmp_path, units=['deg'] * SIZE, leaf=leaf), "unit 'deg' is not known: rad, m")
    (tmp_path / 'policy.yaml').write_text('robot: r1lite')
    refused(tmp_path, 'policy.yaml: joints: None should hold the keys names, units')


def test_bounds_of_joints_and_margins_that_are_none():
    few = Range('ours', ('a', 'b'), np.zeros(2), np.ones(2))
    with pytest.raises(
        ValueError, match=r"bundle ours has no training range of \['c'\]: it has a"
    ):
        few.widened(('a', 'c'))
    for margin in (-0.1, float('nan'), float('inf')):
        with pytest.raises(ValueError, match=f'margin {margin} of the training range: want 0'):
            few.widened(('a',), margin)
