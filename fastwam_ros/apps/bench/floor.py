"""The physical floor of this very device: what a call has to read and to compute, and how fast.

A phase (image, text, frames, one action step) takes at least the longer of reading its weights,
keys and values once and of its multiplications at the measured rate. Activations, launches and
uploads count for nothing: no program reaches this.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from fastwam_ros.apps.bench.models import Subject
from fastwam_ros.wam.kernels import TorchKernels

# Bytes: more than any cache holds, and on a GPU so many that a launch counts for nothing.
_READ = {'cpu': 256 << 20, 'cuda': 4 << 30}
_SIDE = {'cpu': 1024, 'cuda': 8192}  # of the matrices multiplied
_PHASES = {'texts': 'text', 'prefill': 'frames read', 'imagine': 'frames', 'velocity': 'actions'}
_TRIES = 7


@dataclass(frozen=True)
class Device:
    """Measured: bytes/s that memory gives, FLOP/s of large products in one dtype."""

    bandwidth: float
    rate: float

    @classmethod
    def measured(cls, device: str, dtype: torch.dtype) -> 'Device':
        """The best of a few tries: a floor is not to be raised by what disturbs."""
        kind = torch.device(device).type
        size, side = _READ[kind], _SIDE[kind]
        block = torch.ones(size // 4, device=device)
        a, b = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
        read = min(timed(block.sum, device) for _ in range(_TRIES))
        product = min(timed(lambda: a @ b, device) for _ in range(_TRIES))
        return cls(size / read, 2 * side**3 / product)

    def seconds(self, work: 'Work') -> float:
        """The least time for that work."""
        return max(work.bytes / self.bandwidth, work.flops / self.rate)

    def limit(self, works: Sequence['Work']) -> str:
        """The phase that takes longest of all, and what it waits for, in words."""
        took, reading = defaultdict[str, float](float), defaultdict[str, float](float)
        for work in works:
            took[work.phase] += self.seconds(work)
            reading[work.phase] += work.bytes / self.bandwidth
        phase = max(took, key=lambda phase: took[phase])
        longest, whole = took[phase], sum(took.values())
        what = 'bandwidth' if reading[phase] > 0.999 * longest else 'compute'
        return f'{phase}: {longest / whole:.0%} of the floor, by {what}'


@dataclass(frozen=True)
class Work:
    """phase: of a call; bytes of weights, keys and values that are read; FLOPs of products."""

    phase: str
    bytes: int
    flops: int


def timed(call: Callable[[], Any], device: str) -> float:
    """Seconds of a call and all that it leaves to the device."""
    wait = torch.cuda.synchronize if torch.device(device).type == 'cuda' else _nothing
    wait()
    begun = time.perf_counter()
    call()
    wait()
    return time.perf_counter() - begun


def phases(subject: Subject) -> list[Work]:
    """What each phase of one call of the engine does, as torch's own operators."""
    found: list[Work] = []
    network, kernels = subject.network, subject.network.kernels
    encoder: tuple[Any, str, str] = (subject.weights.encoder, 'forward', 'image')
    parts = [encoder, *((network, verb, phase) for verb, phase in _PHASES.items())]
    for owner, name, phase in parts:
        setattr(owner, name, _counted(getattr(owner, name), phase, found))
    network.kernels = TorchKernels()
    try:
        subject.run_by_operators()
    finally:
        network.kernels = kernels
        for owner, name, _ in parts:
            delattr(owner, name)
    return found


def _counted(call: Callable[..., Any], phase: str, found: list[Work]) -> Callable[..., Any]:
    def counted(*given: Any, **named: Any) -> Any:
        with FlopCounterMode(display=False) as flops, _Read() as read:
            made = call(*given, **named)
        found.append(Work(phase, read.bytes, flops.get_total_flops()))
        return made

    return counted


class _Read(TorchDispatchMode):
    """Counts bytes of what products read beside activations: weights; keys and values."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        if name == 'addmm':
            self._add(args[0], args[2])
        elif name == 'convolution' or name.startswith('_scaled_dot_product'):
            self._add(*args[1:3])
        return func(*args, **(kwargs or {}))

    def _add(self, *tensors: Tensor | None) -> None:
        self.bytes += sum(t.numel() * t.element_size() for t in tensors if t is not None)


def _nothing() -> None:
    pass
