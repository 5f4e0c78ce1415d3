"""Which pictures belong together: one frame per camera, closest in their capture stamps.

The set of a head picture follows from the cameras' stamps alone. It is handed out once no frame
that may still come could change it, so in whatever order frames arrive, the same head stamp gets
the same pictures. The newest set wins and nothing queues: a policy that is slower than its cameras
skips frames. No clock of this machine takes part.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from fastwam_ros.motion.limits import SECOND, Ns
from fastwam_ros.robot.pictures import Layout

_KEPT = 8  # frames per camera: half a second at 15 Hz, more than any skew that is accepted
_RESTART = SECOND  # [ns] back: not a frame out of order, but a clock that was set


@dataclass(frozen=True)
class Frame:
    """One picture and its capture stamp [ns]: encoded, or raw pixels with their layout."""

    stamp: Ns
    data: bytes
    layout: Layout | None = None


@dataclass(frozen=True)
class FrameSet:
    """One frame per camera. stamp: the head's; span [ns]: between the earliest and the latest."""

    frames: Mapping[str, Frame]
    stamp: Ns
    span: Ns


class Synchroniser:
    """Collects frames and finds the sets that are close enough in time."""

    def __init__(self, cameras: tuple[str, ...], max_skew: Ns, interval: Ns = 0) -> None:
        """The first camera is the reference: a set carries its stamp.

        interval: least time between two frames of one camera; closer ones are dropped. It says
        what cannot come any more, so the longer it is the sooner a set is certain.
        """
        self._frames: dict[str, deque[Frame]] = {name: deque(maxlen=_KEPT) for name in cameras}
        self._newest: dict[str, Ns] = dict.fromkeys(cameras, 0)  # stamps, of dropped frames too
        self._reference = cameras[0]
        self._max_skew, self._interval = max_skew, interval

    def add(self, camera: str, frame: Frame) -> str:
        """Keep a frame; returns why it was dropped, or ''. Raises KeyError for other cameras."""
        kept, passed = self._frames[camera], frame.stamp - self._newest[camera]
        if frame.stamp <= 0:
            return f'{camera} camera sends no capture stamp: set one in its driver'
        if passed <= -_RESTART:
            self.clear()  # a clock was set back, or a bag began anew
        elif passed <= 0:
            return f'{camera} camera repeats or goes back by {-passed / 1e6:.0f} ms'
        self._newest[camera] = frame.stamp
        if 0 < passed < self._interval:
            least = f'frame_interval is {self._interval / SECOND:g} s'
            return f'{camera} camera sends frames {passed / SECOND:.4f} s apart: {least}'
        kept.append(frame)
        return ''

    def clear(self) -> None:
        """Forget all frames."""
        for kept in self._frames.values():
            kept.clear()
        self._newest = dict.fromkeys(self._newest, 0)

    def sets(self, after: Ns = 0) -> Iterator[FrameSet]:
        """Certain sets with a head stamp later than `after`, a span of max_skew at most.

        The newest comes first.
        """
        for reference in reversed(self._frames[self._reference]):
            if reference.stamp <= after:
                return
            found = self._around(reference)
            if found is not None and found.span <= self._max_skew:
                yield found

    def _around(self, reference: Frame) -> FrameSet | None:
        """The set of smallest span that contains the reference; None before it is certain.

        Of equal spans the frames nearest to the reference win, then the earlier ones.
        """
        stamp, others = reference.stamp, [n for n in self._frames if n != self._reference]
        sides = [self._candidates(name, stamp) for name in others]
        if not all(sides):
            return None
        chosen = min(product(*sides), key=lambda each: _rank(stamp, [s for s, _ in each]))
        frames = {self._reference: reference}
        for name, (_, frame) in zip(others, chosen, strict=True):
            if frame is None:
                return None
            frames[name] = frame
        return FrameSet(frames, stamp, _rank(stamp, [s for s, _ in chosen])[0])

    def _candidates(self, camera: str, stamp: Ns) -> list[tuple[Ns, Frame | None]]:
        """What can be in a set: the last frame up to a stamp, and the first one after it.

        The latter is None, at the earliest stamp it can have, while it is yet to come. Without a
        frame from before there is no certainty: one may have been missed.
        """
        kept = self._frames[camera]
        before = [frame for frame in kept if frame.stamp <= stamp][-1:]
        if not before or before[0].stamp == stamp:
            return [(frame.stamp, frame) for frame in before]
        after = [frame for frame in kept if frame.stamp > stamp][:1]
        known: list[tuple[Ns, Frame | None]] = [(f.stamp, f) for f in (*before, *after)]
        soonest = max(self._newest[camera] + max(self._interval, 1), stamp)
        return known if after else [*known, (soonest, None)]


def _rank(reference: Ns, stamps: Sequence[Ns]) -> tuple[Ns, Ns, tuple[Ns, ...]]:
    """Span, distance from the reference, stamps: the smaller the better a set."""
    span = max(reference, *stamps) - min(reference, *stamps) if stamps else 0
    return span, sum(abs(stamp - reference) for stamp in stamps), tuple(stamps)
