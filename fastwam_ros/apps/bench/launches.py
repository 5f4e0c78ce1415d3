"""What a call launches on a GPU, by the profiler's account: kernels, how many, and how long."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

_NOT_LAUNCHED = ('Memcpy', 'Memset')  # how names of copies begin


@dataclass(frozen=True)
class Kernel:
    """All launches of one kernel in a call; seconds: of the device, together."""

    name: str
    count: int
    seconds: float

    @property
    def copies(self) -> bool:
        """Whether it is a copy or a fill, not a kernel."""
        return self.name.startswith(_NOT_LAUNCHED)


def kernels(call: Callable[[], object]) -> list[Kernel]:
    """Of one call, the longest first. Needs CUDA."""
    torch.cuda.synchronize()
    with profile(activities=[ProfilerActivity.CUDA]) as seen:
        call()
        torch.cuda.synchronize()
    found = defaultdict[str, list[float]](list)
    for event in seen.events() or ():
        if event.device_type == DeviceType.CUDA:
            found[event.name].append(event.time_range.elapsed_us() * 1e-6)
    made = [Kernel(name, len(took), sum(took)) for name, took in found.items()]
    return sorted(made, key=lambda kernel: -kernel.seconds)


def lines(found: list[Kernel], most: int = 20) -> Iterator[str]:
    """For the terminal."""
    whole = sum(kernel.seconds for kernel in found)
    count = sum(kernel.count for kernel in found)
    yield f'{count} launches and copies, {1e3 * whole:.3f} ms of the device'
    for kernel in found[:most]:
        share = kernel.seconds / whole if whole else 0.0
        took = f'{1e3 * kernel.seconds:9.3f} ms  {share:5.1%}'
        yield f'{kernel.count:6}  {took}  {kernel.name[:110]}'
