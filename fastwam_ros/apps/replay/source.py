"""A recording as a replay takes it: whose it is, and which role each of its topics plays.

Pictures and feedback are the robot's word, and so is the task a person's. What was commanded then,
and what the bag itself calls ground truth, is what the replay is held against.
"""

from collections.abc import Callable, Iterator, Mapping

from fastwam_ros.apps.replay.output import RECORDED, ROLES, TRUTH
from fastwam_ros.bag.reader import Bag, BagError, Record
from fastwam_ros.bag.run import FACTS, Facts
from fastwam_ros.robot.joints import ROBOT, SIDES
from fastwam_ros.robot.topics import ARM_FEEDBACK, ARM_TARGET, GRIPPER_TARGET

_GT = '_gt'  # what the vendor's tools call teleoperation that is replayed beside a policy
_HEARD = ('image_', 'arm_measured_', 'gripper_measured_', 'task', 'chunk', 'marker')
_COMMANDS = ('arm_command_', 'gripper_command_')


class Source:
    """One robot's recording. roles: full topic name -> role in the replay."""

    def __init__(self, bag: Bag, start: float = 0.0, duration: float = float('inf')) -> None:
        """start, duration [s]: the part that is replayed.

        Raises BagError for another robot's recording, one without arms, and one of several robots.
        """
        self.bag, self._start, self._duration = bag, start, duration
        names = self._names()
        self.roles = {topic: role for role, topic in names.items() if topic in bag.topics}
        missing = [f'arm_measured_{side}' for side in SIDES if f'arm_measured_{side}' not in names]
        if missing or not any(role.startswith('arm_measured') for role in self.roles.values()):
            raise BagError(f'{bag.path} has no feedback of both arms: {sorted(bag.topics)}')

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

    def _names(self) -> dict[str, str]:
        """Role -> full topic name, whether it is there or not."""
        if FACTS in self.bag.metadata:
            facts = Facts.read(self.bag)
            if facts.robot != ROBOT:
                raise BagError(f'{self.bag.path} is of robot {facts.robot!r}, this is {ROBOT!r}')
            self.namespace = _namespace(facts.topics)
        else:
            self.namespace = self._found()
        mine = {name: self.namespace + row.topic for name, row in ROLES.items()}
        heard = {name: topic for name, topic in mine.items() if name.startswith(_HEARD)}
        then = {f'{RECORDED}_{n}': t for n, t in mine.items() if n.startswith(_COMMANDS)}
        return heard | then | self._truth()

    def _truth(self) -> dict[str, str]:
        kinds = (('arm', ARM_TARGET), ('gripper', GRIPPER_TARGET))
        return {
            f'{TRUTH}_{what}_{side}': f'{self.namespace}{topics[side]}{_GT}'
            for what, topics in kinds
            for side in SIDES
        }

    def _found(self) -> str:
        """The namespace of the robot whose feedback is there."""
        end = '/' + ARM_FEEDBACK[SIDES[0]]
        spaces = sorted(t.removesuffix(end) for t in self.bag.topics if t.endswith(end))
        if len(spaces) != 1:
            what = f'of {len(spaces)} robots: {spaces}' if spaces else 'without a robot'
            there = ', '.join(sorted(self.bag.topics)) or 'nothing'
            raise BagError(f'{self.bag.path} is a recording {what}; it has {there}')
        return spaces[0] + '/'


def _namespace(topics: Mapping[str, str]) -> str:
    role = f'arm_measured_{SIDES[0]}'
    return topics[role].removesuffix(ARM_FEEDBACK[SIDES[0]])
