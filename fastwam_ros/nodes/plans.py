"""The executor's plans as a policy hears them, and its answers to the policy's chunks.

For real-time chunking alone: who does not condition chunks on what is executed listens to none of
it.
"""

import threading
import time
from collections.abc import Callable

import numpy as np
from rclpy.node import Node
from trajectory_msgs.msg import JointTrajectory

from fastwam_ros.loop.committed import Committed
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.msg import ExecutorState
from fastwam_ros.nodes import qos
from fastwam_ros.nodes.messages import nanoseconds, said_in
from fastwam_ros.robot import topics

_PATIENCE = 0.02  # [s] for an answer, four ticks: nobody may wait for an executor that is gone


class Plans:
    """Tells a Committed what the executor says."""

    def __init__(self, node: Node, lock: threading.Lock, name: Callable[[str], str]) -> None:
        """lock: guards what was committed, and is held by who calls `take`; name: of a topic."""
        self.committed = Committed()
        self._node, self._lock = node, lock
        self._news = threading.Event()
        # Two may come between two looks, and both were executed.
        topic = name(topics.TRAJECTORY)
        node.create_subscription(JointTrajectory, topic, self._on_plan, qos.REQUESTS)

    def take(self, message: ExecutorState) -> None:
        """A state came."""
        self.committed.add_state(said_in(message))
        self._news.set()

    def publishes(self, chunk: Chunk) -> None:
        """Take a chunk before it is published: an answer may be fast."""
        with self._lock:
            self.committed.add_chunk(chunk)

    def wait(self, chunk: Chunk) -> None:
        """Until it is known what became of a published chunk, but not for long.

        What is picked next begins with the plan from it then, and not with the one before.
        """
        end = time.monotonic() + _PATIENCE
        while (left := end - time.monotonic()) > 0.0:
            with self._lock:
                if self.committed.answered(chunk):
                    return
            self._news.wait(left)
            self._news.clear()

    def _on_plan(self, message: JointTrajectory) -> None:
        problem = self._add(message)
        self._news.set()
        if problem:
            self._node.get_logger().warning(problem, throttle_duration_sec=1.0)

    def _add(self, message: JointTrajectory) -> str:
        names, points = message.joint_names, message.points
        if any(len(point.positions) != len(names) for point in points):
            return f'the plan in force has a point without all of its {len(names)} joints'
        times = [nanoseconds(point.time_from_start) for point in points]
        positions = np.array([point.positions for point in points], np.float64)
        begin = nanoseconds(message.header.stamp)
        with self._lock:
            return self.committed.add_plan(begin, times, names, positions)
