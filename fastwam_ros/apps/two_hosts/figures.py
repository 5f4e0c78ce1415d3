"""What the arms did in a trial, from the recording of the robot's host."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise

from fastwam_ros.apps.faults.figures import Figures
from fastwam_ros.apps.faults.judge import LIMIT
from fastwam_ros.apps.report.run import Run
from fastwam_ros.apps.two_hosts.trial import Trial

_TAKEN = ('accepted', 'shadow', '')


@dataclass(frozen=True)
class Seen:
    """What happened from the fault to the end of the watch.

    modes: one after the other; accepted: chunks; refused: how many with which verdict; person:
    whether somebody had to ask for the policy to drive again.
    """

    modes: tuple[str, ...]
    accepted: int
    refused: Mapping[str, int]
    person: bool
    figures: Figures

    @classmethod
    def of(cls, run: Run, trial: Trial) -> 'Seen':
        """Of a trial that was not cut short."""
        marks = trial.marks
        states = [h.message for h in run.states if marks.fault <= h.received <= marks.watched]
        return cls(
            modes=tuple(mode for mode, _ in groupby(state.mode for state in states)),
            accepted=max(s.accepted for s in states) - min(s.accepted for s in states),
            refused=Counter(_verdicts(states)),
            person=bool(marks.asked),
            figures=Figures.of(run, marks),
        )

    def beyond(self) -> Iterator[str]:
        """Limits that a command exceeded."""
        for name in ('velocity', 'acceleration', 'jerk'):
            share = getattr(self.figures, name)
            if share > LIMIT:
                yield f'{name} {share:.4f} of the limit'


def _verdicts(states: list) -> Iterator[str]:
    """Of each chunk that was refused."""
    for before, state in pairwise(states):
        if state.refused > before.refused and state.last_verdict not in _TAKEN:
            yield state.last_verdict
