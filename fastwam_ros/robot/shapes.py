"""What the R1 Lite looks like and what of it can be touched: primitives, no meshes.

Extents follow the published collision meshes to a centimetre or so; colours are ours. The
simulator draws and touches these shapes, the executor keeps clearances between them. This module
does not know where a link is (`kinematics`).
"""

from dataclasses import dataclass

from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.kinematics import Vector

Colour = tuple[float, float, float, float]
BRIGHT: Colour = (0.86, 0.87, 0.88, 1.0)
DARK = (0.16, 0.17, 0.19, 1.0)
RUBBER = (0.08, 0.08, 0.09, 1.0)
ACCENT = (0.95, 0.45, 0.10, 1.0)

# A torso as a unit that stood reported it [rad]: what is behind and below the arms depends on it.
STANDING = {'torso_joint1': -0.671, 'torso_joint2': 1.320, 'torso_joint3': 0.678}


@dataclass(frozen=True)
class Shape:
    """One primitive in its link's frame [m].

    kind: box (half sizes), cylinder or capsule (radius; `start` to `end`). solid: it takes part in
    the simulator's contacts. outer: clearances are measured to it; what is not sticks out of what
    is by about a centimetre at most, or lies lower than the base. pad: a finger's gripping
    face, with rubber's friction.
    """

    kind: str
    size: tuple[float, ...]
    start: Vector
    end: Vector | None = None
    colour: Colour = BRIGHT
    solid: bool = False
    outer: bool = False
    pad: bool = False


def _box(at: Vector, half: Vector, colour: Colour = DARK, **marks: bool) -> Shape:
    return Shape('box', half, at, None, colour, **marks)


def _rod(
    kind: str, radius: float, start: Vector, end: Vector, colour: Colour = BRIGHT, **marks: bool
) -> Shape:
    return Shape(kind, (radius,), start, end, colour, **marks)


_BODY: dict[str, tuple[Shape, ...]] = {
    'base_link': (
        _box((0.03, 0.0, 0.12), (0.20, 0.24, 0.055), DARK, solid=True, outer=True),
        _box((0.03, 0.0, 0.185), (0.18, 0.22, 0.012), BRIGHT, outer=True),
    ),
    'torso_link1': (_rod('capsule', 0.060, (0.0, 0.0, 0.0), (0.0, 0.0, 0.35), outer=True),),
    'torso_link2': (
        _rod('capsule', 0.055, (0.0, 0.0, 0.0), (0.0, 0.0, 0.35), outer=True),
        _rod('cylinder', 0.066, (0.0, -0.07, 0.0), (0.0, 0.07, 0.0), DARK, outer=True),
    ),
    'torso_link3': (
        _box((-0.06, 0.0, 0.075), (0.075, 0.205, 0.06), DARK, solid=True, outer=True),
        _box((-0.02, 0.0, 0.10), (0.04, 0.335, 0.03), BRIGHT, outer=True),
        _rod('capsule', 0.040, (-0.03, 0.0, 0.14), (-0.03, 0.0, 0.56), outer=True),
        _box((0.0, 0.0, 0.63), (0.045, 0.07, 0.035), DARK, outer=True),
    ),
}
for _i in (1, 2, 3):
    _BODY[f'steer_motor_link{_i}'] = (
        _rod('cylinder', 0.035, (0.0, 0.0, -0.05), (0.0, 0.0, 0.02), DARK),
    )
    _BODY[f'wheel_motor_link{_i}'] = (
        _rod('cylinder', 0.070, (0.0, -0.025, 0.0), (0.0, 0.025, 0.0), RUBBER),
    )

_ARM: dict[str, tuple[Shape, ...]] = {
    'arm_base_link': (
        _rod('cylinder', 0.042, (0.0, 0.0, 0.0), (0.0, 0.0, 0.08), DARK, outer=True),
    ),
    'arm_link1': (
        _rod('cylinder', 0.032, (0.0, -0.028, 0.049), (0.0, 0.02, 0.049), DARK),
        _rod('cylinder', 0.030, (0.0, 0.0, -0.015), (0.0, 0.0, 0.055), BRIGHT, solid=True),
    ),
    'arm_link2': (
        _rod('capsule', 0.034, (0.0, -0.03, 0.0), (-0.3, -0.03, 0.0), solid=True, outer=True),
        _rod('cylinder', 0.042, (0.0, -0.07, 0.0), (0.0, 0.008, 0.0), DARK, outer=True),
        _rod('cylinder', 0.042, (-0.3, -0.07, 0.0), (-0.3, 0.008, 0.0), DARK, outer=True),
    ),
    'arm_link3': (
        _rod(
            'capsule', 0.030, (0.02, -0.031, 0.03), (0.07, -0.031, 0.075), solid=True, outer=True
        ),
        _rod(
            'capsule',
            0.030,
            (0.07, -0.031, 0.075),
            (0.1747, -0.031, 0.0755),
            solid=True,
            outer=True,
        ),
        _rod(
            'cylinder', 0.034, (0.1747, -0.068, 0.0755), (0.1747, 0.006, 0.0755), DARK, outer=True
        ),
    ),
    'arm_link4': (
        _rod(
            'capsule', 0.026, (0.015, -0.031, 0.02), (0.07, -0.031, 0.058), solid=True, outer=True
        ),
        _rod('cylinder', 0.030, (0.08, -0.0315, 0.03), (0.08, -0.0315, 0.09), DARK, outer=True),
    ),
    'arm_link5': (_rod('cylinder', 0.022, (0.0, 0.0, -0.0605), (0.0, 0.0, -0.0205), outer=True),),
    'arm_link6': (_rod('cylinder', 0.030, (-0.005, 0.0, 0.0), (0.008, 0.0, 0.0), ACCENT),),
    'gripper_link': (_box((-0.04, 0.0, 0.0), (0.036, 0.05, 0.028), DARK, solid=True, outer=True),),
    'D405_link': (_box((0.009, 0.0, -0.0125), (0.021, 0.021, 0.0115), DARK, outer=True),),
}


def _finger(number: int) -> tuple[Shape, ...]:
    sign = 1.0 if number == 1 else -1.0
    # The pads' faces meet at the gripper's y = 0 when the fingers are closed.
    return (
        _box(
            (0.00575, -0.0085 * sign, 0.0),
            (0.0355, 0.005, 0.010),
            RUBBER,
            solid=True,
            outer=True,
            pad=True,
        ),
        _box((-0.035, -0.004 * sign, 0.0), (0.010, 0.012, 0.012), BRIGHT, outer=True),
    )


SHAPES: dict[str, tuple[Shape, ...]] = {
    **_BODY,
    **{f'{side}_{link}': shapes for side in SIDES for link, shapes in _ARM.items()},
    **{f'{side}_gripper_finger_link{n}': _finger(n) for side in SIDES for n in (1, 2)},
}
