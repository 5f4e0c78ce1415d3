"""How often the errors that a drill states hold: `python -m test.loop.coverage_of_drills 500 525`.

Robots of these seeds, with hidden figures, two joints of each. Prints what was missed, and counts.
"""

import sys
from collections.abc import Iterator

import numpy as np

from fastwam_ros.loop.drill import Drill
from fastwam_ros.loop.figures import Figure
from fastwam_ros.loop.identification import identify
from fastwam_ros.robot.joints import ARM_SIZE
from test.loop.drilled import Hidden, Robot


def figures(seed: int) -> Iterator[tuple[str, Figure, float]]:
    """Name, figure and truth of everything that was measured on one robot."""
    rng = np.random.default_rng(seed)
    truth = Hidden.drawn(rng)
    robot = Robot(truth, seed)
    robot.engage()
    drill = Drill([int(x) for x in rng.choice(2 * ARM_SIZE, 2, replace=False)], 0.15, True, True)
    robot.run(drill)
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


def main() -> None:
    """All seeds from the first to before the second argument."""
    count, missed, bounds = 0, 0, 0
    for seed in range(int(sys.argv[1]), int(sys.argv[2])):
        for name, figure, truth in figures(seed):
            count, bounds = count + 1, bounds + figure.at_least
            if not figure.agrees(truth):
                missed += 1
                print(f'seed {seed}: {name} {figure}, truth {truth:.4g}', flush=True)
    print(f'{count} figures, {bounds} of them bounds: {missed} outside of what was stated')


if __name__ == '__main__':
    main()
