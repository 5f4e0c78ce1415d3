"""The figures of a run, each with its unit and limit: the rows of the table, the keys of the JSON.

Puts together what motion and events find; how the table is printed is __main__'s part.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from fastwam_ros.apps.report import events
from fastwam_ros.apps.report.chunks import refusals
from fastwam_ros.apps.report.model import TRACKER, modelled_apart
from fastwam_ros.apps.report.mosaics import picture_spans
from fastwam_ros.apps.report.motion import Motion, Worst, worst
from fastwam_ros.apps.report.outcome import Outcome, outcomes
from fastwam_ros.apps.report.run import Run, quantile
from fastwam_ros.bag.streams import SECOND, Stamps
from fastwam_ros.robot.joints import SIDES, arm_joints
from fastwam_ros.robot.units import opening

Value = float | int | str
SUCCESS, NO_SUCCESS = 'success', 'no success'
_ROUNDING = 1e-6  # of a ratio at its limit
PERIODS_OFF = 1.1  # ratio of the commands' spacing to the recorded rate that is a mistake


@dataclass(frozen=True)
class Figure:
    """One row. limit: what it must not exceed, None where nothing is claimed; note: in words."""

    key: str
    label: str
    value: Value
    unit: str = ''
    limit: float | None = None
    note: str = ''


Section = tuple[str, list[Figure]]


def sections(run: Run) -> Iterator[Section]:
    """Headed groups of figures, in the order of the table."""
    motions = [arm_motion(run, side) for side in SIDES]
    yield 'run', list(_run(run))
    yield 'chunks', list(_chunks(run))
    yield 'commands', list(_commands(run, motions))
    yield 'limits', [*_limits(run, motions), *_tracking(run, motions)]
    yield 'takeover', list(_takeover(run))
    if run.markers:
        yield 'markers', list(_markers(run))
    if found := outcomes(run.outcomes):
        yield 'task', [figure for n, one in enumerate(found, 1) for figure in _task(run, n, one)]


def metrics(run: Run) -> dict[str, Value]:
    """Every figure by its key; the unit is the key's last word."""
    return {figure.key: figure.value for _, rows in sections(run) for figure in rows}


def number(value: Value) -> str:
    """A figure as it is printed: four digits, '-' for none."""
    if isinstance(value, float):
        if math.isnan(value):
            return '-'
        return f'{value:.1f}' if abs(value) >= 10 else f'{value:.4g}'
    return str(value)


def over(figure: Figure) -> bool:
    """Whether it exceeds its limit."""
    value, limit = figure.value, figure.limit
    return limit is not None and not isinstance(value, str) and value > limit + _ROUNDING


def plain(found: Iterable[Section]) -> dict[str, Value | None]:
    """Every figure by its key, for JSON: which knows no NaN."""
    return {
        figure.key: None if figure.value != figure.value else figure.value
        for _, rows in found
        for figure in rows
    }


def arm_motion(run: Run, side: str) -> Motion:
    """One arm's commands against the limits in the file."""
    names = [joint.name for joint in arm_joints(side)]
    bounds = [run.facts.bounds[name] for name in names]
    return Motion.of(run.arms[side], run.facts.period, names, bounds, known=run.ticks)


def _gripper_motion(run: Run, side: str) -> Motion:
    name = f'{side}_gripper'
    stream, bounds = run.grippers[side], [run.facts.bounds[name]]
    period, unit = run.facts.period, opening(1.0)
    return Motion.of(stream, period, [name], bounds, unit, known=run.ticks)


def _run(run: Run) -> Iterator[Figure]:
    seconds = run.seconds(run.until)
    yield Figure('recorded_s', 'recorded', seconds, 's', note=f'{run.messages:,} messages')
    if run.bag.problem:
        yield Figure('problem', 'the file', run.bag.problem)
    for mode, lasted in events.durations(events.spans(run.states)).items():
        yield Figure(f'time_in_{mode.lower()}_s', f'time in {mode}', lasted, 's')
    for camera, stamps in run.images.items():
        note = f'{len(stamps.stamps)} pictures'
        yield Figure(f'camera_{camera}_hz', f'camera {camera}', stamps.rate(), 'Hz', note=note)


def _chunks(run: Run) -> Iterator[Figure]:
    states, chunks = run.states, [message for _, message in run.chunks]
    bundles = ', '.join(sorted({chunk.bundle for chunk in chunks}))
    received = Stamps.of([(at, at) for at, _ in run.chunks])
    yield Figure('chunks', 'chunks', len(chunks), note=bundles)
    yield Figure('chunk_hz', 'chunk rate', received.rate(), 'Hz')
    inference = 1e3 * np.array([chunk.inference_time for chunk in chunks])
    yield from _quantiles('inference', 'inference time', inference)
    yield from _quantiles('picture_span', 'span of the pictures', picture_spans(run), _SPAN)
    yield Figure('accepted', 'accepted', events.counted(states, 'accepted'))
    yield Figure('shadowed', 'shadowed', events.counted(states, 'shadowed'), note=_SHADOWED)
    refused = events.counted(states, 'refused')
    yield Figure('refused', 'refused', refused)
    for name, count in refusals(states, refused).items():
        yield Figure(f'refused_{name.replace(" ", "_")}', f'  {name}', count)
    plans = events.starts(states)
    found = 1e3 * events.ages(plans, run.arms[SIDES[0]])
    note = f'joined {len(found)} of {len(plans)} plans to their first command'
    yield Figure('plans_joined', 'plans begun', len(plans), note=note)
    yield from _quantiles('age', 'head stamp to first command', found)
    slowed = events.Slowed.of(states)
    note = f'at most x {slowed.most:.3f} {", ".join(slowed.joints)}'
    percent = 100 * slowed.share
    yield Figure('slowed_percent', 'slowed down by limits', percent, '%', note=note)


_SHADOWED = 'outside of POLICY: logged, not executed'
_SPAN = 'tightest around the head stamp'


def _quantiles(key: str, label: str, milliseconds: np.ndarray, note: str = '') -> Iterator[Figure]:
    for part, name in ((0.5, 'p50'), (0.95, 'p95')):
        value = quantile(milliseconds, part)
        yield Figure(f'{key}_{name}_ms', f'{label}, {name}', value, 'ms', note=note)


def _commands(run: Run, motions: list[Motion]) -> Iterator[Figure]:
    count = min(len(stream) for stream in run.arms.values())
    missing = sum(motion.missing for motion in motions)
    yield Figure('commands', 'commands per arm', count, note=rate_note(run))
    unknown = sum(motion.unknown for motion in motions)
    note = f'{unknown} gaps of unknown length are left out' if unknown else ''
    yield Figure('missing', 'missing in the file', missing, note=note)
    if odd := sum(stream.odd for stream in (*run.arms.values(), *run.grippers.values())):
        yield Figure('odd', 'of a wrong size or not finite', odd, limit=0)
    late = events.counted(run.states, 'late_ticks')
    yield Figure('late_ticks', 'late ticks', late, note='by more than half a period')
    gaps = [np.diff(s.stamps).max() for m in motions for s in m.stretches if len(s.stamps) > 1]
    longest = max(gaps, default=0) / 1e6
    yield Figure('longest_gap_ms', 'longest gap', longest, 'ms', note='between command stamps')


def rate_note(run: Run) -> str:
    """The rate that the commands were judged by, and whether they look like it."""
    gaps = np.concatenate([np.diff(stream.stamps) for stream in run.arms.values()])
    typical = float(np.median(gaps)) if len(gaps) else float('nan')
    off = max(typical / run.facts.period, run.facts.period / typical) if typical > 0 else 1.0
    if off > PERIODS_OFF:
        return (
            f'recorded as {run.facts.rate:g} Hz but {SECOND / typical:.4g} Hz apart: '
            "give the recorder the executor's rate"
        )
    return f'at {run.facts.rate:g} Hz'


def _limits(run: Run, motions: list[Motion]) -> Iterator[Figure]:
    grippers = [_gripper_motion(run, side) for side in SIDES]
    for order, key, label in (
        (1, 'velocity', 'worst |v| / limit'),
        (2, 'acceleration', 'worst |a| / limit'),
        (3, 'jerk', 'worst |j| / limit'),
    ):
        found = worst(motion.over_plan_time(order) for motion in motions)
        yield _ratio(run, f'{key}_ratio', label, found)
    window = worst(motion.over_receive_times() for motion in motions)
    yield _ratio(run, 'velocity_50ms_ratio', 'worst |v| / limit, as received', window, _RECEIVED)
    opening_speed = worst(motion.over_plan_time(1) for motion in grippers)
    yield _ratio(run, 'gripper_velocity_ratio', 'worst gripper |v| / limit', opening_speed)
    for key, label, unit, parts in (
        ('beyond_rad', 'arms beyond position limits', 'rad', motions),
        ('gripper_beyond_m', 'grippers beyond limits', 'm', grippers),
    ):
        found = worst(motion.beyond() for motion in parts)
        note = _where(run, found) if found.ratio > 0 else ''
        yield Figure(key, label, found.ratio, unit, 0.0, note)


_RECEIVED = 'in any 50 ms; '


def _ratio(run: Run, key: str, label: str, found: Worst, note: str = '') -> Figure:
    return Figure(key, label, found.ratio, '', 1.0, note + _where(run, found))


def _where(run: Run, found: Worst) -> str:
    return f'{found.joint} at {run.seconds(found.at):.2f} s' if found.joint else 'no commands'


def _tracking(run: Run, motions: list[Motion]) -> Iterator[Figure]:
    apart = [
        motion.distances(run.measured[side]).max(axis=1, initial=0.0)
        for side, motion in zip(SIDES, motions, strict=True)
    ]
    value = quantile(np.concatenate(apart), 0.95)
    note = 'worst joint, p95; the delay of the robot is in it'
    yield Figure('tracking_p95_rad', 'commanded less measured', value, 'rad', note=note)
    value = quantile(modelled_apart(run), 0.95)
    note = f"worst joint, p95; the robot's {TRACKER.name} tracker as modelled"
    yield Figure('modelled_p95_rad', 'modelled less measured', value, 'rad', note=note)


def _takeover(run: Run) -> Iterator[Figure]:
    found = events.takeovers(run.active, run.states, run.arms[SIDES[0]])
    yield Figure('takeovers', 'take-overs', len(found), note='rising edges of the switch')
    slowest: tuple[tuple[str, str, Callable[[events.Takeover], float]], ...] = (
        ('to_state', 'switch to TELEOP', lambda one: one.to_state),
        ('to_command', 'switch to first command of it', lambda one: one.to_command),
        ('to_hold', 'release to HOLD', lambda one: one.to_hold),
    )
    for key, label, part in slowest:
        values = [part(one) for one in found]
        never = sum(np.isnan(values))
        note = f'never in {never} of {len(values)}' if never else 'slowest, by receive times'
        value = 1e3 * max((v for v in values if not np.isnan(v)), default=float('nan'))
        yield Figure(f'takeover_{key}_ms', label, value, 'ms', note=note)


def _markers(run: Run) -> Iterator[Figure]:
    """The episode's outcome as people said it, and every marker."""
    yield Figure('episode_outcome', 'outcome', run.episode.get('outcome', 'nobody said'))
    for number, one in enumerate(run.markers, 1):
        label = f'  at {run.seconds(one.at):.2f} s'
        yield Figure(f'marker_{number}', label, f'{one.text}, by {one.by}')


def _task(run: Run, number: int, found: Outcome) -> Iterator[Figure]:
    """A simulated task's last word; a second task's keys end in _2."""
    last = f'_{number}' if number > 1 else ''
    yield Figure(f'task{last}', 'task', found.task)
    yield Figure(f'outcome{last}', 'at the end', SUCCESS if found.holds else NO_SUCCESS)
    yield Figure(f'outcome_message{last}', '  in words', found.message)
    first = run.seconds(found.first) if found.first is not None else float('nan')
    note = 'in the recording' if found.first is not None else 'never'
    yield Figure(f'outcome_first_held{last}_s', 'success first held at', first, 's', note=note)
