"""What a replay leaves behind: metrics, a page, and whether it was good enough.

Everything is read from the recording that it wrote.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fastwam_ros.apps.files import writing
from fastwam_ros.apps.replay.measures.against import Change, baseline, changes, regressions
from fastwam_ros.apps.replay.measures.measures import Measures, metric_names
from fastwam_ros.apps.replay.measures.text import table
from fastwam_ros.apps.replay.measures.thresholds import Missed, Thresholds
from fastwam_ros.apps.report.html import write
from fastwam_ros.apps.report.run import Run
from fastwam_ros.bag.reader import Bag

METRICS, PAGE = 'metrics.json', 'report.html'


@dataclass(frozen=True)
class Wanted:
    """What a replay must reach: thresholds, and numbers of another one that it is held against."""

    thresholds: Thresholds = field(default_factory=Thresholds)
    before: dict[str, float] | None = None

    @classmethod
    def read(cls, thresholds: Path | None, against: Path | None) -> 'Wanted':
        """From files, before anything is replayed. Raises ValueError for what is none."""
        limits = (
            Thresholds() if thresholds is None else Thresholds.read(thresholds, metric_names())
        )
        return cls(limits, None if against is None else baseline(against))


@dataclass(frozen=True)
class Results:
    """A replay's measures, the thresholds that it missed, and what got worse."""

    measures: Measures
    missed: list[Missed]
    worse: list[Change]

    @classmethod
    def of(cls, recording: Path, wanted: Wanted) -> 'Results':
        """Measure, and write metrics and page beside the recording. Raises OSError."""
        run = Run.read(Bag(recording))
        measures = Measures.of(run)
        told = recording.with_name(METRICS)
        with writing(told):
            told.write_text(json.dumps(measures.as_dict(), indent=1, sort_keys=True) + '\n')
        page = recording.with_name(PAGE)
        with writing(page):
            write(run, page)
        found, limits = measures.metrics(), wanted.thresholds
        compared = [] if wanted.before is None else changes(found, wanted.before)
        return cls(measures, limits.missed(found), regressions(compared, limits))

    @property
    def good(self) -> bool:
        """Whether nothing was missed and nothing got worse."""
        return not self.missed and not self.worse

    def lines(self) -> Iterator[str]:
        """For a person to read."""
        yield table(self.measures)
        yield from (f'missed: {one}' for one in self.missed)
        yield from (f'worse: {one}' for one in self.worse)
