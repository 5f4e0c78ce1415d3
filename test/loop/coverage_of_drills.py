"""How often the errors that a drill states hold: `python -m test.loop.coverage_of_drills 500 525`.

Robots of these seeds, with hidden figures, two joints of each, before the simulator's tables.
Prints what was missed, and counts.
"""

import sys
from collections import Counter
from collections.abc import Iterator

import numpy as np

from fastwam_ros.loop.clocks import Behind
from fastwam_ros.loop.drill import Drill
from fastwam_ros.loop.figures import Figure
from fastwam_ros.loop.identification import identify
from fastwam_ros.loop.pictures import glimpse
from fastwam_ros.robot.joints import ARM_PARTS, ARM_SIZE
from fastwam_ros.robot.pictures import Picture
from fastwam_ros.sim.eyes import Eyes
from fastwam_ros.sim.scenes import SCENES, scene_named
from fastwam_ros.sim.stills import jpeg
from fastwam_ros.sim.world import World
from test.loop.drilled import Hidden, Robot

_OPEN = (0.05, 0.05)  # [m] of the grippers


class Rendered:
    """What the simulator's cameras send of arms [12], small and grey."""

    def __init__(self, seed: int) -> None:
        self._world = World(seed, scene_named(list(SCENES)[seed % len(SCENES)]))
        self._eyes = Eyes(self._world.model)

    def __call__(self, camera: str, arms: np.ndarray) -> Picture:
        qpos = self._world.pose({side: arms[part] for side, part in ARM_PARTS.items()}, _OPEN)
        return glimpse(camera, jpeg(self._eyes.see(camera, qpos)))

    def close(self) -> None:
        self._eyes.close()


def figures(seed: int) -> Iterator[tuple[str, Figure | Behind | None, float]]:
    """Name, figure and truth of everything that was measured on one robot."""
    rng = np.random.default_rng(seed)
    truth, look = Hidden.drawn(rng), Rendered(seed)
    robot = Robot(truth, seed, look=look)
    robot.engage()
    drill = Drill([int(x) for x in rng.choice(2 * ARM_SIZE, 2, replace=False)], 0.15, True, True)
    robot.run(drill)
    look.close()
    found = identify(robot.heard, drill.log)
    for joint, fit in found.trackers.items():
        for name in ('velocity', 'acceleration', 'jerk'):
            yield name, getattr(fit, name), getattr(truth.tracker, name)[joint % ARM_SIZE]
        yield 'delay', fit.delay, truth.tracker.delay
        yield 'sag', fit.sag, truth.sag[joint]
        yield 'sag at rest', found.rests[joint].sag, truth.sag[joint]
        yield 'noise', found.rests[joint].noise, truth.noise
    if found.timeout is not None:
        yield 'time-out', found.timeout, truth.tracker.stream_timeout
    for camera, latency in found.latencies.items():
        yield f'latency of {camera}', latency, truth.latencies[camera]
    for name, behind in found.clocks.items():
        yield f'clock of {name}', behind, 0.0 if name == 'executor' else truth.behind


def main() -> None:
    """All seeds from the first to before the second argument."""
    kinds: Counter[str] = Counter()
    for seed in range(int(sys.argv[1]), int(sys.argv[2])):
        for name, figure, truth in figures(seed):
            if figure is None:
                kinds[f'{name}, not seen'] += 1
                continue
            bound = isinstance(figure, Figure) and figure.at_least
            kinds[f'{name}, at least' if bound else name] += 1
            if not figure.agrees(truth):
                kinds['outside of what was stated'] += 1
                print(f'seed {seed}: {name} {figure}, truth {truth:.4g}', flush=True)
    print('\n'.join(f'{count:5} {kind}' for kind, count in sorted(kinds.items())))


if __name__ == '__main__':
    main()
