"""Which pictures belong together: one frame per camera, closest in their capture stamps.

The newest complete set wins and nothing queues: a policy that is slower than its cameras skips
frames. Stamps are compared with stamps only, so no clock of this machine takes part.
"""

from collections import deque
from dataclasses import dataclass

from fastwam_ros.motion.limits import Ns

_KEPT = 8  # frames per camera: half a second at 15 Hz, more than any skew that is accepted


@dataclass(frozen=True)
class Frame:
    """One encoded picture and its capture stamp [ns]."""

    stamp: Ns
    data: bytes


@dataclass(frozen=True)
class FrameSet:
    """One frame per camera. stamp: the head's; span [ns]: between the earliest and the latest."""

    frames: dict[str, Frame]
    stamp: Ns
    span: Ns


class Synchroniser:
    """Collects frames and hands out the newest set that is close enough in time."""

    def __init__(self, cameras: tuple[str, ...], max_skew: Ns) -> None:
        """The first camera is the reference: a set carries its stamp."""
        self._frames: dict[str, deque[Frame]] = {name: deque(maxlen=_KEPT) for name in cameras}
        self._reference = cameras[0]
        self._max_skew = max_skew
        self._used: Ns = 0

    def add(self, camera: str, frame: Frame) -> str:
        """Keep a frame; returns why it was dropped, or ''. Raises KeyError for other cameras."""
        kept = self._frames[camera]
        if frame.stamp <= 0:
            return f'{camera} camera sends no capture stamp: set one in its driver'
        if kept and frame.stamp <= kept[-1].stamp:
            back = (kept[-1].stamp - frame.stamp) / 1e6
            if back < 1000.0:
                return f'{camera} camera repeats or goes back by {back:.0f} ms'
            self.clear()  # a clock was set back, or a bag began anew
        kept.append(frame)
        return ''

    def clear(self) -> None:
        """Forget all frames."""
        for kept in self._frames.values():
            kept.clear()
        self._used = 0

    def newest(self) -> FrameSet | None:
        """The newest set not handed out yet whose span is at most max_skew, or None."""
        for reference in reversed(self._frames[self._reference]):
            if reference.stamp <= self._used:
                return None
            found = self._around(reference)
            if found is not None and found.span <= self._max_skew:
                self._used = found.stamp
                return found
        return None

    def _around(self, reference: Frame) -> FrameSet | None:
        """The set of smallest span that contains the reference frame."""
        best: FrameSet | None = None
        others = {name: kept for name, kept in self._frames.items() if name != self._reference}
        if not all(others.values()):
            return None
        # The earliest frame of a smallest set is the reference or some other frame before it.
        starts = [f.stamp for kept in others.values() for f in kept if f.stamp <= reference.stamp]
        for start in (*starts, reference.stamp):
            chosen = {self._reference: reference}
            for name, kept in others.items():
                later = [frame for frame in kept if frame.stamp >= start]
                if not later:
                    break
                chosen[name] = later[0]
            else:
                span = max(frame.stamp for frame in chosen.values()) - start
                if best is None or span < best.span:
                    best = FrameSet(chosen, reference.stamp, span)
        return best
