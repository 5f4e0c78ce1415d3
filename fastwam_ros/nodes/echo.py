"""The executor's clock beside this one, by requests that it answers.

There is no request for that: one that it does not know is answered as any other, with a state
that is stamped with its tick's time, and changes nothing. A tick keeps its stamp though it is late
by up to half a period.
"""

import time
from collections.abc import Callable

from fastwam_ros.loop.clocks import Behind, Echo, answered
from fastwam_ros.msg import ExecutorRequest, ExecutorState
from fastwam_ros.nodes import qos
from fastwam_ros.nodes.messages import nanoseconds
from fastwam_ros.nodes.node import FastWamNode
from fastwam_ros.robot import topics

VERB = 'time'
_ASKED, _WAIT = 8, 0.3  # requests, and how long [s] an answer is waited for


class Clock:
    """Asks for answers, of one node; hears the executor's states from its caller."""

    def __init__(self, node: FastWamNode, next_id: Callable[[], int]) -> None:
        self._node, self._next_id = node, next_id
        self._requests = node.create_publisher(ExecutorRequest, topics.REQUEST, qos.REQUESTS)
        self._asked, self._at = 0, 0
        self._first: ExecutorState | None = None
        self._echoes: list[Echo] = []

    def hear(self, state: ExecutorState) -> None:
        """A state that came just now."""
        self._first = self._first or state
        if self._asked and state.request_id == self._asked:
            stamp, now = nanoseconds(state.header.stamp), self._node.now()
            early = 0.5 * self._period(state) / 1e9
            self._echoes.append(Echo(self._at / 1e9, stamp / 1e9, now / 1e9, early))
            self._asked = 0

    def ask(self, spin: Callable[[float], None]) -> Behind | None:
        """Some requests, one after another; None where nobody answers. spin: hear for so long."""
        for _ in range(_ASKED):
            self._asked, self._at = self._next_id(), self._node.now()
            self._requests.publish(ExecutorRequest(verb=VERB, id=self._asked, requester='check'))
            end = time.monotonic() + _WAIT
            while self._asked and time.monotonic() < end:
                spin(0.01)
        return answered(self._echoes)

    def _period(self, state: ExecutorState) -> float:
        """Of its ticks [ns], as it counts and stamps them."""
        first = self._first or state
        ticks = state.tick - first.tick
        passed = nanoseconds(state.header.stamp) - nanoseconds(first.header.stamp)
        return passed / ticks if ticks > 0 else 0.0
