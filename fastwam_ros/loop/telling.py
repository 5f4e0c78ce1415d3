"""What is said of chunks, states and plans, as fields of their messages: plain values by name.

Whoever has message classes fills them in: the nodes rclpy's, a replay without ROS those that a
recording is written with. Stamps are integers [ns].
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from fastwam_ros.loop.execution import Execution, chunk_of
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND, Ns

Fields = dict[str, Any]
_PREVIEW = 0.02  # [s] between the points of a published plan


def header(stamp: Ns) -> Fields:
    """A header's fields."""
    return {'stamp': stamp}


def chunk_fields(chunk: Chunk) -> Fields:
    """Of fastwam_ros/ActionChunk; positions is a flat float64 array."""
    return {
        'header': header(chunk.stamp),
        'robot': chunk.robot,
        'epoch': chunk.epoch,
        'sequence': chunk.sequence,
        'joint_names': list(chunk.names),
        'step': chunk.step,
        'offset': chunk.offset,
        'positions': np.ascontiguousarray(chunk.positions, np.float64).ravel(),
        'task': chunk.task,
        'bundle': chunk.bundle,
        'observation': chunk.observation,
        'inference_time': chunk.inference_time,
        'disagreement': chunk.disagreement,
    }


def chunk_in(message: Any, own: Callable[[Ns], Ns] = lambda stamp: stamp) -> Chunk:
    """The record of a decoded ActionChunk, whatever it contains: judging it is the guard's part.

    own: brings a stamp onto the time of who judges it. A recording may be from before a chunk
    told its observation.
    """
    stamp = message.header.stamp
    return chunk_of(
        message.positions,
        tuple(message.joint_names),
        stamp=own(stamp.sec * SECOND + stamp.nanosec),
        step=message.step,
        offset=message.offset,
        epoch=message.epoch,
        sequence=message.sequence,
        robot=message.robot,
        task=message.task,
        bundle=message.bundle,
        observation=getattr(message, 'observation', ''),
        inference_time=message.inference_time,
        disagreement=message.disagreement,
    )


def state_fields(
    tick: int, stamp: Ns, execution: Execution, dry_run: bool, ros: Callable[[Ns], Ns]
) -> Fields:
    """Of fastwam_ros/ExecutorState at a tick. ros: the execution's own time as a ROS stamp."""
    executor = execution.executor
    status, force = executor.status, executor.status.in_force
    return {
        'header': header(stamp),
        'tick': tick,
        'mode': status.standing.mode.value,
        'next_mode': status.standing.then.value,
        'source': executor.source,
        'pending': status.pending,
        'dry_run': dry_run,
        'epoch': status.epoch,
        'plan_id': force.plan_id,
        'plan_first_tick': ros(force.first_tick),
        'chunk_epoch': force.epoch,
        'chunk_sequence': force.sequence,
        'chunk_stamp': ros(force.stamp),
        'accepted': status.accepted,
        'refused': status.refused,
        'shadowed': status.shadowed,
        'last_epoch': status.judged[0],
        'last_sequence': status.judged[1],
        'last_verdict': status.verdict,
        'plan_left': executor.drive.left(),
        'age': executor.age(),
        'time_scale': force.slow / force.pace,
        'held_back': [force.slowed_by] if force.slowed_by else [],
        'shadow_difference': status.difference,
        'late_ticks': status.late_ticks,
        'request_id': status.answered[0],
        'request_answer': status.answered[1],
        'reason': status.reason,
        'warning': status.warning,
    }


def plan_fields(first_tick: Ns, execution: Execution) -> Fields:
    """Of trajectory_msgs/JointTrajectory: the plan in force in points `_PREVIEW` apart."""
    plan = execution.executor.drive.plan
    points = []
    for u in np.arange(0.0, plan.duration + _PREVIEW, _PREVIEW):
        state = plan.after(float(u))
        points.append(
            {
                'positions': state.q,
                'velocities': state.v,
                'accelerations': state.a,
                'time_from_start': round(float(u) * SECOND),
            }
        )
    names = list(execution.executor.settings.limits.names)
    return {'header': header(first_tick), 'joint_names': names, 'points': points}
