#!/usr/bin/env python3
"""Where the plan in force leads the hands, as a point cloud for RViz.

It listens to what the executor says of its plan and takes no part in anything: kinematics are
reckoned here, in a process of their own, and not in the executor's tick.
"""

from dataclasses import dataclass

import numpy as np
from rclpy.executors import SingleThreadedExecutor
from sensor_msgs.msg import PointCloud2
from trajectory_msgs.msg import JointTrajectory

from fastwam_ros.loop.paths import ROOT, Paths
from fastwam_ros.motion.limits import SECOND
from fastwam_ros.nodes import parameters, qos
from fastwam_ros.nodes.clouds import cloud
from fastwam_ros.nodes.messages import nanoseconds
from fastwam_ros.nodes.node import FastWamNode
from fastwam_ros.nodes.signals import noted_signals
from fastwam_ros.nodes.start import started
from fastwam_ros.robot import topics


@dataclass(frozen=True)
class Parameters:
    """Of paths, which shows in RViz where the plan in force leads the hands."""

    frame: str = parameters.setting(
        ROOT,
        'name in tf of the link that carries the arms, with a prefix where robots have one',
    )


class PathsNode(FastWamNode[Parameters]):
    """A plan in, a cloud out."""

    def __init__(self) -> None:
        super().__init__('paths', Parameters)
        self._paths = Paths()
        self._clouds = self.create_publisher(PointCloud2, topics.PATHS, qos.LATCHED)
        self.create_subscription(JointTrajectory, topics.TRAJECTORY, self._on_plan, qos.NEWEST)
        self.get_logger().info(f'shows the hands of plans in {self.settings.frame}')

    def _on_plan(self, message: JointTrajectory) -> None:
        try:
            positions = np.array([point.positions for point in message.points], np.float64)
            times = [nanoseconds(point.time_from_start) / SECOND for point in message.points]
            points = self._paths.along(message.joint_names, positions, np.array(times))
        except ValueError as error:  # numpy's own too, of rows of several lengths
            self.warn(str(error))
            return
        stamp = nanoseconds(message.header.stamp)
        self._clouds.publish(cloud(stamp, self.settings.frame, points))


def main() -> None:
    """Show plans until a signal."""
    with started('paths', PathsNode) as node:
        signals, loop = noted_signals(), SingleThreadedExecutor()
        loop.add_node(node)
        while not signals:
            loop.spin_once(timeout_sec=0.1)
            node.tell_health()


if __name__ == '__main__':
    main()
