"""What a person may set of an executor."""

from dataclasses import dataclass

from fastwam_ros.loop.condition import ANY, REMOTES
from fastwam_ros.loop.execution import UNWATCHED
from fastwam_ros.loop.training_range import MARGIN
from fastwam_ros.motion.blend import BLENDS
from fastwam_ros.motion.status import BRIDGES, HANDS, RELATIVE
from fastwam_ros.nodes import parameters
from fastwam_ros.robot.carriers import STAMPED, TWISTS
from fastwam_ros.robot.tracker import FAST, TRACKERS


@dataclass(frozen=True)
class Parameters:
    """Of the executor: how it drives, what it watches and what it refuses."""

    rate: float = parameters.within(200.0, 20.0, 1000.0, 'Hz', 'commands per second')
    dry_run: bool = parameters.setting(True, 'everything but motion_target is published')
    require_deadman: bool = parameters.setting(
        True, 'engage, run and takeover need fastwam/deadman to be held'
    )
    feedback_timeout: float = parameters.within(
        0.1, 0.01, 2.0, 's', 'without feedback until the plan is stopped'
    )
    bridge: str = parameters.one_of(
        BRIDGES[0],
        BRIDGES,
        'how a plan meets a new chunk: as soon as the limits allow (fast), or with less jerk',
    )
    teleop: str = parameters.one_of(
        RELATIVE, HANDS, 'the arms move as the hand moves (relative) or to where it is (absolute)'
    )
    self_collision: bool = parameters.setting(
        False, 'plans are kept clear of the robot itself, on primitives'
    )
    disagreement_slow: float = parameters.within(
        0.0, 0.0, 1e9, '', 'disagreement of a chunk from which on its plan is slowed; 0: never'
    )
    disagreement_hold: float = parameters.within(
        0.0, 0.0, 1e9, '', 'disagreement of a chunk from which on its plan is ended; 0: never'
    )
    tracker: str = parameters.one_of(
        FAST.name,
        (*TRACKERS, UNWATCHED),
        "the robot's own tracker, beside which its motion is judged; fast is its boot profile's",
    )
    measured: str = parameters.setting(
        '', "file of this unit's own figures, in the place of limits and tracker; '': none"
    )
    blending: str = parameters.one_of(
        'newest', BLENDS, 'what is wanted where chunks disagree; docs/splice.md'
    )
    speed: float = parameters.within(
        1.0, 0.05, 1.0, 'of the limits', 'share of the speed limits that plans may use', True
    )
    bundle: str = parameters.setting(
        '', "folder with the policy's dataset_stats.json, whose range chunks must keep; '': any"
    )
    training_margin: float = parameters.within(
        MARGIN, 0.0, 10.0, 'of the span', 'by which that range is widened, per joint'
    )
    battery_least: float = parameters.within(
        10.0, 0.0, 100.0, '%', 'of charge below which engage is refused, where hdas_msg tells it'
    )
    remote: str = parameters.one_of(
        ANY, REMOTES, "the remote control's mode that engage asks for; software needs hdas_msg"
    )
    torso: bool = parameters.setting(False, 'a person may drive the torso, by speed')
    chassis: bool = parameters.setting(
        False, 'a person may drive the chassis; it goes on for ever if this process is killed'
    )
    chassis_message: str = parameters.one_of(
        STAMPED, TWISTS, "what the robot's chassis listens to; see ros2 topic info"
    )
    realtime_priority: int = parameters.within(
        49, 0, 98, '', 'of SCHED_FIFO, with locked memory, where permitted; 0: not asked for'
    )
