"""joint_trajectory_controller, on mock hardware, follows the plans that the executor publishes.

The probe is the robot and the policy: arms that are where they are commanded, and a slow wave in
chunks that disagree with each other. Measured is what the controller commands: how far from the
executor's own command of that instant, and whether a plan that replaces another makes it jump.
Figures: docs/partners.md.
"""

import signal
from dataclasses import dataclass

import numpy as np
import pytest
import xacro
import yaml
from sensor_msgs.msg import JointState

from fastwam_ros.loop.execution import LIMITS
from fastwam_ros.nodes import qos
from fastwam_ros.nodes.messages import from_chunk, nanoseconds
from fastwam_ros.robot import topics
from fastwam_ros.robot.joints import ARM_NAMES, SIDES
from fastwam_ros.robot.topics import ARM_TARGET
from test.motion.robot import HOME, chunk, wave_rows
from test.nodes.conftest import ROOT
from test.ros.sides import REAL_SIDE, program, with_ros

pytestmark = [with_ros, pytest.mark.alone]

HERE = ROOT / 'test' / 'ros'
APART = 0.4  # [s] between chunks
DISAGREE = 0.04  # [rad] by which each is beside the wave, on another side than the one before
SECONDS = 20.0
EXECUTOR = ('dry_run:=false', 'require_deadman:=false', "tracker:='off'", 'feedback_timeout:=2.0')


class Arms:
    """Robot and policy in one: arms where they were last commanded, and chunks of a wave."""

    def __init__(self, probe) -> None:
        self._probe, self._due, self._sequence = probe, 0, 0
        self.q = {side: list(HOME[:6]) for side in SIDES}

    def tick(self) -> None:
        """Feedback at 100 Hz."""
        probe = self._probe
        for side in SIDES:
            if probe.heard[ARM_TARGET[side]]:
                self.q[side] = list(probe.heard[ARM_TARGET[side]][-1][1].position)
        probe.feedback_of(self.q)

    def drive(self) -> None:
        """Feedback, and a chunk when it is due; its picture is 0.2 s old."""
        self.tick()
        now = self._probe.now()
        if now < self._due:
            return
        self._due, self._sequence = now + round(APART * 1e9), self._sequence + 1
        stamp, epoch = now - 200_000_000, self._probe.state.epoch
        rows = wave_rows(stamp) + DISAGREE * (-1) ** self._sequence
        made = chunk(stamp, rows, epoch=epoch, sequence=self._sequence)
        self._probe.chunks.publish(from_chunk(made))


def controllers(processes, probe, folder) -> None:
    """A controller manager with the mock hardware, and the controller started."""
    described = xacro.process_file(str(HERE / 'r1lite_mock.urdf.xacro')).toxml()
    given = folder / 'description.yaml'
    parameters = {'ros__parameters': {'robot_description': described}}
    given.write_text(yaml.safe_dump({'controller_manager': parameters}))
    files = ('--params-file', str(given), '--params-file', str(HERE / 'controllers.yaml'))
    onto = ('-r', '/plans/joint_trajectory:=/fastwam/trajectory')
    node = [program('controller_manager', 'ros2_control_node'), '--ros-args', *files, *onto]
    processes.begin('controllers', node, REAL_SIDE.environment())
    spawner = ['ros2', 'run', 'controller_manager', 'spawner', 'plans']
    said = REAL_SIDE.run([*spawner, '--param-file', str(HERE / 'controllers.yaml')], 60.0)
    assert 'Configured and activated' in said, said + processes.said('controllers')


@dataclass(frozen=True)
class Followed:
    """What was commanded over time [ns]: by the executor, and by the controller."""

    own: tuple[np.ndarray, np.ndarray]
    theirs: tuple[np.ndarray, np.ndarray]
    plans: list[int]

    def apart(self) -> np.ndarray:
        """Per reading of the controller: rad from the executor's command of that instant."""
        stamps, q = self.own
        times, found = self.theirs
        known = _known(times, stamps)
        own = np.stack([np.interp(times[known], stamps, column) for column in q.T], axis=1)
        return np.abs(found[known] - own).max(axis=1)

    def accelerations(self) -> np.ndarray:
        """Of the controller's commands, as shares of the limits, over 20 ms."""
        times, q = self.theirs
        grid = np.arange(times[0] + 20_000_000, times[-1] - 20_000_000, 5_000_000)
        around = [grid + shift for shift in (-20_000_000, 0, 20_000_000)]
        grid_known = np.all([_known(at, times) for at in around], axis=0)
        before, at, after = (
            np.stack([np.interp(each[grid_known], times, column) for column in q.T], axis=1)
            for each in around
        )
        return np.abs((before - 2 * at + after) / 0.02**2 / LIMITS.acceleration).max(axis=1)

    def steps(self) -> np.ndarray:
        """Speed from one reading of the controller to the next, as shares of the limits."""
        times, q = self.theirs
        seconds = np.diff(times)[:, None] / 1e9
        return np.abs(np.diff(q, axis=0) / seconds / LIMITS.velocity).max(axis=1)


def _known(at: np.ndarray, stamps: np.ndarray) -> np.ndarray:
    """Whether there are stamps right before and right after: a busy probe misses some."""
    after = np.clip(np.searchsorted(stamps, at), 1, len(stamps) - 1)
    gap = stamps[after] - stamps[after - 1]
    return (at >= stamps[0]) & (at <= stamps[-1]) & (gap <= 10_100_000)


@pytest.fixture(scope='module')
def followed(probe, processes, tmp_path_factory):
    from control_msgs.msg import JointTrajectoryControllerState
    from trajectory_msgs.msg import JointTrajectory

    for side in SIDES:
        probe.hear(JointState, ARM_TARGET[side], qos.LOSSLESS)
    probe.hear(JointTrajectory, topics.TRAJECTORY, qos.REQUESTS)
    probe.hear(JointTrajectoryControllerState, 'plans/controller_state', qos.LOSSLESS)
    controllers(processes, probe, tmp_path_factory.mktemp('controllers'))
    arms = Arms(probe)
    processes.start('executor', *EXECUTOR)
    ready = probe.until(lambda: probe.mode == 'DISARMED', 30.0, arms.tick)
    assert ready, processes.said('executor')
    probe.listen(1.0, arms.tick)
    probe.engage(arms.tick)
    probe.listen(2.0, arms.drive)
    assert probe.answer('run', arms.drive) == 'ok'
    assert probe.until(lambda: probe.mode == 'POLICY', 5.0, arms.drive), probe.state.reason
    probe.listen(1.0, arms.drive)
    begun = probe.now()
    probe.listen(SECONDS, arms.drive)
    ended = probe.now()
    assert probe.mode == 'POLICY', probe.state.reason
    probe.answer('pause', arms.tick)
    assert probe.until(lambda: probe.mode == 'HOLD', 5.0, arms.tick)
    probe.listen(1.0, arms.tick)
    for name in ('executor', 'controllers'):
        processes.kill(name, signal.SIGINT)
    return gathered(probe, begun, ended)


def gathered(probe, begun: int, ended: int) -> Followed:
    arms = [
        {nanoseconds(m.header.stamp): m.position for _, m in probe.heard[ARM_TARGET[side]]}
        for side in SIDES
    ]
    stamps = sorted(arms[0].keys() & arms[1].keys())
    own = np.array([[*arms[0][s], *arms[1][s]] for s in stamps])
    said = [m for _, m in probe.heard['plans/controller_state']]
    assert list(said[0].joint_names) == list(ARM_NAMES)
    times = np.array([nanoseconds(m.header.stamp) for m in said])
    kept = np.flatnonzero((times > begun) & (times < ended))
    theirs = np.array([said[i].reference.positions for i in kept])
    plans = [nanoseconds(m.header.stamp) for _, m in probe.heard[topics.TRAJECTORY]]
    plans = [stamp for stamp in plans if begun < stamp < ended]
    return Followed((np.array(stamps), own), (times[kept], theirs), plans)


def test_it_is_where_the_executor_is(followed):
    apart = followed.apart()
    p50, p99 = np.quantile(apart, (0.5, 0.99))
    figures = f'{len(apart)} readings, {len(followed.plans)} plans: '
    print(f'{figures}apart p50 {p50:.2e}, p99 {p99:.2e}, worst {apart.max():.2e} rad')
    assert len(followed.plans) > 20 and np.ptp(followed.theirs[1], axis=0).min() > 0.1
    assert p99 < 0.01


def test_a_plan_that_replaces_another_makes_no_jump(followed):
    accelerations, steps = followed.accelerations(), followed.steps()
    print(
        f'accelerations: p99 {np.quantile(accelerations, 0.99):.2f}, '
        f'worst {accelerations.max():.2f} of the limit; '
        f'from one command to the next: worst {steps.max():.2f} of the limit of speed'
    )
    assert accelerations.max() < 1.1 and steps.max() < 1.0
