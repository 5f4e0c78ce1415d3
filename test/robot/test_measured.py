"""A unit's own figures: read from a file, both arms together, with the vendor's where none are."""

from dataclasses import replace
from math import inf
from pathlib import Path

import pytest
import yaml

from fastwam_ros.robot.measured import measured_latencies, measured_reach, measured_tracker
from fastwam_ros.robot.tracker import FAST, NORMAL


def value(number: float) -> dict:
    return {'value': number, 'uncertainty': 0.1, 'source': 'measured'}


def least(number: float) -> dict:
    return {'at_least': number, 'source': 'measured'}


def written(folder: Path, joints: dict, **more) -> Path:
    file = folder / 'measured.yaml'
    file.write_text(yaml.safe_dump({'format': 1, 'robot': 'r1lite', 'joints': joints, **more}))
    return file


def test_both_arms_are_one_and_bounds_raise_the_vendors_figures(tmp_path):
    joints = {
        'left_arm_joint1': {'jerk': value(8.0), 'velocity': least(1.2), 'delay': value(0.03)},
        'right_arm_joint1': {'jerk': value(9.0), 'velocity': least(17.0), 'delay': value(0.04)},
        'left_arm_joint2': {'acceleration': least(5.0)},
        'right_arm_joint3': {'acceleration': value(5.0)},
    }
    silence = {'stream_timeout': value(0.3), 'drift_left_gripper': value(-0.1)}
    found = measured_tracker(written(tmp_path, joints, silence=silence))
    assert found.name == found.limits_from == 'measured'
    assert found.jerk == (8.5, *FAST.jerk[1:])
    assert found.velocity == (17.0, *FAST.velocity[1:])
    assert found.acceleration == (10.0, 8.0, 5.0, 20.0, 20.0, 20.0)
    assert (found.delay, found.stream_timeout) == (pytest.approx(0.035), 0.3)


def test_an_empty_file_is_the_vendors_tracker(tmp_path):
    found = measured_tracker(written(tmp_path, {}), NORMAL)
    assert replace(found, name='normal', limits_from='vendor') == NORMAL
    below = {'left_arm_joint1': {'delay': value(-0.001)}}
    assert measured_tracker(written(tmp_path, below)).delay == 0.0


def test_what_is_followed_is_what_the_slower_arm_follows_and_no_bound_limits(tmp_path):
    joints = {
        'left_arm_joint1': {'acceleration': value(4.0), 'velocity': least(0.2), 'jerk': value(9)},
        'right_arm_joint1': {'acceleration': value(5.0)},
    }
    found = measured_reach(written(tmp_path, joints))
    assert found == {'velocity': (inf,) * 6, 'acceleration': (4.0, *(inf,) * 5)}
    backwards = written(tmp_path, {'left_arm_joint2': {'velocity': value(-1.0)}})
    with pytest.raises(ValueError, match='velocity of joint 2 is -1: above 0'):
        measured_reach(backwards)


def test_latencies_of_the_cameras_that_saw_something(tmp_path):
    cameras = {'head': {'seen': True, 'latency': value(0.03)}, 'left': {'seen': False}}
    assert measured_latencies(written(tmp_path, {}, cameras=cameras)) == {'head': 0.03}
    assert measured_latencies(written(tmp_path, {})) == {}


@pytest.mark.parametrize(
    ('cameras', 'words'),
    [
        ({'chest': {}}, "cameras ['chest'] are none of this robot"),
        ({'head': {'latency': value(3.0)}}, 'head latency is 3 s: -0.5 to 1'),
        ({'head': {'latency': value(float('nan'))}}, 'head latency is nan s'),
        ({'head': 0.03}, 'head is 0.03, want names and figures'),
    ],
)
def test_latencies_that_are_none(tmp_path, cameras, words):
    with pytest.raises(ValueError) as error:
        measured_latencies(written(tmp_path, {}, cameras=cameras))
    assert words in str(error.value)


@pytest.mark.parametrize(
    ('joints', 'more', 'words'),
    [
        ({'left_arm_joint7': {}}, {}, "joints ['left_arm_joint7'] are none of this robot"),
        ({'left_arm_joint2': {'jerk': value(0.0)}}, {}, 'jerk of joint 2 is 0: 0.01 to 1e+06'),
        ({'left_arm_joint2': {'jerk': value(float('nan'))}}, {}, 'jerk of joint 2 is nan'),
        ({'left_arm_joint2': {'jerk': value('fast')}}, {}, "left_arm_joint2 jerk is 'fast', want"),
        ({'left_arm_joint2': {'jerk': 3.0}}, {}, 'jerk is 3.0, want names and figures'),
        ({'left_arm_joint2': {'delay': value(3.0)}}, {}, 'delay is 3 s: 0 to 1'),
        ({}, {'silence': {'stream_timeout': value(0.0)}}, 'stream_timeout is 0 s: 0.02 to 10'),
        ({}, {'robot': 'r1pro'}, "robot is 'r1pro', this is an 'r1lite'"),
        ({}, {'format': 2}, 'format is 2, want 1: is it a measured file?'),
    ],
)
def test_what_is_wrong_is_named_with_the_file(tmp_path, joints, more, words):
    file = written(tmp_path, joints, **more)
    with pytest.raises(ValueError) as caught:
        measured_tracker(file)
    assert words in str(caught.value)
    assert str(file) in str(caught.value)


def test_a_file_that_is_missing_or_no_yaml(tmp_path):
    with pytest.raises(FileNotFoundError, match='fastwam-r1lite check --move writes one'):
        measured_tracker(tmp_path / 'none.yaml')
    (tmp_path / 'a.yaml').write_text('[')
    with pytest.raises(ValueError, match='is no YAML'):
        measured_tracker(tmp_path / 'a.yaml')
