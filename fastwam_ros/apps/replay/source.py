"""A recording as a replay takes it: whose it is, and which role each of its topics plays.

Pictures and feedback are the robot's word, and so is the task a person's. What was commanded then,
and what the bag itself calls ground truth, is what the replay is held against.
"""

from collections.abc import Callable, Iterator

from fastwam_ros.apps.replay.output import TRUTH
from fastwam_ros.bag.reader import Bag, BagError, Record
from fastwam_ros.bag.roles import Roles
from fastwam_ros.robot.joints import ROBOT, SIDES
from fastwam_ros.robot.roles import RECORDED
from fastwam_ros.robot.topics import ARM_TARGET, GRIPPER_TARGET

_GT = '_gt'  # what the vendor's tools call teleoperation that is replayed beside a policy
_HEARD = ('image_', 'arm_measured_', 'gripper_measured_', 'task', 'chunk', 'marker')
_COMMANDS = ('arm_command_', 'gripper_command_')
_NEEDED = tuple(f'{what}_measured_{side}' for what in ('arm', 'gripper') for side in SIDES)


class Source:
    """One robot's recording. roles: full topic name -> role in the replay."""

    def __init__(
        self,
        bag: Bag,
        start: float = 0.0,
        duration: float = float('inf'),
        namespace: str = '',
    ) -> None:
        """start, duration [s]: the part that is replayed; namespace: see Roles.

        Raises BagError for another robot's recording, one without arms, and one of several robots.
        """
        self.bag, self._start, self._duration = bag, start, duration
        names = self._names(namespace)
        self.roles = {topic: role for role, topic in names.items()}
        missing = [role for role in _NEEDED if role not in names]
        if missing:
            there = ', '.join(sorted(bag.topics)) or 'nothing'
            raise BagError(f'{bag.path} has no {", ".join(missing)}: it has {there}')

    @property
    def has_chunks(self) -> bool:
        """Whether a policy's chunks are in it."""
        return 'chunk' in self.roles.values()

    def records(
        self, progress: Callable[[float], None] | None = None
    ) -> Iterator[tuple[str, Record]]:
        """Role and message, in the order in which they were received."""
        begin = next(self.bag.records(self.roles)).received
        since = begin + round(self._start * 1e9)
        until = None if self._duration == float('inf') else since + round(self._duration * 1e9)
        for record in self.bag.records(self.roles, since, until, progress):
            yield self.roles[record.topic], record

    def _names(self, namespace: str) -> dict[str, str]:
        """Role -> full topic name, of what is there."""
        found = Roles.of(self.bag, namespace)
        if found.robot != ROBOT:
            raise BagError(f'{self.bag.path} is of robot {found.robot!r}, this is {ROBOT!r}')
        self.namespace = found.namespace
        heard = {role: name for role, name in found.topics.items() if role.startswith(_HEARD)}
        then = {
            f'{RECORDED}_{role}': name
            for role, name in found.topics.items()
            if role.startswith(_COMMANDS)
        }
        return heard | then | self._truth()

    def _truth(self) -> dict[str, str]:
        kinds = (('arm', ARM_TARGET), ('gripper', GRIPPER_TARGET))
        names = {
            f'{TRUTH}_{what}_{side}': f'{self.namespace}/{topics[side]}{_GT}'
            for what, topics in kinds
            for side in SIDES
        }
        return {role: name for role, name in names.items() if name in self.bag.topics}
