"""A person at a keyboard: keys and the executor's word in; requests, switch and targets out.

The switch is held only while the executor confirms it: whatever ends TELEOP lets it go here too,
so that moving again takes a new press. Reads no clock and knows no topic and no terminal.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fastwam_ros.loop.cruise import HELP, Cruise
from fastwam_ros.loop.jog import NAMES, Jog
from fastwam_ros.loop.keys import Ask, Choose, Do, Mark, Move, meaning
from fastwam_ros.motion.authority import Event, Mode, Standing, lead, refusal
from fastwam_ros.motion.limits import Array, Ns
from fastwam_ros.robot.joints import ARM_NAMES, GRIPPER_NAMES

GRANT = 1.0  # [s] from the press to TELEOP
SILENT = 1.0  # [s] without the executor's state, which comes at 10 Hz: nobody is there
UNREAD = 0.2  # [s] after which a reading says nothing about where a joint is
REPEAT = 0.7  # [s] within which a request's key is held down and not pressed again
TELLING = 0.5  # [s] for which a switch that is let go is said to be so
_INDEX = {name: i for i, name in enumerate(NAMES)}


@dataclass(frozen=True)
class Told:
    """The executor's state as far as a person looks at it; first_tick of its plan [ns]."""

    mode: str
    next_mode: str
    source: str = 'none'
    reason: str = ''
    pending: bool = False
    dry_run: bool = False
    answered: int = 0
    answer: str = ''
    held_back: tuple[str, ...] = ()
    time_scale: float = 1.0
    first_tick: Ns = 0

    @property
    def standing(self) -> Standing:
        return Standing(Mode(self.mode), Mode(self.next_mode))


@dataclass(frozen=True)
class Request:
    """What was asked at a time [s], under which number; answer: '' until there is one."""

    verb: str
    number: int
    at: float
    answer: str = ''


class Readings:
    """The newest value of every joint [rad] and gripper [m], and when it came [s]."""

    def __init__(self) -> None:
        self._values = np.full(len(NAMES), np.nan)
        self._at = np.full(len(NAMES), -np.inf)

    def take(self, now: float, names: Sequence[str], values: Sequence[float]) -> None:
        """Values by name."""
        at = [_INDEX[name] for name in names]
        self._values[at], self._at[at] = values, now

    def fresh(self, now: float) -> Array:
        """All values in the order of NAMES, NaN where the newest one is old."""
        return np.where(now - self._at <= UNREAD, self._values, np.nan)


class Keyboard:
    """The person's side of authority. Times are seconds of one clock that does not go back."""

    def __init__(
        self, jog: Jog, cruise: Cruise, now: float, first_id: int, idle: float = 30.0
    ) -> None:
        """first_id: of the requests; another one per start, or an old answer would be given.

        idle: seconds without a key after which the switch is let go: the person may have left,
        or be at the other end of a connection that died without a word.
        """
        self.jog, self.cruise = jog, cruise
        self.measured, self.commanded = Readings(), Readings()
        self.told: Told | None = None
        self.told_at = now
        self.request: Request | None = None
        self.held = self.over = False
        self.notice = self._why = ''
        self._asked: list[Request] = []
        self._marked: list[str] = []
        self._word, self._word_at = '', now
        self._next_id = first_id
        self._taken_at, self._confirmed = now, False
        self._idle, self._key_at = idle, now
        self._plan: tuple[Ns, dict[str, float]] = (0, {})
        self._telling_until: float | None = None

    # What the robot and the executor say

    def on_state(self, now: float, told: Told) -> None:
        """Take the executor's newest state."""
        self.told, self.told_at = told, now
        request = self.request
        if request is not None and told.answered == request.number and not request.answer:
            self.request = replace(request, answer=told.answer)
        if self._telling_until is None and told.mode != Mode.TELEOP.value:
            self._telling_until = now + TELLING  # an earlier process may have died holding it

    def on_plan(self, first_tick: Ns, names: Sequence[str], end: Sequence[float]) -> None:
        """Take where the plan that begins at a tick [ns] comes to rest [rad]."""
        self._plan = (first_tick, dict(zip(names, end, strict=True)))

    def silence(self, now: float) -> float:
        """Seconds since the executor's state, if that is too long; else 0."""
        age = now - self.told_at
        return age if self.told is None or age > SILENT else 0.0

    # What the person does

    def press(self, now: float, key: str) -> None:
        """A key was pressed or repeats."""
        self._key_at = now
        try:
            does = meaning(key)
        except ValueError as error:
            self.notice = str(error)
            return
        if isinstance(does, Move):
            self._jog(now, does)
        elif isinstance(does, Choose):
            self._choose(does.what)
        elif isinstance(does, Ask):
            self._ask_once(now, does.verb)
        elif isinstance(does, Mark):
            self._mark(now, does.word)
        else:
            self._do(now, does)

    def let_go(self, now: float, why: str) -> None:
        """Release the switch: nothing is commanded from here on."""
        self.notice = why
        if self.held:
            self._why = why  # stays to be read while the key is still held
            self._telling_until = now + TELLING
        self.held = self._confirmed = False
        self.jog.end()
        self.cruise.stop()

    # What follows

    def tick(self, now: float) -> None:
        """Let the switch go if the executor did, and move the targets to `now`."""
        self._confirmed |= self.held and self._mode == Mode.TELEOP.value
        if self.held and (why := self._lost(now)):
            self.let_go(now, why)
        if self.held and self._confirmed and not self.jog.driving:
            self._begin(now)
        self.jog.advance(now, self.measured.fresh(now))

    def requests(self) -> list[Request]:
        """What was asked since the last call."""
        asked, self._asked = self._asked, []
        return asked

    def marks(self) -> list[str]:
        """Words on the episode that were said since the last call."""
        marked, self._marked = self._marked, []
        return marked

    def switch(self, now: float) -> bool | None:
        """What to say on the switch's topic; None: nothing, another person may use it."""
        if self.held:
            return True
        return False if self._telling_until is not None and now < self._telling_until else None

    @property
    def _mode(self) -> str:
        return self.told.mode if self.told is not None else ''

    def _lost(self, now: float) -> str:
        told, age = self.told, self.silence(now)
        if told is None or age:
            return f'released: no executor state for {age:.1f} s'
        if now - self._key_at > self._idle:
            return f'released: no key for {self._idle:g} s'
        if self._confirmed and told.mode != Mode.TELEOP.value:
            return f'released by the executor: {told.reason}'
        if not self._confirmed and now - self._taken_at > GRANT:
            return f'not taken over within {GRANT} s: the executor is in {told.standing}'
        return ''

    def _begin(self, now: float) -> None:
        """Targets begin where the executor's own do: at the end of the plan of the takeover."""
        first_tick, ends = self._plan
        if self.told is None or not first_tick or first_tick != self.told.first_tick:
            return
        measured, commanded = self.measured.fresh(now), self.commanded.fresh(now)
        known = np.where(np.isfinite(commanded), commanded, measured)
        grips = np.array([known[_INDEX[name]] for name in GRIPPER_NAMES])
        self.jog.begin(now, np.array([ends[name] for name in ARM_NAMES]), grips)
        self.notice = 'the arms are yours'

    def _choose(self, what: str) -> None:
        self.cruise.choose(what if what in HELP else '')
        if self.cruise.chosen:
            self.jog.stop()
            self.notice = HELP[what]
        else:
            self.jog.choose(what)

    def _jog(self, now: float, move: Move) -> None:
        if self.jog.driving and self.cruise.chosen:
            self.notice = self.cruise.press(now, move.axis, move.sign, self.jog.share)
        elif self.jog.driving:
            self.jog.press(now, move.axis, move.sign)
        elif not self.held:
            self.notice = f'nothing moves: take over first (t); {self._why}'.rstrip('; ')

    def _ask_once(self, now: float, verb: str) -> None:
        """Ask, unless it is a held key's repeat."""
        if not self._repeats(now, verb):
            self._ask(now, verb)

    def _mark(self, now: float, word: str) -> None:
        if not self._repeats(now, word):
            self._marked.append(word)
            self.notice = f'marked as {word}'

    def _repeats(self, now: float, word: str) -> bool:
        """Whether a word comes from a key that is held down."""
        repeats = word == self._word and now - self._word_at < REPEAT
        self._word, self._word_at = word, now
        return repeats

    def _ask(self, now: float, verb: str) -> None:
        if self.silence(now):
            self.notice = f'{verb} is not sent: no executor hears it'
            return
        self.request = Request(verb, self._next_id, now)
        self._asked.append(self.request)
        self._next_id += 1
        self.notice = ''

    def _do(self, now: float, does: Do) -> None:
        if does is Do.TAKE:
            self._take(now)
        elif does is Do.RELEASE:
            self._release(now)
        elif does is Do.QUIT:
            self.let_go(now, 'quit')
            self.over = True
        else:
            self.jog.scale(up=does is Do.FASTER)

    def _take(self, now: float) -> None:
        told = self.told
        if self.held:
            return
        if told is None or self.silence(now):
            self.notice = 'nothing to take over: no executor is there'
        elif told.mode == Mode.TELEOP.value:
            self.notice = 'somebody else holds the arms'
        elif lead(told.standing, Event.TAKEOVER) is None:
            self.notice = refusal(told.standing, Event.TAKEOVER)
        else:
            self.held, self._confirmed, self._taken_at = True, False, now
            self.notice = 'taking over'

    def _release(self, now: float) -> None:
        self.let_go(now, 'released')
        if self.told is not None and (self._mode == Mode.POLICY.value or self.told.pending):
            self._ask_once(now, 'pause')
