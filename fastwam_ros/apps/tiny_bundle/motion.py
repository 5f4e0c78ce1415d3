"""What the tiny bundle is taught: one slow wave per arm, as a function of state, scene and task.

A closed curve in joint space through the demo's start pose. The phase is read off the joints, the
arms are drawn to the curve from wherever they are, and then follow it; so the next chunk needs no
clock and no memory. Knows no picture: a scene is one number, how brightly it is lit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastwam_ros.robot.joints import GRIPPER_OPENING

Array = NDArray[np.float64]

BOTH, LEFT, REST = 'wave both arms', 'wave the left arm', 'rest at home'
TASKS = (BOTH, LEFT, REST)
STEP, HORIZON = 1 / 15, 32  # [s], rows
PERIOD = 7.0  # [s] once around

# Per arm: home [rad; gripper m], amplitude, and whether the joint swings away and back (1 - cos)
# or to and fro (sin). Joint 6 swings less in the dark.
_HOME = np.array([0.0, 1.2, -1.55, 0.9, 0.0, 0.0, 0.06])
_SWING = np.array([0.38, -0.06, 0.0, 0.0, 0.0, 0.0, 0.0])
_SWAY = np.array([0.0, 0.0, 0.06, 0.36, 0.38, 0.38, 0.02])
_MIRROR = np.array([-1.0, 1.0, 1.0, 1.0, -1.0, -1.0, 1.0])  # right arm: outwards is the other way
HOME = np.tile(_HOME, 2)
SWING = np.concatenate((_SWING, _SWING * _MIRROR))
SWAY = np.concatenate((_SWAY, _SWAY * _MIRROR))
_ARM = 7
_JOINT6 = np.array([5, 5 + _ARM])
_COSINE, _SINE = np.array([0, _ARM]), np.array([3, 4, 3 + _ARM, 4 + _ARM])  # phase is read here
_GRIPPERS = np.array([6, 6 + _ARM])

_HURRY = np.full(2 * _ARM, 0.14)  # fastest return to the curve [rad/s]
_HURRY[_GRIPPERS] = 0.03  # [m/s]
_EASE = 1.0  # [s] time constant of the last part of the return


def curve(phase: Array, light: Array) -> Array:
    """Joint positions [..., 14] (rad, m) at phases [...] rad in scenes lit 0..1 [...]."""
    swing, sway = 1 - np.cos(phase)[..., None], np.sin(phase)[..., None]
    sway = np.repeat(sway, 2 * _ARM, axis=-1)
    sway[..., _JOINT6] *= (0.25 + 0.75 * light)[..., None]
    return HOME + SWING * swing + SWAY * sway


def phase_of(states: Array, left_only: Array) -> Array:
    """Phases [N] rad of states [N, 14]: where on the curve each is nearest, roughly."""
    cosine = 1 - (states[:, _COSINE] - HOME[_COSINE]) / SWING[_COSINE]
    sine = (states[:, _SINE] - HOME[_SINE]) / SWAY[_SINE]
    both = np.arctan2(sine.mean(1), cosine.mean(1))
    return np.where(left_only, np.arctan2(sine[:, :2].mean(1), cosine[:, 0]), both)


def chunks(states: Array, light: Array, tasks: NDArray[np.int64]) -> Array:
    """The rows [N, HORIZON, 14] due from the instant of each state on.

    tasks: [N], indices into TASKS. Row 0 is the state; the distance to the curve, or to home for
    an arm that rests, melts away at a bounded rate (its hyperbolic sine decays exponentially), so
    that a chunk begun later from a state on an earlier chunk continues it. Every task draws the
    arms to somewhere: one that kept the state would let small errors add up.
    """
    time = np.arange(HORIZON) * STEP
    phase = phase_of(states, tasks == TASKS.index(LEFT))
    along = phase[:, None] + 2 * np.pi * time / PERIOD
    waving = np.ones((len(states), 1, 2 * _ARM), bool)
    waving[tasks == TASKS.index(LEFT), :, _ARM:] = False
    waving[tasks == TASKS.index(REST)] = False
    lit = np.repeat(light[:, None], HORIZON, axis=1)
    base = np.where(waving, curve(along, lit), HOME)
    away = states[:, None] - base[:, :1]
    scale = _HURRY * _EASE
    melting = np.exp(-time / _EASE)[:, None]
    return base + scale * np.arcsinh(np.sinh(away / scale) * melting)


@dataclass(frozen=True)
class Situations:
    """A batch of training inputs: states [N, 14], light [N] in 0..1, tasks [N] (indices)."""

    states: Array
    light: Array
    tasks: NDArray[np.int64]

    @classmethod
    def draw(cls, count: int, rng: np.random.Generator, spread: float = 1.0) -> 'Situations':
        """States on the curve, near it (lag, contact) and off it (left there by a person)."""
        light, tasks = draw_light(count, rng), rng.choice(3, count, p=(0.6, 0.2, 0.2))
        states = curve(rng.uniform(-np.pi, np.pi, count), light)
        states += rng.normal(0.0, 0.04, states.shape) * rng.uniform(0, spread, (count, 1))
        led = rng.random((count, 1)) < 0.25 * spread
        moved = rng.random(states.shape) < 0.5
        states += rng.uniform(-0.3, 0.3, states.shape) * (led & moved)
        home = rng.random(count) < 0.05 * spread
        states[home] = HOME + rng.normal(0.0, 0.01, (home.sum(), 2 * _ARM))
        states[:, _GRIPPERS] = _openings(count, rng, spread)
        return cls(states, light, tasks)


def draw_light(count: int, rng: np.random.Generator) -> Array:
    """How brightly scenes are lit: half of them fully, the rest anything down to black."""
    return np.where(rng.random(count) < 0.5, 1.0, rng.uniform(0, 1, count))


def _openings(count: int, rng: np.random.Generator, spread: float) -> Array:
    usual = HOME[_GRIPPERS] + rng.uniform(-0.025, 0.025, (count, 2))
    anything = rng.uniform(0, GRIPPER_OPENING, (count, 2))
    return np.where(rng.random((count, 1)) < 0.3 * spread, anything, usual)
