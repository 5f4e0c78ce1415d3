"""The executor's process against a robot and a policy that misbehave: nothing moves, and why."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool

from fastwam_ros.nodes import qos
from fastwam_ros.nodes.messages import from_chunk, joint_state, nanoseconds
from fastwam_ros.robot import topics
from fastwam_ros.robot.topics import ARM_TARGET, GRIPPER_TARGET
from test.motion.robot import HOME, chunk
from test.nodes import runner
from test.nodes.conftest import ROOT

pytestmark = pytest.mark.alone

COMMANDS = ARM_TARGET['left']


@pytest.fixture(scope='module')
def executor(probe, processes):
    """A driving executor that has been heard."""
    probe.hear(JointState, COMMANDS, qos.REQUESTS)
    processes.start('executor', 'dry_run:=false', 'require_deadman:=false')
    assert probe.until(lambda: probe.state is not None), processes.said('executor')
    return processes


@pytest.fixture
def engaged(executor, probe):
    """Engaged and holding, on feedback that the probe plays."""
    if probe.mode == 'FAULT':
        probe.listen(0.3, probe.feedback)
        assert probe.answer('reset', probe.feedback) == 'ok'
    if probe.mode == 'DISARMED':
        probe.listen(0.3, probe.feedback)
        probe.engage(probe.feedback)
    assert probe.until(lambda: probe.mode == 'HOLD', 5.0, probe.feedback)
    return probe


def still(probe, since: int) -> bool:
    sent = [m.position for _, m in probe.heard[COMMANDS][since:]]
    return len(sent) > 0 and np.ptp(np.array(sent), axis=0).max() == 0.0


def test_without_feedback_it_refuses_and_says_why(executor, probe):
    assert probe.answer('engage') == 'engage is refused: no feedback yet'
    assert not probe.heard[COMMANDS]


@pytest.mark.parametrize(
    ('arm', 'words'),
    [
        ((0.0,) * 5, 'has 5 positions, want 6 or 7'),
        ((0.0,) * 5 + (float('nan'),), 'is not finite'),
    ],
)
def test_wrong_feedback_blocks_engaging(executor, probe, arm, words):
    assert probe.mode == 'DISARMED'
    probe.listen(0.3, lambda: probe.feedback(arm=arm))
    assert words in probe.answer('engage', lambda: probe.feedback(arm=arm))
    assert not probe.heard[COMMANDS]


def test_holding_streams_one_pose_at_the_control_rate(engaged):
    begun = len(engaged.heard[COMMANDS])
    streams = engaged.until(
        lambda: len(engaged.heard[COMMANDS]) > begun + 200, 10.0, engaged.feedback
    )
    assert streams and still(engaged, begun)
    sent = engaged.heard[COMMANDS][-1][1]
    assert list(sent.velocity) == [1.5, 1.5, 1.5, 2.5, 2.5, 2.5]  # limits, not a plan's speed
    stamps = np.array(
        [m.header.stamp.sec * 10**9 + m.header.stamp.nanosec for _, m in engaged.heard[COMMANDS]]
    )[begun:]
    assert np.median(np.diff(stamps)) == 5_000_000


HOSTILE = {
    'names': {'names': ('left_arm_joint7', *(f'x{i}' for i in range(13)))},
    'robot': {'robot': 'aloha'},
    'finite': {'positions': np.full((32, 14), np.nan)},
    'schema': {'step': 0.0},
}


@pytest.mark.parametrize('verdict', HOSTILE)
def test_a_hostile_chunk_is_refused_by_name_and_nothing_moves(engaged, verdict):
    begun = len(engaged.heard[COMMANDS])
    assert engaged.answer('run', engaged.feedback) == 'ok'
    refused = engaged.state.refused

    def send():
        engaged.feedback()
        made = chunk(engaged.now(), np.tile(HOME, (32, 1)), epoch=engaged.state.epoch)
        message = from_chunk(made.__class__(**{**made.__dict__, **HOSTILE[verdict]}))
        engaged.chunks.publish(message)

    assert engaged.until(lambda: engaged.state.refused > refused, 5.0, send)
    assert engaged.state.last_verdict.startswith(f'{verdict}: ')
    assert engaged.answer('pause', engaged.feedback) == 'ok'
    assert engaged.mode == 'HOLD'
    assert still(engaged, begun)


def test_nan_feedback_while_engaged_is_a_latched_fault(engaged, executor):
    bad = (0.0,) * 5 + (float('nan'),)
    found = engaged.until(lambda: engaged.mode == 'FAULT', 5.0, lambda: engaged.feedback(arm=bad))
    assert found
    assert 'is not finite' in engaged.state.reason
    begun = len(engaged.heard[COMMANDS])
    engaged.listen(0.3)
    assert 'FAULT' in executor.said('executor')
    assert still(engaged, begun)  # streams on, where it stopped


def test_a_foreign_stream_is_a_fault_after_which_it_falls_silent(engaged, executor):
    """A stream with stamps of its own, as the vendor's teleoperation would send."""
    probe = engaged
    names = [f'left_arm_joint{i}' for i in range(1, 7)]

    def interfere():
        probe.feedback()
        probe.speak(JointState, COMMANDS).publish(joint_state(probe.now(), names, HOME[:6]))

    assert probe.until(lambda: probe.mode == 'FAULT', 5.0, interfere)
    assert f'somebody else publishes on {COMMANDS}' in probe.state.reason
    own = executor_stamps(probe)
    probe.listen(1.0, probe.feedback)
    assert executor_stamps(probe) - own == set()  # it was at rest: both streams have ceased
    assert probe.answer('reset', probe.feedback) == 'ok'
    probe.engage(probe.feedback)


def executor_stamps(probe):
    """Stamps of the commands that carry the executor's tracking speeds."""
    return {nanoseconds(m.header.stamp) for _, m in probe.heard[COMMANDS] if len(m.velocity)}


def test_its_own_commands_are_none_of_somebody_else(engaged):
    engaged.listen(1.0, engaged.feedback)
    assert engaged.mode == 'HOLD'
    assert engaged.state.warning == ''


def test_an_estop_ends_the_arms_stream_and_keeps_the_grippers(engaged, executor):
    probe, grips = engaged, GRIPPER_TARGET['left']
    probe.hear(JointState, grips, qos.REQUESTS)
    probe.listen(0.2, probe.feedback)
    stop = probe.create_publisher(Bool, topics.ESTOP, qos.NEWEST)

    def press(pressed):
        probe.feedback()
        stop.publish(Bool(data=pressed))

    assert probe.until(lambda: probe.mode == 'ESTOP', 5.0, lambda: press(True))
    probe.listen(0.1, lambda: press(True))
    arms, grippers = len(probe.heard[COMMANDS]), len(probe.heard[grips])
    on = probe.until(lambda: len(probe.heard[grips]) > grippers + 80, 10.0, lambda: press(True))
    assert on and len(probe.heard[COMMANDS]) == arms
    assert 'the e-stop is pressed' in probe.answer('reset', lambda: press(True))
    probe.listen(0.3, lambda: press(False))
    assert probe.answer('reset', lambda: press(False)) == 'ok'
    probe.engage(lambda: press(False))
    probe.until(lambda: probe.mode == 'ESTOP', 5.0, probe.feedback)
    assert 'the e-stop is silent' in probe.state.reason
    assert probe.until(lambda: probe.answer('reset', lambda: press(False)) == 'ok', 5.0)


def test_sigterm_ends_it_within_two_seconds(engaged, executor):
    begun = time.monotonic()
    assert executor.kill('executor', signal.SIGTERM) == 0
    assert time.monotonic() - begun < 4.0
    assert 'told to end' in executor.said('executor')


def test_the_running_executor_has_no_torch_in_it():
    """Reads sys.modules of the process that ran, after its loop ended."""
    program = (
        f'import sys, json, threading, os, signal\n{runner.PREAMBLE}\n'
        'from fastwam_ros.nodes.executor_node import main\n'
        'threading.Timer(6.0, os.kill, (os.getpid(), signal.SIGTERM)).start()\n'
        'try:\n'
        '    main()\n'
        'finally:\n'
        "    print('MODULES', json.dumps(sorted(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, '-c', program],
        cwd=ROOT,
        env={**os.environ, 'ROS_DOMAIN_ID': '91'},
        capture_output=True,
        text=True,
        timeout=60,
    )
    line = next(row for row in done.stdout.splitlines() if row.startswith('MODULES '))
    loaded = {name.split('.')[0] for name in json.loads(line.removeprefix('MODULES '))}
    assert 'ruckig' in loaded
    unasked = {'pinocchio', 'coal'}  # clearances are off
    assert not loaded & {'torch', 'diffusers', 'transformers', 'mujoco', 'PIL', *unasked}


@pytest.mark.parametrize(
    ('params', 'words'),
    [
        (('rat:=200.0',), "unknown parameter 'rat' for executor: it has rate, dry_run"),
        (('rate:=200',), "parameter 'rate' is 200, want a float (write it with a point: 1.0)"),
        (('dry_run:=maybe',), "parameter 'dry_run' is 'maybe', want a bool"),
    ],
)
def test_a_mistyped_parameter_ends_the_start_with_one_line(processes, params, words):
    processes.start('executor', *params, label='broken')
    assert processes.wait('broken') == 1
    lines = processes.said('broken').splitlines()
    assert words in lines[-1]
    assert 'Traceback' not in processes.said('broken')
