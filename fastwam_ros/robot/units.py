"""Between the robot's wire units and ours: the only place where units are converted.

Arms speak rad on both sides. Grippers speak percent of their stroke on the wire (0 closed, 100
open, readings up to about 102 are legal) and metres of opening here.
"""

from fastwam_ros.robot.joints import GRIPPER_OPENING

GRIPPER_FULL = 100.0  # wire value of the fully open gripper
# Outside of these a reading is no gripper's (up to 102 was measured).
GRIPPER_READING_MIN, GRIPPER_READING_MAX = -5.0, 105.0


def opening(wire: float) -> float:
    """Metres of opening for a wire value of 0..100."""
    return wire * (GRIPPER_OPENING / GRIPPER_FULL)


def wire_gripper(metres: float) -> float:
    """The wire value, within 0..100, for an opening in metres."""
    return min(max(metres * (GRIPPER_FULL / GRIPPER_OPENING), 0.0), GRIPPER_FULL)


def finger(wire: float) -> float:
    """Metres that one finger has moved, of the two that a gripper opens by: the URDF's joint."""
    return opening(wire) / 2


# What a checkpoint's data may be in, in our units: rad, and m of gripper opening.
DATA_UNITS = {
    'rad': 1.0,
    'm': 1.0,
    'percent': GRIPPER_OPENING / GRIPPER_FULL,
    'fraction': GRIPPER_OPENING,
}
GRIPPER_UNITS = ('m', 'percent', 'fraction')


def data_unit(name: str) -> float:
    """Our unit per the named unit of a checkpoint's data. Raises ValueError for others."""
    if name not in DATA_UNITS:
        raise ValueError(f'unit {name!r} is not known: {", ".join(DATA_UNITS)} are')
    return DATA_UNITS[name]


def open_gripper(unit: str) -> float:
    """A fully open gripper in the named unit of a checkpoint's data. Raises ValueError for others.

    0.1 m, 100 percent, or 1 as a fraction; closed is 0 in all of them.
    """
    if unit not in GRIPPER_UNITS:
        raise ValueError(f"unit {unit!r} is no gripper's: {', '.join(GRIPPER_UNITS)} are")
    return GRIPPER_OPENING / DATA_UNITS[unit]
