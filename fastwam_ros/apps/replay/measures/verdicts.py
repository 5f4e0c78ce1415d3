"""What became of the chunks, and when: verdicts, latencies, ages; and what they were made from.

Verdicts are the executor's own, as its states tell them; times are stamps and receipts.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fastwam_ros.apps.replay.measures.metric import Better, Metric, count, tail
from fastwam_ros.apps.replay.measures.truth import PARTS, Truth
from fastwam_ros.apps.report.chunks import (
    ACCEPTED,
    KINDS,
    REFUSED,
    UNTOLD,
    WORDS,
    Judged,
    check_of,
    judged,
)
from fastwam_ros.apps.report.mosaics import picture_spans
from fastwam_ros.apps.report.run import Heard, Run
from fastwam_ros.bag.streams import SECOND, Array, Times
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.topics import CAMERAS

_BETTER = {ACCEPTED: Better.HIGHER, REFUSED: Better.LOWER, UNTOLD: Better.LOWER}
_OTHER = 'other'  # a check that has no words in the report


@dataclass(frozen=True)
class Verdicts:
    """chunks: each with what became of it; odd: those whose numbers do not fit their names."""

    chunks: Sequence[Judged]
    odd: int

    @classmethod
    def of(cls, run: Run, odd: int) -> 'Verdicts':
        return cls(judged(run.chunks, _from_nothing(run)), odd)

    def metrics(self) -> Iterator[Metric]:
        """Counts, shares of all chunks, and delays in ms."""
        total = len(self.chunks)
        kinds = Counter(one.kind for one in self.chunks)
        yield count('chunks.count', total)
        yield count('chunks.odd', self.odd, Better.LOWER)
        for kind in KINDS:
            name, better = kind.replace(' ', '_'), _BETTER.get(kind, Better.NEITHER)
            yield count(f'chunks.{name}', kinds[kind])
            share = kinds[kind] / total if total else float('nan')
            yield Metric(f'chunks.{name}_share', share, '', better)
        yield from self._checks()
        yield from tail('latency.ms', 'ms', self._ms([(c.stamp, c.received) for c in self.chunks]))
        inference = np.array([1e3 * one.inference for one in self.chunks], np.float64)
        yield from tail('inference.ms', 'ms', inference)
        begun = [(one.stamp, one.first_tick) for one in self.chunks if one.first_tick]
        yield from tail('age_at_execution.ms', 'ms', self._ms(begun))

    def _checks(self) -> Iterator[Metric]:
        checks = [check_of(one.verdict) for one in self.chunks if one.kind == REFUSED]
        found = Counter(check if check in WORDS else _OTHER for check in checks)
        for check in (*WORDS, _OTHER):
            name, value = f'chunks.refused.{check}', float(found[check])
            yield Metric(name, value, '', Better.LOWER, detail=not value)

    @staticmethod
    def _ms(pairs: Sequence[tuple[int, int]]) -> Array:
        return np.array([(until - since) / 1e6 for since, until in pairs], np.float64)


def _from_nothing(run: Run) -> list[Heard]:
    """States, before them one that has counted nothing: a replay's executor begins with it.

    So the first state's verdict is told as well, which that of a robot's may be from before.
    """
    if 'mode' not in run.facts.others or not run.states:
        return run.states
    first = run.states[0]
    zero = replace(first.message, accepted=0, refused=0, shadowed=0, last_verdict='')
    return [Heard(first.received, zero), *run.states]


@dataclass(frozen=True)
class Timing:
    """streams: stamps [N] ns by name; spans [C] ms of the pictures that a chunk answers."""

    streams: Mapping[str, Times]
    spans: Array

    @classmethod
    def of(cls, run: Run, truths: Mapping[str, Truth]) -> 'Timing':
        streams = {f'camera_{camera}': run.images[camera].stamps for camera in CAMERAS}
        for side in SIDES:
            streams[f'{side}_arm.feedback'] = run.measured[side].stamps
            streams[f'{side}_gripper.feedback'] = run.measured_grippers[side].stamps
            streams[f'{side}_arm.commands'] = run.arms[side].stamps
            streams[f'{side}_gripper.commands'] = run.grippers[side].stamps
        streams |= {f'{name}.truth': truths[name].times for name in PARTS}
        return cls(streams, picture_spans(run) if run.chunks else np.zeros(0))

    def metrics(self) -> Iterator[Metric]:
        """Skew of pictures; messages, rate and gaps of every stream."""
        yield from tail('picture_skew.ms', 'ms', self.spans)
        for name, stamps in self.streams.items():
            gaps: Array = np.diff(np.sort(stamps)).astype(np.float64) / 1e6
            yield Metric(f'stream.{name}.count', float(len(stamps)), '', Better.NEITHER, True)
            total = float(gaps.sum())
            rate = 1e-6 * SECOND * len(gaps) / total if total else float('nan')
            yield Metric(f'stream.{name}.rate_hz', rate, 'Hz', Better.NEITHER, detail=True)
            yield from tail(f'stream.{name}.gap_ms', 'ms', gaps, detail=True)
