"""How a person's hand is followed: `python -m fastwam_ros.apps.follow`, a minute on one core.

Beside the executor stands what it takes to be bounded alone: each tick the shortest motion to the
newest sample. Everything but the time of a tick is the same on every machine.
"""

import argparse
import platform
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fastwam_ros.apps.files import writing
from fastwam_ros.apps.follow.figures import WAYS, Figures, measured, pursuit
from fastwam_ros.apps.follow.hands import BEGIN, Motion, ramp, reach, stop, stream, wave
from fastwam_ros.apps.follow.picture import draw
from fastwam_ros.apps.splice.limited import TICK
from fastwam_ros.motion.limits import SECOND

HANDS: dict[str, Motion] = {
    'wave, 0.3 Hz, 0.6 rad/s': wave(0.6, 0.3),
    'wave, 0.7 Hz, 0.6 rad/s': wave(0.6, 0.7),
    'wave, 0.7 Hz, 1.0 rad/s': wave(1.0, 0.7),
    'reaches, 0.3 rad in 0.8 s': reach(0.3, 0.8),
    'key, 10 % of the speed': ramp(0.15, BEGIN, 1.0),
    'key, 50 % of the speed': ramp(0.75, BEGIN, 1.0),
    'dead stop from 0.5 rad/s': stop(0.5),
    'dead stop from 0.9 rad/s': stop(0.9),
}
RATES = (10, 50, 100, 200)
JITTER = 0.001  # [s]
SECONDS = 12.0
_HEAD = ('lag, ms', 'beyond, mrad', 'push, rad/s2', 'jerk, rad/s3', 'of the limits')
_PAGE = """# Following a hand

Written by `python -m fastwam_ros.apps.follow --out docs`: to change a figure, run it.

What is commanded while a person drives, from streams of {rates} Hz that arrive late by
random times of {jitter:g} ms in the mean. `last sample` is each tick the shortest jerk-limited
motion to the newest sample, as if the hand stood there; `executor` is what this package does. The
hand has been moving smoothly for {begin:g} s where figures begin.

- lag: the delay at which commands are nearest to the hand.
- beyond: the farthest that a command was outside of where the hand was at any time.
- push: rms acceleration beyond the hand's own, where an arm could have that at all; jerk: rms.
- of the limits: the worst of speed, acceleration and jerk between any two ticks.

![a reach, and a key that is let go](follow.png)
"""


def rows() -> Iterator[tuple[str, int, str, Figures]]:
    """The figures of every hand, rate and way."""
    for hand, motion in HANDS.items():
        for rate in RATES:
            for way in WAYS:
                yield hand, rate, way, measured(way, motion, rate, JITTER, SECONDS)


def table() -> Iterator[str]:
    """A line of Markdown as soon as its figures are known."""
    yield '| hand | Hz | ' + ' | '.join(f'{way}: {head}' for head in _HEAD for way in WAYS) + ' |'
    yield '|---' * (2 + len(_HEAD) * len(WAYS)) + '|'
    pair: list[Figures] = []
    for hand, rate, _, found in rows():
        pair.append(found)
        if len(pair) == len(WAYS):
            cells = zip(*map(_cells, pair), strict=True)
            yield f'| {hand} | {rate} | ' + ' | '.join(x for cell in cells for x in cell) + ' |'
            pair = []


def cost() -> str:
    """What a sample and a tick take here, as medians."""
    way, samples = pursuit(), stream(HANDS['wave, 0.7 Hz, 0.6 rad/s'], SECONDS, 50, 0.0)
    takes, steps, k = [], [], 0
    for now in range(samples[0][0], samples[-1][0], round(TICK * SECOND)):
        begun = time.perf_counter()
        if samples[k][0] <= now:
            way.take(*samples[k])
            takes.append(time.perf_counter() - begun)
            k += 1
            begun = time.perf_counter()
        way.step(now)
        steps.append(time.perf_counter() - begun)
    take, step = (1e6 * sorted(values)[len(values) // 2] for values in (takes, steps))
    what = f'{platform.machine()}, Python {platform.python_version()}'
    return f'On {what}: {step:.0f} us per tick, {take:.0f} us per sample of 12 joints (medians).'


def _cells(found: Figures) -> tuple[str, ...]:
    lag, beyond = f'{1e3 * found.lag:.0f}', f'{1e3 * found.beyond:.0f}'
    push = '-' if np.isnan(found.push) else f'{found.push:.2f}'
    return lag, beyond, push, f'{found.jerk:.1f}', f'{found.share:.2f}'


def main() -> None:
    """Measure, print, write."""
    ask = argparse.ArgumentParser(
        'python -m fastwam_ros.apps.follow', description=__doc__.splitlines()[0]
    )
    ask.add_argument('--out', type=Path, help='folder for follow.md and follow.png')
    given = ask.parse_args()
    lines = []
    for line in table():
        lines.append(line)
        print(line, flush=True)
    print(cost())
    if given.out is not None:
        intro = _PAGE.format(rates=', '.join(map(str, RATES)), jitter=1e3 * JITTER, begin=BEGIN)
        with writing(given.out):
            given.out.mkdir(parents=True, exist_ok=True)
            (given.out / 'follow.md').write_text('\n'.join([intro, *lines, '']))
            draw(
                given.out / 'follow.png',
                HANDS['reaches, 0.3 rad in 0.8 s'],
                ramp(0.75, BEGIN, 0.6),
            )


if __name__ == '__main__':
    main()
