"""Where a policy runs: whether the device is there, has room, and what it says when it has not.

Knows torch's devices and no network. On a GPU the model computes in bf16, as it was trained and
released; on a CPU in fp32.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from fastwam_ros.wam.blocks import ModelSize

CPU = 'cpu'
_BESIDE = (
    1.0e9  # bytes: CUDA's own context and workspaces, activations, the encoder while it folds
)
_OUT_OF_MEMORY = ('not enough memory', "can't allocate memory", 'out of memory')


def dtype_of(device: str) -> torch.dtype:
    """What the model computes in there. Raises ValueError for what is no device."""
    return torch.float32 if _kind(device) == CPU else torch.bfloat16


def check_device(device: str, needed: int) -> None:
    """Raises ValueError unless torch has the device, and `needed` bytes of it are free."""
    if _kind(device) == CPU:
        return
    there = _kind(device) == 'cuda' and torch.cuda.is_available()
    count = torch.cuda.device_count() if there else 0
    if (torch.device(device).index or 0) >= count:
        raise ValueError(
            f'device {device!r}: torch {torch.__version__} sees {count} of its kind: a driver or '
            'a CUDA build of torch is missing, or `device: cpu` was meant'
        )
    free, whole = torch.cuda.mem_get_info(device)
    if needed > free:
        raise ValueError(
            f'the policy needs about {needed / 1e9:.1f} GB of {device}, which has '
            f'{free / 1e9:.1f} of {whole / 1e9:.1f} GB free: something else holds it, or the GPU '
            'is too small'
        )


def needed_bytes(
    parameters: int, size: ModelSize, rows: int, tokens: int, columns: int, device: str
) -> int:
    """About what a policy holds: weights, keys and values, and what CUDA takes beside them.

    parameters: of model and image encoder; rows: samples of all observations of a call; tokens:
    of video and actions; columns: of text.
    """
    item = torch.empty(0, dtype=dtype_of(device)).element_size()
    kept = 2 * size.layers * size.heads * size.head_dim * rows * (tokens + 2 * columns)
    return round(item * (parameters + kept) + _BESIDE)


def upload(host: Tensor, place: Tensor) -> None:
    """Copy into a device's memory, in its dtype; the host goes on, and may do so with its tensor.

    By way of pinned memory, which torch takes for nothing else until the device has read it.
    """
    if place.is_cuda and not host.is_cuda:
        host = host.to(place.dtype).pin_memory()
    place.copy_(host, non_blocking=True)


@contextmanager
def memory_named(device: str) -> Iterator[None]:
    """Says in one sentence when memory runs out inside; the next call starts with a clean slate.

    Raises RuntimeError instead of what torch raises.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError | torch.OutOfMemoryError) and not any(
            words in str(error) for words in _OUT_OF_MEMORY
        ):
            raise
        if _kind(device) == 'cuda':
            torch.cuda.empty_cache()
        raise RuntimeError(
            f'out of memory on {device}: something else took it since the policy was loaded, or '
            'fewer seeds and robots per call fit'
        ) from error


def _kind(device: str) -> str:
    try:
        return torch.device(device).type
    except RuntimeError:
        raise ValueError(f'device {device!r} is none: cpu, cuda, cuda:1 ...') from None
