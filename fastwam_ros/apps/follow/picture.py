"""The picture: one joint through a reach and past a dead stop, and its acceleration."""

from pathlib import Path
from typing import Any

import numpy as np

from fastwam_ros.apps.follow.figures import WAYS, play
from fastwam_ros.apps.follow.hands import BEGIN, Motion, stream
from fastwam_ros.apps.splice.limited import TICK
from fastwam_ros.apps.splice.metrics import ticks

_RATE, _JITTER = 50, 0.001  # [Hz], [s]
_COLOURS = ('#b0563a', '#1f6fb2')
_HAND = '#555555'
_SHOWN = (-0.2, 2.2)  # [s] around BEGIN


def draw(path: Path, reach: Motion, key: Motion) -> None:
    """Write the picture as PNG."""
    import matplotlib

    matplotlib.use('Agg')
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(12.0, 6.0), layout='constrained')
    axes = figure.subplots(2, 2, sharex=True)
    _column(axes[:, 0], reach, 'a reach and back, by a leader arm')
    _column(axes[:, 1], key, 'a key that is held at half the speed and let go')
    axes[0, 0].legend(fontsize=9)
    axes[0, 0].set_ylabel('joint 1, rad')
    axes[1, 0].set_ylabel('acceleration, rad/s2')
    figure.suptitle(f'Streams of {_RATE} Hz, late by {1e3 * _JITTER:g} ms in the mean')
    figure.savefig(path, dpi=110)


def _column(axes: Any, motion: Motion, title: str) -> None:
    seconds = BEGIN + _SHOWN[1] + 0.1
    samples = stream(motion, seconds, _RATE, _JITTER)
    times = ticks(0, round(seconds / TICK), TICK)
    shown = (times > BEGIN + _SHOWN[0]) & (times < BEGIN + _SHOWN[1])
    axes[0].set_title(title, fontsize=11)
    axes[0].plot(times[shown] - BEGIN, motion(times)[shown, 0], color=_HAND, ls='--', label='hand')
    for (name, way), colour in zip(WAYS.items(), _COLOURS, strict=True):
        line = play(way(), samples, seconds)[: len(times), 0]
        push = np.gradient(np.gradient(line, TICK), TICK)
        axes[0].plot(times[shown] - BEGIN, line[shown], color=colour, label=name)
        axes[1].plot(times[shown] - BEGIN, push[shown], color=colour, linewidth=1.0)
    axes[1].set_xlabel('seconds')
    for each in axes:
        each.grid(alpha=0.3)
