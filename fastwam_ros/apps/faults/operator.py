"""An operator at the faults node: asks, waits for the executor, breaks wires.

All waiting happens here, so that what the node says is always read. Reads the clock.
"""

import json
import os
import select
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastwam_ros.apps.faults.cases import Break

_LOOK = 0.05  # [s] between looks at what does not come by the pipe
_ANSWER = 2.0  # [s] to wait for the answer to a request
_AGAIN = 0.3  # [s] until a refused request is made again
# What leads from a mode to a policy that runs; where it is missing, time does.
_NEXT = {'FAULT': 'reset', 'ESTOP': 'reset', 'DISARMED': 'engage', 'HOLD': 'run'}


@dataclass(frozen=True)
class Told:
    """The executor's state as far as an operator looks at it; at: when it was heard [s]."""

    at: float
    tick: int
    chunks: int
    mode: str
    next_mode: str
    pending: bool
    epoch: int
    request_id: int
    request_answer: str
    reason: str


class GoneError(RuntimeError):
    """The faults node ended."""


class Operator:
    """Speaks with the executor through the faults node's pipes. hit: messages by broken wire."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None and process.stdout is not None
        self._into, self._out = process.stdin, process.stdout
        self._rest = b''
        self._asked = 0
        self.acted = 0  # when it first did something since this was set to 0 [ns, machine's clock]
        self.told: Told | None = None
        self.hit: dict[str, int] = {}
        self.wrong = ''

    @property
    def mode(self) -> str:
        """Of the newest state, however old; '' before the first."""
        return self.told.mode if self.told is not None else ''

    @property
    def words(self) -> str:
        """What the executor said last."""
        told = self.told
        return f'{told.mode}: {told.reason}; {told.request_answer}' if told else 'it is silent'

    def wait(self, seconds: float) -> None:
        """Listen for so long."""
        self.until(lambda: False, seconds)

    def until(self, wanted: Callable[[], bool], seconds: float) -> bool:
        """Listen until `wanted()` holds; False when that takes longer."""
        end = time.monotonic() + seconds
        while not wanted():
            left = end - time.monotonic()
            if left <= 0.0:
                return False
            if select.select([self._out], [], [], min(left, _LOOK))[0]:
                self._read()
        return True

    def reaches(self, modes: str | tuple[str, ...], seconds: float) -> bool:
        """Whether the executor is or comes to be in one of some modes."""
        names = (modes,) if isinstance(modes, str) else modes
        return self.until(lambda: self.mode in names, seconds)

    def hears_anew(self, seconds: float) -> bool:
        """Whether an executor speaks from now on."""
        since = time.monotonic()
        return self.until(lambda: self.told is not None and self.told.at > since, seconds)

    def ask(self, verb: str) -> str:
        """Request something; the answer, '' where none comes."""
        self.act()
        before, self._asked = self._asked, 0
        self._say(f'ask {verb}')
        self.until(lambda: self._asked not in (0, before), _ANSWER)
        if not self.until(lambda: self._answered, _ANSWER):
            return ''
        assert self.told is not None
        return self.told.request_answer

    def act(self) -> None:
        """From here on somebody intervenes."""
        self.acted = self.acted or time.time_ns()

    def runs(self, seconds: float) -> bool:
        """Whether the policy drives within so many seconds, by requests that anybody may make."""
        end = time.monotonic() + seconds
        while self.mode != 'POLICY':
            left = end - time.monotonic()
            if left <= 0.0:
                return False
            verb = _NEXT.get(self.mode)
            if verb is None or (verb == 'run' and not self._chunks_come(min(left, 1.0))):
                self.wait(_LOOK)
            elif self.ask(verb) != 'ok':
                self.wait(_AGAIN)
            elif verb == 'run':
                self.until(lambda: not self._pending, min(left, 5.0))
        return True

    def takes_over(self, seconds: float) -> None:
        """Take the arms, and wave with them for so long."""
        self._say(f'take {seconds}')

    def lets_go(self) -> None:
        """Release them."""
        self._say('release')

    def breaks(self, how: Break, seed: int) -> None:
        """Break a wire."""
        self.hit[how.wire] = 0
        self._say(f'break {how.wire} {how.kind} {how.seconds} {how.amount} {seed}')

    @property
    def _answered(self) -> bool:
        return self.told is not None and self.told.request_id == self._asked

    @property
    def _pending(self) -> bool:
        return self.told is not None and self.told.mode == 'HOLD' and self.told.pending

    def _chunks_come(self, seconds: float) -> bool:
        """Nobody is asked to run before somebody is there who could."""
        before = self.told.chunks if self.told is not None else 0
        return self.until(lambda: self.told is not None and self.told.chunks != before, seconds)

    def _say(self, line: str) -> None:
        try:
            self._into.write(f'{line}\n'.encode())
            self._into.flush()
        except BrokenPipeError:
            raise GoneError('the faults node ended: see its log') from None

    def _read(self) -> None:
        data = os.read(self._out.fileno(), 1 << 16)
        if not data:
            raise GoneError('the faults node ended: see its log')
        *lines, self._rest = (self._rest + data).split(b'\n')
        for line in lines:
            if line.startswith(b'{'):
                self._take(json.loads(line))

    def _take(self, what: dict[str, Any]) -> None:
        if 'mode' in what:
            self.told = Told(time.monotonic(), **what)
        elif 'asked' in what:
            self._asked = what['asked']
        elif 'hit' in what:
            self.hit[what['wire']] = what['hit']
        else:
            self.wrong = what.get('wrong', '')
