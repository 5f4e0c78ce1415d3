"""The R1 Lite's links and joints as frozen tables: origins, axes, limits, masses.

Figures are the published R1 Lite URDF's (GalaxeaManipSim `r1_lite/robot.urdf`, Apache-2.0, and
the same values captured from a robot's own description). Frames: x forward, y left, z up; both
arms are identical copies, not mirrored. This module does not know a shape, a colour or a solver.
"""

from dataclasses import dataclass
from typing import Any

from fastwam_ros.robot.joints import (
    ARM_SIZE,
    GRIPPER_OPENING,
    GRIPPER_SPEED,
    SIDES,
    arm_joints,
)

Vector = tuple[float, float, float]
ZERO: Vector = (0.0, 0.0, 0.0)
Z: Vector = (0.0, 0.0, 1.0)
Y: Vector = (0.0, 1.0, 0.0)
X: Vector = (1.0, 0.0, 0.0)
_Row = tuple[float, Vector, tuple[float, ...], Vector, Vector]


@dataclass(frozen=True)
class Link:
    """A rigid link: mass [kg], centre of mass [m, link frame], inertia about it [kg m2].

    inertia is (ixx, iyy, izz, ixy, ixz, iyz). A link with mass 0 is a frame only.
    """

    name: str
    mass: float = 0.0
    com: Vector = ZERO
    inertia: tuple[float, ...] = (0.0,) * 6


@dataclass(frozen=True)
class Connection:
    """What holds `child` to `parent`: a joint of the URDF.

    kind: fixed, revolute, continuous or prismatic. xyz [m], rpy [rad, fixed axes as in URDF]:
    child frame in parent frame. Limits in rad or m, speed per second, effort in Nm or N. mimic:
    (joint, factor) where this joint follows another one.
    """

    name: str
    parent: str
    child: Link
    xyz: Vector
    rpy: Vector = ZERO
    kind: str = 'fixed'
    axis: Vector = Z
    lower: float = 0.0
    upper: float = 0.0
    speed: float = 0.0
    effort: float = 0.0
    mimic: tuple[str, float] | None = None


def _hinge(
    name: str,
    parent: str,
    child: Link,
    xyz: Vector,
    axis: Vector,
    limits: tuple[float, float],
    drive: dict[str, Any],
) -> Connection:
    lower, upper = limits
    turn: dict[str, Any] = {'kind': 'revolute', 'axis': axis, 'lower': lower, 'upper': upper}
    return Connection(name, parent, child, xyz, **turn, **drive)


BASE = Link(
    'base_link',
    25.114,
    (0.0718, -0.00163, 0.12875),
    (0.19099, 0.15204, 0.29122, 7.0e-5, -7.86e-3, -4.9e-4),
)
_STEER = (1.5, (0.0, 0.0, -0.08525), (3.387e-4, 5.039e-4, 2.115e-4, 0.0, 0.0, 0.0))
_WHEEL = (1.5, ZERO, (1.0470e-3, 1.8103e-3, 1.0470e-3, 0.0, 0.0, 0.0))
_STEER_ORIGINS: tuple[Vector, ...] = (
    (0.29183, -0.00149, 0.18165),
    (-0.16817, 0.23851, 0.18165),
    (-0.16817, -0.24149, 0.18165),
)


def _chassis() -> tuple[Connection, ...]:
    drive: dict[str, Any] = {'speed': 20.0, 'effort': 20.0}
    drop = (0.0, 0.0, -0.11165)
    out = []
    for i, origin in enumerate(_STEER_ORIGINS, 1):
        steer = Link(f'steer_motor_link{i}', *_STEER)
        wheel = Link(f'wheel_motor_link{i}', *_WHEEL)
        joint = f'wheel_motor_joint{i}'
        out += [
            _hinge(f'steer_motor_joint{i}', BASE.name, steer, origin, Z, (-3.1416, 3.1416), drive),
            Connection(joint, steer.name, wheel, drop, kind='continuous', axis=Y, **drive),
        ]
    return tuple(out)


# fmt: off
# mass, com, inertia | origin, axis, limits: torso_link1..3; the third joint turns about -y
_TORSO: tuple[_Row, ...] = (
    (4.807, (0.003212, 0.0116567, 0.100698),
     (3.1051e-3, 3.2687e-3, 3.54994e-4, 3.9e-6, -1.12e-4, 4.15e-5),
     (0.091831, 0.00036033, 0.14865), Y),
    (2.779, (0.006273, 0.0053609, 0.1841188),
     (0.0309541, 0.032517, 1.8526e-3, -5.6e-7, 2.98e-4, 9.0e-7),
     (0.0, -0.00185, 0.35), Y),
    (5.833, (-0.0416383, 0.0004846, 0.051111),
     (6.4722e-3, 5.4232e-3, 8.4506e-3, -4.5e-7, -1.29e-5, -1.7e-7),
     (9.65e-5, 0.0, 0.35), (0.0, -1.0, 0.0)),
)
_TORSO_LIMITS = ((-1.5708, 0.436333), (-2.705262, 2.705262), (-1.5708, 1.5708))
# fmt: on


def _torso() -> tuple[Connection, ...]:
    drive: dict[str, Any] = {'speed': 2.5, 'effort': 100.0}
    out: list[Connection] = []
    for i, (row, limits) in enumerate(zip(_TORSO, _TORSO_LIMITS, strict=True), 1):
        mass, com, inertia, origin, axis = row
        parent = out[-1].child.name if out else BASE.name
        link = Link(f'torso_link{i}', mass, com, inertia)
        out.append(_hinge(f'torso_joint{i}', parent, link, origin, axis, limits, drive))
    return tuple(out)


# The stereo head's two optical frames; the left one feeds the policy.
_HEAD_RPY: Vector = (-2.0952, 4.2e-5, -1.5709)
_HEAD = tuple(
    Connection(
        f'camera_head_{side}_joint',
        'torso_link3',
        Link(f'camera_head_{side}_link'),
        xyz,
        _HEAD_RPY,
    )
    for side, xyz in (
        ('left', (0.054947, 0.03149, 0.63214)),
        ('right', (0.054943, -0.03351, 0.63214)),
    )
)

# fmt: off
# mass, com, inertia | origin in the link before, axis: arm_link1..6. The inertia of link 5 and the
# mass of link 6 look like placeholders; they are kept as published.
_ARM_LINKS: tuple[_Row, ...] = (
    (0.839, (0.0, -0.00198629, 0.0468866),
     (2.2415e-4, 2.6981e-4, 2.1873e-4, -4.8e-10, 8.4e-9, 9.4e-9),
     (0.0, 0.0, 0.08605), Z),
    (1.09, (-0.1226752, -0.0295384, 0.0036503),
     (3.8824e-4, 2.74637e-3, 2.78012e-3, -2.1764e-5, 8.914e-6, 1.197e-6),
     (0.0, 0.03075, 0.04925), Y),
    (0.739, (0.0566625, -0.0291316, 0.0568019),
     (2.5791e-4, 6.7135e-4, 5.5005e-4, 1.02695e-5, -1.31694e-4, -8.0338e-6),
     (-0.3, 0.00025004, 0.0), Y),
    (0.419, (0.069984, -0.0287505, 0.0541968),
     (6.6201e-5, 6.7931e-5, 6.6927e-5, -9.4e-9, -4.3e-9, 7.777e-7),
     (0.1747, 0.00049739, 0.075485), Y),
    (0.054, (-0.0008032, 0.0, -0.0402656),
     (5.8042e-5, 5.764e-5, 5.6857e-5, 0.0, 0.0, 0.0),
     (0.08, -0.031498, 0.0405), Z),
    (0.031, (0.00709944, 0.0, -3.8e-5),
     (3.4453e-6, 1.8257e-6, 1.8173e-6, 0.0, -1.26e-9, 0.0),
     (0.022503, 0.0, -0.0405), X),
)
# fmt: on
_ARM_BASE = (
    0.786,
    (0.0030333, -0.0006954, 0.0298),
    (2.0964e-4, 1.9980e-4, 2.3746e-4, 1.404e-6, 5.687e-6, -3.657e-6),
)
_GRIPPER = (0.604, (-0.0311072, 0.0, 0.0), (1.7588e-4, 9.8638e-5, 1.6512e-4, 0.0, 0.0, -8.2e-8))
_D405 = (
    0.1,
    (0.009047, 0.0155186, -0.0081959),
    (2.7808e-5, 2.1895e-5, 2.0771e-5, -4.0e-10, 1.5e-8, -3.724e-6),
)
D405_RPY: Vector = (-2.268, 0.0, -1.5708)
FINGER_EFFORT = 100.0  # [N]
TOOL: Vector = (0.062, 0.0, 0.0)  # between the fingers where they close, in the gripper's link


def _finger(side: str, number: int) -> Connection:
    sign = 1.0 if number == 1 else -1.0
    half = GRIPPER_OPENING / 2.0
    link = Link(
        f'{side}_gripper_finger_link{number}',
        0.020197,
        (-0.01959, -0.0151137 * sign, 0.0054225 * sign),
        (2.4057e-6, 5.7108e-6, 6.4848e-6, 3.99e-7 * sign, 5.12e-8, 6.195e-8 * sign),
    )
    return Connection(
        f'{side}_gripper_finger_joint{number}',
        f'{side}_gripper_link',
        link,
        (0.03689, 0.013453 * sign, 0.00012059 * sign),
        kind='prismatic',
        axis=Y,
        lower=0.0 if number == 1 else -half,
        upper=half if number == 1 else 0.0,
        speed=GRIPPER_SPEED / 2.0,
        effort=FINGER_EFFORT,
        mimic=None if number == 1 else (f'{side}_gripper_finger_joint1', -1.0),
    )


def _arm(side: str) -> tuple[Connection, ...]:
    base = f'{side}_arm_base_link'
    links = [base] + [f'{side}_arm_link{i}' for i in range(1, ARM_SIZE + 1)]
    shoulder: Vector = (0.0, 0.335 if side == 'left' else -0.335, 0.12306)
    out = [Connection(f'{side}_arm_base_joint', 'torso_link3', Link(base, *_ARM_BASE), shoulder)]
    for i, (joint, row) in enumerate(zip(arm_joints(side), _ARM_LINKS, strict=True)):
        mass, com, inertia, origin, axis = row
        drive = {'speed': joint.actuator_speed, 'effort': joint.effort}
        link = Link(links[i + 1], mass, com, inertia)
        limits = (joint.lower, joint.upper)
        out.append(_hinge(joint.name, links[i], link, origin, axis, limits, drive))
    hand = f'{side}_gripper_link'
    out.append(
        Connection(f'{side}_gripper_joint', links[-1], Link(hand, *_GRIPPER), (0.08165, 0.0, 0.0))
    )
    out.append(
        Connection(
            f'{side}_D405_joint',
            hand,
            Link(f'{side}_D405_link', *_D405),
            (-0.019206, 0.009, 0.074757),
            D405_RPY,
        )
    )
    return (*out, _finger(side, 1), _finger(side, 2))


# Parents come before their children.
CONNECTIONS: tuple[Connection, ...] = (
    *_chassis(),
    *_torso(),
    *_HEAD,
    *(connection for side in SIDES for connection in _arm(side)),
)
LINKS: tuple[Link, ...] = (BASE, *(connection.child for connection in CONNECTIONS))
TOTAL_MASS = sum(link.mass for link in LINKS)  # 56.9 kg, the published model's
