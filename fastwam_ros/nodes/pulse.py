"""The executor's loop: messages are drained until the next deadline, then comes the tick.

One thread does both, so that nothing is locked and nothing that is said between two ticks is
missed. Its garbage is collected right after a tick, when most time is left.
"""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rclpy.executors import SingleThreadedExecutor

from fastwam_ros.nodes.signals import noted_signals
from fastwam_ros.nodes.ticker import ClockTicker, Tick, Ticker, moment

if TYPE_CHECKING:
    from fastwam_ros.nodes.executor_node import ExecutorNode

_QUIET = 250_000  # [ns] before a tick in which no message is begun: most take less
_SWEEP = 200  # ticks from one collection of garbage to the next
_LOOK = 0.05  # [s] between looks for a signal while /clock stands
_ENDING = 1.5  # [s] from a signal to the end: half for the stop, the rest for the arms


def run(node: 'ExecutorNode') -> None:
    """Drain and tick until a signal, then stop the arms and end."""
    signals = noted_signals()
    loop = SingleThreadedExecutor()
    loop.add_node(node)
    ticks = told_ticks(node, loop) if node.simulated else own_ticks(node, loop)
    if not node.simulated:
        node.claim()
    with _no_collector():
        try:
            _drive(node, ticks, signals)
        finally:
            node.carriers.halt(node.now())


@contextmanager
def _no_collector() -> Iterator[None]:
    """Garbage is not collected at any moment: for what comes later the loop has a place."""
    gc.collect()
    gc.freeze()  # what exists now is never looked at again: that took 80 ms
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def _drive(node: 'ExecutorNode', ticks: Iterator[Tick | None], signals: list[int]) -> None:
    ending: int | None = None
    for tick in ticks:
        if signals and ending is None:
            ending = time.monotonic_ns()
            node.execution.executor.terminate()
        if tick is not None:
            node.tick(tick)
            if tick.number % _SWEEP == 0:
                gc.collect()
        if ending is not None:
            silent = node.execution.executor.silent and node.carriers.over
            if silent or time.monotonic_ns() - ending > _ENDING * 1e9:
                return
        if len(signals) > 1:
            return


def own_ticks(node: 'ExecutorNode', loop: SingleThreadedExecutor) -> Iterator[Tick]:
    """A tick per period of this machine's clock; messages are taken until shortly before each.

    One at least: a loop that cannot keep up still hears an e-stop.
    """
    ticker = Ticker(node.execution.executor.settings.period, time.monotonic_ns())
    while True:
        left = ticker.remaining(time.monotonic_ns())
        while True:
            loop.spin_once(timeout_sec=max(left - _QUIET, 0) / 1e9)
            left = ticker.remaining(time.monotonic_ns())
            if left <= _QUIET:
                break
        time.sleep(max(left, 0) / 1e9)
        yield ticker.tick(*moment(time.monotonic_ns, node.now))


def told_ticks(node: 'ExecutorNode', loop: SingleThreadedExecutor) -> Iterator[Tick | None]:
    """A tick per period of /clock, None where it stands: a signal is heard then too."""
    ticker = ClockTicker(node.execution.executor.settings.period)
    while True:
        loop.spin_once(timeout_sec=_LOOK)
        now = node.now()
        if back := ticker.back(now):
            node.begin_anew(back)
        yield None
        yield from ticker.due(now)
