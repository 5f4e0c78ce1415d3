"""What a simulated task said about itself while it was recorded: whether it holds, and since when.

The simulator judges; this only reads its word (diagnostic_msgs/DiagnosticStatus: name is the task,
level OK while success holds). Times are receipts, the message has no stamp.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from fastwam_ros.apps.report.run import Heard

_OK = 0  # the level that says that success holds


@dataclass(frozen=True)
class Outcome:
    """One task: its last word, and the spans [ns, receipts] in which success held.

    first: when it first held, None for never; values: the task's own figures, as text.
    """

    task: str
    holds: bool
    message: str
    values: tuple[tuple[str, str], ...]
    spans: tuple[tuple[bool, int, int], ...]

    @property
    def first(self) -> int | None:
        return next((since for holds, since, _ in self.spans if holds), None)


def outcomes(heard: Sequence[Heard]) -> list[Outcome]:
    """One per task, in the order of first appearance."""
    tasks: dict[str, list[Heard]] = {}
    for one in heard:
        tasks.setdefault(one.message.name, []).append(one)
    return [_outcome(task, said) for task, said in tasks.items()]


def _outcome(task: str, said: Sequence[Heard]) -> Outcome:
    last = said[-1].message
    values = tuple((pair.key, pair.value) for pair in last.values)
    return Outcome(task, _holds(said[-1]), last.message, values, _spans(said))


def _spans(said: Sequence[Heard]) -> tuple[tuple[bool, int, int], ...]:
    """Without gaps: each lasts until the next begins, the last one until the last word."""
    begun = [(holds, next(group).received) for holds, group in groupby(said, key=_holds)]
    ends = [since for _, since in begun[1:]] + [said[-1].received]
    return tuple((holds, since, until) for (holds, since), until in zip(begun, ends, strict=True))


def _holds(heard: Heard) -> bool:
    return _level(heard.message.level) == _OK


def _level(level: int | bytes) -> int:
    """A byte comes as a number or as a byte, by the decoder's version."""
    return level[0] if isinstance(level, bytes) else int(level)
