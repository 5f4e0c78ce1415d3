"""What a policy's doubt about itself does to its plans: half speed, and an end if it lasts.

A chunk may carry a disagreement: the spread between samples that the policy drew for one
observation. Above one threshold the plan of that chunk is executed at half speed; above another
for WINDOW chunks in a row the arms come to rest and a person decides. Chunks are never averaged:
a mean dilutes the short burst that matters (in the manner of arXiv 2603.18342). The thresholds
hold for one bundle and one way of drawing samples, and come from runs that succeeded
(`python -m fastwam_ros.apps.thresholds`).

Doubt slows and stops; its absence raises no limit. It does not know whether the policy is right: a
policy may be wrong and certain, and may disagree with itself where two ways are equally good.
"""

from dataclasses import dataclass
from math import isfinite, isnan, nan

GO, SLOW, HOLD = 'go', 'slow', 'hold'
WINDOW = 3  # chunks in a row: a single one may stand at a fork that the next one has passed
SLOWER = 2.0  # times the duration, for the plan of a chunk that is doubted
UNCERTAIN = 'uncertain'  # the verdict on a chunk after which the arms come to rest
_BLIND = 8  # chunks without a disagreement until that is said: a policy may draw samples rarely


@dataclass(frozen=True)
class Thresholds:
    """Disagreements, in the unit of the chunks', above which plans are slowed, and ended."""

    slow: float
    hold: float

    def __post_init__(self) -> None:
        """Raises ValueError for a threshold that is none, and for one to hold below the other."""
        for name, value in (('slow', self.slow), ('hold', self.hold)):
            if not (isfinite(value) and value > 0.0):
                raise ValueError(
                    f'the disagreement to {name} from is {value}, want a number above 0'
                )
        if self.hold < self.slow:
            raise ValueError(
                f'plans would end above a disagreement of {self.hold:g}, but be slowed only above '
                f'{self.slow:g}: are the two thresholds swapped?'
            )

    @classmethod
    def given(cls, slow: float, hold: float) -> 'Thresholds | None':
        """From two parameters of which 0 means not given: both, or None for neither.

        Raises ValueError for one without the other.
        """
        if slow == 0.0 and hold == 0.0:
            return None
        if slow == 0.0 or hold == 0.0:
            name, other = ('hold', 'slow') if slow == 0.0 else ('slow', 'hold')
            raise ValueError(
                f'a disagreement to {name} from is given and none to {other} from: '
                'give both thresholds, or neither to leave doubt out of account'
            )
        return cls(slow, hold)


@dataclass(frozen=True)
class Degree:
    """How much a chunk is doubted: GO, SLOW or HOLD, and why in words ('' where there is none)."""

    name: str = GO
    text: str = ''

    @property
    def at_least(self) -> float:
        """By how much the chunk's plan is slowed in any case, never less than 1."""
        return 1.0 if self.name == GO else SLOWER


class Doubt:
    """Judges one chunk after the other, those that the guard has passed; remembers the last few.

    A chunk without a disagreement (NaN, or a number below 0, which no spread is) says nothing: it
    counts neither as high nor as low. Its plan goes as slowly as that of the last chunk that said
    something, and a count of high ones goes on over it as if it had not come.
    """

    def __init__(self, thresholds: Thresholds | None) -> None:
        """Without thresholds every chunk is GO."""
        self._thresholds = thresholds
        self._silent = 0
        self.reset()

    def reset(self) -> None:
        """A new epoch: a person looked at the arms, and let the policy go on."""
        self._high = 0  # chunks in a row above the threshold to hold
        self._last = nan

    def judge(self, disagreement: float) -> Degree:
        """How much to doubt the next chunk, whose disagreement may be NaN."""
        if self._thresholds is None:
            return Degree()
        if isnan(disagreement) or disagreement < 0.0:
            self._silent += 1
            return self._unsaid(self._thresholds)
        self._silent, self._last = 0, disagreement
        return self._said(self._thresholds)

    @property
    def warning(self) -> str:
        """That thresholds are given and nothing comes to hold against them, or ''."""
        if self._silent < _BLIND:
            return ''
        return (
            'thresholds of disagreement are given, but chunks bring none: '
            'this policy does not compute it, so doubt neither slows nor ends a plan'
        )

    def _said(self, thresholds: Thresholds) -> Degree:
        value, most = self._last, thresholds.hold
        self._high = self._high + 1 if value > most else 0
        if self._high >= WINDOW:
            return Degree(
                HOLD, f'disagreement {value:.4g}, {WINDOW} chunks in a row {_above(most)}'
            )
        if self._high:
            return Degree(
                SLOW, f'disagreement {value:.4g}, {self._high} of {WINDOW} {_above(most)}'
            )
        if value > thresholds.slow:
            return Degree(SLOW, f'disagreement {value:.4g} {_above(thresholds.slow)}')
        return Degree()

    def _unsaid(self, thresholds: Thresholds) -> Degree:
        if not self._last > thresholds.slow:
            return Degree()
        limit = _above(thresholds.slow)
        return Degree(SLOW, f'no disagreement; that of the last chunk {self._last:.4g} {limit}')


def _above(limit: float) -> str:
    return f'above {limit:.4g}'
