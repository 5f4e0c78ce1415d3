"""A recorder for machines without a GPU: plays nothing but what a CUDA graph could have played.

A graph repeats the same operators on the same addresses, and its results lie in one place always.
"""

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Tape:
    """Makes the call anew and holds it to the recorded one; counts what it is asked for."""

    how = 'a tape'

    def __init__(self) -> None:
        self.recorded = self.forgotten = 0

    def record(self, call):
        self.recorded += 1
        with Steps() as then:
            made = call()

        def replay():
            with Steps() as now:
                values = call().tensors
            assert now.steps == then.steps, 'another call than the one that was recorded'
            for place, value in zip(made.tensors, values, strict=True):
                place.copy_(value)
            return made

        return replay

    def forget(self) -> None:
        self.forgotten += 1


class Steps(TorchDispatchMode):
    """Operators, shapes, and addresses of what was there before."""

    def __init__(self) -> None:
        super().__init__()
        self.steps, self._made = [], {}

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        given = _tensors((args, kwargs))
        self.steps.append((func, [self._named(tensor) for tensor in given]))
        made = func(*args, **(kwargs or {}))
        known = set(map(_memory, given))
        self._made.update({_memory(t): t for t in _tensors(made) if _memory(t) not in known})
        return made

    def _named(self, tensor):
        place = 0 if _memory(tensor) in self._made else tensor.data_ptr()
        return place, tensor.shape, tensor.stride(), tensor.dtype


def _tensors(tree):
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, torch.Tensor)]


def _memory(tensor):
    return tensor.untyped_storage()._cdata
