"""Everything that is measured of a replay, from its output recording alone."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from fastwam_ros.apps.replay.measures.agreement import Agreement
from fastwam_ros.apps.replay.measures.errors import ActionErrors
from fastwam_ros.apps.replay.measures.hand import HandErrors
from fastwam_ros.apps.replay.measures.metric import Metric
from fastwam_ros.apps.replay.measures.plans import Motions, plans
from fastwam_ros.apps.replay.measures.rows import Rows
from fastwam_ros.apps.replay.measures.smooth import Smoothness
from fastwam_ros.apps.replay.measures.truth import truths
from fastwam_ros.apps.replay.measures.verdicts import Timing, Verdicts
from fastwam_ros.apps.report.run import Run
from fastwam_ros.bag.reader import Bag
from fastwam_ros.bag.run import Facts, robot_bounds
from fastwam_ros.bag.writer import BagWriter
from fastwam_ros.robot.joints import ROBOT

_RATE = 200.0  # [Hz]
_FACTS = ('source', 'mode', 'latency', 'bundle')
Value = float | str | None | list[float | None]


@dataclass(frozen=True)
class Measures:
    """facts: what the recording says of itself; the rest by subject, see there."""

    facts: Mapping[str, str]
    errors: ActionErrors
    hands: HandErrors
    agreement: Agreement
    motions: Motions
    verdicts: Verdicts
    timing: Timing
    smoothness: Smoothness

    @classmethod
    def of(cls, run: Run) -> 'Measures':
        """The same names for every recording: what cannot be measured is NaN."""
        rows, known, found = Rows.of(run.chunks), truths(run), plans(run)
        errors = ActionErrors.of(rows, known)
        return cls(
            {name: run.facts.others.get(name, '') for name in _FACTS},
            errors,
            HandErrors.of(rows.values, errors.truth),
            Agreement.of(rows),
            Motions.of(run, rows, found),
            Verdicts.of(run, rows.odd),
            Timing.of(run, known),
            Smoothness.of(run, rows, found, known),
        )

    def metrics(self) -> list[Metric]:
        """Every number, in the order of a table."""
        return [metric for part in self._parts() for metric in part.metrics()]

    def numbers(self) -> dict[str, float]:
        """Values by name."""
        return {metric.name: metric.value for metric in self.metrics()}

    def words(self) -> dict[str, str]:
        """What the numbers are of: mode, latency, bundle, and the truth of each part."""
        return dict(self.facts) | {f'truth.{k}': v for k, v in self.errors.sources.items()}

    def curves(self) -> dict[str, list[float]]:
        """Numbers over horizon steps or ages, by name."""
        return self.errors.curves() | self.hands.curves() | self.agreement.curves()

    def as_dict(self) -> dict[str, Value]:
        """Flat, for JSON: words, numbers and curves by name; NaN is None."""
        numbers: dict[str, Value] = {m.name: _plain(m.value) for m in self.metrics()}
        curves: dict[str, Value] = {k: [_plain(x) for x in v] for k, v in self.curves().items()}
        return {**self.words(), **numbers, **curves}

    def _parts(
        self,
    ) -> Iterator[
        ActionErrors | HandErrors | Agreement | Motions | Verdicts | Timing | Smoothness
    ]:
        yield from (self.errors, self.hands, self.agreement, self.smoothness)
        yield from (self.motions, self.verdicts, self.timing)


def measure(bag: Bag | Path) -> Measures:
    """Of a replay's output. Raises BagError for what is no recording of this package."""
    return Measures.of(Run.read(bag if isinstance(bag, Bag) else Bag(bag)))


def metric_names() -> list[str]:
    """Of every number, whatever the recording: those of one in which nothing happened."""
    with TemporaryDirectory() as folder:
        path = Path(folder, 'nothing.mcap')
        with BagWriter(path) as bag:
            Facts(ROBOT, _RATE, robot_bounds(), {}).write(bag)
        return [metric.name for metric in measure(path).metrics()]


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None
