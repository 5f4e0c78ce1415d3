"""`python -m fastwam_ros.apps.bench wam`: each variant of the model, on this device.

Latency beside the floor of this very device and beside the same model run naively in the same
process, with random weights of several sizes: a figure says how fast, never how well. `--full` is
the released size, see `bench.full`.
"""

import argparse
from collections.abc import Iterator, Sequence

import torch

from fastwam_ros.apps.bench import full
from fastwam_ros.apps.bench.floor import Device
from fastwam_ros.apps.bench.models import SIZES, VARIANTS
from fastwam_ros.apps.bench.rows import Row, show
from fastwam_ros.apps.bench.variants import DTYPES, Place, alone, shared, subject_of
from fastwam_ros.wam.choice import AUTO, KERNELS


def measure(name: str, place: Place) -> Iterator[Row]:
    """Rows of all variants at one size."""
    torch.set_num_threads(place.threads)
    own, part = Device.measured(place.device, place.dtype), place.part(name)
    for variant in VARIANTS:
        subject = subject_of(variant, SIZES[name], place)
        yield from alone(part, variant, subject, own)
        if variant == VARIANTS[0]:
            yield from shared(part, subject, place, own)


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    ask = argparse.ArgumentParser('python -m fastwam_ros.apps.bench wam', description=__doc__)
    ask.add_argument('--size', choices=SIZES, action='append', help='default: all of them')
    ask.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    ask.add_argument('--precision', choices=DTYPES, help='default: bf16 on a GPU, else fp32')
    ask.add_argument('--threads', type=int, default=1, help='of torch on a CPU')
    ask.add_argument('--kernels', choices=KERNELS, default=AUTO)
    ask.add_argument('--full', action='store_true', help='the released size instead, in bf16')
    full.arguments(ask)
    given = ask.parse_args(arguments)
    if given.full and (given.size or given.precision == 'fp32'):
        ask.error('--full is a size of its own, in bf16: no --size, no fp32')
    on_cpu = torch.device(given.device).type == 'cpu'
    precision = given.precision or ('fp32' if on_cpu and not given.full else 'bf16')
    place = Place(given.device, precision, given.threads, given.kernels)
    if given.full:
        full.report(place, given)
        return
    for size in given.size or SIZES:
        for row in measure(size, place):
            show(row)
