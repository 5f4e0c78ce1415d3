"""The node over DDS: the robot's topics, its answers to targets, and a clean end."""

import json
import os
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from fastwam_ros.robot.topics import ARM_FEEDBACK, GRIPPER_FEEDBACK, IMAGE_FRAMES, IMAGES
from fastwam_ros.sim.towel import Towel
from fastwam_ros.sim.world import ARM_HOME, World

ROOT = Path(__file__).parents[2]
SIM = [sys.executable, '-m', 'rosless', 'run', 'fastwam_ros', 'sim', '--ros-args']
ENVIRONMENT = {**os.environ, 'ROS_DOMAIN_ID': '61', 'PYTHONPATH': str(ROOT)}


def start(*arguments):
    return subprocess.Popen(
        [*SIM, *arguments],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope='module')
def run():
    """What an operator saw, what the node said, and how it ended on SIGINT."""
    sim = start('--params-file', str(ROOT / 'config' / 'sim.yaml'))
    try:
        operator = subprocess.run(
            [sys.executable, '-m', 'test.sim.operator_node'],
            cwd=ROOT,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            timeout=60,
        )
        sim.send_signal(signal.SIGINT)
        said, _ = sim.communicate(timeout=20)
    finally:
        sim.kill()
    assert operator.returncode == 0, operator.stderr + said
    return json.loads(operator.stdout), said, sim.returncode


def test_feedback_reads_like_the_robots(run):
    seen, _, _ = run
    for side in ('left', 'right'):
        assert seen['names'][ARM_FEEDBACK[side]] == [f'{side}_arm']
        assert seen['names'][GRIPPER_FEEDBACK[side]] == [f'{side}_gripper']
        assert seen['widths'][ARM_FEEDBACK[side]] == [6, 6, 6]
        assert seen['widths'][GRIPPER_FEEDBACK[side]] == [1, 1, 1]
    arm, gripper = seen['start']
    assert arm == pytest.approx(ARM_HOME, abs=0.004)
    assert gripper == [pytest.approx(61.2, abs=0.3)]  # 60 on the wire, read 2 % high


def test_stamps_are_the_worlds_own(run):
    seen, _, _ = run
    for topic in (*ARM_FEEDBACK.values(), *GRIPPER_FEEDBACK.values()):
        stamps = seen['stamps'][topic]
        gaps = [b - a for a, b in pairwise(stamps)]
        assert min(gaps) > 0
        assert sorted(gaps)[len(gaps) // 2] == pytest.approx(5_000_000, abs=100_000)


def test_pictures_come_under_the_robots_names_and_frames(run):
    seen, _, _ = run
    for camera, topic in IMAGES.items():
        size = [1280, 720] if camera == 'head' else [640, 360]
        assert seen['pictures'][topic] == ['jpeg', 'JPEG', size, IMAGE_FRAMES[camera]]
        assert len(set(seen['stamps'][topic])) == len(seen['stamps'][topic]) > 10


def test_things_are_told_ten_times_a_second_in_the_base_frame(run):
    seen, _, _ = run
    corners = World(0, Towel()).things()
    assert seen['things'].keys() == corners.keys()
    for name, (frame, *place) in seen['things'].items():
        assert frame == 'base_link'
        assert place[:3] == pytest.approx(corners[name].position, abs=2e-3)
        assert place[3:] == pytest.approx([1.0, 0.0, 0.0, 0.0])
    gaps = [b - a for a, b in pairwise(seen['things_stamps'])]
    assert sorted(gaps)[len(gaps) // 2] == pytest.approx(100_000_000, abs=6_000_000)


def test_the_outcome_is_told_again_and_again(run):
    """Latched, so also to whom comes late; nothing was folded here."""
    seen, _, _ = run
    assert len(seen['outcomes']) >= 4
    for name, warns, words, hardware, values in seen['outcomes']:
        assert (name, warns, hardware) == ('fold the towel', True, 'sim')
        assert 'near corners are 20 cm from the far ones' in words
        assert set(values) == {'corners', 'area', 'height', 'far_edge'}


def test_nonsense_moves_nothing_and_is_said(run):
    seen, said, _ = run
    assert seen['nonsense'][0] == pytest.approx(seen['start'][0], abs=1e-3)
    assert seen['nonsense'][1] == pytest.approx(seen['start'][1], abs=0.2)
    faults = ('has 7 positions: the tracker takes 6', 'is not finite')  # whichever comes first
    assert any(f'left arm target {fault}' in said for fault in faults), said
    assert '; ignored (1 so far)' in said


def test_a_stream_moves_the_arm_and_its_end_stops_it(run):
    seen, _, _ = run
    travel = [b - a for a, b in zip(seen['nonsense'][0], seen['streamed'][0], strict=True)]
    assert travel[0] > 0.15
    assert travel[2] < -0.15
    assert seen['streamed'][1] == [pytest.approx(30.6, abs=0.5)]
    assert seen['later'][0] == pytest.approx(seen['silent'][0], abs=1e-3)


def test_a_signal_ends_it_cleanly(run):
    _, said, code = run
    assert code == 0
    assert 'Traceback' not in said


@pytest.mark.parametrize(
    ('parameter', 'words'),
    [
        ('scene:=kitchen', "parameter 'scene' is 'kitchen': it is one of blocks, bar, towel"),
        ('camera_rate:=0.0', "parameter 'camera_rate' is 0.0: 0.1 to 30 Hz"),
        ('tracker:=slow', "parameter 'tracker' is 'slow': it is one of normal, fast"),
        ('start:=upside_down', "parameter 'start' is 'upside_down': it is one of home, rest"),
        ('opening:=0.3', "parameter 'opening' is 0.3: 0 to 0.1 m"),
        ('seed:=-1', "parameter 'seed' is -1: 0 to 9"),
    ],
)
def test_a_wrong_parameter_is_one_line(parameter, words):
    sim = start('-p', parameter)
    said, _ = sim.communicate(timeout=20)
    assert sim.returncode == 1
    assert words in said
    assert 'Traceback' not in said


def test_a_missing_renderer_is_one_line():
    """As on a machine without EGL: the libraries cannot be found, the line names the packages."""
    hide = "import sys; sys.modules['mujoco.egl'] = None; sys.argv = ['rosless', *sys.argv[1:]]"
    code = f'{hide}; from rosless import cli; cli.main()'
    sim = subprocess.run(
        [sys.executable, '-c', code, 'run', 'fastwam_ros', 'sim'],
        cwd=ROOT,
        env={**ENVIRONMENT, 'MUJOCO_GL': 'egl'},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert sim.returncode == 1
    assert 'Traceback' not in sim.stderr
    assert 'libegl1 libgl1-mesa-dri libopengl0' in sim.stderr.strip().splitlines()[-1]
