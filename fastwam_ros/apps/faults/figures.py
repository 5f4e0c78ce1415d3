"""What the arms did in a trial: figures from the recording and the marks alone.

Nothing that decided it is imported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastwam_ros.apps.faults.rest import Rest, Settled, cut, speed_at
from fastwam_ros.apps.faults.shares import Shares
from fastwam_ros.apps.faults.trial import Marks
from fastwam_ros.apps.report.events import counted
from fastwam_ros.apps.report.motion import worst
from fastwam_ros.apps.report.run import Heard, Run
from fastwam_ros.bag.streams import SECOND
from fastwam_ros.robot.joints import SIDES

_TALKS = SECOND // 2  # [ns] in which an executor that is there says something
_MOVES = 1e-6  # [rad] from one command to the next
_NAN = float('nan')


@dataclass(frozen=True)
class Figures:
    """Of one trial; seconds count from the fault, NaN: it did not happen or was not seen.

    during, ended: the executor's mode when the fault struck and at the end of the watch ('' for
    none), with its reason. speed [rad/s]: of the fastest joint at the fault. noticed: until the
    first other mode; still: until the last command that moved; rest: until both arms were at
    rest; moving: until the last reading that shows one move, where they were never seen at rest.
    Without readings of the worse arm: unread, up to that; missing, until somebody asked.
    velocity, acceleration, jerk: worst shares of the limits of all commands of the trial,
    worst: joint of the largest; unknown: gaps that could not be measured. apart [rad]: from the
    last command to the pose at rest; moved [rad]: by arms at rest, before anybody asked. again:
    from the first request to a policy that drives.
    """

    during: str
    ended: str
    reason: str
    speed: float
    noticed: float
    still: float
    rest: float
    moving: float
    unread: float
    missing: float
    velocity: float
    acceleration: float
    jerk: float
    worst: str
    commands: int
    unknown: int
    late_ticks: int
    apart: float
    moved: float
    again: float

    @classmethod
    def of(cls, run: Run, marks: Marks, wakes: bool = False) -> 'Figures':
        """Of a trial in which the fault struck.

        wakes: who moves the arms stood still meanwhile, and goes on when the fault is over: only
        after that are arms looked at for rest.
        """
        alone = marks.asked or marks.watched  # until then nobody intervened
        states = [s for s in run.states if marks.begun <= s.received <= alone]
        during = _newest(states, marks.fault)
        ended = _newest(states, marks.watched, _TALKS)
        settles = _woken(run, marks) if wakes else marks.fault
        settled = Settled.of(run.measured, settles, alone)
        shares = Shares.of(run, marks.begun, marks.again or alone)
        return cls(
            during=during.mode if during is not None else '',
            ended=ended.mode if ended is not None else '',
            reason=ended.reason if ended is not None else '',
            speed=max(speed_at(run.measured[side], marks.fault) for side in SIDES),
            noticed=_seconds(marks.fault, _changed(states, marks)),
            still=_seconds(marks.fault, _last_motion(run, marks.fault, alone)),
            rest=_seconds(marks.fault, settled.at),
            moving=_seconds(marks.fault, settled.moving),
            unread=settled.unread / SECOND,
            missing=settled.missing / SECOND,
            velocity=shares.velocity.ratio,
            acceleration=shares.acceleration.ratio,
            jerk=shares.jerk.ratio,
            worst=worst((shares.velocity, shares.acceleration, shares.jerk)).joint,
            commands=shares.commands,
            unknown=shares.unknown,
            late_ticks=counted(states, 'late_ticks'),
            apart=_apart(run, settled.arms, alone) if settled.at else _NAN,
            moved=max(r.moved for r in settled.arms.values()) if settled.at else _NAN,
            again=_seconds(marks.asked, marks.again),
        )


def _woken(run: Run, marks: Marks) -> int:
    """When the motion ended that goes on after the fault [ns]."""
    return _last_motion(run, marks.over, marks.over + SECOND)


def _seconds(mark: int, at: int) -> float:
    return (at - mark) / SECOND if at and mark else _NAN


def _newest(states: Sequence[Heard], at: int, patience: int = 10 * SECOND) -> Any:
    """The last state received up to `at` [ns], if it is no older than `patience`; else None."""
    found = [s for s in states if s.received <= at]
    return found[-1].message if found and at - found[-1].received < patience else None


def _changed(states: Sequence[Heard], marks: Marks) -> int:
    """When the mode changed for the first time after the fault [ns]; 0: it did not."""
    before = _newest(states, marks.fault)
    after = [s for s in states if marks.fault < s.received <= marks.watched]
    return next((s.received for s in after if before and s.message.mode != before.mode), 0)


def _last_motion(run: Run, since: int, until: int) -> int:
    """Stamp of the last command that was not the one before [ns]; `since` where all were."""
    last = since
    for side in SIDES:
        arm = cut(run.arms[side], since, until)
        moving = np.abs(np.diff(arm.position, axis=0)).max(axis=1, initial=0.0) > _MOVES
        if moving.any():
            last = max(last, int(arm.stamps[1:][moving][-1]))
    return last


def _apart(run: Run, rests: Mapping[str, Rest], until: int) -> float:
    """Largest distance of a joint at rest from the last command that the arm was given [rad]."""
    found = []
    for side in SIDES:
        given = cut(run.arms[side], 0, until)
        if len(given):
            found.append(float(np.abs(given.position[-1] - rests[side].pose).max()))
    return max(found, default=_NAN)
