"""What a replay writes: the robot's word as it was recorded, and what our programs make of it.

Commands that were recorded go under another role and below `recorded/`: they are what the human,
or the policy of then, did. Refuses to know who computed what it is told.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastwam_ros.bag.run import Facts, robot_bounds
from fastwam_ros.bag.spoken import Spoken
from fastwam_ros.bag.writer import BagWriter
from fastwam_ros.robot.joints import ROBOT
from fastwam_ros.robot.qualities import SENSOR
from fastwam_ros.robot.roles import RECORDED, Played

TRUTH = 'truth'  # of what the bag itself calls ground truth


class Output:
    """One mcap that grows, topic by topic as they are first spoken of."""

    def __init__(self, path: Path, namespace: str, rate: float, others: Mapping[str, str]) -> None:
        """namespace: the robot's, '' for none; others: facts for the file.

        Raises FileExistsError, OSError.
        """
        self._bag = BagWriter(path)
        self._namespace, self._rate, self._others = namespace, rate, dict(others)
        self._spoken = Spoken(self._bag, namespace)

    def tell(self, role: str, now: int, fields: Mapping[str, Any]) -> None:
        """Something of ours, said now [ns], by its role and the fields of its message."""
        self._spoken.tell(role, now, fields)

    def pass_on(self, role: str, topic: str, kind: str, now: int, data: bytes) -> None:
        """A recorded message as it was, under its own name or below `recorded/`."""
        if role.startswith(RECORDED):
            topic = f'{RECORDED}/{topic.removeprefix(self._namespace).lstrip("/")}'
        self._spoken.write(role, Played(topic, kind, SENSOR), now, data)

    def close(self) -> None:
        """Say which topic played which role, and end the file. Raises OSError."""
        facts = Facts(ROBOT, self._rate, robot_bounds(), self._spoken.topics, self._others)
        facts.write(self._bag)
        self._bag.close()
