"""Wrist cameras before plain walls, where a motion of their arm shows least.

`python -m test.loop.walls --poses 1500` draws random postures of an arm in the simulator's room,
keeps those whose picture shows one colour above the fingers, turns one joint at a time and counts
the pictures that stay equal, byte for byte: what `eyesight.TURNED` must be large enough for.
"""

import argparse

import numpy as np

from fastwam_ros.loop.eyesight import FLAT
from fastwam_ros.robot.joints import arm_joints
from fastwam_ros.sim.eyes import Eyes
from fastwam_ros.sim.stills import jpeg
from fastwam_ros.sim.world import ARM_HOME, World

STEPS = (0.02, 0.05, 0.1, 0.2)  # [rad]
ABOVE = 140  # rows of the picture that no finger reaches into


class Wrist:
    """The left wrist camera's pictures for positions of its arm [6, rad]."""

    def __init__(self) -> None:
        self._world = World(0)
        self._eyes = Eyes(self._world.model)

    def see(self, q: np.ndarray) -> np.ndarray:
        arms = {'left': q, 'right': ARM_HOME}
        return self._eyes.see('left', self._world.pose(arms, (0.06, 0.06)))


def spread(pixels: np.ndarray) -> float:
    return float(pixels[::8, ::8].reshape(-1, 3).std(axis=0).max())


def main() -> None:
    """Count and print."""
    ask = argparse.ArgumentParser('python -m test.loop.walls', description=__doc__)
    ask.add_argument('--poses', type=int, default=1500)
    given = ask.parse_args()
    wrist, rng, plain = Wrist(), np.random.default_rng(1), []
    low, high = (np.array([getattr(j, e) for j in arm_joints('left')]) for e in ('lower', 'upper'))
    for q in rng.uniform(low, high, (given.poses, 6)):
        pixels = wrist.see(q)
        if spread(pixels[:ABOVE]) < FLAT <= spread(pixels):
            plain.append((q, jpeg(pixels)))
    print(f'{len(plain)} of {given.poses} postures look at a plain wall')
    for step in STEPS:
        turned = [
            (q + by, data) for q, data in plain for by in (*step * np.eye(6), *-step * np.eye(6))
        ]
        turned = [(q, data) for q, data in turned if (low <= q).all() and (q <= high).all()]
        equal = sum(jpeg(wrist.see(q)) == data for q, data in turned)
        print(f'a joint turned by {step:g} rad: {equal} of {len(turned)} pictures stay equal')


if __name__ == '__main__':
    main()
