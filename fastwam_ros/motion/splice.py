"""Rendezvous splice: from the commanded state onto a new chunk by the shortest bounded bridge.

A C2 spline passes the chunk's rows on their absolute time axis, slowed uniformly where they are
too fast. From the plan in force a jerk-limited bridge starts at a named future tick and meets the
spline's position, velocity and acceleration at the smallest feasible time; a joint that a
polynomial takes there inside the limits as well goes by that, with less jerk. A stop follows the
last usable row. Whether the chunk may be executed at all was judged before (`guard`).
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from ruckig import InputParameter, Result, Ruckig, RuckigError, Synchronization, Trajectory
from scipy.interpolate import PPoly

from fastwam_ros.motion import pace
from fastwam_ros.motion.limits import Array, Limits, Ns, State
from fastwam_ros.motion.plan import Jerks, Path, Plan
from fastwam_ros.motion.quintic import Mixed, Quintic, quintic
from fastwam_ros.motion.spline import through
from fastwam_ros.motion.stop import MARGIN, beyond, quickest
from fastwam_ros.motion.viability import stranded

# Meeting times tried [s]: geometric, to the length of a chunk. A reach needs 0.3 s at our limits:
# beginning sooner gains nothing and meets small corrections with full jerk.
MEETINGS = (0.25, 0.31, 0.39, 0.48, 0.63, 0.82, 1.06, 1.4, 1.8, 2.4)
HALVINGS = 5  # of the interval before the first feasible one: on a grid, 45 ms are lost
SLOWEST = 4.0  # a chunk that needs more than this is no motion for this robot
_BASE = MARGIN * MARGIN  # the spline keeps below the bridge's bounds, or no bridge could end on it
UNUSED_ROWS = 2  # the spline's last two intervals hang on its end condition, not on data
_INSTANTS = 0.05  # [s] between the instants of a plan from which it has to be possible to stop
_GRID = 0.025  # [s] for velocity: between two samples it can rise by j/8 * grid^2, 0.4 %


_LONGER = np.linspace(1.0, 2.2, 16)  # times the shortest, tried where less jerk is worth it
Bridge: TypeAlias = Jerks | Quintic | Mixed


@dataclass(frozen=True)
class Splice:
    """A plan that executes a chunk.

    slow >= 1 is its time scale, slowed_by the joint that asks for it ('' at 1), met [s] the
    bridge's length.
    """

    plan: Plan
    slow: float
    slowed_by: str
    met: float


@dataclass(frozen=True)
class Refusal:
    """Why a chunk could not be spliced: the name of the check and its figures."""

    verdict: str
    detail: str


def waypoints(limits: Limits, rows: Array) -> Array:
    """Rows [H, D] filtered by [1 2 1]/4 in time and moved into the position limits."""
    smooth = rows.copy()
    smooth[1:-1] = 0.25 * rows[:-2] + 0.5 * rows[1:-1] + 0.25 * rows[2:]
    return limits.clamp(smooth)


def slowing(limits: Limits, spline: PPoly, begin: float, end: float) -> tuple[float, str]:
    """The uniform time scale >= 1 that brings the spline inside the limits on begin..end.

    With it comes the joint that asks for it, '' at 1.

    Acceleration is piecewise linear, so its extremes are at the knots: a grid would miss them.
    """
    knots = spline.x[(spline.x > begin) & (spline.x < end)]
    speed = np.abs(spline(np.linspace(begin, end, 80), 1)).max(axis=0)
    push = np.abs(spline(np.concatenate(([begin], knots, [end])), 2)).max(axis=0)
    first, past = np.searchsorted(spline.x, (begin, end), side='right')
    jerk = np.abs(6.0 * spline.c[0, max(first - 1, 0) : past]).max(axis=0)
    bounds = limits.share(_BASE)
    scales = np.maximum.reduce(
        [
            speed / bounds.velocity,
            np.sqrt(push / bounds.acceleration),
            np.cbrt(jerk / bounds.jerk),
        ]
    )
    joint = int(scales.argmax())
    return (float(scales[joint]), limits.names[joint]) if scales[joint] > 1.0 else (1.0, '')


def rendezvous(
    limits: Limits,
    plan: Plan,
    start: Ns,
    times: Array,
    rows: Array,
    at_least: float = 1.0,
    smooth: bool = False,
) -> Splice | Refusal:
    """Splice rows [H, D], due `times` [H] seconds after `start`, onto the plan at plan time start.

    The rows are slowed by `at_least` in any case. smooth: a longer bridge with less jerk, where
    one keeps the limits. Returns the new plan or a Refusal with verdict `too_short`, `position`,
    `too_fast`, `no_bridge` or `no_stop`.
    """
    last = float(times[-1 - UNUSED_ROWS]) if len(times) > UNUSED_ROWS + 2 else -np.inf
    if last < MEETINGS[0]:
        return Refusal('too_short', f'its last usable row is due {last:.3f} s from now')
    spline, inside = through(limits, times, waypoints(limits, rows))
    begin = max(0.0, float(times[0]))
    slow, joint = slowing(limits, spline, begin, last)
    if slow > SLOWEST:
        detail = f'{joint} needs {slow:.1f} times the duration, limit {SLOWEST}'
        return Refusal('too_fast', detail)
    if not inside:
        return Refusal('position', 'between its rows it swings past the position limits')
    slow = max(slow, at_least)
    path = Path(spline, 0.0, slow, last * slow)
    state = plan.at(start)
    bounds = _bounds(limits, state)
    met = _meet(bounds, state, path, begin)
    if met is None:
        return Refusal('no_bridge', 'no jerk-limited bridge reaches it inside the limits')
    bridge = smoother(bounds, state, path, met, _LONGER if smooth else _LONGER[:1])
    return _assemble(limits, start, path, bridge, joint)


def _assemble(
    limits: Limits, start: Ns, path: Path, bridge: Bridge, slowed_by: str
) -> Splice | Refusal:
    rest = Path(
        path.spline, bridge.duration / path.slow, path.slow, path.duration - bridge.duration
    )
    try:
        tail = quickest(limits, rest.at(rest.duration))
    except ArithmeticError as error:
        return Refusal('no_stop', str(error))
    plan = Plan(start, (bridge, rest, *tail))
    last = bridge.duration + rest.duration
    instants = np.append(np.arange(0.0, last, _INSTANTS), last)
    found = stranded(limits, plan.sample(instants))
    if found is not None:
        instant, joint = found
        braked = pace.stop_before(limits, plan, start, float(instants[instant]))
        if braked is None:
            why = f'{joint} could not be stopped inside its position limits from'
            return Refusal('no_stop', f'{why} {instants[instant]:.2f} s on')
        plan = braked
    return Splice(plan, path.slow, slowed_by, bridge.duration)


def _bounds(limits: Limits, state: State) -> Limits:
    """What a bridge keeps: a share of the limits, or the speed that is there if it is more.

    Limits that were lowered while the arms move cannot be kept at once: the bridge leads to them.
    """
    bounds = limits.share(MARGIN)
    rising = np.maximum(state.a * np.sign(state.v), 0.0) ** 2 / (2.0 * bounds.jerk)
    peak = (np.abs(state.v) + rising) * 1.0001
    if (peak <= bounds.velocity).all():
        return bounds
    return bounds.no_faster(np.maximum(bounds.velocity, peak))


def _meet(bounds: Limits, state: State, path: Path, earliest: float) -> Jerks | None:
    """The bridge from the state to the path at the smallest feasible meeting time.

    The first of MEETINGS that is feasible, then by halving the interval before it.
    """
    early, met = 0.0, None
    for meeting in MEETINGS:
        if earliest * path.slow <= meeting < path.duration:
            met = _try(bounds, state, path, meeting)
            if met is not None:
                break
            early = meeting
    if met is None or early == 0.0:
        return met
    for _ in range(HALVINGS):
        middle = 0.5 * (early + met.duration)
        sooner = _try(bounds, state, path, middle)
        early, met = (middle, met) if sooner is None else (early, sooner)
    return met


def smoother(bounds: Limits, state: State, path: Path, shortest: Jerks, factors: Array) -> Bridge:
    """Polynomials instead: all joints, up to the last factor longer, else those that may now."""
    now: Bridge = shortest
    for factor in factors:
        meeting = float(factor) * shortest.duration
        if meeting >= path.duration:
            break
        found = quintic(state, path.at(meeting), meeting)
        if (inside := found.inside(bounds, state)).all():
            return found
        if factor == 1.0 and inside.any():
            now = Mixed(shortest, found, inside)
    return now


def _try(bounds: Limits, state: State, path: Path, meeting: float) -> Jerks | None:
    found = bridge(bounds, state, path.at(meeting), meeting)
    return None if found is None or beyond(bounds, found, state).any() else found


def bridge(bounds: Limits, state: State, target: State, duration: float) -> Jerks | None:
    """The jerk-limited motion between two states in exactly `duration` seconds, or None.

    A target beyond the bounds is no meeting point (clipping it would be a step in acceleration),
    and a bridge that is only nearly as short as asked would be a spike in jerk.
    """
    room = np.maximum(bounds.velocity - np.abs(target.v), 0.0)
    allowed = 0.999 * np.minimum(bounds.acceleration, np.sqrt(2.0 * bounds.jerk * room))
    if (np.abs(target.a) > allowed).any() or (np.abs(target.v) > 0.999 * bounds.velocity).any():
        return None
    answer = Trajectory(len(bounds.names))
    try:
        result = Ruckig(len(bounds.names)).calculate(_ask(bounds, state, target, duration), answer)
    except RuckigError:  # a state that is outside the limits by rounding
        return None
    if result not in (Result.Working, Result.Finished) or answer.duration > duration + 1e-9:
        return None
    found = Jerks.of(answer)
    return found if _slow_enough(bounds, found) else None


def _ask(bounds: Limits, state: State, target: State, duration: float) -> InputParameter:
    ask = InputParameter(len(bounds.names))
    ask.synchronization = Synchronization.Time
    ask.minimum_duration = duration
    ask.current_position, ask.target_position = state.q.tolist(), target.q.tolist()
    ask.current_velocity, ask.target_velocity = state.v.tolist(), target.v.tolist()
    ask.current_acceleration, ask.target_acceleration = state.a.tolist(), target.a.tolist()
    ask.max_velocity = bounds.velocity.tolist()
    ask.max_acceleration, ask.max_jerk = bounds.acceleration.tolist(), bounds.jerk.tolist()
    return ask


def _slow_enough(bounds: Limits, motion: Jerks) -> bool:
    """Ruckig can overshoot the velocity bound when it starts with a high acceleration."""
    times = np.linspace(0.0, motion.duration, int(motion.duration / _GRID) + 2)
    speed = np.abs([motion.at(float(u)).v for u in times])
    return bool((speed <= 1.0001 * bounds.velocity).all())
