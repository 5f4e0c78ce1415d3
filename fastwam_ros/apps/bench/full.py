"""The released size with random weights: all that a GPU is asked for, in one table.

The most important rows come first, each as soon as it is known: a machine may be lent for minutes.
On a CPU every row is one run, and no bundle is loaded, for there a policy computes in fp32.
"""

import argparse
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from fastwam_ros.apps.bench.floor import Device, timed
from fastwam_ros.apps.bench.launches import kernels, lines
from fastwam_ros.apps.bench.loading import loading
from fastwam_ros.apps.bench.models import FULL, VARIANTS, Size, Subject
from fastwam_ros.apps.bench.rows import Row, show
from fastwam_ros.apps.bench.variants import NAIVELY, Place, alone, shared, subject_of, tidy
from fastwam_ros.wam.eight_bits import FORMS

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
    for told in table('full', size, place, variants, inputs, () if on_cpu else tuple(FORMS)):
        _tell(told)
    if not given.no_loading and not on_cpu:
        for row in loading(place.part('full'), size, place):
            _tell(row)


def table(
    name: str,
    size: Size,
    place: Place,
    variants: Sequence[str],
    inputs: int,
    narrow: Sequence[str] = (),
) -> Iterator[Row | str]:
    """Rows of the variants, and lines of a profile on a GPU; narrow: weights of the first too."""
    torch.set_num_threads(place.threads)
    own, part = Device.measured(place.device, place.dtype), place.part(name)
    tidy()
    for variant in variants:
        exact = list[Tensor]()
        yield from _variant(part, variant, size, place, own, inputs, exact)
        tidy()
        for precision in narrow if variant == VARIANTS[0] else ():
            yield from _narrow(part, f'{variant}, {precision}', size, place, precision, exact)
            tidy()


def _variant(
    part: str,
    variant: str,
    size: Size,
    place: Place,
    own: Device,
    inputs: int,
    exact: list[Tensor],
) -> Iterator[Row | str]:
    """exact: is filled with what fp32 gives."""
    subject = subject_of(variant, size, place)
    yield from alone(part, variant, subject, own)
    exact += [_exact(subject, seed) for seed in range(inputs)]
    naive = distance(part, f'{variant}, {NAIVELY}', subject, subject.run_naively, exact)
    yield distance(part, variant, subject, subject.run, exact, naive.median, NAIVELY)
    yield naive
    if subject.on_gpu:
        yield _by_operators(part, variant, subject)
    if variant == VARIANTS[0]:
        yield from shared(part, subject, place, own)
    if subject.on_gpu:
        yield f'\nprofile of {variant}, one call: launches, time, share, kernel'
        yield from lines(kernels(subject.run))


def _narrow(
    part: str, name: str, size: Size, place: Place, precision: str, exact: Sequence[Tensor]
) -> Iterator[Row]:
    """Layers with weights of 8 bits, held to fp32 with the weights that these were made of."""
    subject = subject_of(VARIANTS[0], size, place, precision)
    count = size.warm + size.runs * size.often
    took = [1e3 * timed(subject.run, subject.device) for _ in range(count)]
    note = f'{subject.engine.recorded.how}, kernels {subject.weights.kernels}'
    yield Row.of(part, name, took[size.warm :], 'ms', note=note)
    yield distance(part, name, subject, subject.run, exact)
    yield Row(part, f'{name}, memory', subject.resident / 1e6, 'MB')


def distance(
    part: str,
    name: str,
    subject: Subject,
    run: Callable[[], Tensor],
    exact: Sequence[Tensor],
    beside: float | None = None,
    beside_is: str = '',
) -> Row:
    """Relative L2 error of the actions, of what fp32 makes of random inputs of seeds 0, 1 ..."""
    off = list[float]()
    for seed, wanted in enumerate(exact):
        subject.observe(seed)
        subject.poison()
        off.append(float((run().double() - wanted.double()).norm() / wanted.double().norm()))
    note = f'relative L2 over {len(exact)} random inputs, outputs poisoned before each'
    name = f'{name}, {DISTANCE}'
    return Row.of(part, name, off, '', note=note, beside=beside, beside_is=beside_is)


def _exact(subject: Subject, seed: int) -> Tensor:
    subject.observe(seed)
    return subject.run_widely()


def _by_operators(part: str, variant: str, subject: Subject) -> Row:
    size, median = subject.weights.size, statistics.median
    took = [
        [1e3 * timed(call, subject.device) for call in (subject.run_by_operators, subject.run)]
        for _ in range(size.warm + size.runs)
    ]
    eager, graph = zip(*took[size.warm :], strict=True)
    beside = {'beside': median(graph), 'beside_is': subject.engine.recorded.how}
    return Row.of(part, f'{variant}, without a graph', eager, 'ms', **beside)


def _tell(told: Row | str) -> None:
    if isinstance(told, Row):
        show(told)
    else:
        print(told, flush=True)
