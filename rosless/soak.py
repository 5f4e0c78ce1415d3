"""Hours of a robot's load on the stand-in: does anything grow, is anything lost?

`python rosless/soak.py --seconds 1200` runs three cameras at 30 Hz, feedback and a publishing
timer at 200 Hz and a service call each second between two processes, prints a line per interval
and ends with the growth of memory per hour. It knows rclpy only. Exit code 1: a call went without
an answer.
Cameras and feedback are best effort: on a machine that stalls for longer than five of their
messages take, some are lost, here as on a robot.
"""

import argparse
import gc
import json
import math
import os
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import bench_roles
from bench_nodes import Control, Trigger, executor_of, rclpy, spin

WARM = 0.25  # of the run: caches fill, allocators find their size


@dataclass(frozen=True)
class Sample:
    """What is there after some seconds; counts since the sample before."""

    seconds: float
    rss: float  # MB, of the node that listens
    feed_rss: float  # MB, of the node that sends
    objects: int  # that Python's garbage collector knows
    descriptors: int  # open files of both processes
    received: int  # messages
    lost: int
    answered: int  # service calls
    unanswered: int
    jitter_p99: float  # ms
    cpu: float  # %

    HEAD = '    s    RSS MB  feed MB   objects  files  received  lost  calls  jitter p99 ms  CPU %'

    def line(self) -> str:
        """A row below HEAD."""
        calls = f'{self.answered}' if not self.unanswered else f'{self.answered}!'
        return (
            f'{self.seconds:5.0f}  {self.rss:8.2f} {self.feed_rss:8.2f}  {self.objects:8d}  '
            f'{self.descriptors:5d}  {self.received:8d}  {self.lost:4d}  {calls:>5}  '
            f'{self.jitter_p99:13.2f}  {self.cpu:5.1f}'
        )


class Soaked(Control):
    """The control node of the benchmark, with a service call each second."""

    def __init__(self) -> None:
        super().__init__()
        self._client = self.create_client(Trigger, 'answer')
        self._client.wait_for_service(timeout_sec=10.0)
        self._pending = None
        self.answered = self.unanswered = 0
        self.create_timer(1.0, self._call)

    def _call(self) -> None:
        if self._pending is not None:
            self.unanswered += 1
            self._client.remove_pending_request(self._pending)
        self._pending = self._client.call_async(Trigger.Request())
        self._pending.add_done_callback(self._done)

    def _done(self, future: object) -> None:
        self.answered += 1
        self._pending = None

    def take(self, seconds: float, used: float, feed: int, passed: float) -> Sample:
        """A Sample, and a fresh start. used: CPU seconds in the `passed` seconds."""
        late = bench_roles.jitter(self.ticks)
        sample = Sample(
            round(seconds, 1),
            resident(os.getpid()),
            resident(feed),
            objects(),
            descriptors(os.getpid()) + descriptors(feed),
            sum(self.came.values()),
            self.lost,
            self.answered,
            self.unanswered,
            bench_roles.quantile(late, 0.99),
            100 * used / passed,
        )
        self.clear()
        self.answered = self.unanswered = 0
        return sample


def objects() -> int:
    """How many objects are there after a collection."""
    gc.collect()
    return len(gc.get_objects())


def resident(pid: int) -> float:
    """Resident memory of a process in MB."""
    return int(Path(f'/proc/{pid}/statm').read_text().split()[1]) * os.sysconf('SC_PAGESIZE') / 1e6


def descriptors(pid: int) -> int:
    """Open files of a process."""
    return len(os.listdir(f'/proc/{pid}/fd'))


def growth(samples: list[Sample], of: str) -> float:
    """How much `of` grows per hour after the warm-up: the slope of a line through the samples."""
    warm = samples[-1].seconds * WARM
    kept = [sample for sample in samples if sample.seconds >= warm]
    slope = statistics.linear_regression(
        [sample.seconds for sample in kept], [getattr(sample, of) for sample in kept]
    ).slope
    return 3600 * slope


def soak(seconds: float, every: float) -> list[Sample]:
    """Runs the load and takes a sample every so many seconds."""
    feed = subprocess.Popen([sys.executable, bench_roles.__file__, 'feed'])
    try:
        bench_roles.join()
        node = Soaked()
        executor = executor_of(node)
        spin(executor, bench_roles.SETTLE)
        node.clear()
        return list(_samples(node, executor, feed.pid, seconds, every))
    finally:
        feed.terminate()
        feed.wait()
        rclpy.try_shutdown()


def _samples(node, executor, feed, seconds, every):
    start = time.monotonic()
    while time.monotonic() < start + seconds - every / 2:
        begun, used = time.monotonic(), bench_roles.cpu()
        spin(executor, every)
        passed = time.monotonic() - begun
        used = bench_roles.cpu() - used
        sample = node.take(time.monotonic() - start, used, feed, passed)
        print(sample.line(), file=sys.stderr, flush=True)
        yield sample


def main() -> None:
    """Runs the soak that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--seconds', type=float, default=60.0, help='how long (60)')
    parser.add_argument('--every', type=float, default=5.0, help='seconds between samples (5)')
    parser.add_argument('--json', action='store_true', help='samples and growth on stdout')
    given = parser.parse_args()
    if not 0.0 < 2 * given.every <= given.seconds < math.inf:
        parser.error('a slope needs two samples: --seconds is twice --every or more')
    print(Sample.HEAD, file=sys.stderr)
    samples = soak(given.seconds, given.every)
    grown = {of: growth(samples, of) for of in ('rss', 'feed_rss', 'objects', 'descriptors')}
    lost, unanswered = (sum(getattr(s, of) for s in samples) for of in ('lost', 'unanswered'))
    if given.json:
        print(json.dumps({'samples': [asdict(s) for s in samples], 'growth_per_hour': grown}))
    told = f'{grown["rss"]:.2f} and {grown["feed_rss"]:.2f} MB, {grown["objects"]:.0f} objects'
    print(f'growth per hour: {told}; {lost} lost, {unanswered} unanswered', file=sys.stderr)
    raise SystemExit(1 if unanswered else 0)


if __name__ == '__main__':
    main()
