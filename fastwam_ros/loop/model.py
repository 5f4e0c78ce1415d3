"""What the loop asks of a policy, and the way between the robot's units and order and its own.

Knows no weights: whoever answers is a model.
"""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastwam_ros.loop.committed import Commitment
from fastwam_ros.motion.limits import Array
from fastwam_ros.robot.joints import GRIPPER_NAMES, JOINT_NAMES, ROBOT
from fastwam_ros.robot.units import GRIPPER_UNITS, data_unit
from fastwam_ros.wam.prefix import Wanted

# Rows that are positions when they leave the model; an end effector's are not.
DRIVEN = ('absolute', 'relative')


class Model(Protocol):
    """What the loop asks of a policy; `wam.policy.Policy` is one."""

    @property
    def name(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def robot(self) -> str: ...
    @property
    def joint_names(self) -> tuple[str, ...]: ...
    @property
    def units(self) -> tuple[str, ...]: ...
    @property
    def state_names(self) -> tuple[str, ...]: ...
    @property
    def state_units(self) -> tuple[str, ...]: ...
    @property
    def representation(self) -> str: ...
    @property
    def cameras(self) -> tuple[str, ...]: ...
    @property
    def step(self) -> float: ...
    @property
    def offset(self) -> float: ...
    @property
    def horizon(self) -> int: ...
    @property
    def tasks(self) -> tuple[str, ...]: ...
    def learn(self, task: str) -> None: ...
    def predict(
        self,
        images: Mapping[str, NDArray[np.uint8]],
        state: ArrayLike,
        task: str,
        *,
        prefix: Wanted | None = None,
    ) -> 'Predicted': ...


class Predicted(Protocol):
    """Rows in the model's units, and how far its samples lie apart: NaN where it drew one."""

    @property
    def rows(self) -> Array: ...
    @property
    def disagreement(self) -> float: ...


def check_model(model: Model) -> None:
    """Raises ValueError unless the model is made for this robot and all of its joints.

    Its rows must be joint positions in units that joints of their kind have.
    """
    if model.representation not in DRIVEN:
        raise ValueError(
            f'bundle {model.name} gives rows of {model.representation}, and joints are driven by '
            f"{' or '.join(DRIVEN)} positions only: it was trained on an end effector's motion, "
            "as LIBERO's are, and can be looked at without a robot"
        )
    if model.robot != ROBOT:
        raise ValueError(f'bundle {model.name} is made for {model.robot!r}, this is an {ROBOT!r}')
    if set(model.joint_names) != set(JOINT_NAMES):
        odd = sorted(set(model.joint_names) ^ set(JOINT_NAMES))
        raise ValueError(f'bundle {model.name} and this robot differ in joints {odd}')
    unknown = [name for name in model.state_names if name not in JOINT_NAMES]
    if unknown:
        raise ValueError(f'bundle {model.name} reads {unknown}, which this robot has no joints of')
    _check_units(model, model.joint_names, model.units)
    _check_units(model, model.state_names, model.state_units)


def _check_units(model: Model, names: tuple[str, ...], units: tuple[str, ...]) -> None:
    for name, unit in zip(names, units, strict=True):
        valid = GRIPPER_UNITS if name in GRIPPER_NAMES else ('rad',)
        if unit not in valid:
            raise ValueError(
                f'bundle {model.name} has {name} in {unit!r}, want {" or ".join(valid)}: '
                'units in another order than names?'
            )


def to_model(model: Model, state: Mapping[str, float]) -> Array:
    """Joint values [state_names] in the model's order and units from rad and m."""
    return np.array([state[name] for name in model.state_names]) / _scales(model.state_units)


def from_model(model: Model, rows: Array) -> Array:
    """Rows [H, joints] in rad and m from the model's units."""
    return rows * _scales(model.units)


def wanted_of(model: Model, commitment: Commitment) -> Wanted:
    """A commitment in the model's order and units."""
    columns = [JOINT_NAMES.index(name) for name in model.joint_names]
    return Wanted(commitment.rows[:, columns] / _scales(model.units), commitment.weights)


def _scales(units: tuple[str, ...]) -> Array:
    return np.array([data_unit(unit) for unit in units])
