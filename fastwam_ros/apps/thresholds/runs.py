"""What a recorded run says about its policy's doubt: the disagreements of the chunks it executed.

One pass over a file; pictures stay in it. Only chunks count that the executor would have asked its
thresholds about: while a person drives or nobody does, what the policy would do is of no concern.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fastwam_ros.apps.files import sha256
from fastwam_ros.apps.report.chunks import SHADOW, Judged, check_of, judged
from fastwam_ros.apps.report.events import durations, spans
from fastwam_ros.apps.report.outcome import outcomes
from fastwam_ros.apps.report.run import Heard
from fastwam_ros.bag.reader import Bag, BagError
from fastwam_ros.bag.run import Facts
from fastwam_ros.motion import guard
from fastwam_ros.motion.admission import OF_BEFORE

_CHUNK, _STATE, _OUTCOME = 'chunk', 'state', 'outcome'
# Verdicts that end the way of a chunk before its doubt is looked at; all others come after that.
# `position` is given before (by the guard) and after (by the splice) and counts, as one that is
# not known here does: a disagreement too many makes a threshold higher, which keeps its promise.
_UNASKED = frozenset(
    {SHADOW, 'sequence', 'clock', *OF_BEFORE, *(check.__name__ for check in guard.CHECKS)}
) - {'position'}
_DRIVING = 'POLICY'


@dataclass(frozen=True)
class Doubted:
    """One run: its disagreements, epoch by epoch in the order of receipt, NaN where none came.

    digest: of the file (sha256); seconds: under the policy; since, until: first and last receipt
    of a chunk [ns]; success: who says so; problem: what is wrong with the file without spoiling
    it, else ''.
    """

    path: Path
    digest: str
    bundle: str
    tasks: tuple[str, ...]
    epochs: tuple[NDArray[np.float64], ...]
    seconds: float
    since: int
    until: int
    success: str
    problem: str

    @property
    def said(self) -> NDArray[np.float64]:
        """All disagreements that are numbers."""
        every = np.concatenate(self.epochs)
        return every[every >= 0.0]

    @property
    def chunks(self) -> int:
        """How many chunks the thresholds would have been asked about."""
        return sum(map(len, self.epochs))

    @property
    def largest(self) -> float:
        """The run's score: one number for a whole run, so that runs can be exchanged."""
        return float(self.said.max())


def read(path: Path, successful: bool) -> Doubted | str:
    """The run in a file, or why it is no success; successful: the caller says that it is.

    Raises BagError for a file that is no recorded run, or one without executed chunks, without
    disagreements, without a word on its success, or of two bundles.
    """
    bag = Bag(path)
    heard = _heard(bag)
    if not successful and (failed := _failed(path, heard[_OUTCOME])):
        return failed
    found = _doubted(bag, heard, 'as given' if successful else 'sim/outcome')
    if not len(found.said):
        raise BagError(
            f'{path}: none of its {found.chunks} executed chunks brings a disagreement: '
            'the policy must draw several samples for one observation'
        )
    return found


def _doubted(bag: Bag, heard: Mapping[str, Sequence[Heard]], success: str) -> Doubted:
    asked = _asked(bag.path, heard[_CHUNK], heard[_STATE])
    bundles = sorted({one.message.bundle for one in asked})
    if len(bundles) > 1:
        raise BagError(f'{bag.path} has chunks of {len(bundles)} bundles: {", ".join(bundles)}')
    return Doubted(
        bag.path,
        sha256(bag.path),
        bundles[0],
        tuple(sorted({one.message.task for one in asked})),
        _by_epoch(asked),
        durations(spans(heard[_STATE])).get(_DRIVING, 0.0),
        asked[0].received,
        asked[-1].received,
        success,
        bag.problem,
    )


def _heard(bag: Bag) -> dict[str, list[Heard]]:
    topics = Facts.read(bag).topics
    roles = {topics[role]: role for role in (_CHUNK, _STATE, _OUTCOME) if role in topics}
    found: dict[str, list[Heard]] = defaultdict(list)
    for record in bag.records(roles):
        found[roles[record.topic]].append(Heard(record.received, bag.decode(record)))
    return found


def _failed(path: Path, told: Sequence[Heard]) -> str:
    """Why it is no success by the simulated task's own word, or ''."""
    if not told:
        raise BagError(
            f'{path} does not say whether it succeeded, as a simulated task does in sim/outcome: '
            '--successful takes all named runs for successes'
        )
    return '; '.join(f'{task.task}: {task.message}' for task in outcomes(told) if not task.holds)


def _asked(path: Path, chunks: Sequence[Heard], states: Sequence[Heard]) -> list[Heard]:
    """The chunks that thresholds would have been asked about, each once."""
    if not chunks:
        raise BagError(f'{path} has no chunks in it: the policy did not infer')
    found: dict[tuple[int, int], Heard] = {}
    for heard, one in zip(chunks, judged(chunks, states), strict=True):
        if _doubtable(one):
            found.setdefault((one.epoch, one.sequence), heard)
    if not found:
        raise BagError(
            f'{path}: none of its {len(chunks)} chunks was executed: the policy never ran'
        )
    return list(found.values())


def _doubtable(one: Judged) -> bool:
    """A plan that reached its first command counts even where no state names the verdict."""
    return check_of(one.verdict) not in _UNASKED if one.verdict else one.first_tick > 0


def _by_epoch(chunks: Sequence[Heard]) -> tuple[NDArray[np.float64], ...]:
    epochs: dict[int, list[float]] = defaultdict(list)
    for heard in chunks:
        epochs[int(heard.message.epoch)].append(float(heard.message.disagreement))
    return tuple(np.array(values) for values in epochs.values())
