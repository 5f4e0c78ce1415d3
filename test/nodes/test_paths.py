"""The plan in force as a point cloud: of whom it is heard, where it is, how its bytes lie."""

import numpy as np
import pytest
from builtin_interfaces.msg import Duration
from sensor_msgs.msg import PointCloud2
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from fastwam_ros.loop.paths import ROOT, Paths
from fastwam_ros.nodes import qos
from fastwam_ros.nodes.clouds import NAMES, cloud, fields
from fastwam_ros.nodes.messages import nanoseconds, time_message
from fastwam_ros.robot import topics
from fastwam_ros.robot.joints import ARM_NAMES
from test.nodes import runner

ARM = (0.0, 1.2, -1.55, 0.9, 0.0, 0.0)


def points_of(message: PointCloud2) -> np.ndarray:
    """[N, 4] as its fields say."""
    names = [field.name for field in message.fields]
    kind = np.dtype(
        {
            'names': names,
            'formats': ['<f4'] * len(names),
            'offsets': [field.offset for field in message.fields],
            'itemsize': message.point_step,
        }
    )
    rows = np.frombuffer(bytes(message.data), kind)
    assert len(rows) == message.width * message.height
    return np.column_stack([rows[name] for name in NAMES])


@pytest.fixture(scope='module')
def shown(probe, processes):
    processes.start('paths')
    probe.hear(PointCloud2, topics.PATHS, qos.LATCHED)
    ready = probe.until(lambda: 'shows the hands' in processes.said('paths'), 30.0)
    assert ready, processes.said('paths')
    return processes


def plan(rows: np.ndarray, names=ARM_NAMES) -> JointTrajectory:
    message = JointTrajectory(joint_names=list(names))
    message.header.stamp = time_message(123_000_000_456)
    for n, row in enumerate(rows):
        due = Duration(sec=0, nanosec=n * 20_000_000)
        message.points.append(
            JointTrajectoryPoint(positions=[float(x) for x in row], time_from_start=due)
        )
    return message


def clouds(probe) -> list[PointCloud2]:
    return [message for _, message in probe.heard[topics.PATHS]]


def test_a_plan_becomes_points_of_both_hands_in_its_order(shown, probe):
    rows = np.linspace(0.0, 1.0, 30)[:, None] * np.array((*ARM, *ARM))
    publisher = probe.create_publisher(JointTrajectory, topics.TRAJECTORY, qos.NEWEST)
    assert probe.until(lambda: publisher.get_subscription_count(), 10.0)
    publisher.publish(plan(rows))
    assert probe.until(lambda: clouds(probe), 10.0), shown.said('paths')
    message = clouds(probe)[-1]
    assert nanoseconds(message.header.stamp) == 123_000_000_456
    assert (message.header.frame_id, message.is_dense, message.height) == (ROOT, True, 1)
    wanted = Paths().along(ARM_NAMES, rows, np.arange(30) * 0.02)
    assert np.abs(points_of(message) - wanted).max() < 1e-6
    publisher.publish(plan(rows[:, :6], ARM_NAMES[:6]))
    assert probe.until(lambda: 'no path without right_arm_joint1' in shown.said('paths'), 10.0)
    assert len(clouds(probe)) == 1
    probe.destroy_publisher(publisher)


def test_the_executor_s_own_plan_is_shown(shown, probe):
    before = len(clouds(probe))
    shown.start('executor', 'dry_run:=true', 'require_deadman:=false')
    assert probe.until(lambda: probe.state is not None), shown.said('executor')
    probe.listen(0.5, probe.feedback)
    probe.engage(probe.feedback)
    assert probe.until(lambda: len(clouds(probe)) > before, 10.0, probe.feedback)
    held = Paths().along(ARM_NAMES, np.array([(*ARM, *ARM)]), np.zeros(1))[:, :3]
    points = points_of(clouds(probe)[-1])[:, :3].reshape(2, -1, 3)
    assert np.abs(points - held[:, None]).max() < 1e-3  # the executor holds what it measured


def test_the_bytes_are_those_of_sensor_msgs_py():
    if not runner.REAL:
        pytest.skip('sensor_msgs_py comes with ROS 2 alone')
    from sensor_msgs_py import point_cloud2

    points = np.random.default_rng(2).standard_normal((50, 4)).astype(np.float32)
    ours = cloud(5_000_000_007, ROOT, points)
    theirs = point_cloud2.create_cloud(ours.header, fields(), points)
    theirs.is_dense = True  # it does not look for NaNs, and says so
    assert ours == theirs
    read = point_cloud2.read_points(ours, field_names=NAMES)
    assert np.array_equal(np.column_stack([read[name] for name in NAMES]), points)
