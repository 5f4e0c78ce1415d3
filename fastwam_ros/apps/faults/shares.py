"""How near the commands of a trial came to the limits, engagement by engagement.

Differences are those of the report, over plan time. A new engagement begins where the arm was
measured, so nothing is measured from one to the next; but across the silence of a stalled
executor, whose plan goes on where it stood, the report measures nothing and this does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fastwam_ros.apps.faults.rest import cut
from fastwam_ros.apps.report.figures import arm_motion
from fastwam_ros.apps.report.motion import SILENCE, Worst, worst
from fastwam_ros.apps.report.run import Heard, Run
from fastwam_ros.apps.report.ticks import UNKNOWN
from fastwam_ros.bag.streams import SECOND, JointStream, nanoseconds
from fastwam_ros.robot.joints import SIDES, arm_joints

# Modes in which the arms are not commanded. An executor that starts says so in one of them.
_SILENT = ('DISARMED', 'ESTOP')


@dataclass(frozen=True)
class Shares:
    """The largest |v|, |a|, |j| of commands as shares of the limits, NaN without commands.

    commands: per arm; unknown: gaps of unknown length, across which nothing is measured.
    """

    velocity: Worst
    acceleration: Worst
    jerk: Worst
    commands: int
    unknown: int

    @classmethod
    def of(cls, run: Run, since: int, until: int) -> 'Shares':
        """Of the commands stamped in since..until [ns]."""
        parts = [
            _between(run, max(since, a), min(until, b))
            for a, b in engagements(run.states)
            if a <= until and b >= since
        ]
        motions = [arm_motion(part, side) for part in parts for side in SIDES]
        found = [worst(motion.over_plan_time(order) for motion in motions) for order in (1, 2, 3)]
        across = (_across(part, side) for part in parts for side in SIDES)
        return cls(
            velocity=worst([found[0], *across]),
            acceleration=found[1],
            jerk=found[2],
            commands=min(len(cut(arm, since, until)) for arm in run.arms.values()),
            unknown=sum(motion.unknown for motion in motions),
        )


def engagements(states: Sequence[Heard]) -> Iterator[tuple[int, int]]:
    """From when to when [ns, the executor's stamps] an executor commanded."""
    begun = last = 0
    for _, state in states:
        last = nanoseconds(state.header.stamp)
        if state.mode in _SILENT and begun:
            yield begun, last
            begun = 0
        elif state.mode not in _SILENT:
            begun = begun or last
    if begun:
        yield begun, last + SECOND


def _between(run: Run, since: int, until: int) -> Run:
    return replace(run, arms={side: cut(run.arms[side], since, until) for side in SIDES})


def _across(run: Run, side: str) -> Worst:
    """The worst speed across silences whose ticks are known."""
    arm: JointStream = run.arms[side]
    steps = run.ticks.between(arm.stamps, run.facts.period)
    over = (np.diff(arm.stamps) > SILENCE) & (steps != UNKNOWN)
    names = [joint.name for joint in arm_joints(side)]
    limits = np.array([run.facts.bounds[name].velocity for name in names])
    seconds = steps[over, None] * (run.facts.period / SECOND)
    speed = np.diff(arm.position, axis=0)[over] / seconds
    return Worst.of(speed, limits, names, arm.stamps[1:][over])
