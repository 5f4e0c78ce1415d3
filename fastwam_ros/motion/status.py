"""What the executor is told, and what it tells: plain records without behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastwam_ros.motion.authority import DISARMED, Standing
from fastwam_ros.motion.gripper import Grippers
from fastwam_ros.motion.limits import Array, Limits, Ns, State, Trained
from fastwam_ros.motion.tracking import Response
from fastwam_ros.motion.uncertainty import Thresholds

if TYPE_CHECKING:  # half a second of libraries, for who asks for clearances only
    from fastwam_ros.motion.clearance import Clearance

ACCEPTED, SHADOW = 'accepted', 'shadow'
BRIDGES = ('fast', 'smooth')
RELATIVE, ABSOLUTE = HANDS = ('relative', 'absolute')


@dataclass(frozen=True)
class Settings:
    """What an executor is made for. period: of a tick [ns]; the rest in seconds.

    bridge: how a plan meets a new chunk, as soon as the limits allow (`fast`) or with less jerk
    (`smooth`); teleop: the arms move as a hand moves (`relative`), or to where it is (`absolute`);
    blending: what is wanted where chunks disagree, a name of `blend`. A deadman that is not
    required counts once it was seen; so does an e-stop. dry_run: nothing that is commanded reaches
    the robot. judges_jumps: a chunk must begin near the plan in force; off where there is none.
    Not watched where it is None: how the arms respond, their rated efforts [D] in Nm, what chunks
    say of their doubt, what the arms may run into, where a policy was trained.
    stream_timeout: for how long the robot moves on without commands.
    """

    robot: str
    limits: Limits
    grippers: Grippers
    period: Ns = 5_000_000
    feedback_timeout: float = 0.1
    stream_timeout: float = 0.2
    teleop_timeout: float = 0.3
    pending_timeout: float = 3.0
    deadman_timeout: float = 0.3
    estop_timeout: float = 0.5
    require_deadman: bool = False
    dry_run: bool = False
    judges_jumps: bool = True
    bridge: str = BRIDGES[0]
    teleop: str = RELATIVE
    blending: str = 'newest'
    response: Response | None = None
    rated: Array | None = None
    doubt: Thresholds | None = None
    clearance: Clearance | None = None
    trained: Trained | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for a bridge or a teleop that is none."""
        if self.bridge not in BRIDGES:
            raise ValueError(f'bridge {self.bridge!r} is none of {", ".join(BRIDGES)}')
        if self.teleop not in HANDS:
            raise ValueError(f'teleop {self.teleop!r} is none of {", ".join(HANDS)}')


@dataclass(frozen=True)
class Measured:
    """The robot's own word: q, v [D] in rad and rad/s, openings [G] in m, effort [D] in Nm.

    stamp: receive time of the oldest part [ns]. broken: why a reading is no reading, else ''.
    effort is NaN where the robot reports none.
    """

    stamp: Ns
    q: Array
    v: Array
    openings: Array
    broken: str = ''
    effort: Array | None = None


@dataclass(frozen=True)
class Verdict:
    """The outcome for one chunk: 'accepted', 'shadow', or the failed check and its figures."""

    name: str
    detail: str = ''

    def __str__(self) -> str:
        return f'{self.name}: {self.detail}' if self.detail else self.name


@dataclass(frozen=True)
class InForce:
    """The plan in force. first_tick: ROS time of the first command from it [ns], 0 before it.

    The chunk it came from by epoch, sequence and head stamp (0: from no chunk); slow: its time
    scale, slowed_by: what asked for it; pace: the rate at which the plan is passed. soft_age and
    hard_age [s]: ages of the chunk at which the plan is slowed down and stopped.
    """

    plan_id: int = 0
    first_tick: Ns = 0
    epoch: int = 0
    sequence: int = 0
    stamp: Ns = 0
    slow: float = 1.0
    slowed_by: str = ''
    pace: float = 1.0
    soft_age: float = float('inf')
    hard_age: float = float('inf')


@dataclass(frozen=True)
class Status:
    """Everything that is published about the executor, at one tick."""

    standing: Standing = DISARMED
    reason: str = 'started'
    warning: str = ''  # what is wrong without stopping anything
    pending: bool = False
    epoch: int = 0
    in_force: InForce = InForce()
    accepted: int = 0
    refused: int = 0
    shadowed: int = 0
    judged: tuple[int, int] = (0, 0)  # epoch and sequence of the last chunk
    verdict: str = ''
    difference: float = float('nan')  # [rad] between a shadow chunk and what was commanded
    late_ticks: int = 0
    answered: tuple[int, str] = (0, '')  # id and answer of the last request


@dataclass(frozen=True)
class Setpoint:
    """One tick's command: the arms' state, None where their stream has ended, and openings [G]."""

    now: Ns
    state: State | None
    openings: Array
