"""What checkpoints mean by their columns and pictures, where no file of theirs says it.

A profile is the part of a contract that weights do not show. Three are known by name; any bundle's
policy.yaml is one as well. Facts: released Fast-WAM evaluation code and configurations; Galaxea's
data format for the R1 Lite (arms in rad, grippers 0..100, 15 Hz).
"""

from dataclasses import dataclass, replace
from pathlib import Path

from fastwam_ros.robot.joints import GRIPPER_NAMES, JOINT_NAMES, ORDERS, ROBOT
from fastwam_ros.wam.contract import (
    ABSOLUTE,
    END_EFFECTOR_DELTA,
    Columns,
    Contract,
    Joints,
    Normalisation,
    Sampler,
)
from fastwam_ros.wam.instruction import POSITIONS, TEMPLATE
from fastwam_ros.wam.mosaic import HEAD_ABOVE_WRISTS, SCENE_BESIDE_WRIST, Mosaic
from fastwam_ros.wam.reading import read_yaml

RELEASED_SAMPLER = Sampler(steps=10, shift=5.0, rounded=True, seed=42)
HORIZON = 32


@dataclass(frozen=True)
class Profile:
    """A contract without names of files, sizes and tasks.

    step [s] and offset [steps]: see `contract.Timing`; step None: the data say it. verify: what
    nobody but the owner of the data can know, in words; '' for nothing.
    """

    name: str
    robot: str
    mosaic: Mosaic
    joints: Joints
    state: Columns | None
    step: float | None
    offset: float
    normalisation: Normalisation
    verify: str = ''
    horizon: int = HORIZON
    sampler: Sampler = RELEASED_SAMPLER
    template: str = TEMPLATE
    length: int = POSITIONS

    @property
    def state_columns(self) -> Columns:
        """What the columns of the state are."""
        return self.state or self.joints

    def ordered(self, order: str) -> 'Profile':
        """With the joints in one of ORDERS. Raises ValueError for other joints or columns."""
        names, units = self._arms_and_grippers('order'), self.joints.units
        unit = dict(zip(names, units, strict=True))
        chosen = ORDERS[order]
        joints = replace(self.joints, names=chosen, units=tuple(unit[name] for name in chosen))
        return replace(self, joints=joints)

    def gripping(self, unit: str) -> 'Profile':
        """With grippers in one of GRIPPER_UNITS. Raises ValueError as `ordered` does."""
        names = self._arms_and_grippers('unit of grippers')
        units = (
            unit if name in GRIPPER_NAMES else own
            for name, own in zip(names, self.joints.units, strict=True)
        )
        return replace(self, joints=replace(self.joints, units=tuple(units)))

    def representing(self, representation: str) -> 'Profile':
        """With rows that are absolute or relative. Raises ValueError as `ordered` does."""
        self._arms_and_grippers('representation')
        return replace(self, joints=replace(self.joints, representation=representation))

    def _arms_and_grippers(self, what: str) -> tuple[str, ...]:
        if set(self.joints.names) != set(JOINT_NAMES) or self.state:
            raise ValueError(
                f'profile {self.name} has no {what} to choose: its columns are not those of two '
                f'arms with grippers, but {", ".join(self.joints.names)}'
            )
        return self.joints.names


def _two_arms(gripper: str) -> Joints:
    units = tuple(gripper if name in GRIPPER_NAMES else 'rad' for name in JOINT_NAMES)
    return Joints(JOINT_NAMES, units, ABSOLUTE)


_MOTION = ('x', 'y', 'z', 'turn_x', 'turn_y', 'turn_z')
_ACTION = (*(f'delta_{name}' for name in _MOTION), 'gripper')
_STATE = (*_MOTION, 'finger1', 'finger2')
PROFILES = {
    'r1lite': Profile(
        'r1lite',
        ROBOT,
        HEAD_ABOVE_WRISTS,
        _two_arms('percent'),
        None,
        1 / 15,
        0.0,
        Normalisation('z-score', 'z-score'),
        'order and unit of the columns, step and offset: your own data say them',
    ),
    'robotwin': Profile(
        'robotwin',
        'robotwin',
        HEAD_ABOVE_WRISTS,
        _two_arms('fraction'),
        None,
        None,
        1.0,
        Normalisation('z-score', 'z-score'),
        'offset 1.0 is for data that hold the next state as the action: verify on the data',
    ),
    'libero': Profile(
        'libero',
        'libero',
        SCENE_BESIDE_WRIST,
        Joints(_ACTION, ('fraction',) * len(_ACTION), END_EFFECTOR_DELTA),
        Columns(_STATE, (*('m',) * 3, *('rad',) * 3, *('m',) * 2)),
        0.05,
        0.0,
        Normalisation('min/max', 'min/max'),
        'step 0.05 s is the rate of the simulator: the frame rate of the data may be another',
    ),
}


def profile(known: str) -> Profile:
    """One of PROFILES by its name, or that of a bundle's policy.yaml by its path.

    Raises ValueError, with the valid names, for what is neither, and as `read_yaml` does.
    """
    if known in PROFILES:
        return PROFILES[known]
    path = Path(known)
    if path.suffix != '.yaml':
        raise ValueError(
            f"profile {known!r} is none of {', '.join(PROFILES)}, and no bundle's policy.yaml"
        )
    own = read_yaml(path, Contract)
    return Profile(
        own.name,
        own.robot,
        own.mosaic,
        own.joints,
        own.state,
        own.timing.step,
        own.timing.offset,
        own.normalisation,
        horizon=own.timing.horizon,
        sampler=own.sampler,
        template=own.prompt.template,
        length=own.prompt.length,
    )
