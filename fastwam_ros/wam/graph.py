"""A call over memory that stays, recorded once and played again: on CUDA as one graph.

What such a call reads and writes lies where it always lay; what else may differ between two calls
is their key, and each key is recorded when it is first asked for. A recording holds addresses:
when memory moves, all are forgotten. On a CPU the call is simply made. Knows no network.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import torch
from torch import Tensor

from fastwam_ros.wam.sampling import Sample

Call = Callable[[], Sample]
BY_OPERATORS = 'operator by operator'


class Recorder(Protocol):
    """What turns a call into a shorter way to the same numbers; how: in words."""

    how: str

    def record(self, call: Call) -> Call:
        """Make the call; what is returned repeats it, with its results in one place always."""

    def forget(self) -> None:
        """Nothing that was recorded is played any more."""


class Recorded:
    """Calls by key. memory: what they lie in, now; recorder: None where they are made anew."""

    def __init__(
        self,
        recorder: Recorder | None = None,
        memory: Callable[[], Sequence[Tensor]] = tuple,
    ) -> None:
        self._recorder, self._memory = recorder, memory
        self._replays: dict[Hashable, Call] = {}
        self._made: dict[Hashable, Sample] = {}
        self._places: list[Hashable] = []

    def __call__(self, key: Hashable, call: Call) -> Sample:
        """The call's result, which the next one leaves alone."""
        if self._recorder is None:
            return call()
        self._forget_what_moved(self._recorder)
        if key not in self._replays:
            self._replays[key] = self._recorder.record(call)
        self._made[key] = self._replays[key]()
        return self._made[key].copy()

    @property
    def records(self) -> bool:
        """Whether the first call of a key costs more than the others."""
        return self._recorder is not None

    @property
    def how(self) -> str:
        """How calls are made, in words."""
        return self._recorder.how if self._recorder is not None else BY_OPERATORS

    @property
    def outputs(self) -> list[Tensor]:
        """What recordings write their results to: for who checks that they do."""
        return [part for made in self._made.values() for part in made.tensors]

    @contextmanager
    def off(self) -> Iterator[None]:
        """Every call is made anew meanwhile: for who counts operators or compares."""
        recorder, self._recorder = self._recorder, None
        try:
            yield
        finally:
            self._recorder = recorder

    def _forget_what_moved(self, recorder: Recorder) -> None:
        places: list[Hashable] = [(part.data_ptr(), part.shape) for part in self._memory()]
        if places != self._places:
            self._replays.clear()
            self._made.clear()
            recorder.forget()
            self._places = places


class CudaGraphs:
    """Records on one device; all that is recorded between two `forget` shares one pool of memory.

    It may, because results are copied out before anything else is played.
    """

    how = 'one CUDA graph'

    def __init__(self, device: str) -> None:
        self._device = torch.device(device)
        self._side = torch.cuda.Stream(self._device)  # one, for libraries keep memory per stream
        self.forget()

    def forget(self) -> None:
        """A pool ends with its last graph."""
        self._pool = torch.cuda.graph_pool_handle()

    def record(self, call: Call) -> Call:
        """Call once to load kernels and choose algorithms, no matter for a graph; once into it.

        Other threads may use the device meanwhile: an instruction may be learnt.
        """
        graph, now = torch.cuda.CUDAGraph(), torch.cuda.current_stream(self._device)
        self._side.wait_stream(now)
        with torch.cuda.stream(self._side):
            call()
        now.wait_stream(self._side)
        errors = 'thread_local'
        with torch.cuda.graph(graph, self._pool, self._side, capture_error_mode=errors):
            made = call()

        def replay() -> Sample:
            graph.replay()
            return made

        return replay


def recorder_of(device: str) -> Recorder | None:
    """What records there; None on a CPU, where an operator costs little beside its work."""
    return CudaGraphs(device) if torch.device(device).type == 'cuda' else None
