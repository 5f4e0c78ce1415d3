#!/usr/bin/env python3
"""The policy of one robot as a ROS 2 node: see `robot_side`."""

from fastwam_ros.nodes.node import FastWamNode
from fastwam_ros.nodes.policy_parameters import Parameters, loaded
from fastwam_ros.nodes.robot_side import RobotSide, infer_until_signal
from fastwam_ros.nodes.start import started


class PolicyNode(FastWamNode[Parameters]):
    """A model and one robot."""

    def __init__(self) -> None:
        super().__init__('policy', Parameters)
        model = loaded(self.settings)
        self.side = RobotSide(self, self.settings, model)
        task = self.side.inference.task
        self.get_logger().info(f'bundle {model.name}@{model.digest} {model.how}: {task!r}')


def main() -> None:
    """Infer until a signal."""
    with started('policy', PolicyNode) as node:
        infer_until_signal(node, [node.side])


if __name__ == '__main__':
    main()
