"""How far the hands are from where the person had them, by forward kinematics of both."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from fastwam_ros.apps.replay.measures.errors import MM, curve
from fastwam_ros.apps.replay.measures.metric import Metric, spread
from fastwam_ros.apps.replay.measures.truth import COLUMNS
from fastwam_ros.bag.streams import Array
from fastwam_ros.robot.hands import hand_poses
from fastwam_ros.robot.joints import SIDES


@dataclass(frozen=True)
class HandErrors:
    """By side [C, H], NaN where a joint is not known: lengths in mm, angles in degrees."""

    lengths: Mapping[str, Array]
    angles: Mapping[str, Array]

    @classmethod
    def of(cls, values: Array, truth: Array) -> 'HandErrors':
        """values, truth [C, H, 14] by JOINT_NAMES."""
        found = {
            side: _apart(side, *(q[..., COLUMNS[f'{side}_arm']] for q in (values, truth)))
            for side in SIDES
        }
        lengths = {side: MM * length for side, (length, _) in found.items()}
        return cls(lengths, {side: np.degrees(angle) for side, (_, angle) in found.items()})

    def metrics(self) -> Iterator[Metric]:
        """Of both hands together, and of each."""
        for unit, by_side in (('mm', self.lengths), ('deg', self.angles)):
            yield from spread(f'hand_error.{unit}', unit, np.stack([*by_side.values()]))
            for side, values in by_side.items():
                yield from spread(f'hand_error.{side}.{unit}', unit, values, detail=True)

    def curves(self) -> dict[str, list[float]]:
        """By horizon step, of each hand."""
        return {
            f'hand_error.{side}.{unit}.curve.{word}': values.tolist()
            for unit, by_side in (('mm', self.lengths), ('deg', self.angles))
            for side, errors in by_side.items()
            for word, values in curve(errors).items()
        }


def _apart(side: str, q: Array, wanted: Array) -> tuple[Array, Array]:
    known = np.isfinite(q).all(axis=-1) & np.isfinite(wanted).all(axis=-1)
    lengths, angles = np.full(known.shape, np.nan), np.full(known.shape, np.nan)
    if known.any():
        poses = hand_poses(side, q[known]), hand_poses(side, wanted[known])
        lengths[known], angles[known] = poses[0].apart(poses[1])
    return lengths, angles
