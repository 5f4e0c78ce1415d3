"""Which part of a recording is worth showing."""

from fastwam_ros.apps.report import events
from fastwam_ros.apps.report.run import Run

_IDLE = 2.0  # [s] of standing still that are shown before the first motion
_MARGIN = 0.3  # [s] after the last command


def reach(run: Run) -> tuple[float, float]:
    """What is shown [s]: from shortly before the first motion to shortly after the last command.

    The whole recording where nothing was commanded.
    """
    streams = [stream for stream in run.arms.values() if len(stream)]
    if not streams:
        return 0.0, max(run.seconds(run.until), 1.0)
    first = run.seconds(min(int(stream.stamps[0]) for stream in streams))
    last = run.seconds(max(int(stream.stamps[-1]) for stream in streams))
    modes = events.spans(run.states)
    moving = [run.seconds(span.since) for span in modes if span.mode in ('POLICY', 'TELEOP')]
    begin = max(first - _MARGIN, min(moving, default=first) - _IDLE, 0.0)
    return begin, last + _MARGIN
