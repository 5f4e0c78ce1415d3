"""Between ROS messages and the loop's records: stamps, joint states, chunks, executor state."""

import array
import struct
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from builtin_interfaces.msg import Duration as DurationMsg
from builtin_interfaces.msg import Time as TimeMsg
from geometry_msgs.msg import TwistStamped
from sensor_msgs.msg import JointState
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from fastwam_ros.loop.execution import Execution, chunk_of
from fastwam_ros.loop.plans import Said
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND, Ns
from fastwam_ros.motion.status import ACCEPTED
from fastwam_ros.msg import ActionChunk, ExecutorState
from fastwam_ros.robot.carriers import FRAME

_PREVIEW = 0.02  # [s] between the points of a published plan


def _as_it_is(stamp: Ns) -> Ns:
    return stamp


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


def to_chunk(message: ActionChunk, own: Callable[[Ns], Ns] = _as_it_is) -> Chunk:
    """The record of a chunk message, whatever it contains: judging it is the guard's part.

    own: brings a stamp onto the time of who judges it.
    """
    return chunk_of(
        message.positions,
        tuple(message.joint_names),
        stamp=own(nanoseconds(message.header.stamp)),
        step=message.step,
        offset=message.offset,
        epoch=message.epoch,
        sequence=message.sequence,
        robot=message.robot,
        task=message.task,
        bundle=message.bundle,
        observation=message.observation,
        inference_time=message.inference_time,
        disagreement=message.disagreement,
    )


def from_chunk(chunk: Chunk) -> ActionChunk:
    """The message of a chunk."""
    message = ActionChunk(
        robot=chunk.robot,
        epoch=chunk.epoch,
        sequence=chunk.sequence,
        joint_names=list(chunk.names),
        step=chunk.step,
        offset=chunk.offset,
        positions=array.array('d', np.ascontiguousarray(chunk.positions).tobytes()),
        task=chunk.task,
        bundle=chunk.bundle,
        observation=chunk.observation,
        inference_time=chunk.inference_time,
        disagreement=chunk.disagreement,
    )
    message.header.stamp = time_message(chunk.stamp)
    return message


def state_message(
    tick: int, stamp: Ns, execution: Execution, dry_run: bool, ros: Callable[[Ns], Ns]
) -> ExecutorState:
    """What is published about the executor at a tick. ros: its own time as a ROS stamp."""
    executor = execution.executor
    status, force = executor.status, executor.status.in_force
    message = ExecutorState(
        tick=tick,
        mode=status.standing.mode.value,
        next_mode=status.standing.then.value,
        source=executor.source,
        pending=status.pending,
        dry_run=dry_run,
        epoch=status.epoch,
        plan_id=force.plan_id,
        plan_first_tick=time_message(ros(force.first_tick)),
        chunk_epoch=force.epoch,
        chunk_sequence=force.sequence,
        chunk_stamp=time_message(ros(force.stamp)),
        accepted=status.accepted,
        refused=status.refused,
        shadowed=status.shadowed,
        last_epoch=status.judged[0],
        last_sequence=status.judged[1],
        last_verdict=status.verdict,
        plan_left=executor.drive.left(),
        age=executor.age(),
        time_scale=force.slow / force.pace,
        held_back=[force.slowed_by] if force.slowed_by else [],
        shadow_difference=status.difference,
        late_ticks=status.late_ticks,
        request_id=status.answered[0],
        request_answer=status.answered[1],
        reason=status.reason,
        warning=status.warning,
    )
    message.header.stamp = time_message(stamp)
    return message


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
    """The plan in force from its first tick on, in points `_PREVIEW` apart until it rests."""
    plan = execution.executor.drive.plan
    message = JointTrajectory(joint_names=list(execution.executor.settings.limits.names))
    message.header.stamp = time_message(first_tick)
    for u in np.arange(0.0, plan.duration + _PREVIEW, _PREVIEW):
        state, ns = plan.after(float(u)), round(float(u) * SECOND)
        message.points.append(
            JointTrajectoryPoint(
                positions=array.array('d', state.q),
                velocities=array.array('d', state.v),
                accelerations=array.array('d', state.a),
                time_from_start=DurationMsg(sec=ns // SECOND, nanosec=ns % SECOND),
            )
        )
    return message
