"""The physical floor of this very device: what a call has to read and to compute, and how fast.

A phase (image, text, frames, one action step) takes at least the longer of reading its weights,
keys and values once and of its multiplications at the measured rate. Activations, launches and
uploads count for nothing: no program reaches this.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from fastwam_ros.apps.bench.models import Subject

_READ = 256 << 20  # bytes: more than any cache holds
_SIDE = {'cpu': 1024, 'cuda': 8192}  # of the matrices multiplied
_TRIES = 7


@dataclass(frozen=True)
class Device:
    """Measured: bytes/s that memory gives, FLOP/s of large products in one dtype."""

    bandwidth: float
    rate: float

    @classmethod
    def measured(cls, device: str, dtype: torch.dtype) -> 'Device':
        """The best of a few tries: a floor is not to be raised by what disturbs."""
        block = torch.ones(_READ // 4, device=device)
        side = _SIDE[torch.device(device).type]
        a, b = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
        read = min(timed(block.sum, device) for _ in range(_TRIES))
        product = min(timed(lambda: a @ b, device) for _ in range(_TRIES))
        return cls(_READ / read, 2 * side**3 / product)

    def seconds(self, work: 'Work') -> float:
        """The least time for that work."""
        return max(work.bytes / self.bandwidth, work.flops / self.rate)


@dataclass(frozen=True)
class Work:
    """bytes of weights, keys and values that are read; FLOPs of products."""

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
    """What each phase of one call of the engine does."""
    found: list[Work] = []
    parts = (
        (subject.encoder, 'forward'),
        *((subject.network, verb) for verb in ('texts', 'prefill', 'imagine', 'velocity')),
    )
    for owner, name in parts:
        setattr(owner, name, _counted(getattr(owner, name), found))
    try:
        subject.run()
    finally:
        for owner, name in parts:
            delattr(owner, name)
    return found


def _counted(call: Callable[..., Any], found: list[Work]) -> Callable[..., Any]:
    def counted(*given: Any, **named: Any) -> Any:
        with FlopCounterMode(display=False) as flops, _Read() as read:
            made = call(*given, **named)
        found.append(Work(read.bytes, flops.get_total_flops()))
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
