"""A robot's figures from a drill: trackers, noise, sag, what silence does, cameras and clocks.

Pure numbers: times [s], positions [rad], grippers in wire units. Which figures the commands could
not reach is said as a bound. See `tracker_fit` for the model, `drill` for the moves.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fastwam_ros.loop.camera_latency import EARLIEST, LATEST, Path, latency
from fastwam_ros.loop.clocks import UNKNOWN, Behind, moved
from fastwam_ros.loop.drill import Log
from fastwam_ros.loop.figures import Figure, Fit
from fastwam_ros.loop.film import Film
from fastwam_ros.loop.likeness import STEP, Response, silenced
from fastwam_ros.loop.traces import Trace
from fastwam_ros.loop.tracker_fit import DOUBT, SIGMAS, fit
from fastwam_ros.motion.limits import Array
from fastwam_ros.robot.joints import ARM_SIZE, ARMS, SIDES

_FEW = 10  # readings that say something
_BIT = 1e-5  # [rad] of an encoder: no figure is finer
_ASTRAY = 3e-4  # [rad, rms] that a model of other steps may be off in this one
_LONGEST = 1.5  # [s] of a stream's time-out that is looked for


@dataclass(frozen=True)
class Heard:
    """Traces by side: commands and readings of the arms [6], readings of the grippers [1].

    films: by camera, of those that sent pictures; wall [s]: what the clock that stamps are judged
    by is ahead of the one that arrivals are told by; executor: how far its clock is from that one.
    """

    commanded: Mapping[str, Trace]
    measured: Mapping[str, Trace]
    grippers: Mapping[str, Trace]
    films: Mapping[str, Film] = field(default_factory=dict)
    wall: float = 0.0
    executor: Behind | None = None


@dataclass(frozen=True)
class Rest:
    """A joint at rest: measured less commanded, over poses; standard deviation of readings."""

    sag: Figure
    noise: Figure


@dataclass(frozen=True)
class Identified:
    """All figures: trackers by joint (index); rests of all joints [D].

    timeout [s]: of the arm's stream, None where it was not looked for; drifts: of readings without
    commands, by gripper [wire units] and arm [rad]; latencies [s]: by camera, from what a picture
    shows to its stamp, on the clock of the readings, None where nothing moved in it; clocks: of
    the readings, the executor and the cameras.
    """

    trackers: Mapping[int, Fit]
    rests: tuple[Rest, ...]
    drifts: Mapping[str, Figure]
    timeout: Figure | None
    latencies: Mapping[str, Figure | None] = field(default_factory=dict)
    clocks: Mapping[str, Behind] = field(default_factory=dict)


def identify(heard: Heard, log: Log) -> Identified:
    """The figures of what was heard. Raises ValueError for what is too short."""
    trackers = {joint: fit(response(heard, joint, *span)) for joint, *span in log.moves}
    rests = tuple(rest(heard, log.rests, joint) for joint in range(len(ARMS))) if log.rests else ()
    drifts = silence(heard, *log.silence) if log.silence is not None else {}
    known = log.cut is not None and log.cut[0] in trackers
    found = timeout(heard, *log.cut, trackers[log.cut[0]]) if known and log.cut else None
    paths = [path(heard, *move) for move in log.moves]
    films = {camera: film for camera, film in heard.films.items() if len(film)}
    latencies = {camera: latency(film, paths) for camera, film in films.items()}
    return Identified(trackers, rests, drifts, found, latencies, clocks(heard, trackers))


def path(heard: Heard, joint: int, begin: float, end: float) -> Path:
    """Where one joint was during its move, by the stamps of its readings."""
    side, column = _place(joint)
    trace = heard.measured[side]
    times, readings = trace.between(begin - LATEST, end - EARLIEST)
    return Path(times - trace.age, readings[:, column], begin - trace.age, end - trace.age)


def clocks(heard: Heard, trackers: Mapping[int, Fit]) -> dict[str, Behind]:
    """How far the clocks that stamp the streams are from this machine's."""
    found = {} if heard.executor is None else {'executor': heard.executor}
    for joint, tracker in trackers.items():
        side, _ = _place(joint)
        delay = tracker.delay.value + tracker.delay.uncertainty
        commands = heard.commanded[side].age + heard.wall
        one = moved(heard.measured[side].age + heard.wall, delay, commands, heard.executor)
        name = f'{side}_arm'
        known = found.get(name, one)
        found[name] = Behind(max(known.least, one.least), min(known.most, one.most))
    cameras = {
        name: Behind(UNKNOWN, film.age + heard.wall)
        for name, film in heard.films.items()
        if len(film)
    }
    return found | cameras


def response(heard: Heard, joint: int, begin: float, end: float) -> Response:
    """One joint's commands and readings between two instants, the last command held to the end."""
    side, column = _place(joint)
    sent, commands = heard.commanded[side].between(begin, end)
    read, readings = heard.measured[side].between(begin, end)
    if not len(sent):
        raise ValueError(f'no commands of {ARMS[joint].name} were heard')
    held = np.append(commands[:, column], commands[-1, column])
    return Response.of(
        (np.append(sent, max(end, sent[-1])), held),
        (read, readings[:, column]),
        ARMS[joint].velocity,
    )


def rest(heard: Heard, spans: Sequence[tuple[float, float]], joint: int) -> Rest:
    """One joint while the arms rest: its sag over several poses, and the noise about each."""
    side, column = _place(joint)
    sags, variances, count = [], [], 0
    for span in spans:
        (times, read), (_, sent) = (
            trace[side].between(*span) for trace in (heard.measured, heard.commanded)
        )
        if len(times) < _FEW or not len(sent):
            continue
        sags.append(float(read[:, column].mean() - sent[-1, column]))
        variances.append(float(_level(times, read[:, column]).var()))
        count += len(times)
    if not sags:
        raise ValueError(f'{ARMS[joint].name} was not heard at rest')
    noise = float(np.sqrt(np.mean(variances)))
    spread = float(np.hypot(np.std(sags), noise / np.sqrt(count)))
    return Rest(
        Figure(float(np.mean(sags)), SIGMAS * spread + _BIT),
        Figure(noise, SIGMAS * noise / np.sqrt(2.0 * count) + 0.1 * noise + _BIT),
    )


def _place(joint: int) -> tuple[str, int]:
    """Which arm a joint (index) is of, and which of its columns."""
    return SIDES[joint // ARM_SIZE], joint % ARM_SIZE


def _level(times: Array, values: Array) -> Array:
    """Values without their mean and slope: an arm that still creeps is no noise."""
    return values - np.polyval(np.polyfit(times - times[0], values, 1), times - times[0])


def silence(heard: Heard, begin: float, end: float) -> dict[str, Figure]:
    """By how much each gripper and each arm (its joint that moves most) drifts meanwhile."""
    streams = {
        **{f'{side}_gripper': heard.grippers[side] for side in SIDES},
        **{f'{side}_arm': heard.measured[side] for side in SIDES},
    }
    return {name: _drift(*trace.between(begin, end)) for name, trace in streams.items()}


def _drift(times: Array, values: Array) -> Figure:
    """Of the column that moves most, from the first to the last part."""
    if len(times) < 3 * _FEW:
        raise ValueError('too few readings came while nothing was commanded')
    part = len(times) // 5
    first, last = values[:part], values[-part:]
    moved = last.mean(axis=0) - first.mean(axis=0)
    most = int(np.abs(moved).argmax())
    doubt = SIGMAS * np.hypot(first[:, most].std(), last[:, most].std())
    return Figure(float(moved[most]), float(doubt))


def timeout(heard: Heard, joint: int, begin: float, end: float, tracker: Fit) -> Figure:
    """For how long after the last command an arm goes on, from a step that was cut off.

    A bound where it arrived before.
    """
    last = float(heard.commanded[_place(joint)[0]].between(begin, end)[0][-1])
    seen = response(heard, joint, begin, end)
    shift = tracker.delay.value + STEP / 2.0
    times = seen.begin + STEP * np.arange(len(seen.measured))
    read = np.interp(times + shift, times, seen.measured)
    ends = np.arange(int(_LONGEST / STEP))
    first = math.ceil((last - seen.begin - shift) / STEP)
    ways = np.stack([silenced(seen, np.array(tracker.model), first + int(k)) for k in ends])
    before = times < last - shift
    left = read - ways - np.mean((read - ways[-1])[before])
    costs = np.mean(left**2, axis=1)
    best = int(costs.argmin())
    enough = costs[best] * (1.0 + DOUBT**2 / math.sqrt(len(read))) + _ASTRAY**2
    allowed = np.flatnonzero(costs <= enough)
    if allowed[-1] == ends[-1]:
        return Figure(float(allowed[0]) * STEP, at_least=True)
    return Figure(best * STEP, 0.5 * float(np.ptp(allowed)) * STEP + 2.0 * STEP)
