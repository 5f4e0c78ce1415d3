"""What the executor is told, and what it tells: plain records without behaviour."""

from dataclasses import dataclass

from fastwam_ros.motion.authority import DISARMED, Standing
from fastwam_ros.motion.gripper import Grippers
from fastwam_ros.motion.limits import Array, Limits, Ns, State

ACCEPTED, SHADOW = 'accepted', 'shadow'


@dataclass(frozen=True)
class Settings:
    """What an executor is made for. period: of a tick [ns]; the rest in seconds."""

    robot: str
    limits: Limits
    grippers: Grippers
    period: Ns = 5_000_000
    feedback_timeout: float = 0.1
    teleop_timeout: float = 0.3
    pending_timeout: float = 3.0


@dataclass(frozen=True)
class Measured:
    """The robot's own word: q, v [D] in rad and rad/s, openings [G] in m.

    stamp: receive time of the oldest part [ns]. broken: why a reading is no reading, else ''.
    """

    stamp: Ns
    q: Array
    v: Array
    openings: Array
    broken: str = ''


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
    scale, slowed_by: the joint that asked for it; hard_age [s]: age of the chunk at which the plan
    is stopped.
    """

    plan_id: int = 0
    first_tick: Ns = 0
    epoch: int = 0
    sequence: int = 0
    stamp: Ns = 0
    slow: float = 1.0
    slowed_by: str = ''
    hard_age: float = float('inf')


@dataclass(frozen=True)
class Status:
    """Everything that is published about the executor, at one tick."""

    standing: Standing = DISARMED
    reason: str = 'started'
    pending: bool = False
    epoch: int = 0
    in_force: InForce = InForce()
    accepted: int = 0
    refused: int = 0
    shadowed: int = 0
    judged: tuple[int, int] = (0, 0)  # epoch and sequence of the last chunk
    verdict: str = ''
    late_ticks: int = 0
    answered: tuple[int, str] = (0, '')  # id and answer of the last request


@dataclass(frozen=True)
class Setpoint:
    """One tick's command: the arms' state and the gripper openings [G]."""

    now: Ns
    state: State
    openings: Array
