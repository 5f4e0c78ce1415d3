"""Between ROS messages and the loop's records: stamps, joint states, chunks, executor state."""

import array
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from builtin_interfaces.msg import Duration as DurationMsg
from builtin_interfaces.msg import Time as TimeMsg
from geometry_msgs.msg import TwistStamped
from sensor_msgs.msg import JointState
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from fastwam_ros.loop.execution import Execution
from fastwam_ros.loop.plans import Said
from fastwam_ros.loop.telling import Fields, chunk_fields, plan_fields, state_fields
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND, Ns
from fastwam_ros.motion.status import ACCEPTED
from fastwam_ros.msg import ActionChunk, ExecutorState
from fastwam_ros.robot.carriers import FRAME

Filled = TypeVar('Filled')


def nanoseconds(stamp: TimeMsg) -> Ns:
    """A stamp as ns."""
    return int(stamp.sec) * SECOND + int(stamp.nanosec)


def stamp_in(data: bytes) -> Ns:
    """The stamp of a serialized message that begins with a header, without decoding the rest.

    CDR: four bytes that name the byte order, then seconds and nanoseconds.
    """
    sec, nanosec = struct.unpack_from('<iI' if data[1] & 1 else '>iI', data, 4)
    return int(sec) * SECOND + int(nanosec)


def time_message(ns: Ns) -> TimeMsg:
    """ns as a stamp."""
    return TimeMsg(sec=ns // SECOND, nanosec=ns % SECOND)


def joint_state(
    stamp: Ns, names: Sequence[str], position: Sequence[float], velocity: Sequence[float] = ()
) -> JointState:
    """A stamped JointState."""
    message = JointState(
        name=list(names),
        position=array.array('d', position),
        velocity=array.array('d', velocity),
    )
    message.header.stamp = time_message(stamp)
    return message


def twist(stamp: Ns, speeds: Mapping[str, float]) -> TwistStamped:
    """A stamped twist of the robot's base from fields such as 'linear.x' [m/s, rad/s]."""
    message = TwistStamped()
    message.header.stamp = time_message(stamp)
    message.header.frame_id = FRAME
    for field, value in speeds.items():
        vector, axis = field.split('.')
        setattr(getattr(message.twist, vector), axis, value)
    return message


def from_chunk(chunk: Chunk) -> ActionChunk:
    """The message of a chunk."""
    return _filled(ActionChunk(), chunk_fields(chunk))


def state_message(
    tick: int, stamp: Ns, execution: Execution, dry_run: bool, ros: Callable[[Ns], Ns]
) -> ExecutorState:
    """What is published about the executor at a tick. ros: its own time as a ROS stamp."""
    return _filled(ExecutorState(), state_fields(tick, stamp, execution, dry_run, ros))


def said_in(message: ExecutorState) -> Said:
    """What a state says of the plan in force and of the last chunk."""
    return Said(
        stamp=nanoseconds(message.header.stamp),
        mode=message.mode,
        epoch=message.epoch,
        first_tick=nanoseconds(message.plan_first_tick),
        chunk=(message.chunk_epoch, message.chunk_sequence),
        chunk_stamp=nanoseconds(message.chunk_stamp),
        slow=message.time_scale,
        left=message.plan_left,
        judged=(message.last_epoch, message.last_sequence),
        taken=message.last_verdict == ACCEPTED,
    )


def trajectory_message(first_tick: Ns, execution: Execution) -> JointTrajectory:
    """The plan in force from its first tick on, in points until it rests."""
    fields = plan_fields(first_tick, execution)
    points = [_filled(JointTrajectoryPoint(), point) for point in fields.pop('points')]
    return _filled(JointTrajectory(points=points), fields)


def _filled(message: Filled, fields: Fields) -> Filled:
    """The message with fields set: times from ns, arrays of float64 in the way that is quick."""
    for name, value in fields.items():
        own = getattr(message, name)
        if isinstance(value, dict):
            _filled(own, value)
        elif isinstance(own, TimeMsg | DurationMsg):
            own.sec, own.nanosec = divmod(value, SECOND)
        elif isinstance(value, np.ndarray):
            setattr(message, name, array.array('d', value.tobytes()))
        else:
            setattr(message, name, value)
    return message
