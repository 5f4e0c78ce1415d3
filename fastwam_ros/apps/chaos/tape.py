"""What an executor was told, call by call; and the same told again, later, or to other joints.

An executor reads no clock and draws no lots, so a tape is all of its fate: played again it gives
the same commands, and a tape that is changed in a known way must give commands changed likewise.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.executor import Executor
from fastwam_ros.motion.limits import Array, Limits, Ns, frozen
from fastwam_ros.motion.status import Measured, Setpoint, Settings

VERBS = (*(name for name in vars(Executor) if name.startswith('on_')), 'tick', 'terminate')


@dataclass(frozen=True)
class Call:
    """One thing that an executor was told: the name of its method, and the arguments."""

    verb: str
    given: tuple[Any, ...]


def taped(executor: Executor, instead: Callable[[Call], Call | None] | None = None) -> list[Call]:
    """Everything that the executor will be told from now on.

    instead: what it is told in place of a call, None for nothing.
    """
    calls: list[Call] = []

    def through(verb: str) -> Callable[..., Any]:
        told = getattr(executor, verb)

        def say(*given: Any) -> Any:
            call = Call(verb, given) if instead is None else instead(Call(verb, given))
            if call is None:
                return None
            calls.append(call)
            return told(*call.given)

        return say

    for verb in VERBS:
        setattr(executor, verb, through(verb))
    return calls


def played(settings: Settings, calls: Iterable[Call]) -> list[Setpoint | None]:
    """What a new executor commands when it is told all that: one entry per tick."""
    executor, points = Executor(settings, 1), []
    for call in calls:
        found = getattr(executor, call.verb)(*call.given)
        if call.verb == 'tick':
            points.append(found)
    return points


def rows(points: Sequence[Setpoint | None], size: int) -> Array:
    """Commands [T, D]; NaN where there were none."""
    none = np.full(size, np.nan)
    found = [none if p is None or p.state is None else p.state.q for p in points]
    return np.array(found).reshape(-1, size)


def later(calls: Iterable[Call], by: Ns) -> list[Call]:
    """The same `by` ns later."""
    return [Call(call.verb, tuple(_later(each, by) for each in call.given)) for call in calls]


def _later(given: Any, by: Ns) -> Any:
    if isinstance(given, (Measured, Chunk)):
        return replace(given, stamp=given.stamp + by)
    # Times are the only whole numbers of this size: ids, and steps of a clock, are far below.
    return given + by if isinstance(given, int) and abs(given) > 10**17 else given


def reordered(calls: Iterable[Call], order: Sequence[int]) -> list[Call]:
    """The same for joints in another order: what was joint order[i] is joint i. By position."""
    return [
        Call(call.verb, tuple(_reordered(each, order) for each in call.given)) for call in calls
    ]


def _reordered(given: Any, order: Sequence[int]) -> Any:
    picked = list(order)
    if isinstance(given, Measured):
        effort = None if given.effort is None else given.effort[picked]
        return replace(given, q=given.q[picked], v=given.v[picked], effort=effort)
    if isinstance(given, np.ndarray) and given.shape == (len(picked),):
        return given[picked]
    return given


def of_joints(limits: Limits, order: Sequence[int]) -> Limits:
    """Limits for the same joints in another order."""
    picked = list(order)
    parts = ('lower', 'upper', 'velocity', 'acceleration', 'jerk')
    arrays = {part: frozen(getattr(limits, part)[picked]) for part in parts}
    return Limits(tuple(limits.names[i] for i in picked), **arrays)


def swapped(calls: Iterable[Call], sides: tuple[str, str]) -> list[Call]:
    """The same by the other hand: all that was said of one side is said of the other."""
    return [Call(call.verb, tuple(_swapped(each, sides) for each in call.given)) for call in calls]


def _swapped(given: Any, sides: tuple[str, str]) -> Any:
    if isinstance(given, Chunk):
        return replace(given, names=tuple(_other(name, sides) for name in given.names))
    if isinstance(given, Measured):
        arrays = ('q', 'v', 'openings', 'effort')
        return replace(given, **{name: _halves(getattr(given, name)) for name in arrays})
    return _halves(given)


def _other(name: str, sides: tuple[str, str]) -> str:
    left, right = sides
    if name.startswith(left):
        return right + name.removeprefix(left)
    return left + name.removeprefix(right) if name.startswith(right) else name


def _halves(given: Any) -> Any:
    """An array of one side and then the other, the other way round."""
    return np.roll(given, len(given) // 2) if isinstance(given, np.ndarray) else given
