"""What the person had the robot do while the recording was made: the best that it has of it.

Replayed commands (`*_gt`) before recorded commands before feedback, for each arm and gripper by
itself. A command counts until the next one; feedback is a line between readings.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fastwam_ros.apps.report.run import HUMAN, Run
from fastwam_ros.bag.streams import SECOND, Array, JointStream, Times
from fastwam_ros.robot.joints import ARM_SIZE, JOINT_NAMES, SIDES
from fastwam_ros.robot.units import opening

REPLAYED, COMMANDS, FEEDBACK, NOTHING = '*_gt', 'recorded commands', 'feedback', 'none'
ANCHORED = 'anchored'  # the mode of a replay in which the arms are those of the recording
LONGEST = SECOND // 10  # [ns] between two messages: in a longer gap nothing is known
PARTS = tuple(f'{side}_{part}' for side in SIDES for part in ('arm', 'gripper'))
# Where a part's joints are among JOINT_NAMES.
COLUMNS: Mapping[str, slice] = {
    f'{side}_{part}': slice(first, first + width)
    for n, side in enumerate(SIDES)
    for part, first, width in (
        ('arm', n * (ARM_SIZE + 1), ARM_SIZE),
        ('gripper', n * (ARM_SIZE + 1) + ARM_SIZE, 1),
    )
}


@dataclass(frozen=True)
class Truth:
    """Of one part: times [N] ns, rising; values [N, D] in rad or m.

    source: one of the four above; holds: a value counts until the next one.
    """

    source: str
    times: Times
    values: Array
    holds: bool

    @classmethod
    def of(cls, run: Run, name: str) -> 'Truth':
        """Of a part by its name, one of PARTS.

        The robot's feedback tells what a person did only where no chunk of the recording moved it.
        """
        side, part = name.split('_')
        kept = [run.human[f'{role}_{side}'] for role in HUMAN[part]]
        given = [*zip((REPLAYED, COMMANDS, FEEDBACK), kept, strict=True)]
        if run.facts.others.get('mode') == ANCHORED:
            measured = run.measured if part == 'arm' else run.measured_grippers
            given.append((FEEDBACK, measured[side]))
        unit = opening(1.0) if part == 'gripper' else 1.0
        for source, stream in given:
            if len(stream):
                return cls._from(source, stream, unit)
        width = COLUMNS[name].stop - COLUMNS[name].start
        return cls(NOTHING, np.zeros(0, np.int64), np.zeros((0, width)), False)

    @classmethod
    def _from(cls, source: str, stream: JointStream, unit: float) -> 'Truth':
        times = stream.stamps if (stream.stamps > 0).all() else stream.received
        order = np.argsort(times, kind='stable')
        return cls(source, times[order], stream.position[order] * unit, source != FEEDBACK)

    def at(self, due: Times) -> Array:
        """Values [N, D] at instants [N] ns; NaN outside of the recording and in its gaps."""
        found = np.full((len(due), self.values.shape[1]), np.nan)
        if not len(self.times):
            return found
        last = len(self.times) - 1
        before = np.searchsorted(self.times, due, side='right') - 1
        since, until = self.times[before.clip(0)], self.times[(before + 1).clip(0, last)]
        between = (before >= 0) & (before < last) & (until - since <= LONGEST)
        known = between | (since == due)
        found[known] = self.values[before[known]] if self.holds else self.line(due[known])
        return found

    def line(self, due: Times) -> Array:
        """Values [N, D] on the lines between messages, whatever the gaps; NaN outside."""
        if not len(self.times):
            return np.full((len(due), self.values.shape[1]), np.nan)
        x, known = due - self.times[0], self.times - self.times[0]
        lines = [np.interp(x, known, c, np.nan, np.nan) for c in self.values.T]
        return np.stack(lines, axis=1)


def truths(run: Run) -> dict[str, Truth]:
    """Of every part."""
    return {name: Truth.of(run, name) for name in PARTS}


def joined(found: Mapping[str, Truth], due: Times) -> Array:
    """Values [N, 14] by JOINT_NAMES of all parts at instants [N] ns; NaN where unknown."""
    values = np.full((len(due), len(JOINT_NAMES)), np.nan)
    for name, truth in found.items():
        values[:, COLUMNS[name]] = truth.at(due)
    return values
