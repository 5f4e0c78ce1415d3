"""Rows of one variant of the model at one size, whatever the size."""

import gc
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import torch

from fastwam_ros.apps.bench.floor import Device, phases, timed
from fastwam_ros.apps.bench.launches import kernels
from fastwam_ros.apps.bench.models import STEPS, Size, Subject, Weights
from fastwam_ros.apps.bench.operators import Operators
from fastwam_ros.apps.bench.rows import Row
from fastwam_ros.wam.choice import AUTO
from fastwam_ros.wam.eight_bits import FULL as WHOLE
from fastwam_ros.wam.sampling import imagines

DTYPES = {'fp32': torch.float32, 'bf16': torch.bfloat16}
NAIVELY, MEASURED = 'naively', 'measured'
SHARED = ((8, 1), (1, 4), (1, 8), (1, 16))  # seeds and robots in one call


@dataclass(frozen=True)
class Place:
    """Where and how: torch's name of a device, one of DTYPES, threads of torch on a CPU.

    kernels: one of `choice.KERNELS`.
    """

    device: str
    precision: str
    threads: int
    kernels: str = AUTO

    @property
    def dtype(self) -> torch.dtype:
        """As torch has it."""
        return DTYPES[self.precision]

    def part(self, size: str) -> str:
        """The heading of rows of that size."""
        threads = f'{self.threads} thread{"s" * (self.threads > 1)}'
        return f'the model: {size}, {self.device}, {self.precision}, {threads}'


def subject_of(variant: str, size: Size, place: Place, precision: str = WHOLE) -> Subject:
    """One observation and one noise, over weights of its own."""
    given = place.device, place.dtype, place.kernels, precision
    own = Weights(size, imagines(variant), *given)
    return Subject(own, variant, place.threads)


def alone(part: str, variant: str, subject: Subject, own: Device) -> Iterator[Row]:
    """Latency, floor, operators and memory."""
    size = subject.weights.size
    fast, slow = _in_turn(subject.run, subject.run_naively, subject.device, size, (size.often, 1))
    works = phases(subject)
    naive = Row.of(part, f'{variant}, {NAIVELY}', slow, 'ms', note='as the released code runs it')
    beside = {'beside': naive.median, 'beside_is': NAIVELY}
    how = f'{subject.engine.recorded.how}, kernels {subject.weights.kernels}'
    yield Row.of(part, variant, fast, 'ms', note=f'{own.limit(works)}; {how}', **beside)
    yield naive
    row = partial(Row, part)
    note = f'at {own.bandwidth / 1e9:.3g} GB/s read and {own.rate / 1e9:.4g} GFLOP/s'
    least, median = 1e3 * sum(map(own.seconds, works)), statistics.median(fast)
    yield row(f'{variant}, floor', least, 'ms', beside=median, beside_is=MEASURED, note=note)
    yield _launches(part, variant, subject)
    note = 'weights and what else stays'
    yield row(f'{variant}, memory', subject.resident / 1e6, 'MB', note=note)
    if subject.on_gpu:
        note = 'max_memory_allocated, weights and both graphs and all'
        yield row(f'{variant}, most memory', subject.peak / 1e6, 'MB', note=note)


def shared(part: str, one: Subject, place: Place, own: Device) -> Iterator[Row]:
    """Several samples or observations in one call, beside one in a call."""
    for seeds, batch in SHARED:
        yield _shared(part, one, Subject(one.weights, 'fastwam', place.threads, seeds, batch), own)
        tidy()


def _shared(part: str, one: Subject, more: Subject, own: Device) -> Row:
    size, note = one.weights.size, f'in one call; {own.limit(phases(more))}'
    turns = (size.often, size.often)  # in a row: in between, text is placed for another number
    many, single = _in_turn(more.run, one.run, one.device, size, turns)
    seeds, batch = more.engine.seeds, more.engine.batch
    name = f'fastwam, {seeds} noises' if seeds > 1 else f'fastwam, {batch} robots'
    beside = {'beside': statistics.median(single), 'beside_is': 'one'}
    return Row.of(part, name, many, 'ms', note=note, **beside)


def tidy() -> None:
    """Give back what nobody holds any more, graphs included."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _in_turn(
    first: Callable[[], object],
    second: Callable[[], object],
    device: str,
    size: Size,
    often: tuple[int, int],
) -> tuple[list[float], list[float]]:
    """[ms] of both, one after the other, so that a slow moment of the machine meets both.

    often: how many of each come in a row.
    """
    took: tuple[list[float], list[float]] = ([], [])
    for index in range(size.runs + size.warm):
        for call, mine, count in zip((first, second), took, often, strict=True):
            found = [1e3 * timed(call, device) for _ in range(count)]
            mine.extend(found if index >= size.warm else ())
    return took


def _launches(part: str, variant: str, subject: Subject) -> Row:
    """Per denoise step: of kernels where a profiler sees a GPU's, of operators elsewhere."""
    calls, what, count = (subject.run_by_operators, subject.run_naively), 'launches', _launched
    if not subject.on_gpu or not count(calls[0]):
        what, count = 'operators', _operators
    ours, naive = map(count, calls)
    note, name = 'per denoise step, all of the call counted', f'{variant}, {what}'
    return Row(part, name, ours, '', beside=naive, beside_is=NAIVELY, note=note)


def _launched(call: Callable[[], object]) -> float:
    return sum(kernel.count for kernel in kernels(call) if not kernel.copies) / STEPS


def _operators(call: Callable[[], object]) -> float:
    with Operators() as counted:
        call()
    return counted.count / STEPS
