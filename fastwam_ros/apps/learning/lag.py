"""Whether data are executed when they were recorded: an episode's own actions, driven as chunks.

Chunks as a policy would send that learned the data by heart: from the rows at each picture, due at
its stamp plus (k + offset) steps, given to the executor after a latency. By how much the commands
that come out are later than those that were recorded, is the lag: it is 0 for the offset that the
data are of, whatever the latency. Time is an argument; nothing is published.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from fastwam_ros.apps.learning.alignment import in_force
from fastwam_ros.apps.learning.exported import EpisodeRows
from fastwam_ros.apps.learning.recording import Recording
from fastwam_ros.apps.learning.windows import HORIZON
from fastwam_ros.apps.replay.freed import Freed
from fastwam_ros.bag.streams import SECOND, Array, Times
from fastwam_ros.loop.anchored import Recorded
from fastwam_ros.motion.authority import POLICY
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.status import ACCEPTED, SHADOW
from fastwam_ros.robot.joints import GRIPPER_OPENING, JOINT_NAMES, NAMES_OF, ROBOT, SIDES
from fastwam_ros.robot.tracker import FAST
from fastwam_ros.robot.units import wire_gripper

RATE = 200.0
TICK = round(SECOND / RATE)  # [ns]
EVERY = 4  # pictures from one chunk to the next: what an inference of 0.27 s gives
_SETTLED = 2 * SECOND  # [ns] of a rollout in which the executor comes up to the data
_MOVES = 0.01  # [rad] by which a joint stirs about its mean: others have no lag
_WIDEST = 60  # ticks of lag that are looked for on either side


@dataclass(frozen=True)
class Rollout:
    """stamps [N] ns and arms [N, 12] rad of what the executor commanded; refused: in words."""

    stamps: Times
    arms: Array
    refused: tuple[str, ...]


def rollout(
    rows: EpisodeRows, latency: float, offset: float = 0.0, step: float | None = None
) -> Rollout:
    """Drive an episode. latency [s]: from stamp to executor; step [s]: 1 / fps, if not given.

    It ends with the chunks: beyond them a plan grows old, and is slowed. Raises ValueError for an
    episode that is too short, and for one that the executor does not come to drive.
    """
    step = step or 1.0 / rows.fps
    due = list(_chunks(rows, offset, step))
    if not due:
        raise ValueError(f'it has {len(rows.stamps)} rows: a chunk alone has {HORIZON}')
    freed, start, refused = Freed(RATE, 1, FAST), _at(rows.actions[0]), []
    executor = freed.execution.executor
    begin = int(rows.stamps[0])
    end = due[-1].stamp + round((latency + EVERY * step) * SECOND)
    stamps, arms = [], []
    for now in range(begin, end, TICK):
        while due and due[0].stamp + round(latency * SECOND) <= now:
            verdict = freed.on_chunk(now, replace(due.pop(0), epoch=executor.status.epoch))
            refused += [] if verdict.name in (ACCEPTED, SHADOW) else [str(verdict)]
        commands = freed.tick(now, start)
        if commands is not None and executor.status.standing is POLICY and now - begin > _SETTLED:
            stamps.append(now)
            arms.append([x for side in SIDES for x in commands.arms[side]])
    if not stamps:
        raise ValueError(f'the executor never came to drive it: {executor.status.reason}')
    return Rollout(np.array(stamps, np.int64), np.array(arms), tuple(refused))


def _chunks(rows: EpisodeRows, offset: float, step: float) -> Iterator[Chunk]:
    """Whole windows alone: what is beyond the end nobody recorded."""
    for first in range(0, len(rows.stamps) - HORIZON + 1, EVERY):
        own = rows.actions[first : first + HORIZON]
        stamp = int(rows.stamps[first])
        yield Chunk(
            stamp, step, offset, JOINT_NAMES, own, sequence=first + 1, robot=ROBOT, task=rows.task
        )


def _at(rows: Array) -> Recorded:
    """Arms and grippers that stand where an episode begins [14]: rad and m."""
    named, heard = dict(zip(JOINT_NAMES, rows.tolist(), strict=True)), Recorded()
    for side in SIDES:
        heard.on_arm(0, side, np.array([named[name] for name in NAMES_OF[side]]))
        heard.on_gripper(side, wire_gripper(min(named[f'{side}_gripper'], GRIPPER_OPENING)))
    return heard


def lag(driven: Rollout, recording: Recording) -> float:
    """By how many ticks the commands of a rollout are later than the recorded ones.

    Where they correlate best, between ticks by a parabola. Raises ValueError where nothing moves.
    """
    shifts = np.arange(-_WIDEST, _WIDEST + 1)
    alike = np.array([_alike(driven, recording, int(shift) * TICK) for shift in shifts])
    if not np.isfinite(alike).all():
        raise ValueError('nothing moves in it: there is no lag to be found')
    best = int(np.clip(np.argmax(alike), 1, len(shifts) - 2))
    before, at, after = alike[best - 1 : best + 2]
    return float(shifts[best] + 0.5 * (before - after) / (before - 2.0 * at + after))


def _alike(driven: Rollout, recording: Recording, late: int) -> float:
    """Correlation with what was in force `late` [ns] before, over the joints that move."""
    parts = []
    for side in SIDES:
        stream = recording.commanded[f'{side}_arm']
        parts.append(in_force(stream.stamps, stream.values, driven.stamps - late, 2**62)[0])
    wanted = np.concatenate(parts, axis=1)
    own, wanted = (rows - rows.mean(axis=0) for rows in (driven.arms, wanted))
    moving = (own.std(axis=0) > _MOVES) & (wanted.std(axis=0) > _MOVES)
    own, wanted = own[:, moving], wanted[:, moving]
    norm = np.sqrt((own**2).sum(axis=0) * (wanted**2).sum(axis=0))
    return float(((own * wanted).sum(axis=0) / norm).mean()) if norm.size else float('nan')
