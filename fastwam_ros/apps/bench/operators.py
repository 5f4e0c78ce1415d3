"""How many operators a call issues: each is a launch on a GPU, however small its work.

Views cost nothing on the device and are not counted. Operators that this processor's library takes
apart (a root-mean-square norm is five here) count as their parts.
"""

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

WAITS = ('_local_scalar_dense', 'nonzero', 'item', 'is_nonzero', 'equal')


class Operators(TorchDispatchMode):
    """Counts while it is entered. waits: those that make the host wait for the device."""

    def __init__(self) -> None:
        super().__init__()
        self.count, self.waits = 0, list[str]()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        name = func.overloadpacket.__name__
        if name in WAITS:
            self.waits.append(name)
        if not (func.is_view or _is_the_same(made, args)):
            self.count += 1
        return made


def _is_the_same(made: Any, args: Any) -> bool:
    """Whether an operator that may copy (a reshape) gave a view after all."""
    given = args[0] if args else None
    if not (isinstance(made, torch.Tensor) and isinstance(given, torch.Tensor)):
        return False
    same = made.untyped_storage()._cdata == given.untyped_storage()._cdata
    return same and made._version == given._version and made is not given
