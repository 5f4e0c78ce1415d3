"""Several callers of one model: what they ask within a short window is one call of it.

While the model works, what comes next waits and is the next call, so that a busy model takes
larger batches by itself. A caller whose observation does not fit gets its error before it could
spoil the others' call; an error of the call itself reaches all who were part of it.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from numpy.typing import ArrayLike

from fastwam_ros.nodes.diagnostics import Window
from fastwam_ros.wam.mosaic import Picture
from fastwam_ros.wam.observation import Observation, Prediction
from fastwam_ros.wam.policy import Policy
from fastwam_ros.wam.prefix import Wanted

Given = TypeVar('Given')
Made = TypeVar('Made')


class Gathering(Generic[Given, Made]):
    """Calls of single things, made of one call of several.

    call: things [1..most] -> as many results; window [s]: how long the first waits for others,
    where there are `callers` who could ask. Thread-safe.
    """

    def __init__(
        self,
        call: Callable[[list[Given]], Sequence[Made]],
        most: int,
        window: float,
        callers: int,
    ) -> None:
        self._call, self._most, self._window = call, most, window
        self._enough = min(most, callers)
        self._works = threading.Lock()  # held while a call is gathered and made
        self._asked = threading.Condition()
        self._waiting: list[tuple[Given, Future[Made]]] = []

    def ask(self, given: Given) -> Made:
        """The result for one, in a call with others. Raises what the call raises."""
        mine: Future[Made] = Future()
        with self._asked:
            self._waiting.append((given, mine))
            self._asked.notify()
        while not mine.done():
            with self._works:  # whoever gets it works for all who wait
                if not mine.done():
                    self._work()
        return mine.result()

    def _work(self) -> None:
        with self._asked:
            self._asked.wait_for(lambda: len(self._waiting) >= self._enough, self._window)
            taken = self._waiting[: self._most]
            del self._waiting[: self._most]
        try:
            made = self._call([given for given, _ in taken])
        except Exception as error:  # theirs to handle, whatever it is
            for _, future in taken:
                future.set_exception(error)
            return
        for (_, future), one in zip(taken, made, strict=True):
            future.set_result(one)


class SharedModel:
    """A policy for several robots: the loop's model, whose chunks are predicted together."""

    def __init__(self, policy: Policy, window: float, robots: int) -> None:
        self._policy, self.sizes = policy, Window()  # robots per call
        self._gathering = Gathering[Observation, Prediction](
            self._predict_all, policy.batch, window, robots
        )

    def __getattr__(self, name: str) -> Any:
        """What it is, it is as the policy."""
        return getattr(self._policy, name)

    def predict(
        self,
        images: Mapping[str, Picture],
        state: ArrayLike,
        task: str,
        prefix: Wanted | None = None,
    ) -> Prediction:
        """As the policy's own. Raises ValueError for what does not fit, to who gave it alone."""
        one = Observation(self._policy.tile(images), state, task, prefix)
        self._policy.check_observation(one)
        return self._gathering.ask(one)

    def _predict_all(self, observations: Sequence[Observation]) -> list[Prediction]:
        self.sizes.add(len(observations))
        return self._policy.predict_all(observations)
