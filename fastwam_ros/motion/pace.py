"""A plan passed at another rate: its path is kept, its timing gives, to a slower pace or to rest.

With p(s) the path, primes its derivatives and s(u) the path time at u, whose rate is r:
v = p' r, a = p'' r^2 + p' r', jerk = p''' r^3 + 3 p'' r r' + p' r''. All three are kept inside the
limits. When to slow down or stop is the authority's business.
"""

from dataclasses import dataclass

import numpy as np

from fastwam_ros.motion.limits import SECOND, Array, Limits, Ns, State
from fastwam_ros.motion.plan import Hold, Plan

# Durations of a change of pace that are tried [s], shortest first.
_DURATIONS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.85, 1.0, 1.2, 1.4, 1.7, 2.0)
# By how much earlier [s] a stop may end: where a plan uses all of the jerk there is no room.
_EARLIER = (0.0, 0.05, 0.1, 0.17, 0.25, 0.35, 0.5, 0.7, 0.9)
# [s] on which it is checked, at most: where a ramp leads over a ramp the jerk may peak for less
# than that, which shows where ticks are shorter.
STEP = 0.005


@dataclass(frozen=True)
class Cruise:
    """A plan's states from `begin` seconds after its start on, passed at a constant rate."""

    plan: Plan
    begin: float
    rate: float
    duration: float

    def at(self, u: float) -> State:
        q, v, a = self.plan.after(self.begin + self.rate * u)
        return State(q, v * self.rate, a * self.rate**2)

    def over(self, us: Array) -> State:
        q, v, a = self.plan.sample(self.begin + self.rate * us)
        return State(q, v * self.rate, a * self.rate**2)


@dataclass(frozen=True)
class Ramp:
    """A plan's states from `begin` on, passed at a rate that goes from 1 to `rate`.

    The rate is 1 - (1 - rate) smoothstep5(u / duration): velocity and acceleration start as the
    plan's own, and at rate 0 they end at zero.
    """

    plan: Plan
    begin: float
    duration: float
    rate: float

    def at(self, u: float) -> State:
        s, r, dr, _ = _pace(min(max(u / self.duration, 0.0), 1.0), self.duration, self.rate)
        q, v, a = self.plan.after(self.begin + float(s))
        return State(q, v * r, a * r**2 + v * dr)

    def over(self, us: Array) -> State:
        s, *pace = _pace(np.clip(us / self.duration, 0.0, 1.0), self.duration, self.rate)
        q, v, a = self.plan.sample(self.begin + s)
        r, dr, _ = (row[:, None] for row in pace)
        return State(q, v * r, a * r**2 + v * dr)

    @property
    def end(self) -> float:
        """Seconds after the plan's start at which the ramp is over, in the plan's own time."""
        return self.begin + passed(self.duration, self.rate)


def passed(duration: float, rate: float) -> float:
    """Seconds of path time that a ramp to a rate takes."""
    return duration * (1.0 + rate) / 2.0


def _pace(x: Array | float, duration: float, rate: float) -> tuple[Array, Array, Array, Array]:
    """Path time s at u = x * duration of a ramp, and its three derivatives by u."""
    x, fall = np.asarray(x, np.float64), 1.0 - rate
    s = duration * (x - fall * x**4 * (x**2 - 3.0 * x + 2.5))
    r = 1.0 - fall * x**3 * (6.0 * x**2 - 15.0 * x + 10.0)
    dr = -fall * 30.0 * x**2 * (x - 1.0) ** 2 / duration
    return s, r, dr, -fall * 60.0 * x * (2.0 * x**2 - 3.0 * x + 1.0) / duration**2


def stop(limits: Limits, plan: Plan, now: Ns, step: float = STEP) -> Plan | None:
    """The plan from plan time `now` on, brought to rest on its path as soon as the limits allow.

    None when no tried duration stays inside the limits, looked at every `step` seconds.
    """
    begin = (now - plan.start) / SECOND
    ramp = _ramp(limits, plan, begin, 0.0, step)
    return None if ramp is None else Plan(now, (ramp, Hold(ramp.at(ramp.duration).q)))


def slow(limits: Limits, plan: Plan, now: Ns, rate: float, step: float = STEP) -> Plan | None:
    """The plan from plan time `now` on, passed at `rate` (0..1) as soon as the limits allow."""
    begin = (now - plan.start) / SECOND
    ramp = _ramp(limits, plan, begin, rate, step)
    if ramp is None:
        return None
    rest = Cruise(plan, ramp.end, rate, max(plan.duration - ramp.end, 0.0) / rate)
    return Plan(now, (ramp, rest, Hold(plan.segments[-1].at(0.0).q)))


def stop_before(
    limits: Limits, plan: Plan, now: Ns, end: float, step: float = STEP
) -> Plan | None:
    """The plan from `now` on, at rest on its path before `end` seconds after its start.

    It begins to stop late, if not as late as it might. None when the limits do not allow it.
    """
    begin = (now - plan.start) / SECOND
    if end <= begin:
        return None
    ahead = _ahead(plan, begin, end - begin, step)
    for early in _EARLIER:
        ramp = _ramp_before(limits, plan, begin, end - early, ahead, step)
        if ramp is not None:
            kept = Cruise(plan, begin, 1.0, ramp.begin - begin)
            return Plan(now, (kept, ramp, Hold(ramp.at(ramp.duration).q)))
    return None


def _ramp_before(
    limits: Limits, plan: Plan, begin: float, end: float, ahead: State, step: float
) -> Ramp | None:
    """The latest stop that ends where the plan is at `end`, not begun before `begin`.

    It begins where one of the states ahead [N, D] is, which are `step` apart from `begin` on.
    """
    for duration in _DURATIONS:
        first = int((end - begin - passed(duration, rate=0.0)) / step + 1e-6)
        if end - begin < passed(duration, rate=0.0):
            break
        rest = State(*(part[first:] for part in ahead))
        if _halfway(limits, rest, duration, step) and _inside(limits, rest, duration, 0.0, step):
            return Ramp(plan, begin + first * step, duration, 0.0)
    return None


def _halfway(limits: Limits, ahead: State, duration: float, step: float) -> bool:
    """Whether a stop keeps the acceleration in its middle, where it brakes most: a quick no."""
    s, r, dr, _ = _pace(0.5, duration, 0.0)
    k = int(s / step)
    push = ahead.a[k] * r**2 + ahead.v[k] * dr
    return bool((np.abs(push) <= 1.05 * limits.acceleration).all())


def _ramp(limits: Limits, plan: Plan, begin: float, rate: float, step: float) -> Ramp | None:
    """The shortest ramp that stays inside the limits. The path is sampled once for all."""
    ahead = _ahead(plan, begin, passed(_DURATIONS[-1], rate), step)
    for duration in _DURATIONS:
        if _inside(limits, ahead, duration, rate, step):
            return Ramp(plan, begin, duration, rate)
    return None


def _ahead(plan: Plan, begin: float, seconds: float, step: float) -> State:
    return plan.sample(begin + np.arange(0.0, seconds + 2.0 * step, step))


def _inside(limits: Limits, ahead: State, duration: float, rate: float, step: float) -> bool:
    """Whether a ramp through the states ahead [N, D], `step` apart, keeps all limits."""
    s, *pace = _pace(np.linspace(0.0, 1.0, round(duration / step) + 1), duration, rate)
    k = np.minimum((s / step).astype(int), len(ahead.v) - 2)
    part = (s / step - k)[:, None]
    speed = ahead.v[k] + part * (ahead.v[k + 1] - ahead.v[k])
    push = ahead.a[k] + part * (ahead.a[k + 1] - ahead.a[k])
    r, dr, ddr = (row[:, None] for row in pace)
    return bool(
        (np.abs(speed * r) <= limits.velocity).all()
        and (np.abs(push * r**2 + speed * dr) <= limits.acceleration).all()
        and all(
            (np.abs(jerk * r**3 + 3.0 * push * r * dr + speed * ddr) <= limits.jerk).all()
            for jerk in _jerks(ahead.a, k, step)
        )
    )


def _jerks(a: Array, k: Array, step: float) -> list[Array]:
    """The path's jerk around the instants k: in the cell before, their own and the next one.

    It steps somewhere inside a cell, whose mean is then less than what is there.
    """
    jerk = np.diff(a, axis=0) / step
    last = len(jerk) - 1
    return [jerk[np.clip(k + by, 0, last)] for by in (-1, 0, 1)]
