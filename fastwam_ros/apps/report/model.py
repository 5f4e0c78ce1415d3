"""What the robot's own tracker would make of the recorded commands, by its model.

The tracker is the robot's description (`robot.tracker`, the boot profile), followed as the
simulator follows it. Commands take effect at their stamps; what the wire took is not known. Where
the recording is the simulator's, model and arm share the tracker: what is left is the physics.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np
from ruckig import RuckigError

from fastwam_ros.apps.report.motion import SILENCE
from fastwam_ros.apps.report.run import Run
from fastwam_ros.bag.streams import SECOND, Array, JointStream, Times
from fastwam_ros.robot.joints import SIDES, arm_joints
from fastwam_ros.robot.tracker import FAST
from fastwam_ros.robot.units import opening
from fastwam_ros.sim.plant import ArmTracker, GripperDrive

TRACKER = FAST
_NEVER = 2**62  # [ns]
_AFTER = SECOND  # [ns] for which the model is followed beyond the last command


class Trace(NamedTuple):
    """A line: stamps [N] ns, values [N, D]."""

    stamps: Times
    values: Array


def cut(stream: JointStream, unit: float = 1.0) -> list[Trace]:
    """The stream's positions between silences; unit: rad or m per wire unit."""
    gaps = np.diff(stream.stamps)
    at = np.flatnonzero((gaps > SILENCE) | (gaps <= 0)) + 1
    pairs = zip(np.split(stream.stamps, at), np.split(stream.position * unit, at), strict=True)
    return [Trace(*pair) for pair in pairs if len(pair[0])]


def modelled_arm(run: Run, side: str) -> list[Trace]:
    """One arm's response [rad], a trace per engagement, from where the arm was measured then."""
    tracker = ArmTracker(side, TRACKER, run.facts.period)
    caps = [run.facts.bounds[joint.name].velocity for joint in arm_joints(side)]

    def respond(begin: Array, steps: Iterator['_Step']) -> Iterator[Array]:
        tracker.reset(begin)
        for now, targets in steps:
            for stamp, target in targets:
                tracker.receive(target.tolist(), caps, stamp)
            yield tracker.tick(now)[0]

    return list(_responses(run, run.arms[side], run.measured[side], respond))


def modelled_gripper(run: Run, side: str) -> list[Trace]:
    """One gripper's opening [m]."""
    drive = GripperDrive(side, TRACKER, run.facts.period)

    def respond(begin: Array, steps: Iterator['_Step']) -> Iterator[Array]:
        drive.reset(opening(float(begin[0])))
        for _, targets in steps:
            for stamp, target in targets:
                drive.receive(target.tolist(), stamp)
            yield np.array([drive.tick()[0]])

    stream, measured = run.grippers[side], run.measured_grippers[side]
    return list(_responses(run, stream, measured, respond))


_Step = tuple[int, list[tuple[int, Array]]]  # a period's time [ns] and the targets new in it
_Respond = Callable[[Array, Iterator[_Step]], Iterator[Array]]


def _responses(
    run: Run, commands: JointStream, measured: JointStream, respond: _Respond
) -> Iterator[Trace]:
    pieces = cut(commands)
    ends = [*(int(piece.stamps[0]) for piece in pieces), _NEVER][1:]
    for piece, end in zip(pieces, ends, strict=True):
        grid = np.arange(
            piece.stamps[0], min(int(piece.stamps[-1]) + _AFTER, end), run.facts.period
        )
        found = _bounded(respond(_begin(piece, measured), _steps(piece, grid)))
        yield Trace(grid[: len(found)], np.array(found).reshape(len(found), -1))


def _bounded(answers: Iterator[Array]) -> list[Array]:
    """As far as the model has an answer: commands that no tracker can follow end it."""
    found: list[Array] = []
    with suppress(ArithmeticError, RuckigError):
        for answer in answers:
            found.append(answer)
    return found


def _steps(piece: Trace, grid: Times) -> Iterator[_Step]:
    """Each period with the commands stamped since the one before."""
    ends = np.searchsorted(piece.stamps, grid, side='right')
    for now, first, last in zip(grid.tolist(), [0, *ends[:-1]], ends, strict=True):
        stamps = piece.stamps[first:last].tolist()
        yield now, list(zip(stamps, piece.values[first:last], strict=True))


def _begin(piece: Trace, measured: JointStream) -> Array:
    """Where the joints were read to be when the commands began; the command where never."""
    if not len(measured):
        return piece.values[0]
    nearest = int(np.abs(measured.stamps - piece.stamps[0]).argmin())
    return measured.position[nearest]


def deviations(lines: Sequence[Trace], measured: JointStream) -> list[Trace]:
    """|line - measured| of the worst joint [N, 1] at each reading that falls onto a line."""
    return [_deviation(line, measured) for line in lines if len(line.stamps)]


def _deviation(line: Trace, measured: JointStream) -> Trace:
    first, last = line.stamps[0], line.stamps[-1]
    inside = (measured.stamps >= first) & (measured.stamps <= last)
    x, known = measured.stamps[inside] - first, line.stamps - first
    at = np.stack([np.interp(x, known, column) for column in line.values.T], axis=1)
    apart = np.abs(at - measured.position[inside])
    return Trace(measured.stamps[inside], apart.max(axis=1, keepdims=True))


def modelled_apart(run: Run) -> Array:
    """Distances [N] of the measured arms to the model [rad], worst joint of each reading."""
    found = [
        trace.values[:, 0]
        for side in SIDES
        for trace in deviations(modelled_arm(run, side), run.measured[side])
    ]
    return np.concatenate([np.zeros(0), *found])
