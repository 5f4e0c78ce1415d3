"""The same network in single precision, without a copy of its weights.

Every product widens the weights that it takes and forgets them, so that a reference of a model
that fills half a device fits beside it.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own convention)
from torch import Tensor
from torch.overrides import TorchFunctionMode

_WITH_WEIGHTS: tuple[Callable[..., Any], ...] = (F.linear, F.conv2d, F.conv3d, F.layer_norm)


class Wide(TorchFunctionMode):
    """While it is entered, on inputs of fp32; products are exact ones, not TensorFloat32."""

    def __enter__(self) -> Any:
        products, convolutions = torch.backends.cuda.matmul, torch.backends.cudnn
        self._before = products.allow_tf32, convolutions.allow_tf32
        products.allow_tf32 = convolutions.allow_tf32 = False
        return super().__enter__()

    def __exit__(self, *raised: Any) -> None:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = self._before
        super().__exit__(*raised)

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in _WITH_WEIGHTS:
            args = [_widened(value) for value in args]
            kwargs = {name: _widened(value) for name, value in (kwargs or {}).items()}
        return func(*args, **(kwargs or {}))


def _widened(value: Any) -> Any:
    return value.float() if isinstance(value, Tensor) else value
