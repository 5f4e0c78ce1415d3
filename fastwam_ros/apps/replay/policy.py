"""Who gives chunks in a replay: a checkpoint that infers, or those that were recorded.

Both take what came from the recording, in its order, and give chunks when they would have been
there. While one is inferred nothing else is, as in the node, which has one worker.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from fastwam_ros.loop.inference import Inference, Job
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND, Ns


@dataclass(frozen=True)
class Coming:
    """A chunk, and when it is there [ns]."""

    due: Ns
    chunk: Chunk


class Inferring:
    """A checkpoint on the recorded pictures and readings."""

    def __init__(self, inference: Inference, latencies: Iterator[float] | None) -> None:
        """latencies: see `latency`."""
        self.inference, self._latencies = inference, latencies
        self._coming: Coming | None = None
        self.seconds = 0.0  # spent in the model
        self.problems: dict[str, int] = {}

    def step(self, now: Ns) -> Chunk | None:
        """What is there now; begins what can be begun."""
        if self._coming is not None:
            if now < self._coming.due:
                return None
            chunk, self._coming = self._coming.chunk, None
            return chunk
        job = self.inference.pick()
        if isinstance(job, Job):
            self._infer(now, job)
        elif job is not None or self.inference.blind is not None:
            self._problem(job or self._blind())
        return None

    def _infer(self, now: Ns, job: Job) -> None:
        begun = time.perf_counter()
        try:
            chunk = self.inference.run(job)
        except (ValueError, RuntimeError) as error:
            return self._problem(f'no chunk: {error}')
        finally:
            took = time.perf_counter() - begun
            self.seconds += took
        if chunk is None:
            return self._problem(self._blind())
        late = took if self._latencies is None else next(self._latencies)
        self._coming = Coming(now + round(late * SECOND), replace(chunk, inference_time=late))
        return None

    def _blind(self) -> str:
        found = self.inference.blind
        return f'no chunk: {found.camera} camera: {found.fact}' if found is not None else 'no chunk'

    def _problem(self, what: str) -> None:
        self.problems[what] = self.problems.get(what, 0) + 1
