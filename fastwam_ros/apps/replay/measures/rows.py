"""Recorded chunks as one table: what each row wants, and when it is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastwam_ros.apps.report.run import Heard
from fastwam_ros.bag.streams import SECOND, Array, Times, nanoseconds
from fastwam_ros.robot.joints import JOINT_NAMES


@dataclass(frozen=True)
class Rows:
    """C chunks of up to H rows. stamps, received [C] ns; due [C, H] ns; disagreement [C].

    values [C, H, 14] by JOINT_NAMES, rad and m; NaN for a row or a joint that a chunk lacks. step
    [s]: the median one; count [C] of rows; odd: chunks whose numbers do not fit their names.
    """

    stamps: Times
    received: Times
    due: Times
    values: Array
    count: Times
    disagreement: Array
    step: float
    odd: int

    @classmethod
    def of(cls, chunks: Sequence[Heard]) -> 'Rows':
        """In the order of their head stamps."""
        sound = [one for one in chunks if _sound(one.message)]
        sound.sort(key=lambda one: nanoseconds(one.message.header.stamp))
        counts = np.array([_count(one.message) for one in sound], np.int64)
        most = int(counts.max(initial=0))
        due = np.zeros((len(sound), most), np.int64)
        values = np.full((len(sound), most, len(JOINT_NAMES)), np.nan)
        for n, one in enumerate(sound):
            due[n] = _due(one.message, most)
            values[n, : counts[n]] = _by_name(one.message)
        steps = [float(one.message.step) for one in sound]
        return cls(
            np.array([nanoseconds(one.message.header.stamp) for one in sound], np.int64),
            np.array([one.received for one in sound], np.int64),
            due, values, counts,
            np.array([one.message.disagreement for one in sound], np.float64),
            float(np.median(steps)) if steps else float('nan'),
            len(chunks) - len(sound),
        )  # fmt: skip

    @property
    def there(self) -> np.ndarray:
        """Which rows [C, H] there are."""
        return np.arange(self.due.shape[1]) < self.count[:, None]

    def seconds(self) -> Array:
        """Of each row [H] after its head stamp, the mean over chunks."""
        after = np.where(self.there, self.due - self.stamps[:, None], 0) / SECOND
        return after.sum(axis=0) / np.maximum(self.there.sum(axis=0), 1)


def _sound(message: Any) -> bool:
    wide, total = len(message.joint_names), len(message.positions)
    return wide > 0 and total > 0 and total % wide == 0


def _count(message: Any) -> int:
    return len(message.positions) // len(message.joint_names)


def _due(message: Any, rows: int) -> Times:
    after = (np.arange(rows) + float(message.offset)) * float(message.step) * SECOND
    return nanoseconds(message.header.stamp) + np.rint(after).astype(np.int64)


def _by_name(message: Any) -> Array:
    """Rows [K, 14]; joints that are none of the robot's are left out."""
    names = list(message.joint_names)
    given = np.asarray(message.positions, np.float64).reshape(-1, len(names))
    columns = [names.index(name) if name in names else len(names) for name in JOINT_NAMES]
    return np.column_stack([given, np.full(len(given), np.nan)])[:, columns]
