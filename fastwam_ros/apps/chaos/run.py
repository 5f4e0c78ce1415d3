"""One seed of chaos: everything happens to an executor, and its commands are kept."""

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from fastwam_ros.apps.chaos.arms import Arms
from fastwam_ros.apps.chaos.draw import HOME, START, Draw
from fastwam_ros.apps.chaos.played import Played
from fastwam_ros.apps.chaos.rules import Rules
from fastwam_ros.apps.chaos.stage import Actor, Stage
from fastwam_ros.motion.executor import Executor
from fastwam_ros.motion.limits import SECOND, Ns

LENGTH = 60.0  # [s] of robot time that a seed lasts
_BLOCK = 1000
Watch = Callable[[int, Stage], None]


def play(
    draw: Draw, executor: Executor, length: float = LENGTH, watch: Watch | None = None
) -> Played:
    """`length` seconds of plan time. watch: called after every tick with its number."""
    period = draw.settings.period
    stage, everybody = _stage(draw, executor), tuple(draw.actors())
    played, rules = Played(draw.settings), Rules(executor)
    count = round(length * SECOND / period)
    for tick, gap in enumerate(islice(gaps(draw.seed, period), count)):
        happen(stage, everybody, stage.now + gap)
        _tick(stage, played, rules, tick, late=2 * gap > 3 * period)
        if watch is not None:
            watch(tick, stage)
    played.verdicts.update(stage.verdicts)
    return played


def gaps(seed: int, period: Ns) -> Iterator[Ns]:
    """Nanoseconds between ticks: a period give or take, one in a thousand far too long."""
    rng = np.random.default_rng([seed, 21])
    while True:
        late = (rng.random(_BLOCK) < 0.001) * rng.exponential(20.0, _BLOCK)
        parts = np.clip(1.0 + rng.normal(0.0, 0.02, _BLOCK) + late, 0.2, 400.0)
        yield from (round(period * part) for part in parts.tolist())


def happen(stage: Stage, everybody: tuple[Actor, ...], until: Ns) -> None:
    """All that is due until a tick, in its order."""
    while (actor := min(everybody, key=lambda each: each.due)).due <= until:
        stage.now = max(stage.now, actor.due)
        actor.act(stage)
    stage.now = until


def _stage(draw: Draw, executor: Executor) -> Stage:
    rng, settings = np.random.default_rng([draw.seed, 20]), draw.settings
    arms = Arms(rng, draw.nature, settings.period, HOME, len(settings.grippers.names))
    return Stage(executor, arms, settings.limits, START)


def _tick(stage: Stage, played: Played, rules: Rules, tick: int, late: bool) -> None:
    executor, arms = stage.executor, stage.arms
    reading = arms.reading(stage.now)
    if reading is not None:
        executor.on_measured(reading)
    point = executor.tick(stage.now, late)
    q = point.state.q if point is not None and point.state is not None else None
    arms.move(q, point.openings if point is not None else None)
    broken = rules.look(stage.now, point, stage.engaged)
    played.rules += [f'{words} (tick {tick})' for words in broken]
    played.note(tick, stage.engaged, q, executor.status.standing.mode.value)
    stage.last = stage.now
