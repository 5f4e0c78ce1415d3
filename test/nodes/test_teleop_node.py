"""The keyboard on a terminal, against the real executor and the simulated robot."""

import os
import signal
import sys
import time

import numpy as np
import pytest
from sensor_msgs.msg import JointState

from fastwam_ros.nodes import qos
from fastwam_ros.robot import topics
from fastwam_ros.robot.topics import ARM_FEEDBACK, ARM_TARGET, GRIPPER_TARGET
from test.nodes.conftest import ROOT
from test.nodes.console import TELEOP, Console

pytestmark = pytest.mark.alone

CONFIG = str(ROOT / 'config' / 'sim.yaml')
START = (*TELEOP, '-p', 'speed:=0.2')
TAP = 0.2 * 1.5 * 0.12  # [rad] of joints 1 to 3
PATIENT = 'feedback_timeout:=1.0'  # [s] with a simulator on a busy machine
EMPTY = '95'  # a domain where nobody is


@pytest.fixture(scope='module')
def robot(probe, processes):
    """Simulator and executor, without a policy."""
    probe.hear(JointState, ARM_TARGET['left'], qos.NEWEST)
    probe.hear(JointState, ARM_TARGET['right'], qos.NEWEST)
    probe.hear(JointState, GRIPPER_TARGET['left'], qos.NEWEST)
    probe.hear(JointState, ARM_FEEDBACK['left'], qos.HAND)
    probe.hear(JointState, topics.TELEOP_ARM['left'], qos.HAND)
    processes.start('sim', CONFIG, 'camera_rate:=1.0')
    processes.start('executor', CONFIG, PATIENT)
    found = probe.until(lambda: probe.heard[ARM_FEEDBACK['left']] and probe.state is not None)
    assert found, processes.said('sim')
    return processes


@pytest.fixture
def console():
    """Starts a keyboard on a terminal; ended after the test."""
    started = []

    def start(*command: str, **given) -> Console:
        started.append(Console(command or START, **given))
        return started[-1]

    yield start
    for one in started:
        one.end()


@pytest.fixture
def driving(robot, probe, console):
    """A console that has taken over."""
    made = console()
    assert made.shows('mode'), made.text
    assert made.waits(lambda: 'no executor state' not in made.text), made.text
    if probe.mode == 'DISARMED':
        made.type('e')
    assert probe.until(lambda: probe.mode == 'HOLD', 10.0, made.pump), made.text
    assert made.shows('HOLD'), made.text
    made.type('t')
    assert probe.until(lambda: probe.mode == 'TELEOP', 10.0, made.pump), made.text
    assert made.shows('the arms are yours'), made.text
    return made


def commanded(probe, side: str = 'left') -> np.ndarray:
    return np.array(probe.heard[ARM_TARGET[side]][-1][1].position)


def rest(probe, console) -> None:
    """Wait until commands stand still."""

    def travel() -> float:
        last = [message.position for _, message in probe.heard[ARM_TARGET['left']][-60:]]
        return np.ptp(last, axis=0).max()

    probe.listen(0.3, console.pump)
    assert probe.until(lambda: travel() < 1e-6, 10.0, console.pump)


def test_a_tap_moves_one_joint_by_its_step_and_nothing_else(driving, probe):
    left, right = commanded(probe), commanded(probe, 'right')
    for _ in range(3):
        driving.type('a')
        probe.listen(0.4, driving.pump)
    rest(probe, driving)
    assert np.allclose(commanded(probe) - left, [3 * TAP, 0, 0, 0, 0, 0], atol=1e-6)
    assert np.array_equal(commanded(probe, 'right'), right)
    measured = np.array(probe.heard[ARM_FEEDBACK['left']][-1][1].position)
    assert np.abs(measured - commanded(probe)).max() < 0.02
    assert probe.state.source == 'teleop'


def test_a_held_key_moves_at_the_chosen_speed_and_stops_after_it(driving, probe):
    before, begun = commanded(probe), time.monotonic()
    for _ in range(30):
        driving.type('z')
        probe.listen(0.033, driving.pump)
    held = time.monotonic() - begun
    rest(probe, driving)
    moved = before[0] - commanded(probe)[0]
    assert TAP < moved < 0.2 * 1.5 * (held + 0.2)
    probe.listen(0.5, driving.pump)
    assert before[0] - commanded(probe)[0] == pytest.approx(moved, abs=1e-6)


def test_both_arms_move_as_mirror_images(driving, probe):
    left, right = commanded(probe), commanded(probe, 'right')
    driving.type('3')
    for key in 'as':
        driving.type(key)
        probe.listen(0.4, driving.pump)
    rest(probe, driving)
    assert np.allclose(commanded(probe) - left, [TAP, TAP, 0, 0, 0, 0], atol=1e-6)
    assert np.allclose(commanded(probe, 'right') - right, [-TAP, TAP, 0, 0, 0, 0], atol=1e-6)


def test_a_gripper_key_moves_the_gripper(driving, probe):
    grip = GRIPPER_TARGET['left']
    before = probe.heard[grip][-1][1].position[0]
    probe.listen(0.5, driving.pump)
    assert probe.heard[grip][-1][1].position[0] == before  # a takeover leaves it as it is
    driving.type('m')
    wanted = 0.2 * 0.5 * 0.12 * 1000.0

    def closed():
        return before - probe.heard[grip][-1][1].position[0]

    probe.until(lambda: closed() > wanted - 1e-3, 5.0, driving.pump)
    probe.listen(0.3, driving.pump)
    assert closed() == pytest.approx(wanted, abs=1e-3)


def test_space_releases_to_hold_and_the_targets_cease(driving, probe):
    driving.type('a ')
    assert probe.until(lambda: probe.mode == 'HOLD', 5.0, driving.pump)
    assert probe.state.reason == 'the person released'
    probe.listen(0.3, driving.pump)
    count = len(probe.heard[topics.TELEOP_ARM['left']])
    driving.type('aaa')
    probe.listen(0.3, driving.pump)
    assert len(probe.heard[topics.TELEOP_ARM['left']]) == count
    assert driving.shows('take over first')
    assert 'released' in driving.text


def test_quitting_releases_and_restores_the_terminal(driving, probe):
    assert not driving.restored()
    driving.type('q')
    assert driving.ended() == 0
    assert driving.restored()
    assert probe.until(lambda: probe.mode == 'HOLD', 5.0)
    assert probe.state.reason == 'the person released'


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_releases_and_restores_the_terminal(driving, probe, number):
    driving.process.send_signal(number)
    assert driving.ended() == 0, driving.text
    assert driving.restored()
    assert probe.until(lambda: probe.mode == 'HOLD', 5.0)
    assert probe.state.reason == 'the person released'


def test_ctrl_c_is_such_a_signal(driving, probe):
    driving.type('\x03')
    assert driving.ended() == 0
    assert probe.until(lambda: probe.mode == 'HOLD', 5.0)
    assert probe.state.reason == 'the person released'


def test_a_window_that_is_closed_releases(driving, probe):
    driving.close()
    assert driving.ended() == 0
    assert probe.until(lambda: probe.mode == 'HOLD', 5.0)
    assert probe.state.reason == 'the person released'


def test_a_killed_keyboard_is_released_by_its_silence_and_the_next_one_takes_over(
    driving, probe, console
):
    driving.process.kill()
    assert probe.until(lambda: probe.mode != 'TELEOP', 5.0)
    assert 'is silent for 0.3' in probe.state.reason
    assert probe.until(lambda: probe.mode == 'HOLD', 5.0)
    another = console()
    assert another.shows('HOLD')
    probe.listen(0.3, another.pump)
    another.type('t')
    assert probe.until(lambda: probe.mode == 'TELEOP', 5.0, another.pump), another.text


def test_an_executor_that_dies_is_announced_and_let_go(robot, driving, probe):
    robot.kill('executor')
    assert driving.shows('no executor state for'), driving.text
    assert driving.shows('switch   released')
    robot.start('executor', CONFIG, PATIENT)
    assert driving.waits(lambda: 'no executor state' not in driving.text.split('\n')[0])
    assert probe.until(lambda: probe.mode == 'DISARMED', 20.0, driving.pump)
    driving.type('t')
    assert driving.shows('takeover is refused in DISARMED: it takes engage')
    driving.type('e')
    assert driving.shows('engage: ok')


def test_nobody_is_there(console):
    made = console(ROS_DOMAIN_ID=EMPTY)
    assert made.shows('no executor state for 2.'), made.text
    made.type('e')
    assert made.shows('engage is not sent: no executor hears it')


def test_a_small_window_says_so_and_grows(console):
    made = console(height=10, width=50, ROS_DOMAIN_ID=EMPTY)
    assert made.shows('window 50 x 10, want 80 x 24'), made.text
    made.resize(24, 80)
    assert made.shows('q quit'), made.text
    assert 'no key' not in made.text  # a resize comes in among the keys
    made.resize(5, 20)
    assert made.shows('window 20 x 5'), made.text
    made.type('q')
    assert made.ended() == 0


def test_without_a_terminal_one_line_says_how_to_start_it(processes):
    processes.start('teleop')
    assert processes.wait('teleop') == 1
    line = processes.said('teleop').splitlines()[-1]
    assert line.startswith('teleop: std')
    assert line.endswith('ros2 run fastwam_ros teleop')
    assert 'Traceback' not in processes.said('teleop')


def test_an_unknown_terminal_is_named(console):
    made = console(TERM='nothing-like-it', ROS_DOMAIN_ID=EMPTY)
    assert made.ended() == 1
    assert "teleop: TERM is 'nothing-like-it'" in made.text


@pytest.mark.parametrize(
    ('param', 'words'),
    [
        ('speed:=1.5', "parameter 'speed' is 1.5: 0.02 to 1 of the limits"),
        ('speed:=1', "parameter 'speed' is 1, want a float (write it with a point: 1.0)"),
        ('arm:=middle', "parameter 'arm' is 'middle': it is one of left, right, both"),
        ('press:=5.0', "parameter 'press' is 5.0: 0.02 to 0.5 s"),
        ('idle:=0.0', "parameter 'idle' is 0.0: 0.1 to 3600 s"),
        ('sped:=0.1', "unknown parameter 'sped' for teleop: it has speed, arm, press, idle"),
    ],
)
def test_a_wrong_parameter_ends_the_start_with_one_line(processes, param, words):
    processes.start('teleop', param, label='broken')
    assert processes.wait('broken') == 1
    assert words in processes.said('broken').splitlines()[-1]
    assert 'Traceback' not in processes.said('broken')


def test_an_error_in_the_loop_restores_the_terminal_and_shows_its_trace(console):
    program = (
        'import sys\n'
        'from fastwam_ros.nodes.terminal import opened\n'
        'with opened() as terminal:\n'
        "    print('a warning', file=sys.stderr)\n"
        '    terminal.key(0.1)\n'
        "    raise RuntimeError('broken')\n"
    )
    made = console(sys.executable, '-c', program, PYTHONPATH=os.pathsep.join(['.', *sys.path[1:]]))
    assert made.ended() == 1
    assert made.restored()
    assert 'a warning' in made.text
    assert 'RuntimeError: broken' in made.text
