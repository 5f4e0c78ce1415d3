"""Make the tiny demo bundle: `python -m fastwam_ros.apps.tiny_bundle bundles/tiny_r1lite`.

Renders a few hundred pictures, overfits, writes, reads the result back and prints its figures.
About twenty minutes on one core; threads that wait for each other make a busy machine slower.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

import numpy as np
import torch
from safetensors import SafetensorError

from fastwam_ros.apps.files import writing
from fastwam_ros.apps.tiny_bundle.figures import Figures, ask, measure
from fastwam_ros.apps.tiny_bundle.files import (
    SIZE,
    write_fixed_parts,
    write_readme,
    write_weights,
)
from fastwam_ros.apps.tiny_bundle.motion import Situations, chunks
from fastwam_ros.apps.tiny_bundle.pictures import album, mosaics
from fastwam_ros.apps.tiny_bundle.training import Lesson, Stage, fresh_model, train
from fastwam_ros.robot.joints import JOINT_NAMES
from fastwam_ros.wam.bundle import VAE, Bundle
from fastwam_ros.wam.checkpoint import load_into
from fastwam_ros.wam.model import FastWAM
from fastwam_ros.wam.policy import Policy
from fastwam_ros.wam.vision import ImageEncoder

STAGES = (Stage(1700, 32, 2e-3, False), Stage(600, 16, 7e-4, True))
POSES, SCENES = 200, 4
SAMPLES = 20000  # situations that the statistics are taken from
UNSEEN_SCENE = 1000
SAVE_EVERY = 300  # optimiser steps


def make(
    folder: Path, stages: Sequence[Stage] = STAGES, poses: int = POSES, seed: int = 0
) -> None:
    """Write a trained bundle into `folder`.

    An untrained one is written first and read back, so that training sees exactly what inference
    will; it is overwritten as training goes on.
    """
    rng = np.random.default_rng(seed)
    drawn = Situations.draw(SAMPLES, rng)
    actions = chunks(drawn.states, drawn.light, drawn.tasks).reshape(-1, len(JOINT_NAMES))
    write_fixed_parts(folder, seed, drawn.states, actions)
    torch.manual_seed(seed)
    write_weights(folder, fresh_model(SIZE))
    bundle = Bundle.read(folder)
    model, encoder = FastWAM(bundle.contract.model), ImageEncoder(bundle.contract.vae)
    load_into(model, bundle.weights, bundle.contract.weights)
    encoder.load(bundle.vae, VAE)
    lesson = Lesson(bundle, album(encoder, poses, SCENES, rng), rng)
    train(model, lesson, stages, Diary(folder, model))
    write_weights(folder, model)


class Diary:
    """Prints the running loss and saves the weights now and then."""

    def __init__(self, folder: Path, model: FastWAM) -> None:
        self._folder, self._model = folder, model
        self._begun, self._losses = monotonic(), [0.0]

    def __call__(self, step: int, loss: float) -> None:
        """After each optimiser step."""
        self._losses.append(loss)
        if step % SAVE_EVERY:
            return
        mean = np.mean(self._losses[-SAVE_EVERY:])
        print(f'step {step:5d}  {monotonic() - self._begun:5.0f} s  loss {mean:.2e}', flush=True)
        write_weights(self._folder, self._model)


def examine(folder: Path, count: int = 200) -> Figures:
    """Ask the bundle about situations and a placement of the blocks that it was not taught."""
    rng = np.random.default_rng(UNSEEN_SCENE)
    situations = Situations.draw(count, rng)
    pictures = mosaics(situations.states[:20], UNSEEN_SCENE)
    return measure(ask(Policy.load(folder), situations, pictures), situations)


def table(figures: Figures) -> str:
    """One line per joint."""
    head = 'joint                residual    noise  start   speed  acceleration   (1e-3, /s, /s2)'
    rows = [
        f'{name:20s} {1e3 * figures.residual[i]:8.2f} {1e3 * figures.noise[i]:8.2f} '
        f'{1e3 * figures.start[i]:6.1f} {figures.speed[i]:7.3f} {figures.acceleration[i]:8.2f}'
        for i, name in enumerate(JOINT_NAMES)
    ]
    return '\n'.join((head, *rows))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser('python -m fastwam_ros.apps.tiny_bundle', description=__doc__)
    parser.add_argument('folder', type=Path, help='where the bundle goes')
    parser.add_argument('--threads', type=int, default=1, help='of torch; more pays on idle cores')
    arguments = parser.parse_args()
    if arguments.threads < 1:
        parser.error(f'{arguments.threads} threads: at least 1')
    torch.set_num_threads(arguments.threads)
    try:
        with writing(arguments.folder):
            make(arguments.folder)
            figures = table(examine(arguments.folder))
            write_readme(arguments.folder, figures)
    except OSError as error:
        sys.exit(f'tiny_bundle: {error}')
    except SafetensorError as error:  # it names no file
        sys.exit(f'tiny_bundle: {arguments.folder}: {error}: is the disk full?')
    print(figures)


if __name__ == '__main__':
    main()
