"""How fast people moved the arms in recordings: quantiles of speed and acceleration per joint.

From the commands of a bag, or from its feedback. Positions are smoothed by a cubic over a short
window, whose slopes are the speeds and accelerations: differences of a stream would be mostly
noise. Only what moves counts, so that long rests do not make a demonstration slow.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from scipy.signal import savgol_filter

from fastwam_ros.bag.files import recordings
from fastwam_ros.bag.reader import Bag, BagError
from fastwam_ros.bag.roles import Roles
from fastwam_ros.bag.streams import SECOND, Array, JointStream
from fastwam_ros.robot.joints import ARM_SIZE, SIDES, Joint, arm_joints
from fastwam_ros.robot.roles import ROLES

COMMANDS, FEEDBACK = 'commands', 'feedback'
SOURCES = {COMMANDS: 'arm_command', FEEDBACK: 'arm_measured'}  # roles
GRID = 0.01  # [s] that streams are brought to
WINDOW = 0.15  # [s] of the cubic: what is shorter is no motion of an arm
GAP = 0.1  # [s] between two messages that is not bridged
MOVES = 0.02  # [rad/s] from which on a joint counts as moving
ENOUGH = 1.0  # [s] of motion that a quantile needs
MARGIN = 1.1  # on the speed that people used
LEAST, MOST = 0.05, 1.0  # of the executor's parameter `speed`


@dataclass(frozen=True)
class Shown:
    """What a joint was seen to do: quantiles of speed and acceleration [rad/s, rad/s2].

    seconds of motion; both are NaN where it moved for less than ENOUGH.
    """

    joint: Joint
    speed: float
    acceleration: float
    seconds: float

    @property
    def shares(self) -> tuple[float, float]:
        """Of the configured limits."""
        return self.speed / self.joint.velocity, self.acceleration / self.joint.acceleration


def shown(
    bags: Sequence[Path], quantile: float, source: str = '', namespace: str = ''
) -> list[Shown]:
    """All arm joints in all bags. source: of SOURCES; '': commands of a bag that has any.

    namespace: see Roles. A folder is a recording, or holds some.

    Raises BagError for a bag that cannot be read or lacks the arms.
    """
    files = [Bag(file) for path in bags for file in recordings(path)]
    roles = [Roles.of(bag, namespace) for bag in files]
    return [
        joint
        for side in SIDES
        for joint in _side(
            side,
            [_stream(bag, each, side, source) for bag, each in zip(files, roles, strict=True)],
            quantile,
        )
    ]


def _stream(bag: Bag, roles: Roles, side: str, source: str) -> JointStream:
    wanted = [source] if source else [COMMANDS, FEEDBACK]
    for name in wanted:
        topic = roles.topics.get(f'{SOURCES[name]}_{side}', '')
        records = list(bag.records({topic})) if topic else []
        if records:
            width = len(bag.decode(records[0]).position)  # older feedback has its gripper too
            if width not in (ARM_SIZE, ARM_SIZE + 1):
                raise BagError(f'{bag.path}: {topic} has {width} positions, want 6 or 7')
            return JointStream.of(bag, records, width)
    topics = ' or '.join(ROLES[f'{SOURCES[name]}_{side}'].name for name in wanted)
    raise BagError(f'{bag.path} has no messages on {topics}: it has {", ".join(bag.topics)}')


def _side(side: str, streams: Sequence[JointStream], quantile: float) -> Iterator[Shown]:
    parts = [part for stream in streams for part in motions(stream)]
    for column, joint in enumerate(arm_joints(side)):
        speed = np.concatenate([np.zeros(0), *(v[:, column] for v, _ in parts)])
        push = np.concatenate([np.zeros(0), *(a[:, column] for _, a in parts)])
        moving = np.abs(speed) > MOVES
        seconds = float(moving.sum() * GRID)
        if seconds < ENOUGH:
            yield Shown(joint, math.nan, math.nan, seconds)
            continue
        speeds, pushes = np.abs(speed[moving]), np.abs(push[moving])
        yield Shown(
            joint,
            float(np.quantile(speeds, quantile)),
            float(np.quantile(pushes, quantile)),
            seconds,
        )


def motions(stream: JointStream) -> Iterator[tuple[Array, Array]]:
    """Speeds and accelerations [N, 6] of each part of a stream that has no gap."""
    stamps = stream.stamps if stream.stamps.all() else stream.received
    order = np.unique(stamps, return_index=True)[1]
    seconds = (stamps[order] - stamps[order][:1]) / SECOND
    position = stream.position[order, :ARM_SIZE]
    window = round(WINDOW / GRID) | 1
    for part in np.split(np.arange(len(order)), np.flatnonzero(np.diff(seconds) > GAP) + 1):
        if len(part) < 2 or seconds[part[-1]] - seconds[part[0]] < 2.0 * WINDOW:
            continue
        grid = np.arange(seconds[part[0]], seconds[part[-1]], GRID)
        rows = np.stack([np.interp(grid, seconds[part], q) for q in position[part].T], axis=1)
        slopes = [savgol_filter(rows, window, 3, n, GRID, axis=0) for n in (1, 2)]
        inside = slice(window // 2, len(rows) - window // 2)  # ends are guessed, not seen
        yield slopes[0][inside], slopes[1][inside]


def speed(found: Sequence[Shown]) -> float:
    """Share of the speed limits that lets every joint move as shown, with a margin.

    Raises BagError where nothing moved.
    """
    shares = [each.shares[0] for each in found if not math.isnan(each.speed)]
    if not shares:
        raise BagError(f'no joint moves for {ENOUGH:g} s in all: is it a demonstration?')
    return min(max(math.ceil(100.0 * MARGIN * max(shares)) / 100.0, LEAST), MOST)


def lines(found: Sequence[Shown], quantile: float) -> list[str]:
    """A table beside the configured limits, and a word on what is beyond them."""
    head = f'{quantile:.1%} of the motion'
    rows = [f'{head:18} {"moves":>8} {"speed":>14} {"limit":>6} {"acceleration":>15} {"limit":>6}']
    for each in found:
        moves = f'{each.joint.name:18} {each.seconds:7.1f}s'
        if math.isnan(each.speed):
            rows.append(f'{moves} {"-":>14} {each.joint.velocity:6.2f}')
            continue
        fast, push = each.shares
        rows.append(
            f'{moves} {each.speed:6.2f} ({fast:5.0%}) {each.joint.velocity:6.2f} '
            f'{each.acceleration:7.2f} ({push:5.0%}) {each.joint.acceleration:6.2f}'
        )
    beyond = [each.joint.name for each in found if max(each.shares) > 1.0]
    if beyond:
        rows.append(f'beyond a limit: {", ".join(beyond)}: chunks that do so will be slowed down')
    return rows


def write(path: Path, found: Sequence[Shown], quantile: float, bags: Sequence[Path]) -> None:
    """Parameters for the executor, with what they come from. Raises OSError, BagError."""
    about = [f'# {quantile:.1%} of the motion in {", ".join(map(str, bags))}; rad/s, rad/s2']
    about += [
        f'# {each.joint.name}: speed {each.speed:.3f}, acceleration {each.acceleration:.3f}'
        for each in found
    ]
    parameters = {'executor': {'ros__parameters': {'speed': speed(found)}}}
    path.write_text('\n'.join([*about, yaml.safe_dump(parameters)]))
