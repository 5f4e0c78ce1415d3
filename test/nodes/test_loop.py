"""The whole loop in real processes: one frame's walk, a takeover, and a cable pulled twice."""

from xml.etree import ElementTree

import numpy as np
import pytest
import xacro
from sensor_msgs.msg import CompressedImage, JointState
from std_msgs.msg import Bool

from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.nodes import qos
from fastwam_ros.robot import topics
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.topics import ARM_FEEDBACK, ARM_TARGET, IMAGES, JOINT_STATES
from test.motion.robot import PERIOD, ratios
from test.nodes.conftest import ROOT

pytestmark = [pytest.mark.torch, pytest.mark.alone]

URDF = str(ROOT / 'urdf' / 'r1lite.urdf.xacro')
CONFIG = str(ROOT / 'config' / 'sim.yaml')
BUNDLE = f'bundle:={ROOT / "bundles" / "tiny_r1lite"}'


def ns(stamp) -> int:
    return stamp.sec * 10**9 + stamp.nanosec


def heard(probe, topic):
    return [message for _, message in probe.heard[topic]]


def commands(probe) -> tuple[np.ndarray, np.ndarray]:
    """Stamps [T] and positions [T, 12] of ticks that were heard on both arms."""
    arms = [{ns(m.header.stamp): m.position for m in heard(probe, t)} for t in ARM_TARGET.values()]
    stamps = sorted(arms[0].keys() & arms[1].keys())
    return np.array(stamps), np.array([[*arms[0][s], *arms[1][s]] for s in stamps])


def worst(probe, since: int) -> np.ndarray:
    """Worst ratios to the limits over plan time, which is the tick number times the period."""
    stamps, positions = commands(probe)
    states = heard(probe, topics.STATE)
    known = np.array([ns(state.header.stamp) for state in states])
    at = np.searchsorted(known, stamps, side='right') - 1
    ticks = np.array([states[i].tick for i in at]) + (stamps - known[at]) // PERIOD
    late = stamps >= since
    runs = np.split(positions[late], np.flatnonzero(np.diff(ticks[late]) != 1) + 1)
    return np.max([ratios(LIMITS, run) for run in runs if len(run) > 4], axis=0)


@pytest.fixture(scope='module')
def loop(probe, processes):
    """Simulator, executor and policy, engaged and running."""
    for side in SIDES:
        probe.hear(JointState, ARM_TARGET[side], qos.REQUESTS)
        probe.hear(JointState, ARM_FEEDBACK[side], qos.SENSOR)
    probe.hear(CompressedImage, IMAGES['head'], qos.SENSOR)
    probe.hear(JointState, JOINT_STATES, qos.SENSOR)
    processes.start('sim', CONFIG)
    processes.start('executor', CONFIG)
    processes.start('policy', CONFIG, BUNDLE)
    ready = probe.until(lambda: probe.state is not None and probe.state.shadowed == 0, 30.0)
    assert ready, processes.said('executor')
    assert probe.until(lambda: heard(probe, ARM_FEEDBACK['left']), 30.0), processes.said('sim')
    probe.listen(0.5)
    probe.engage()
    assert probe.until(lambda: probe.state.shadowed > 2, 60.0), processes.said('policy')
    run(probe)
    probe.listen(4.0)
    return processes


def test_the_description_s_joints_are_told_as_the_robot_tells_them(loop, probe):
    """robot_state_publisher draws the arms from them."""
    told = probe.heard[JOINT_STATES][-1][1]
    drawn = ElementTree.fromstring(xacro.process_file(URDF).toxml()).iter('joint')
    moving = {j.get('name') for j in drawn if j.get('type') in ('revolute', 'prismatic')}
    assert set(told.name) <= moving
    assert {name for name in moving if 'arm_joint' in name} <= set(told.name)
    angles, arm = dict(zip(told.name, told.position, strict=True)), ARM_FEEDBACK['left']
    read = min(probe.heard[arm], key=lambda h: abs(ns(h[1].header.stamp) - ns(told.header.stamp)))[
        1
    ]
    assert [angles[f'left_arm_joint{i}'] for i in range(1, 7)] == pytest.approx(read.position[:6])
    assert 0.0 < angles['right_gripper_finger_joint1'] < 0.06


def run(probe) -> None:
    """As a person does on a busy machine: ask until it runs."""
    for _ in range(20):
        probe.answer('run')
        if probe.until(lambda: probe.mode == 'POLICY', 4.0):
            return
    raise AssertionError(f'{probe.state.request_answer}; {probe.state.reason}')


def run_until_moving(probe, side: str) -> None:
    """In POLICY with an arm in motion."""
    for _ in range(5):
        if probe.mode == 'HOLD':
            run(probe)
        if probe.until(lambda: newest_speed(probe, side) > 0.1 and probe.mode == 'POLICY', 5.0):
            return
    raise AssertionError(f'never moved: {probe.state.reason}')


def newest_speed(probe, side: str) -> float:
    return np.abs(probe.heard[ARM_FEEDBACK[side]][-1][1].velocity).max()


def test_one_frame_walks_from_camera_to_command(loop, probe):
    head = {ns(m.header.stamp) for m in heard(probe, IMAGES['head'])}
    chunks = {(m.epoch, m.sequence): m for m in heard(probe, topics.CHUNK)}
    sent = set(commands(probe)[0])
    walked = 0
    for state in heard(probe, topics.STATE):
        first = ns(state.plan_first_tick)
        if not ns(state.chunk_stamp) or not first:
            continue
        chunk = chunks[state.chunk_epoch, state.chunk_sequence]
        assert ns(chunk.header.stamp) == ns(state.chunk_stamp) < first
        walked += ns(chunk.header.stamp) in head and first in sent
    assert walked > 3


def test_at_least_three_joints_of_each_arm_travel(loop, probe):
    if probe.mode == 'HOLD':
        run(probe)
    probe.listen(7.0)
    travel = np.ptp(commands(probe)[1], axis=0)
    assert (travel[:6] > 0.3).sum() >= 3, travel
    assert (travel[6:] > 0.3).sum() >= 3, travel


def test_a_person_takes_over_and_hands_back(loop, probe):
    probe.active.publish(Bool(data=True))
    assert probe.until(lambda: probe.mode == 'TELEOP', 2.0)
    probe.active.publish(Bool(data=False))
    assert probe.until(lambda: probe.mode == 'HOLD', 5.0)
    assert (worst(probe, 0) <= 1.0 + 1e-4).all()


def test_killing_the_policy_mid_motion_stops_bounded_and_holds(loop, probe):
    run_until_moving(probe, 'left')
    killed = probe.now()
    loop.kill('policy')
    assert probe.until(lambda: probe.mode == 'HOLD', 5.0)
    assert 'late' in probe.state.reason
    probe.listen(0.3)  # of standing still: HOLD begins as soon as it does
    _, positions = commands(probe)
    assert (worst(probe, killed) <= 1.0 + 1e-4).all()
    assert np.ptp(positions[-20:], axis=0).max() == 0.0


def test_killing_the_executor_stops_the_arm_by_the_stream_timeout(loop, probe):
    if 'policy' in loop.running:
        loop.kill('policy')
    loop.start('policy', CONFIG, BUNDLE)
    before = probe.state.shadowed
    assert probe.until(lambda: probe.state.shadowed > before + 2, 60.0)
    run_until_moving(probe, 'right')
    loop.kill('executor')
    probe.listen(2.0)
    for side in ('left', 'right'):
        q = np.array([m.position for m in heard(probe, ARM_FEEDBACK[side])[-50:]])
        assert np.ptp(q, axis=0).max() < 0.005, side
