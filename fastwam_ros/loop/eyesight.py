"""Cameras that send pictures and see nothing: frozen, black, overexposed, of one colour.

A chunk from such pictures would be acted on as if they were true, so none is inferred.

Frozen: one stamp again and again; or equal pictures under new stamps, while the robot moves in a
way that must change them. That is asked for because a picture may repeat for a good reason: a
renderer draws a still scene without noise, so a simulator's cameras send equal bytes while what
they see stands still, whatever moves elsewhere. A wrist camera rides on its arm, so its picture
changes with any joint of it. In the head camera's picture places count where an arm was and none
is, or the reverse (`arms_in_view`). The price is that a camera with noise, which its first equal
pictures give away, is found frozen only after such a motion too. Bytes are compared: pictures
that carry a time of their own, as EXIF does, are never equal.

What decides are pictures, stamps and joint readings at those stamps: a replay judges alike.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fastwam_ros.loop.arms_in_view import ArmsInView, State
from fastwam_ros.loop.synchroniser import Frame, FrameSet
from fastwam_ros.motion.limits import SECOND, Ns
from fastwam_ros.robot.joints import NAMES_OF, SIDES

REPEATS = 5  # pictures in a row
LASTING = 0.25  # [s] from the first to the last: a camera at 5 Hz may be told several times each
# [rad] of a joint: 33 pixels of a wrist camera. Before plain walls, where a turn shows least, none
# of 1537 this large left the simulator's picture as it was (of 0.05: 3 of 1554; docs/cameras.md).
TURNED = 0.1
# Places that an arm came to or left, and how far apart some of them are [px], 5 cm at 1 m: what
# hides them all would be as large. Each lies 3 cm at least beside every part of the arms at the
# other instant, which are 15 pixels at 1 m and 30 at 0.5 m.
PLACES, APART = 4, 24.0
DARK, BRIGHT = 8.0, 247.0  # mean over all channels, of 255
FLAT = 2.0  # standard deviation of each channel, of 255
_STEP = 8  # every eighth row and column is looked at
_KEPT = 8  # pictures per camera: as many as may still become part of a set
_HANGS = 'its driver or its cable hangs, restart it'
_LIGHT = 'a covered lens, the light or the exposure'
At = Callable[[Ns], object]  # joints at a stamp: a State, None while yet to come, else unknown


@dataclass(frozen=True)
class Blindness:
    """That a camera sees nothing.

    fact: frozen, black, white, one colour or no picture; words: with figures, limit and likely
    cause.
    """

    camera: str
    fact: str
    words: str


class _Ridden:
    """How far the joints of the arm that carries a camera turned since the first look."""

    def __init__(self, side: str) -> None:
        self._names, self._first = NAMES_OF[side], dict[str, float]()

    def moved(self, state: State) -> str:
        """In words, once it is far enough."""
        self._first = self._first or dict(state)
        far = {name: abs(state[name] - self._first[name]) for name in self._names}
        joint = max(far, key=far.__getitem__)
        words = f'{joint} moved by {far[joint]:.2f} rad, limit {TURNED:g}'
        return words if far[joint] >= TURNED else ''


class _Watched:
    """What of the head camera's picture the arms came to or left since the first look."""

    def __init__(self) -> None:
        self._first: ArmsInView | None = None

    def moved(self, state: State) -> str:
        """In words, once it is enough."""
        now = ArmsInView.of(state)
        first = self._first = self._first or now
        for side in SIDES:
            for verb, one, other in (('left', first, now), ('came to', now, first)):
                places = one.alone(side, other)
                if len(places) >= PLACES and np.ptp(places, axis=0).max() >= APART:
                    what = f'the {side} arm {verb} {len(places)} places'
                    return f'{what} of its picture, limit {PLACES}'
        return ''


@dataclass
class _Run:
    """Equal pictures in a row.

    unjudged: stamps at which it was not yet looked where the arms are; moved: what did, seen at
    the picture `moved_at`.
    """

    since: Ns
    data: bytes
    motion: _Ridden | _Watched
    count: int = 0
    unjudged: deque[Ns] = field(default_factory=lambda: deque(maxlen=_KEPT))
    moved: str = ''
    moved_at: Ns = 0

    def judge(self, at: At, until: Ns, certain: bool) -> None:
        """Look where the arms were at its pictures up to an instant.

        certain: what is said to be unknown will stay so.
        """
        while not self.moved and self.unjudged and self.unjudged[0] <= until:
            state = at(self.unjudged[0])
            if isinstance(state, Mapping):
                self.moved, self.moved_at = self.motion.moved(state), self.unjudged[0]
            elif state is None or not certain:
                return
            self.unjudged.popleft()

    def frozen(self, camera: str, count: int, frame: Ns, stamp: Ns) -> Blindness | None:
        """Whether its count-th picture, in a set of a later or earlier stamp, is a frozen one."""
        lasted = (frame - self.since) / SECOND
        if not self.moved or self.moved_at > stamp or count < REPEATS or lasted < LASTING:
            return None
        words = (
            f'{camera} camera is frozen: {count} pictures in a row are equal over {lasted:.2f} s, '
            f'limits {REPEATS} and {LASTING:g} s, while {self.moved}: {_HANGS}'
        )
        return Blindness(camera, 'frozen', words)


class Eyesight:
    """Tells which of some cameras are frozen."""

    def __init__(self, cameras: tuple[str, ...]) -> None:
        self._seen: dict[str, deque[tuple[Ns, int, _Run]]] = {
            camera: deque(maxlen=_KEPT) for camera in cameras
        }
        self._again = dict.fromkeys(cameras, 0)

    def see(self, camera: str, frame: Frame, at: At) -> None:
        """Take a camera's next picture, still encoded; at: the joints at a stamp."""
        seen, self._again[camera] = self._seen[camera], 0
        if seen and frame.stamp < seen[-1][0]:
            seen.clear()  # a clock was set back, or a bag began anew
        if seen and seen[-1][2].data == frame.data:
            run = seen[-1][2]
            run.judge(at, frame.stamp, certain=False)  # soon: readings are kept for a second
        else:
            run = _Run(frame.stamp, frame.data, _motion(camera))
        run.count += 1
        run.unjudged.append(frame.stamp)
        seen.append((frame.stamp, run.count, run))

    def repeats(self, camera: str, stamp: Ns) -> None:
        """Take a stamp that came before."""
        seen = self._seen[camera]
        self._again[camera] += bool(seen) and stamp == seen[-1][0]

    @property
    def stuck(self) -> Blindness | None:
        """A camera that sends one stamp again and again, until its next one."""
        for camera, again in self._again.items():
            if again >= REPEATS - 1:
                words = (
                    f'{camera} camera is frozen: {again + 1} pictures in a row have the same '
                    f'stamp, limit {REPEATS}: {_HANGS}'
                )
                return Blindness(camera, 'frozen', words)
        return None

    def clear(self) -> None:
        """Forget all pictures."""
        for camera, seen in self._seen.items():
            seen.clear()
            self._again[camera] = 0

    def frozen(self, frames: FrameSet, at: At) -> Blindness | None:
        """Which camera of a set is frozen; at: the joints at a stamp, known at the set's."""
        for camera, frame in frames.frames.items():
            for stamp, count, run in self._seen[camera]:
                if stamp == frame.stamp and count >= REPEATS:
                    run.judge(at, frames.stamp, certain=True)
                    if found := run.frozen(camera, count, stamp, frames.stamp):
                        return found
        return None


def _motion(camera: str) -> _Ridden | _Watched:
    return _Ridden(camera) if camera in SIDES else _Watched()


def blindness(camera: str, pixels: NDArray[np.uint8]) -> Blindness | None:
    """That a picture [h, w, 3] shows nothing. Takes 0.3 ms of 1280 x 720."""
    few = np.ascontiguousarray(pixels[::_STEP, ::_STEP].transpose(2, 0, 1)).reshape(3, -1)
    mean, spread = float(few.mean()), float(few.std(axis=1).max())
    if mean < DARK:
        fact, words = 'black', f'is black: mean {mean:.1f} of 255, limit {DARK:g}: {_LIGHT}'
    elif mean > BRIGHT:
        fact, words = 'white', f'is white: mean {mean:.1f} of 255, limit {BRIGHT:g}: {_LIGHT}'
    elif spread < FLAT:
        fact, words = (
            'one colour',
            (
                f'shows one colour: deviation {spread:.1f} of 255, limit {FLAT:g}: '
                'a covered lens, or a driver without a picture'
            ),
        )
    else:
        return None
    return Blindness(camera, fact, f'{camera} camera {words}')
