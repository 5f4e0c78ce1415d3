"""What everybody acts on: an executor, the time, the arms; and what happens at random moments."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from fastwam_ros.apps.chaos.arms import Arms
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.executor import Executor
from fastwam_ros.motion.limits import SECOND, Array, Limits, Ns

Rng = np.random.Generator


@dataclass
class Stage:
    """One robot at work. now [ns]: of the tick that comes next; requests: how many were made.

    last [ns]: of the last tick; set_at, set_by [ns]: when the clock of the stamps was set, and by
    how much; engaged: how often the arms were; verdicts: how many chunks got which.
    """

    executor: Executor
    arms: Arms
    limits: Limits
    now: Ns
    last: Ns = 0
    requests: int = 0
    set_at: Ns = 0
    set_by: Ns = 0
    engaged: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)

    def commanded(self) -> Array:
        """Where the joints [D] are commanded to be, or are."""
        executor = self.executor
        return self.arms.q if executor.silent else executor.planned(self.now).q

    def ask(self, verb: str, again: bool = False) -> str:
        """A request by the operator; `again` repeats the id of the one before."""
        self.requests += 0 if again else 1
        answer = self.executor.on_request(self.now, verb, self.requests, 'operator')
        self.engaged += verb == 'engage' and answer == 'ok' and not again
        return answer

    def offer(self, chunk: Chunk) -> str:
        """A chunk comes: the name of its verdict."""
        verdict = self.executor.on_chunk(self.now, chunk).name
        self.verdicts[verdict] += 1
        return verdict


class Actor(Protocol):
    """Somebody or something that acts at times of its own."""

    due: Ns

    def act(self, stage: Stage) -> None:
        """Do it, and say when the next time is due."""
        ...


def seconds(value: float) -> Ns:
    """In nanoseconds."""
    return round(float(value) * SECOND)


def moment(rng: Rng, mean: float) -> Ns:
    """A random time until something that happens every `mean` seconds [ns]."""
    return seconds(rng.exponential(mean))
