"""What a chunk must be before it may become a plan: pure checks with named verdicts.

Each check returns None or a Refusal that names the joint, the value and the limit. Positions and
jumps are judged against the plan in force, never against measurements: a tracker that lags would
make sound chunks look wrong. Feasibility in time is judged by the splice itself.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND, Array, Limits, Ns, Trained
from fastwam_ros.motion.splice import SLOWEST, UNUSED_ROWS, Refusal, waypoints

BEYOND = 0.02  # [rad] outside a position limit that is clamped; more is refused
JUMP = 0.35  # [rad] between the plan in force and the chunk at the same instant
FUTURE = 0.005  # [s] that a head stamp may be ahead of the executor's clock
MOST_ROWS = 1000


@dataclass(frozen=True)
class Expected:
    """What the executor holds a chunk against.

    robot and names: whom a chunk must be for; extra: joints beside the limited ones (the
    grippers). Chunks of another epoch than `epoch`, not newer than `sequence`, or of images from
    before `newest` are refused. planned: positions [D] that the plan in force commands at a time.
    trained: where the policy's training data lies, None where nobody says.
    """

    robot: str
    limits: Limits
    extra: tuple[str, ...]
    epoch: int
    sequence: int
    newest: Ns
    now: Ns
    planned: Callable[[Ns], Array]
    trained: Trained | None = None


def schema(chunk: Chunk, want: Expected) -> Refusal | None:
    """Shape, step and offset."""
    if chunk.positions.ndim != 2 or chunk.positions.shape[1] != len(chunk.names):
        shape = 'x'.join(map(str, chunk.positions.shape))
        return Refusal('schema', f'positions are {shape} for {len(chunk.names)} joint names')
    if not 2 <= chunk.rows <= MOST_ROWS:
        return Refusal('schema', f'{chunk.rows} rows, want 2 to {MOST_ROWS}')
    if not 1e-3 <= chunk.step <= 1.0:
        return Refusal('schema', f'step is {chunk.step} s, want 0.001 to 1')
    if not 0.0 <= chunk.offset <= chunk.rows:
        return Refusal('schema', f'offset is {chunk.offset} steps, want 0 to {chunk.rows}')
    return None


def finite(chunk: Chunk, want: Expected) -> Refusal | None:
    """No NaN, no infinity."""
    bad = ~np.isfinite(chunk.positions)
    if not bad.any():
        return None
    row, column = np.argwhere(bad)[0]
    value = chunk.positions[row, column]
    return Refusal('finite', f'{chunk.names[column]} is {value} in row {row}')


def robot(chunk: Chunk, want: Expected) -> Refusal | None:
    """Made for this robot."""
    if chunk.robot == want.robot:
        return None
    return Refusal('robot', f'made for {chunk.robot!r}, this is {want.robot!r}: check the bundle')


def names(chunk: Chunk, want: Expected) -> Refusal | None:
    """Exactly this robot's joints, in any order."""
    known = {*want.limits.names, *want.extra}
    unknown = sorted(set(chunk.names) - known)
    missing = sorted(known - set(chunk.names))
    if unknown or len(set(chunk.names)) != len(chunk.names):
        what = f'unknown {unknown}' if unknown else 'a name twice'
        return Refusal('names', f'{what}; this robot has {sorted(known)}')
    return Refusal('names', f'{missing} missing') if missing else None


def stamp(chunk: Chunk, want: Expected) -> Refusal | None:
    """From the recent past by the executor's clock."""
    ahead = (chunk.stamp - want.now) / SECOND
    if chunk.stamp <= 0 or ahead > FUTURE:
        return Refusal('stamp', f"head stamp is {ahead:.3f} s ahead: check the cameras' clock")
    if chunk.stamp < want.newest:
        older = (want.newest - chunk.stamp) / SECOND
        return Refusal('stamp', f'its image is {older:.3f} s older than that of the plan in force')
    last = float(chunk.seconds(want.now)[-1])
    return Refusal('stamp', f'its last row was due {-last:.3f} s ago') if last <= 0.0 else None


def order(chunk: Chunk, want: Expected) -> Refusal | None:
    """Of this epoch, and newer than the last one."""
    if chunk.epoch != want.epoch:
        return Refusal('epoch', f'epoch {chunk.epoch}, in force is {want.epoch}')
    if chunk.sequence <= want.sequence:
        return Refusal('sequence', f'sequence {chunk.sequence} is not after {want.sequence}')
    return None


def position(chunk: Chunk, want: Expected) -> Refusal | None:
    """Inside the position limits, or so little outside that clamping does."""
    excess = want.limits.excess(chunk.columns(want.limits.names))
    row, joint = np.unravel_index(int(excess.argmax()), excess.shape)
    if excess[row, joint] <= BEYOND:
        return None
    limits, name = want.limits, want.limits.names[joint]
    value = chunk.columns((name,))[row, 0]
    bounds = f'{limits.lower[joint]:.3f} to {limits.upper[joint]:.3f}'
    return Refusal('position', f'{name} is {value:.3f} rad in row {row}, limits {bounds}')


def trained(chunk: Chunk, want: Expected) -> Refusal | None:
    """Where the policy's training data has its actions."""
    if want.trained is None:
        return None
    names, lower, upper = want.trained.names, want.trained.lower, want.trained.upper
    rows = chunk.columns(names)
    outside = np.maximum(lower - rows, rows - upper)
    row, joint = np.unravel_index(int(outside.argmax()), outside.shape)
    if outside[row, joint] <= 0.0:
        return None
    value, bounds = rows[row, joint], f'{lower[joint]:.3f} to {upper[joint]:.3f}'
    detail = f'{names[joint]} is {value:.3f} in row {row}, {want.trained.bundle} has {bounds}'
    return Refusal('trained', f'{detail}: statistics of another bundle, wrong units, or lost?')


def speed(chunk: Chunk, want: Expected) -> Refusal | None:
    """Between rows that are still to come, not so fast that slowing it down would not help."""
    steps = np.diff(_ahead(chunk, want), axis=0) / chunk.step
    return _beyond('speed', steps, SLOWEST * want.limits.velocity, 'rad/s', want)


def acceleration(chunk: Chunk, want: Expected) -> Refusal | None:
    """The same for the change of speed: slowing down by x divides it by x squared."""
    changes = np.diff(_ahead(chunk, want), 2, axis=0) / chunk.step**2
    return _beyond('acceleration', changes, SLOWEST**2 * want.limits.acceleration, 'rad/s2', want)


def jump(chunk: Chunk, want: Expected) -> Refusal | None:
    """At the present instant, near what the plan in force commands."""
    rows, times = chunk.columns(want.limits.names), chunk.seconds(want.now)
    first = np.array([np.interp(max(0.0, times[0]), times, column) for column in rows.T])
    when = want.now + round(max(0.0, float(times[0])) * SECOND)
    gap = np.abs(first - want.planned(when))
    joint = int(gap.argmax())
    if gap[joint] <= JUMP:
        return None
    name = want.limits.names[joint]
    return Refusal('jump', f'{name} is {gap[joint]:.3f} rad from the plan in force, limit {JUMP}')


def _ahead(chunk: Chunk, want: Expected) -> Array:
    """The usable rows [N, D] that are not past, as the splice would pass them."""
    rows = waypoints(want.limits, chunk.columns(want.limits.names))
    first = int(np.searchsorted(chunk.seconds(want.now), 0.0))
    return rows[max(first - 1, 0) : len(rows) - UNUSED_ROWS]


def _beyond(what: str, values: Array, most: Array, unit: str, want: Expected) -> Refusal | None:
    shares = np.abs(values) / most
    if not (shares > 1.0).any():
        return None
    row, joint = np.unravel_index(int(shares.argmax()), shares.shape)
    value, name = abs(values[row, joint]), want.limits.names[joint]
    limit = f'limit {most[joint]:.1f}, slowed down {SLOWEST:.0f} times at most'
    return Refusal(what, f'{name} asks for {value:.1f} {unit}, {limit}')


CHECKS: tuple[Callable[[Chunk, Expected], Refusal | None], ...] = (
    schema,
    finite,
    robot,
    names,
    stamp,
    order,
    position,
    trained,
    speed,
    acceleration,
    jump,
)
FROM_ANYWHERE = CHECKS[:-1]  # where no plan in force says where a chunk has to begin
OF_ITSELF = (schema, finite, robot, names, position, trained)  # whoever moves the arms


def judge(
    chunk: Chunk,
    want: Expected,
    checks: tuple[Callable[[Chunk, Expected], Refusal | None], ...] = CHECKS,
) -> Refusal | None:
    """The first check that the chunk fails, or None."""
    for check in checks:
        refusal = check(chunk, want)
        if refusal is not None:
            return refusal
    return None
