"""The released size with random weights: all that a GPU is asked for, in one table.

The most important rows come first, each as soon as it is known: a machine may be lent for minutes.
On a CPU every row is one run, and no bundle is loaded, for there a policy computes in fp32.
"""

import argparse
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from fastwam_ros.apps.bench.floor import Device, timed
from fastwam_ros.apps.bench.launches import kernels, lines
from fastwam_ros.apps.bench.loading import loading
from fastwam_ros.apps.bench.models import FULL, VARIANTS, Size, Subject
from fastwam_ros.apps.bench.rows import Row, show
from fastwam_ros.apps.bench.variants import NAIVELY, Place, alone, shared, subject_of, tidy

INPUTS = 20  # random ones, over which a distance is taken
DISTANCE = 'distance from fp32'


def arguments(ask: argparse.ArgumentParser) -> None:
    """Those that only this table takes."""
    ask.add_argument('--variant', choices=VARIANTS, action='append', help='default: all of them')
    ask.add_argument(
        '--no-loading', action='store_true', help='do not write and load a bundle, of 14 GB'
    )


def report(place: Place, given: argparse.Namespace) -> None:
    """Measure and print."""
    on_cpu = torch.device(place.device).type == 'cpu'
    size = replace(FULL, runs=1, often=1, warm=0) if on_cpu else FULL
    variants, inputs = given.variant or VARIANTS, 1 if on_cpu else INPUTS
    for told in table('full', size, place, variants, inputs):
        _tell(told)
    if not given.no_loading and not on_cpu:
        for row in loading(place.part('full'), size, place):
            _tell(row)


def table(
    name: str, size: Size, place: Place, variants: Sequence[str], inputs: int
) -> Iterator[Row | str]:
    """Rows of the variants, and lines of a profile on a GPU."""
    torch.set_num_threads(place.threads)
    own, part = Device.measured(place.device, place.dtype), place.part(name)
    tidy()
    for variant in variants:
        yield from _variant(part, variant, size, place, own, inputs)
        tidy()


def _variant(
    part: str, variant: str, size: Size, place: Place, own: Device, inputs: int
) -> Iterator[Row | str]:
    subject = subject_of(variant, size, place)
    yield from alone(part, variant, subject, own)
    yield from distance(part, variant, subject, inputs)
    if subject.on_gpu:
        yield _by_operators(part, variant, subject)
    if variant == VARIANTS[0]:
        yield from shared(part, subject, place, own)
    if subject.on_gpu:
        yield f'\nprofile of {variant}, one call: launches, time, share, kernel'
        yield from lines(kernels(subject.run))


def distance(part: str, variant: str, subject: Subject, inputs: int) -> Iterator[Row]:
    """Relative L2 error of the actions, against the same weights and schedule in fp32."""
    ours, naive = list[float](), list[float]()
    for seed in range(inputs):
        subject.observe(seed)
        exact = subject.run_widely()
        subject.poison()
        ours.append(_apart(subject.run(), exact))
        naive.append(_apart(subject.run_naively(), exact))
    note = f'relative L2 over {inputs} random inputs, outputs poisoned before each'
    beside = {'beside': statistics.median(naive), 'beside_is': NAIVELY}
    yield Row.of(part, f'{variant}, {DISTANCE}', ours, '', note=note, **beside)
    yield Row.of(part, f'{variant}, {NAIVELY}, {DISTANCE}', naive, '', note='the same inputs')


def _by_operators(part: str, variant: str, subject: Subject) -> Row:
    size, median = subject.weights.size, statistics.median
    took = [
        [1e3 * timed(call, subject.device) for call in (subject.run_by_operators, subject.run)]
        for _ in range(size.warm + size.runs)
    ]
    eager, graph = zip(*took[size.warm :], strict=True)
    beside = {'beside': median(graph), 'beside_is': subject.engine.recorded.how}
    return Row.of(part, f'{variant}, without a graph', eager, 'ms', **beside)


def _apart(made: Tensor, exact: Tensor) -> float:
    """A number even where something is none, so that it is seen."""
    return float((made.double() - exact.double()).norm() / exact.double().norm())


def _tell(told: Row | str) -> None:
    if isinstance(told, Row):
        show(told)
    else:
        print(told, flush=True)
