"""Cameras that send pictures and see nothing: frozen, black, overexposed, of one colour.

A chunk from such pictures would be acted on as if they were true, so none is inferred.

Frozen: the same picture under new stamps, while the arms that the camera sees move; or the same
stamp again and again. The motion is asked for because a picture may repeat for a good reason: a
renderer draws a still scene without noise, so the simulator's cameras send equal bytes while its
robot stands. Motion changes them: 1 mrad of any joint does, in every camera that has the arm in
view. The price is that a real camera, which its noise gives away at once, is found frozen only
after the arms moved by `MOVED`. Bytes are compared, which take a few microseconds: pictures that
carry a time of their own, as EXIF does, are never equal.

What decides are pictures, stamps and joint readings at those stamps: a replay judges alike.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from fastwam_ros.loop.synchroniser import Frame, FrameSet
from fastwam_ros.motion.limits import Ns
from fastwam_ros.robot.joints import SIDES, arm_joints

State = Mapping[str, float]  # joint name -> rad or m
REPEATS = 5  # in a row: a driver that tells its camera's pictures twice makes two
MOVED = 0.02  # [rad] of some joint meanwhile: 6 pixels of a wrist camera
DARK, BRIGHT = 8.0, 247.0  # mean over all channels, of 255
FLAT = 2.0  # standard deviation of each channel; the plainest view in the simulator has 17
_STEP = 8  # every eighth row and column is looked at
_KEPT = 8  # pictures per camera: as many as may still become part of a set
_HANGS = 'its driver or its cable hangs, restart it'
_LIGHT = 'a covered lens, the light or the exposure'


@dataclass
class _Run:
    """Equal pictures in a row: the stamp of the first, where the arms were then if it is known."""

    since: Ns
    data: bytes
    count: int = 0
    pose: State | None = None
    frozen: str = ''


class Eyesight:
    """Tells which of some cameras are frozen."""

    def __init__(self, cameras: tuple[str, ...]) -> None:
        self._seen: dict[str, deque[tuple[Ns, int, _Run]]] = {
            camera: deque(maxlen=_KEPT) for camera in cameras
        }
        self._again = dict.fromkeys(cameras, 0)

    def see(self, camera: str, frame: Frame) -> None:
        """Take a camera's next picture, still encoded."""
        seen, self._again[camera] = self._seen[camera], 0
        if seen and frame.stamp < seen[-1][0]:
            seen.clear()  # a clock was set back, or a bag began anew
        run = seen[-1][2] if seen and seen[-1][2].data == frame.data else None
        run = run or _Run(frame.stamp, frame.data)
        run.count += 1
        seen.append((frame.stamp, run.count, run))

    def repeats(self, camera: str, stamp: Ns) -> str:
        """Take a stamp that came before; what is wrong once it is always the same, or ''."""
        seen = self._seen[camera]
        if not seen or stamp != seen[-1][0]:
            return ''
        self._again[camera] += 1
        if self._again[camera] < REPEATS - 1:
            return ''
        return (
            f'{camera} camera is frozen: {self._again[camera] + 1} pictures in a row have the '
            f'same stamp, limit {REPEATS}: {_HANGS}'
        )

    def clear(self) -> None:
        """Forget all pictures."""
        for camera, seen in self._seen.items():
            seen.clear()
            self._again[camera] = 0

    def frozen(self, frames: FrameSet, state: State, at: Callable[[Ns], object]) -> str:
        """Which camera of a set is frozen and why, or ''.

        state: the joints at the set's stamp; at: those at another one, None while they are yet to
        come, anything else where they are not known any more.
        """
        for camera, frame in frames.frames.items():
            for stamp, count, run in self._seen[camera]:
                if stamp == frame.stamp and (why := _frozen(camera, count, run, state, at)):
                    return why
        return ''


def _frozen(camera: str, count: int, run: _Run, state: State, at: Callable[[Ns], object]) -> str:
    """Why the count-th picture of a run is one of a frozen camera; it stays so while it lasts."""
    if run.pose is None:
        pose = at(run.since)
        if pose is None:
            return ''  # the readings of that instant are on their way
        run.pose = pose if isinstance(pose, Mapping) else state
    moved = {name: abs(state[name] - run.pose[name]) for name in _in_view(camera)}
    joint = max(moved, key=moved.__getitem__)
    if count >= REPEATS and moved[joint] >= MOVED and not run.frozen:
        run.frozen = (
            f'{camera} camera is frozen: {count} pictures in a row are equal, limit {REPEATS}, '
            f'while {joint} moved by {moved[joint]:.3f} rad, limit {MOVED}: {_HANGS}'
        )
    return run.frozen


@cache
def _in_view(camera: str) -> list[str]:
    """The joints that move something in a camera's picture: a wrist camera rides on its arm."""
    sides = (camera,) if camera in SIDES else SIDES
    return [joint.name for side in sides for joint in arm_joints(side)]


def blind(camera: str, pixels: NDArray[np.uint8]) -> str:
    """Why a picture [h, w, 3] shows nothing, or ''. Takes 0.3 ms of 1280 x 720."""
    few = np.ascontiguousarray(pixels[::_STEP, ::_STEP].transpose(2, 0, 1)).reshape(3, -1)
    mean, spread = float(few.mean()), float(few.std(axis=1).max())
    if mean < DARK:
        return f'{camera} camera is black: mean {mean:.1f} of 255, limit {DARK:g}: {_LIGHT}'
    if mean > BRIGHT:
        return f'{camera} camera is white: mean {mean:.1f} of 255, limit {BRIGHT:g}: {_LIGHT}'
    if spread < FLAT:
        return (
            f'{camera} camera shows one colour: deviation {spread:.1f} of 255, limit {FLAT:g}: '
            'a covered lens, or a driver without a picture'
        )
    return ''
