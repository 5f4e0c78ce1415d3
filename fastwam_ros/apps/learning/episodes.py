"""Episodes of a recording: rows at the head camera's stamps, wherever every stream is there.

Where one is missing nothing is made up: such frames are left out and counted by what was missing,
and the recording is split there, because a row k stands for k steps later. It is split as well
where the head camera itself skips.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fastwam_ros.apps.learning.alignment import Mask, between, in_force, nearest, rate
from fastwam_ros.apps.learning.recording import SPEEDS, Recording
from fastwam_ros.bag.markers import DISCARD
from fastwam_ros.bag.reader import BagError
from fastwam_ros.bag.streams import SECOND, Times
from fastwam_ros.robot.carriers import CARRIERS
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.topics import CAMERAS
from fastwam_ros.robot.tracker import FAST

HEAD, WRISTS = CAMERAS[0], CAMERAS[1:]
GAP = (
    100_000_000  # [ns] between two readings, or from a picture to the head's: a stream is missing
)
SILENCE = round(FAST.stream_timeout * SECOND)  # [ns] after which the robot follows no command
SKIP = 1.5  # periods from one head picture to the next that are a step of data
SHORTEST = 1.0  # [s] of an episode
OFF = 0.01  # share by which a camera's rate may differ from that of the data
PARTS = tuple(f'{side}_{kind}' for side in SIDES for kind in ('arm', 'gripper'))
STATE, ACTION = 'observation.state.', 'action.'
INTERVENTION, STAMP = 'intervention', 'stamp'
_POLICY, _TELEOP = 'POLICY', 'TELEOP'


@dataclass(frozen=True)
class Episode:
    """An unbroken part of a recording, one row per head picture.

    stamps [N] ns: the head's; pictures: camera to the stamps [N] of those that go with them.
    columns: key to rows [N, D], wire units. tasks [N]: instruction of each. outcome: the
    recording's, for its last part; '' otherwise.
    """

    source: Path
    topics: Mapping[str, str]
    stamps: Times
    pictures: Mapping[str, Times]
    columns: Mapping[str, NDArray]
    tasks: tuple[str, ...]
    outcome: str

    def __len__(self) -> int:
        return len(self.stamps)


@dataclass
class Found:
    """Episodes of one recording, frames per second of all, and frames left out, by reason."""

    fps: float
    episodes: list[Episode] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def episodes(recording: Recording, task: str = '') -> Found:
    """task: of all frames, in place of what the recording says.

    Raises BagError without an instruction, without a stream that data need, and for a camera
    whose rate is neither a whole number nor a half.
    """
    path = recording.bag.path
    head = recording.pictures[HEAD].stamps
    found = Found(_rate(path, head))
    if recording.outcome == DISCARD:
        found.left_out['of a recording marked discard'] = len(head)
        return found
    columns, missing = _columns(recording)
    tasks = _tasks(recording, task)
    pictures = {HEAD: head}
    for camera in WRISTS:
        stamps = recording.pictures[camera].stamps
        pictures[camera] = stamps[nearest(stamps, head)]
        missing[f'without a picture of the {camera} camera'] = abs(pictures[camera] - head) > GAP
    whole = _counted(missing, len(head), found.left_out)
    parts = list(_parts(head, whole, found.fps))
    kept = [part for part in parts if part.stop - part.start >= SHORTEST * found.fps]
    short = sum(part.stop - part.start for part in parts if part not in kept)
    found.left_out += Counter({f'in parts shorter than {SHORTEST:g} s': short})
    for part in kept:
        found.episodes.append(
            Episode(
                path,
                recording.topics,
                head[part],
                {camera: stamps[part] for camera, stamps in pictures.items()},
                {key: rows[part] for key, rows in columns.items()},
                tasks[part],
                recording.outcome if part is kept[-1] else '',
            )
        )
    return found


def _rate(path: Path, head: Times) -> float:
    """A whole number, or a half."""
    own = rate(head)
    halves = round(2.0 * own) if np.isfinite(own) else 0
    if halves < 1 or abs(2.0 * own / halves - 1.0) > OFF:
        raise BagError(
            f'{path}: the head camera gives {own:.2f} pictures per second, data take whole '
            'numbers and halves: set the rate of the camera'
        )
    return halves // 2 if halves % 2 == 0 else halves / 2


def _columns(recording: Recording) -> tuple[dict[str, NDArray], dict[str, Mask]]:
    """Rows at the head's stamps by key, and by reason where they are missing."""
    at, path = recording.pictures[HEAD].stamps, recording.bag.path
    columns: dict[str, NDArray] = {STAMP: at[:, None], INTERVENTION: _interventions(recording, at)}
    missing = {}
    for what, streams in (('feedback', recording.measured), ('command', recording.commanded)):
        if lacking := [part for part in PARTS if part not in streams]:
            raise BagError(f'{path} has no {what} of {", ".join(lacking)}: data need all of them')
    for part, stream in recording.measured.items():
        rows, there = between(stream.stamps, stream.values, at, GAP)
        columns[f'{STATE}{part}'] = rows
        missing[f'without feedback of {part.removesuffix(SPEEDS)}'] = ~there
    for part in PARTS:
        stream = recording.commanded[part]
        rows, there = in_force(stream.stamps, stream.values, at, SILENCE)
        columns[f'{ACTION}{part}'] = rows
        missing[f'without a command of {part}'] = ~there
    return columns | _ridden(recording, at), missing


def _ridden(recording: Recording, at: Times) -> dict[str, NDArray]:
    """Speeds commanded to what carries the arms: none at first, and the last for ever."""
    found = {}
    for part in (f'{carrier.name}{SPEEDS}' for carrier in CARRIERS):
        if part in recording.commanded:
            stream = recording.commanded[part]
            rows, there = in_force(stream.stamps, stream.values, at, 2**62)
            found[f'{ACTION}{part}'] = np.where(there[:, None], rows, 0.0)
    return found


def _interventions(recording: Recording, at: Times) -> NDArray[np.bool_]:
    """Where a person held the arms, [N, 1], in a recording in which the policy did before."""
    stamps = np.array([stamp for stamp, _ in recording.modes], np.int64)
    modes = [mode for _, mode in recording.modes]
    drove = np.cumsum([mode == _POLICY for mode in modes]) > 0
    held = np.array([mode == _TELEOP for mode in modes], bool) & drove
    if not modes:
        return np.zeros((len(at), 1), bool)
    last = np.searchsorted(stamps, at, side='right') - 1
    return ((last >= 0) & held[np.maximum(last, 0)])[:, None]


def _tasks(recording: Recording, task: str) -> tuple[str, ...]:
    """The instruction heard last when each head picture was received; the first one before."""
    received = recording.pictures[HEAD].received
    heard = [(0, task)] if task else [(at, text) for at, text in recording.tasks if text]
    if not heard:
        raise BagError(f'{recording.bag.path} says no instruction: give --task')
    last = np.searchsorted([at for at, _ in heard], received, side='right') - 1
    return tuple(heard[max(k, 0)][1] for k in last.tolist())


def _counted(missing: Mapping[str, Mask], count: int, left_out: Counter[str]) -> Mask:
    """Frames of which everything is there; each of the others is counted once."""
    whole = np.ones(count, bool)
    for reason, mask in missing.items():
        left_out[reason] += int((whole & mask).sum())
        whole &= ~mask
    return whole


def _parts(head: Times, whole: Mask, fps: float) -> Iterator[slice]:
    """Unbroken ranges of frames."""
    kept = np.flatnonzero(whole)
    broken = (np.diff(kept) > 1) | (np.diff(head[kept]) > SKIP * SECOND / fps)
    bounds = [0, *(np.flatnonzero(broken) + 1).tolist(), len(kept)]
    for first, end in pairwise(bounds):
        if end > first:
            yield slice(int(kept[first]), int(kept[end - 1]) + 1)
