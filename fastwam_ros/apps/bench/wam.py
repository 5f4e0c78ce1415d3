"""`python -m fastwam_ros.apps.bench wam`: each variant of the model, on this device.

Latency beside the floor of this very device and beside the same model run naively in the same
process, with random weights of several sizes: a figure says how fast, never how well.
"""

import argparse
import statistics
from collections.abc import Callable, Iterator
from functools import partial

import torch

from fastwam_ros.apps.bench.floor import Device, phases, timed
from fastwam_ros.apps.bench.models import SIZES, STEPS, VARIANTS, Subject
from fastwam_ros.apps.bench.operators import Operators
from fastwam_ros.apps.bench.rows import Row, show

DTYPES = {'fp32': torch.float32, 'bf16': torch.bfloat16}
NAIVELY = 'naively'
_WARM = 2  # runs that do not count


def measure(name: str, device: str, precision: str, threads: int) -> Iterator[Row]:
    """Rows of all variants at one size."""
    dtype, size = DTYPES[precision], SIZES[name]
    part = f'the model: {name}, {device}, {precision}, {threads} thread{"s" * (threads > 1)}'
    torch.set_num_threads(threads)
    own = Device.measured(device, dtype)
    for variant in VARIANTS:
        subject = Subject(size, variant, device, dtype, threads)
        yield from _variant(part, variant, subject, own, size.runs)
        if variant == VARIANTS[0]:
            for seeds, batch in ((8, 1), (1, 4)):
                more = Subject(size, variant, device, dtype, threads, seeds, batch)
                yield _shared(part, more, subject, size.runs)


def _variant(part: str, variant: str, subject: Subject, own: Device, runs: int) -> Iterator[Row]:
    """Latency, floor, operators and memory."""
    fast, slow = _in_turn(subject.run, subject.run_naively, subject.device, runs)
    naive = Row.of(part, f'{variant}, {NAIVELY}', slow, 'ms', note='as the released code runs it')
    yield Row.of(part, variant, fast, 'ms', beside=naive.median, beside_is=NAIVELY)
    yield naive
    least = 1e3 * sum(own.seconds(work) for work in phases(subject))
    row = partial(Row, part)
    note = f'at {own.bandwidth / 1e9:.3g} GB/s read and {own.rate / 1e9:.4g} GFLOP/s'
    median = statistics.median(fast)
    yield row(f'{variant}, floor', least, 'ms', beside=median, beside_is='measured', note=note)
    steps, slower = (_operators(call) for call in (subject.run, subject.run_naively))
    note = 'per denoise step, all of the call counted'
    name = f'{variant}, operators'
    yield row(name, steps, '', beside=slower, beside_is=NAIVELY, note=note)
    note = 'weights and what else stays'
    yield row(f'{variant}, memory', subject.resident / 1e6, 'MB', note=note)


def _shared(part: str, more: Subject, one: Subject, runs: int) -> Row:
    """Several samples or observations in one call, beside one in a call."""
    many, alone = _in_turn(more.run, one.run, one.device, runs)
    seeds, batch = more.engine.seeds, more.engine.batch
    name = f'fastwam, {seeds} noises' if seeds > 1 else f'fastwam, {batch} robots'
    beside = {'beside': statistics.median(alone), 'beside_is': 'one'}
    return Row.of(part, name, many, 'ms', note='in one call', **beside)


def _in_turn(
    first: Callable[[], object], second: Callable[[], object], device: str, runs: int
) -> tuple[list[float], list[float]]:
    """[ms] of both, one after the other, so that a slow moment of the machine meets both."""
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs + _WARM):
        for call, mine in zip((first, second), took, strict=True):
            mine.append(1e3 * timed(call, device))
    return took[0][_WARM:], took[1][_WARM:]


def _operators(call: Callable[[], object]) -> float:
    with Operators() as counted:
        call()
    return counted.count / STEPS


def main(arguments: list[str]) -> None:
    """Measure and print."""
    ask = argparse.ArgumentParser('python -m fastwam_ros.apps.bench wam', description=__doc__)
    ask.add_argument('--size', choices=SIZES, action='append', help='default: all of them')
    ask.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    ask.add_argument('--precision', choices=DTYPES, help='default: bf16 on a GPU, else fp32')
    ask.add_argument('--threads', type=int, default=1, help='of torch on a CPU')
    given = ask.parse_args(arguments)
    precision = given.precision or ('fp32' if given.device == 'cpu' else 'bf16')
    for size in given.size or SIZES:
        for row in measure(size, given.device, precision, given.threads):
            show(row)
