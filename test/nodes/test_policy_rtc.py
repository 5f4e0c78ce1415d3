"""The policy's process led by the plans of an executor, which a probe plays."""

import pytest
from diagnostic_msgs.msg import DiagnosticArray
from fastwam_ros.msg import ExecutorState
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from fastwam_ros.nodes import qos
from fastwam_ros.nodes.messages import nanoseconds, time_message
from fastwam_ros.robot import topics
from fastwam_ros.robot.joints import ARM_NAMES
from test.nodes.test_policy_node import LOW, TINY, Robot

pytestmark = pytest.mark.torch

MS = 1_000_000


class Executor(Robot):
    """Executes each chunk it hears by a plan that stands still for as long as the chunk lasts."""

    def __init__(self, probe) -> None:
        super().__init__(probe)
        self._plans = probe.create_publisher(JointTrajectory, topics.TRAJECTORY, qos.NEWEST)
        self._said, self._executed = super().state(), 0

    def state(self) -> ExecutorState:
        return self._said

    def play(self, **instead) -> None:
        super().play(**instead)
        heard = self._probe.heard[topics.CHUNK]
        if len(heard) > self._executed:
            self._executed = len(heard)
            self._execute(heard[-1][1])

    def _execute(self, chunk) -> None:
        now, named = time_message(self._probe.now() + 5 * MS), (chunk.epoch, chunk.sequence)
        said = ExecutorState(mode='POLICY', next_mode='POLICY', epoch=3, time_scale=1.0)
        said.header.stamp = said.plan_first_tick = now
        said.chunk_stamp, said.plan_left = chunk.header.stamp, 2.0
        said.chunk_epoch, said.chunk_sequence = said.last_epoch, said.last_sequence = named
        said.last_verdict = 'accepted'
        self._said = said
        self._states.publish(said)
        plan = JointTrajectory(joint_names=list(ARM_NAMES))
        plan.header.stamp = now
        for seconds in (0, 2):
            point = JointTrajectoryPoint(positions=[*LOW, *LOW])
            point.time_from_start.sec = seconds
            plan.points.append(point)
        self._plans.publish(plan)


def committed(probe) -> list[int]:
    """What the policy's diagnostics said of it, word by word."""
    told = [m.status[0] for _, m in probe.heard['/diagnostics'] if m.status[0].name == 'policy']
    return [int(v.value) for status in told for v in status.values if v.key == 'committed rows']


def test_rows_are_committed_once_a_plan_of_an_own_chunk_is_in_force(processes, probe):
    processes.start('policy', f'bundle:={TINY}', 'max_rate:=5.0', 'rtc:=identity')
    probe.hear(DiagnosticArray, '/diagnostics', qos.REQUESTS)
    ready = probe.until(lambda: 'bundle tiny_r1lite' in processes.said('policy'), 60.0)
    assert ready, processes.said('policy')
    idle = Robot(probe)  # in HOLD
    assert probe.until(lambda: committed(probe), 20.0, idle.play)
    assert not any(committed(probe))
    executor = Executor(probe)
    assert probe.until(lambda: committed(probe)[-1] > 0, 20.0, executor.play)
    stamps = [nanoseconds(m.header.stamp) for _, m in probe.heard[topics.CHUNK]]
    assert stamps == sorted(set(stamps))
