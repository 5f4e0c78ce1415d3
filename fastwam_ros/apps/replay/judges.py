"""The two ways in which a replay's chunks are judged, and what each of them says of it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol

from fastwam_ros.apps.replay.freed import Freed, Reading
from fastwam_ros.apps.replay.output import Output
from fastwam_ros.loop.anchored import Anchored, Recorded
from fastwam_ros.loop.execution import Commands, Execution
from fastwam_ros.loop.telling import header, plan_fields, state_fields
from fastwam_ros.motion.authority import Mode
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND, Ns
from fastwam_ros.motion.status import ACCEPTED
from fastwam_ros.robot.joints import NAMES_OF, SIDES, SPEEDS_OF

ANCHORED, FREE = MODES = ('anchored', 'free')
EPOCH = 1
_STATES = SECOND // 10  # between two states that say the same


@dataclass
class Count:
    """Verdicts by name, and how the policy was stopped."""

    verdicts: Counter[str] = field(default_factory=Counter)
    beyond: int = 0  # chunks that came while the arms moved beyond our limits
    stops: list[str] = field(default_factory=list)


class Judge(Protocol):
    """Who takes a replay's chunks. moves: whether the robot of the replay is another one."""

    count: Count
    moves: bool

    @property
    def authority(self) -> tuple[str, int]:
        """Mode and epoch, as the policy reads them."""

    def take(self, now: Ns, chunk: Chunk) -> None:
        """A chunk that is there now."""

    def tick(self, now: Ns) -> None:
        """One period of the executor."""


class ByRecording:
    """`anchored`: every chunk from where the arms were recorded."""

    moves = False

    def __init__(self, rate: float, recorded: Recorded, output: Output) -> None:
        self._rate, self._recorded = rate, recorded
        self._anchored = Anchored(rate)
        self._output, self._period = output, round(SECOND / rate)
        self.count = Count()
        self._plans = self._told = 0

    @property
    def authority(self) -> tuple[str, int]:
        return Mode.POLICY.value, EPOCH

    def take(self, now: Ns, chunk: Chunk) -> None:
        """Judge it, and tell its plan."""
        if not self._recorded.complete:
            return
        judged = self._anchored.judge(now, chunk, self._recorded, EPOCH)
        self.count.verdicts[judged.verdict.name] += 1
        self.count.beyond += judged.beyond
        taken = judged.verdict.name == ACCEPTED
        first_tick = now + self._period
        if taken:
            self._plans += 1
            self._output.tell('trajectory', now, plan_fields(first_tick, judged.execution))
        self._state(now, judged.execution, {'plan_first_tick': first_tick if taken else 0})

    def tick(self, now: Ns) -> None:
        """Nothing happens between chunks; before the first, a reader of counts is told of none."""
        if not self._told:
            self._state(now, Execution(self._rate, EPOCH - 1, dry_run=True), {})

    def _state(self, now: Ns, execution: Execution, changes: dict[str, Any]) -> None:
        self._told += 1
        verdicts = self.count.verdicts
        accepted = verdicts[ACCEPTED]
        counted = {
            'accepted': accepted,
            'refused': verdicts.total() - accepted,
            'plan_id': self._plans,
        }
        fields = state_fields(self._told, now, execution, True, lambda ns: ns)
        self._output.tell('state', now, fields | counted | changes)


class ByRobot:
    """`free`: one executor whose commands a modelled robot follows."""

    moves = True

    def __init__(self, freed: Freed, recorded: Recorded, output: Output) -> None:
        self._freed, self._recorded, self._output = freed, recorded, output
        self.count = Count(stops=freed.stops)
        self._ticks = self._planned = 0
        self._told: tuple[object, Ns] = (None, 0)

    @property
    def authority(self) -> tuple[str, int]:
        status = self._freed.execution.executor.status
        return status.standing.mode.value, status.epoch

    def take(self, now: Ns, chunk: Chunk) -> None:
        """Hand it on."""
        self.count.verdicts[self._freed.on_chunk(now, chunk).name] += 1

    def tick(self, now: Ns) -> None:
        """Command, and tell what changed."""
        self._ticks += 1
        commands = self._freed.tick(now, self._recorded)
        if self._freed.reading is not None:
            self._feel(now, self._freed.reading)
        if commands is not None:
            self._command(commands)
        status, (told, at) = self._freed.execution.executor.status, self._told
        if status != told or now - at >= _STATES:
            self._told = (status, now)
            self._tell(now)

    def _command(self, commands: Commands) -> None:
        now = commands.now
        for side in SIDES:
            if side in commands.arms:
                arm = {'name': NAMES_OF[side], 'position': commands.arms[side]}
                fields = {'header': header(now), 'velocity': SPEEDS_OF[side], **arm}
                self._output.tell(f'arm_command_{side}', now, fields)
            grip = {'name': [f'{side}_gripper'], 'position': [commands.grippers[side]]}
            self._output.tell(f'gripper_command_{side}', now, {'header': header(now), **grip})

    def _feel(self, now: Ns, reading: Reading) -> None:
        for side in SIDES:
            position, velocity = reading.arms[side]
            arm = {'name': NAMES_OF[side], 'position': position, 'velocity': velocity}
            self._output.tell(f'arm_measured_{side}', now, {'header': header(now), **arm})
            grip = {'name': [f'{side}_gripper'], 'position': [reading.grippers[side]]}
            self._output.tell(f'gripper_measured_{side}', now, {'header': header(now), **grip})

    def _tell(self, now: Ns) -> None:
        execution = self._freed.execution
        state = state_fields(self._ticks, now, execution, False, lambda ns: ns)
        self._output.tell('state', now, state)
        force = execution.executor.status.in_force
        if force.first_tick and force.plan_id != self._planned:
            self._planned = force.plan_id
            self._output.tell('trajectory', now, plan_fields(force.first_tick, execution))
