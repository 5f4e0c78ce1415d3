"""People at a robot: who engages and stops it, whose hand moves it, and who holds its switches."""

import numpy as np

from fastwam_ros.apps.chaos.stage import Rng, Stage, moment, seconds
from fastwam_ros.motion.limits import Array, Ns

_EVERY = seconds(0.1)  # between two words of a switch


class Operator:
    """Wants the policy to run, and now and then something else."""

    def __init__(self, rng: Rng, now: Ns) -> None:
        self._rng, self.due = rng, now + moment(rng, 0.05)

    def act(self, stage: Stage) -> None:
        rng = self._rng
        self.due = stage.now + moment(rng, 0.15)
        wanted = {'DISARMED': 'engage', 'HOLD': 'run', 'FAULT': 'reset', 'ESTOP': 'reset'}
        verb = wanted.get(stage.executor.status.standing.mode.value, '')
        if verb and rng.random() < 0.9:
            stage.ask(verb)
        if rng.random() < 0.01:
            stage.ask(str(rng.choice(['pause', 'disengage', 'pause', 'estop', 'engage', 'dance'])))
        if rng.random() < 0.02:
            stage.ask(str(rng.choice(['pause', 'reset', 'run'])), again=True)


class Speed:
    """Somebody at the speed dial."""

    def __init__(self, rng: Rng, now: Ns) -> None:
        self._rng, self.due = rng, now + moment(rng, 15.0)

    def act(self, stage: Stage) -> None:
        share = self._rng.choice([1.0, 1.0, self._rng.uniform(0.05, 1.0)])
        stage.executor.on_speed(stage.now, float(share))
        self.due = stage.now + moment(self._rng, self._rng.choice([0.05, 8.0]))


class Hand:
    """A person with a leader arm, for a while; it may move, leap, fall silent or flap."""

    def __init__(self, rng: Rng, now: Ns, size: int, grippers: int) -> None:
        self._rng, self.due = rng, now + moment(rng, 8.0)
        self._size, self._grippers = size, grippers
        self._until: Ns = 0
        self._told: Ns = 0
        self._active = False
        self._manner = 'sines'

    def act(self, stage: Stage) -> None:
        rng = self._rng
        if not self._active:
            self._take(stage)
        elif stage.now >= self._until:
            self._leave(stage)
        elif self._manner == 'flaps':
            stage.executor.on_teleop_active(stage.now, bool(rng.random() < 0.5))
            self.due = stage.now + seconds(0.02)
        else:
            self._hold(stage)

    def _take(self, stage: Stage) -> None:
        rng = self._rng
        self._manner = str(rng.choice(['sines', 'leaps', 'still', 'silent', 'mute', 'flaps']))
        self._begun, self._told = stage.now, stage.now
        self._until = stage.now + moment(rng, 1.5)
        self._centre = rng.uniform(-3.0, 3.0, self._size)
        self._hertz, self._swing = rng.uniform(0.1, 2.0, self._size), rng.uniform(0.0, 0.8)
        self._active, self.due = True, stage.now + seconds(rng.choice([0.005, 0.02, 0.1]))
        stage.executor.on_teleop_active(stage.now, True)

    def _leave(self, stage: Stage) -> None:
        self._active, self.due = False, stage.now + moment(self._rng, 8.0)
        stage.executor.on_teleop_active(stage.now, False)

    def _hold(self, stage: Stage) -> None:
        if self._manner != 'mute' and stage.now - self._told >= _EVERY:
            self._told = stage.now
            stage.executor.on_teleop_active(stage.now, True)
        if self._manner != 'silent':
            grips = self._rng.uniform(-0.02, 0.12, self._grippers)
            stage.executor.on_teleop_target(stage.now, self._positions(stage.now), grips)
        self.due = stage.now + seconds(self._rng.choice([0.005, 0.01, 0.03]))

    def _positions(self, now: Ns) -> Array:
        rng, t = self._rng, (now - self._begun) / 1e9
        if self._manner == 'leaps':
            positions = rng.uniform(-4.0, 4.0, self._size)
        elif self._manner == 'still':
            positions = self._centre.copy()
        else:
            angle = 2.0 * np.pi * self._hertz * t
            positions = self._centre + self._swing * np.sin(angle)
        if rng.random() < 0.2:  # one arm at a time, or a joint that is missing
            positions[rng.random(self._size) < 0.5] = np.nan
        return positions


class Switch:
    """A deadman or an e-stop: tells its state, changes it, falls silent, comes back.

    resting: what it says nearly always; changes and silences: seconds between two of them.
    """

    def __init__(
        self, rng: Rng, now: Ns, which: str, resting: bool, changes: float, silences: float
    ) -> None:
        self._rng, self._which, self._resting = rng, which, resting
        self._changes, self._silences = changes, silences
        self.due = now
        self._state, self._until = resting, now + moment(rng, changes)
        self._silent_at = now + moment(rng, silences)

    def act(self, stage: Stage) -> None:
        if stage.now >= self._until:
            self._state = not self._state
            mean = self._changes if self._state == self._resting else 0.4
            self._until = stage.now + moment(self._rng, mean)
        self._tell(stage)
        self.due = stage.now + _EVERY
        if stage.now >= self._silent_at:
            self.due = stage.now + moment(self._rng, 0.6)
            self._silent_at = self.due + moment(self._rng, self._silences)

    def _tell(self, stage: Stage) -> None:
        if self._which == 'deadman':
            stage.executor.on_deadman(stage.now, self._state)
        else:
            stage.executor.on_estop(stage.now, self._state)
