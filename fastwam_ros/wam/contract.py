"""policy.yaml: what weights mean, as frozen dataclasses whose construction is their validation.

The contract travels with the weights: layout of the picture, joints and their units, time step,
normalisation, sampler, tasks. Knows no tensor and no robot; it only carries the robot's name, and
what a unit is worth on a robot is for whoever drives it to say.
"""

from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from fastwam_ros.wam.blocks import ModelSize
from fastwam_ros.wam.mosaic import Mosaic
from fastwam_ros.wam.normaliser import MODES
from fastwam_ros.wam.sampling import SAMPLINGS
from fastwam_ros.wam.vision import TOKEN_PIXELS, VaeSize

FORMAT = 1
VARIANTS = tuple(SAMPLINGS)
ABSOLUTE, RELATIVE, END_EFFECTOR_DELTA = 'absolute', 'relative', 'end_effector_delta'
REPRESENTATIONS = (ABSOLUTE, RELATIVE, END_EFFECTOR_DELTA)
# percent and fraction: of a full range, such as a gripper's opening or a controller's step.
UNITS = ('rad', 'm', 'percent', 'fraction')
MAX_TASKS = 64


@dataclass(frozen=True)
class Columns:
    """What the columns of an array are, in order; units[i] belongs to names[i]."""

    names: tuple[str, ...]
    units: tuple[str, ...]

    def __post_init__(self) -> None:
        """Raises ValueError for a doubled name or an unknown unit."""
        if not self.names or len(set(self.names)) != len(self.names):
            raise ValueError(f'joint names must be distinct, at least one: {list(self.names)}')
        if len(self.units) != len(self.names):
            raise ValueError(f'{len(self.units)} units for {len(self.names)} joint names')
        unknown = [unit for unit in self.units if unit not in UNITS]
        if unknown:
            raise ValueError(f'unit {unknown[0]!r} is none of {", ".join(UNITS)}')

    @property
    def in_rad(self) -> set[str]:
        """Names of the columns that are angles."""
        return {n for n, unit in zip(self.names, self.units, strict=True) if unit == 'rad'}


@dataclass(frozen=True)
class Joints(Columns):
    """The columns of the action, and of the state where the contract lists none for it.

    representation: `absolute`; `relative`: columns in rad count from the state at the picture,
    the others are absolute; `end_effector_delta`: no joints at all, for use without a robot.
    """

    representation: str

    def __post_init__(self) -> None:
        """Raises ValueError as Columns does, and for an unknown representation."""
        super().__post_init__()
        _one_of('representation', self.representation, REPRESENTATIONS)


@dataclass(frozen=True)
class Timing:
    """Row k of a chunk is due at the picture's stamp + (k + offset) * step [s]."""

    step: float
    horizon: int
    offset: float

    def __post_init__(self) -> None:
        """Raises ValueError for a step that is no time, an empty chunk or an absurd offset."""
        if not 0 < self.step <= 1:
            raise ValueError(f'step {self.step} s must lie in (0, 1]')
        if not 1 <= self.horizon <= 1024:
            raise ValueError(f'horizon {self.horizon} must lie in 1..1024 rows')
        if not isfinite(self.offset) or abs(self.offset) > self.horizon:
            raise ValueError(f'offset {self.offset} must be a number of steps within the horizon')


@dataclass(frozen=True)
class Normalisation:
    """The mode of each group of statistics."""

    state: str
    action: str

    def __post_init__(self) -> None:
        """Raises ValueError for an unknown mode."""
        _one_of('state normalisation', self.state, tuple(MODES))
        _one_of('action normalisation', self.action, tuple(MODES))


@dataclass(frozen=True)
class Sampler:
    """Euler steps, sigma shift, whether timesteps are rounded to bf16, and the noise's seed."""

    steps: int
    shift: float
    rounded: bool
    seed: int

    def __post_init__(self) -> None:
        """Raises ValueError for steps < 1 or a shift that is not positive."""
        if self.steps < 1:
            raise ValueError(f'steps {self.steps}: the sampler needs at least 1')
        if not (self.shift > 0 and isfinite(self.shift)):
            raise ValueError(f'shift {self.shift} must be positive (the released models use 5)')


@dataclass(frozen=True)
class Prompt:
    """The sentence a task is set into, the text positions, and the tasks that are embedded."""

    template: str
    length: int
    tasks: tuple[str, ...]

    def __post_init__(self) -> None:
        """Raises ValueError for a template without {task}, no task or a doubled one."""
        if '{task}' not in self.template:
            raise ValueError(f'template {self.template!r} has no {{task}}')
        if self.length < 1:
            raise ValueError(f'length {self.length} must be at least 1 text position')
        if not 1 <= len(self.tasks) <= MAX_TASKS or len(set(self.tasks)) != len(self.tasks):
            raise ValueError(f'tasks must be 1..{MAX_TASKS} distinct sentences')


@dataclass(frozen=True)
class Contract:
    """The whole of policy.yaml; state: its columns where they are not those of `joints`."""

    format: int
    name: str
    robot: str
    variant: str
    weights: str
    model: ModelSize
    vae: VaeSize
    mosaic: Mosaic
    joints: Joints
    timing: Timing
    normalisation: Normalisation
    sampler: Sampler
    prompt: Prompt
    state: Columns | None = None

    def __post_init__(self) -> None:
        """Raises ValueError where parts contradict each other or are not built."""
        if self.format != FORMAT:
            raise ValueError(f'format {self.format}: this release reads format {FORMAT}')
        _one_of('variant', self.variant, VARIANTS)
        for size, what in ((self.mosaic.height, 'height'), (self.mosaic.width, 'width')):
            if size % TOKEN_PIXELS:
                raise ValueError(f'mosaic {what} {size} is no multiple of {TOKEN_PIXELS} pixels')
        self._check_width('action_width', 'joints', self.joints)
        self._check_width('state_width', 'state' if self.state else 'joints', self.state_columns)
        if self.joints.representation == RELATIVE:
            self._check_origin()

    @property
    def state_columns(self) -> Columns:
        """What the columns of the state are."""
        return self.state or self.joints

    def origin(self, state: NDArray) -> NDArray[np.float64]:
        """What rows count from: the state [S] in columns that are relative, 0 in others: [A]."""
        joints, known = self.joints, self.state_columns.names
        counted = joints.in_rad if joints.representation == RELATIVE else ()
        return np.array([state[known.index(n)] if n in counted else 0.0 for n in joints.names])

    def _check_width(self, what: str, key: str, columns: Columns) -> None:
        width, named = getattr(self.model, what), len(columns.names)
        if width != named:
            raise ValueError(
                f'model {what} is {width}, but {key} names {named}: check {key} in policy.yaml'
            )

    def _check_origin(self) -> None:
        lost = sorted(self.joints.in_rad - self.state_columns.in_rad)
        if lost:
            raise ValueError(
                f'representation is {RELATIVE}, but state has no {lost} in rad: from what would '
                'they count?'
            )


def _one_of(what: str, value: str, valid: tuple[str, ...]) -> None:
    if value not in valid:
        raise ValueError(f'{what} {value!r} is not built; valid: {", ".join(valid)}')
