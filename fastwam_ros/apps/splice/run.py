"""Every method in every scenario and seed, two processes at a time."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from fastwam_ros.apps.splice.figures import Figures, figures
from fastwam_ros.apps.splice.limited import TICK
from fastwam_ros.apps.splice.methods import RULES, WAYS
from fastwam_ros.apps.splice.metrics import ticks
from fastwam_ros.apps.splice.picture import SHOWN, Passage
from fastwam_ros.apps.splice.play import Played, play
from fastwam_ros.apps.splice.results import TRUTH
from fastwam_ros.apps.splice.scenarios import SCENARIOS, Delivery, Truth, deliveries

_PROCESSES = 2
_PASSED = 2  # number of the reach that is drawn


def made(scenario: str, seed: int, seconds: float) -> tuple[Truth, list[Delivery]]:
    """What is wanted, and the chunks that come: the same on every machine."""
    rng = np.random.default_rng(seed)
    truth = Truth.of(rng, seconds)
    return truth, list(deliveries(SCENARIOS[scenario], truth, rng, seconds))


def run(scenario: str, seed: int, seconds: float) -> dict[str, Figures]:
    """The figures of the truth and of every method."""
    about, (truth, coming) = SCENARIOS[scenario], made(scenario, seed, seconds)
    ideal = Played(truth.at(ticks(0, round(seconds / TICK), TICK)))
    found = {TRUTH: figures(ideal, about, truth, coming)}
    for method in (*RULES, *WAYS):
        played = play(method, about, truth, coming, seconds)
        found[method] = figures(played, about, truth, coming)
    return found


def runs(
    scenarios: Sequence[str], seeds: int, seconds: float
) -> Iterator[tuple[str, list[dict[str, Figures]]]]:
    """Scenario by scenario, the figures of every seed."""
    with ProcessPoolExecutor(_PROCESSES, get_context('spawn')) as pool:
        asked = [
            (name, [pool.submit(run, name, seed, seconds) for seed in range(seeds)])
            for name in scenarios
        ]
        for name, jobs in asked:
            yield name, [job.result() for job in jobs]


def passage(scenario: str, seconds: float) -> Passage:
    """One reach of seed 0, as the methods that are drawn followed it."""
    truth, coming = made(scenario, 0, seconds)
    commands = {
        name: play(name, SCENARIOS[scenario], truth, coming, seconds).commands for name in SHOWN
    }
    return Passage(truth, truth.reaches[min(_PASSED, len(truth.reaches) - 1)], coming, commands)
