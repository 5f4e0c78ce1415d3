"""An executor at work, and what every single thing that it is told may change.

The model of authority is written from the table in docs/executor.md, not from the code: where one
event may lead from where. What is told is told through one place, and checked there.
"""

import numpy as np

from fastwam_ros.apps.chaos.arms import Arms, Nature
from fastwam_ros.apps.chaos.bounds import Stream, broken
from fastwam_ros.apps.chaos.draw import limited
from fastwam_ros.apps.chaos.rules import Rules
from fastwam_ros.apps.chaos.tape import later, played, rows, taped
from fastwam_ros.apps.chaos.things import chunk_of
from fastwam_ros.apps.chaos.wants import MANNERS
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.executor import Executor
from fastwam_ros.motion.limits import SECOND
from test.motion.robot import HOME, SIZE, START

ROWS, STEP = 32, 1.0 / 15.0
MOVED = ('HOLD', 'POLICY', 'TELEOP', 'STOPPING>HOLD', 'STOPPING>DISARMED')
# Where a request leads; what is absent stays where it is.
REQUESTS = {
    'engage': {('DISARMED', 'HOLD')},
    'run': set(),
    'pause': {('POLICY', 'STOPPING>HOLD')},
    'disengage': {(mode, 'STOPPING>DISARMED') for mode in MOVED},
    'reset': {('FAULT', 'DISARMED'), ('ESTOP', 'DISARMED')},
    'estop': {(mode, 'ESTOP') for mode in (*MOVED, 'DISARMED', 'FAULT')},
}
TAKEOVER = {(mode, 'TELEOP') for mode in ('HOLD', 'POLICY', 'STOPPING>HOLD')}
CHUNK = {'accepted': {('HOLD', 'POLICY')}, 'uncertain': {('POLICY', 'STOPPING>HOLD')}}
PRESSED = {(mode, 'ESTOP') for mode in (*MOVED, 'DISARMED', 'FAULT')}
# A tick may find several things at once: a hand that let go and is at rest already, say.
TICK = (
    {(mode, 'FAULT') for mode in MOVED}
    | PRESSED
    | {(mode, after) for mode in ('POLICY', 'TELEOP') for after in ('STOPPING>HOLD', 'HOLD')}
    | {('STOPPING>HOLD', 'HOLD'), ('STOPPING>DISARMED', 'DISARMED')}
)
SOURCES = {'POLICY': 'policy', 'TELEOP': 'teleop'}
NOWHERE: set[tuple[str, str]] = set()


class Life:
    """One executor from its start on; every method tells it something and looks what that did."""

    def __init__(self, rate: float, share: float, seed: int, **changes) -> None:
        self.settings = limited(rate, share, **changes)
        self.limits, self.period = self.settings.limits, self.settings.period
        self.executor = Executor(self.settings, 1)
        self.calls = taped(self.executor)
        self.rules = Rules(self.executor)
        self.rng = np.random.default_rng(seed)
        self.arms = Arms(self.rng, Nature.drawn(self.rng), self.period, HOME, 2)
        self.now, self.requests, self.chunks, self.engaged = START, 0, 0, 0
        self.points, self.streams, self.open = [], [], -1
        self.active, self.held, self.held_at = False, False, 0
        self.counts = self.settings.require_deadman
        self.run_at = self.sequence = self.stamp = self.newest = 0
        self.tick(3)

    @property
    def mode(self) -> str:
        return str(self.executor.status.standing)

    def led(self, before: str, ways: set[tuple[str, str]]) -> None:
        """Authority went where it may, or stayed."""
        after = self.mode
        assert after == before or (before, after) in ways, f'{before} -> {after}'

    # Ticks

    def tick(self, count: int = 1, gap: int = 0) -> None:
        """`count` ticks; the first of them `gap` periods after the one before, if that is more."""
        for k in range(count):
            self._tick(max(gap, 1) if k == 0 else 1)

    def _tick(self, periods: int) -> None:
        before, grips = self.mode, self.executor.drive.openings
        self.now += periods * self.period
        reading = self.arms.reading(self.now)
        if reading is not None:
            self.executor.on_measured(reading)
        assert self.mode == before
        point = self.executor.tick(self.now, periods > 1)
        self.led(before, TICK)
        wrong = self.rules.look(self.now, point, self.engaged)
        assert not wrong, wrong
        if self.mode.startswith(('STOPPING', 'FAULT', 'ESTOP')) and point is not None:
            assert np.array_equal(point.openings, grips)
        q = point.state.q if point is not None and point.state is not None else None
        self.arms.move(q, point.openings if point is not None else None)
        self._keep(point, q)

    def _keep(self, point, q) -> None:
        self.points.append(point)
        if q is None:
            self.open = -1
            return
        if self.open != self.engaged:
            self.streams.append(Stream(len(self.points)))
            self.open = self.engaged
        self.streams[-1].rows.append(q)

    # What people say

    def ask(self, verb: str) -> str:
        before, epoch = self.mode, self.executor.status.epoch
        self.requests += 1
        answer = self.executor.on_request(self.now, verb, self.requests, 'life')
        self.led(before, REQUESTS.get(verb, NOWHERE) if answer == 'ok' else NOWHERE)
        self.engaged += verb == 'engage' and answer == 'ok'
        if self.executor.status.epoch != epoch:
            assert (verb, before, answer) == ('run', 'HOLD', 'ok')
            assert self.executor.status.epoch == epoch + 1
            self.run_at, self.sequence, self.newest = self.now, 0, 0
        return answer

    def switch(self, active: bool) -> None:
        """A person's switch: its rising edge is the only thing that takes over."""
        before, edge = self.mode, active and not self.active
        self.active = active
        self.executor.on_teleop_active(self.now, active)
        takes = edge and (before, 'TELEOP') in TAKEOVER and not self._deadman_lost()
        assert self.mode == ('TELEOP' if takes else before)
        assert self.executor.source == SOURCES.get(self.mode, 'none')

    def hand(self, positions, openings) -> None:
        before = self.mode
        self.executor.on_teleop_target(self.now, positions, openings)
        self.led(before, NOWHERE)

    def deadman(self, held: bool) -> None:
        before = self.mode
        self.executor.on_deadman(self.now, held)
        self.held, self.held_at, self.counts = held, self.now, True
        self.led(before, NOWHERE)  # judged at the next tick

    def estop(self, pressed: bool) -> None:
        before = self.mode
        self.executor.on_estop(self.now, pressed)
        assert self.mode == ('ESTOP' if pressed else before)

    def speed(self, share: float) -> None:
        before = self.mode
        self.executor.on_speed(self.now, share)
        self.led(before, NOWHERE)

    # What happens

    def foreign(self, q) -> None:
        before = self.mode
        self.executor.on_foreign(self.now, 'a topic', q, np.full(2, np.nan))
        self.led(before, NOWHERE)

    def set_clock(self, step: int) -> None:
        before, ahead = self.mode, self.ahead()
        self.executor.on_clock_step(self.now, step)
        assert np.array_equal(self.ahead(), ahead)
        self.led(before, NOWHERE)
        self.newest = 0

    def made(self, manner: str, late: float) -> Chunk:
        """A chunk in some manner from where the arms are, of an image `late` seconds ago."""
        near = self.executor.planned(self.now).q
        times = np.arange(ROWS) * STEP - late
        wanted = MANNERS[manner](self.rng, near, self.limits)(times, near)
        self.chunks += 1
        fields = {'stamp': self.now - round(late * SECOND), 'sequence': self.chunks}
        grips = np.full((ROWS, 2), self.rng.uniform(0.0, 0.1))
        doubt = float(self.rng.choice([np.nan, 0.01, 0.15, 0.3]))
        epoch = self.executor.status.epoch
        return chunk_of(wanted, grips, epoch=epoch, disagreement=doubt, **fields)

    def offer(self, chunk: Chunk) -> str:
        before, status, ahead = self.mode, self.executor.status, self.ahead()
        verdict = self.executor.on_chunk(self.now, chunk)
        self.led(before, CHUNK.get(verdict.name, NOWHERE))
        if verdict.name == 'accepted':
            self._accepted(before, status, chunk)
        elif verdict.name != 'uncertain':
            assert np.array_equal(self.ahead(), ahead)
            assert self.executor.status.in_force == status.in_force
        return verdict.name

    def _accepted(self, before: str, status, chunk: Chunk) -> None:
        assert self.mode == 'POLICY'
        assert before == 'POLICY' or status.pending
        assert chunk.epoch == status.epoch
        assert chunk.sequence > self.sequence
        assert self.newest <= chunk.stamp <= self.now + SECOND // 200
        assert chunk.stamp > self.run_at
        self.sequence, self.newest, self.stamp = chunk.sequence, chunk.stamp, chunk.stamp

    # What must hold at any time

    def ahead(self) -> np.ndarray:
        """What is decided of the ticks to come [N, D], until everything stands."""
        seconds = self.executor.drive.plan.duration + 0.5
        ticks = np.arange(1, round(seconds * SECOND / self.period))
        return self.executor.committed(self.now + self.period * ticks)

    def look(self) -> None:
        """The plan ends at rest and gets there inside the limits; what moves is what was taken."""
        if self.mode == 'POLICY':
            force = self.executor.status.in_force
            assert force.epoch == self.executor.status.epoch
            assert (force.sequence, force.stamp) == (self.sequence, self.stamp)
        if self.mode in ('TELEOP', 'ESTOP') or self.open != self.engaged:
            return  # a hand moves on from where it is; an e-stop commands nothing
        end = self.executor.planned(self.now + 10_000 * SECOND)
        assert not end.v.any()
        assert not end.a.any()
        worst = self._shares([*self.streams[-1].rows[-3:], *self.ahead()])
        assert not broken(worst), worst

    def end(self) -> None:
        """All of it was inside the bounds, and comes the same again, now and at another time."""
        for stream in self.streams:
            worst = self._shares(stream.rows)
            assert not broken(worst), worst
        commands = rows(self.points, SIZE)
        for calls in (self.calls, later(self.calls, 7), later(self.calls, 1 - START // 2)):
            again = rows(played(self.settings, calls), SIZE)
            assert np.array_equal(again, commands, equal_nan=True)

    def _shares(self, commands):
        return Stream(0, list(commands)).shares(self.limits, self.period / SECOND)

    def _deadman_lost(self) -> bool:
        age = (self.now - self.held_at) / SECOND
        return self.counts and (not self.held or age > self.settings.deadman_timeout)
