"""How far chunks are from what the person did: row by row, joint by joint.

error[c, k, j] = chunk c's row k of joint j, less the truth at the row's due time. Relative errors
are those of the way from the first row on: a chunk that begins elsewhere but moves alike has none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from fastwam_ros.apps.replay.measures.metric import Better, Metric, count, spread
from fastwam_ros.apps.replay.measures.rows import Rows
from fastwam_ros.apps.replay.measures.truth import COLUMNS, PARTS, Truth, joined
from fastwam_ros.bag.streams import Array
from fastwam_ros.robot.joints import JOINT_NAMES

MM = 1e3  # per m
ARMS = [n for name in PARTS if name.endswith('arm') for n in range(14)[COLUMNS[name]]]
GRIPPERS = [n for name in PARTS if name.endswith('gripper') for n in range(14)[COLUMNS[name]]]
_KINDS = ((ARMS, 'rad', 1.0), (GRIPPERS, 'mm', MM))


@dataclass(frozen=True)
class ActionErrors:
    """sources: by part; seconds [H] of a row after the head stamp; there [C, H]: which there are.

    truth, errors, relative [C, H, 14] by JOINT_NAMES in rad and m; NaN where there is no truth.
    """

    sources: Mapping[str, str]
    seconds: Array
    there: np.ndarray
    truth: Array
    errors: Array
    relative: Array

    @classmethod
    def of(cls, rows: Rows, truths: Mapping[str, Truth]) -> 'ActionErrors':
        wanted = joined(truths, rows.due.ravel()).reshape(rows.values.shape)
        errors = rows.values - wanted
        sources = {name: truth.source for name, truth in truths.items()}
        relative = errors - errors[:, :1]
        relative[:, :1] = np.nan  # none by definition, which would only make the mean smaller
        return cls(sources, rows.seconds(), rows.there, wanted, errors, relative)

    def metrics(self) -> Iterator[Metric]:
        """Of all arms together, all grippers, each part and each joint."""
        known = np.any(np.isfinite(self.errors), axis=2)
        yield count('action_error.chunks', np.any(known, axis=1).sum())
        yield count('action_error.rows', known.sum())
        yield count('action_error.rows_left_out', (self.there & ~known).sum(), Better.LOWER)
        for columns, unit, scale in _KINDS:
            errors, relative = (
                scale * self.errors[..., columns],
                scale * self.relative[..., columns],
            )
            yield from spread(f'action_error.{unit}', unit, errors)
            yield from spread(f'action_error.row0.{unit}', unit, errors[:, :1])
            yield from spread(f'action_error.relative.{unit}', unit, relative)
        for name in PARTS:
            yield from self._part(name)

    def _part(self, name: str) -> Iterator[Metric]:
        columns = range(len(JOINT_NAMES))[COLUMNS[name]]
        unit, scale = ('rad', 1.0) if name.endswith('arm') else ('mm', MM)
        errors = scale * self.errors[..., columns]
        known = np.isfinite(errors).any(axis=2)
        out = (self.there & ~known).sum()
        yield Metric(f'action_error.{name}.rows_left_out', float(out), '', detail=True)
        yield from spread(f'action_error.{name}.{unit}', unit, errors, detail=True)
        for column, joint in zip(columns, JOINT_NAMES[COLUMNS[name]], strict=True):
            one = scale * self.errors[..., column]
            if name.endswith('arm'):
                yield from spread(f'action_error.{joint}.{unit}', unit, one, detail=True)
            bias = float(np.nanmean(one)) if np.isfinite(one).any() else float('nan')
            key = f'action_error.{joint}.{unit}.bias'
            yield Metric(key, bias, unit, Better.NEITHER, detail=True)

    def curves(self) -> dict[str, list[float]]:
        """By horizon step: seconds, and of |error| mean, median and p95 over chunks and joints."""
        found = {'action_error.curve.seconds': self.seconds.tolist()}
        for columns, unit, scale in _KINDS:
            for word, values in curve(scale * self.errors[..., columns]).items():
                found[f'action_error.{unit}.curve.{word}'] = values.tolist()
        for name in PARTS:
            unit, scale = ('rad', 1.0) if name.endswith('arm') else ('mm', MM)
            for word, values in curve(scale * self.errors[..., COLUMNS[name]]).items():
                found[f'action_error.{name}.{unit}.curve.{word}'] = values.tolist()
        return found


def curve(errors: Array) -> dict[str, Array]:
    """Mean, median and p95 [H] of |errors| [C, H, ...] of each horizon step; NaN of none."""
    known = [row[np.isfinite(row)] for row in np.abs(np.moveaxis(errors, 1, 0))]
    return {
        word: np.array([of(row) if len(row) else np.nan for row in known], np.float64)
        for word, of in (
            ('mean', np.mean),
            ('median', np.median),
            ('p95', lambda row: np.quantile(row, 0.95)),
        )
    }
