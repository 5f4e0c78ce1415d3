"""Overfitting a tiny Fast-WAM on the scripted motion, so that its chunks come out smooth.

First flow matching at the sampler's own timesteps, mostly from the one noise that inference uses;
then through the whole ten-step sampler, with a loss on second differences along the rows, because
an executor feels those as acceleration. Only inputs change with the seed; no clock, no files.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from fastwam_ros.apps.tiny_bundle.motion import HORIZON, TASKS, Situations, chunks
from fastwam_ros.apps.tiny_bundle.pictures import LIGHTS, Album
from fastwam_ros.wam.blocks import Block, Expert, ModelSize, Read, join
from fastwam_ros.wam.bundle import Bundle
from fastwam_ros.wam.model import FastWAM
from fastwam_ros.wam.sampling import Given, Tables, first_frame
from fastwam_ros.wam.schedule import Schedule, constant_noise

LATENT = (24, 20)
PICTURES = 4  # different pictures per batch
FREE_NOISE = 0.2  # share of flow-matching samples that start from any noise
SMOOTHNESS = 4.0  # weight of second differences


@dataclass(frozen=True)
class Stage:
    """One stretch of training: optimiser steps, batch size and its highest learning rate."""

    steps: int
    batch: int
    rate: float
    through_sampler: bool


@dataclass(frozen=True)
class Batch:
    """Normalised training tensors: latents [B, ...], states [B, 14], targets [B, 32, 14]."""

    latents: Tensor
    states: Tensor
    tasks: Tensor
    targets: Tensor


def fresh_model(size: ModelSize) -> FastWAM:
    """Random weights whose residual branches are open: gates start near one."""
    model = FastWAM(size)
    for module in model.modules():
        if isinstance(module, Block):
            nn.init.normal_(module.modulation, std=0.02)
            with torch.no_grad():
                module.modulation[:, (2, 5)] += 1
    nn.init.normal_(model.action_out.weight, std=0.02)
    return model


class Lesson:
    """Everything a training step needs besides weights: the bundle around them, and pictures."""

    def __init__(self, bundle: Bundle, pictures: Album, rng: np.random.Generator) -> None:
        self._bundle, self._album, self._rng = bundle, pictures, rng
        self._prompts = torch.cat([bundle.prompts.context(task) for task in TASKS])
        sampler = bundle.contract.sampler
        self.schedule = Schedule.shifted(sampler.steps, sampler.shift, sampler.rounded)
        self.noise = constant_noise(HORIZON, len(bundle.contract.joints.names), sampler.seed)

    def batch(self, count: int) -> Batch:
        """New situations, each with a picture of some pose in its light."""
        rng = self._rng
        drawn = Situations.draw(count, rng)
        level = np.abs(np.asarray(LIGHTS) - drawn.light[:, None]).argmin(1)
        light = np.asarray(LIGHTS)[level]
        pose = rng.choice(rng.integers(self._album.poses, size=PICTURES), count)
        targets = chunks(drawn.states, light, drawn.tasks)
        return Batch(
            self._album.latents[pose, level],
            torch.from_numpy(self._bundle.state.forward(drawn.states)),
            torch.from_numpy(drawn.tasks),
            torch.from_numpy(self._bundle.action.forward(targets)),
        )

    def read(self, model: FastWAM, batch: Batch) -> tuple[Read, Read]:
        """Each expert's keys and values of prompt and state."""
        own = model.state_row(batch.states)
        return self._joined(model.video, own, batch), self._joined(model.action, own, batch)

    def _joined(self, expert: Expert, own: Tensor, batch: Batch) -> Read:
        """The prompts are few: each is read once and handed to its samples."""
        prompts, states = expert.read(self._prompts), expert.read(own)
        return [
            join((key[batch.tasks], value[batch.tasks]), state)
            for (key, value), state in zip(prompts, states, strict=True)
        ]

    def matching_loss(self, model: FastWAM, batch: Batch) -> Tensor:
        """Flow matching at a random one of the sampler's timesteps, as far as it counts there."""
        count, share = len(batch.states), -self.schedule.deltas
        step = torch.from_numpy(self._rng.choice(len(share), count, p=_probabilities(share)))
        noise = self.noise.repeat(count, 1, 1)
        free = torch.from_numpy(self._rng.random(count) < FREE_NOISE)
        noise[free] = torch.from_numpy(self._rng.normal(size=noise[free].shape)).float()
        sigma = self.schedule.sigmas[step][:, None, None]
        video, action = self.read(model, batch)
        tables = _tables(model, self.schedule)
        seen = model.prefill(batch.latents, tables.video_modulations, tables.video_rotary, video)
        velocity = model.velocity(
            (1 - sigma) * batch.targets + sigma * noise,
            tables.action_modulations[step].transpose(0, 1),
            tables.action_rotary,
            seen,
            action,
        )
        return roughness_and_error(velocity, noise - batch.targets)

    def sampler_loss(self, model: FastWAM, batch: Batch) -> Tensor:
        """The error of the finished chunk, from the constant noise."""
        video, action = self.read(model, batch)
        tables = _tables(model, self.schedule)
        made = first_frame(model, tables, Given(batch.latents, video, action, self.noise)).actions
        return roughness_and_error(made, batch.targets)


def roughness_and_error(made: Tensor, wanted: Tensor) -> Tensor:
    """Mean square of the error, and of its second differences along the rows."""
    error = made - wanted
    return error.square().mean() + SMOOTHNESS * error.diff(n=2, dim=1).square().mean()


def train(
    model: FastWAM, lesson: Lesson, stages: Sequence[Stage], report: Callable[[int, float], None]
) -> None:
    """Run all stages in place; each warms up for 5 % of its steps and decays as a cosine."""
    done = 0
    for stage in stages:
        optimiser = torch.optim.AdamW(model.parameters(), lr=stage.rate, weight_decay=1e-4)
        loss_of = lesson.sampler_loss if stage.through_sampler else lesson.matching_loss
        for rate in rates(stage):
            for group in optimiser.param_groups:
                group['lr'] = rate
            loss = loss_of(model, lesson.batch(stage.batch))
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            done += 1
            report(done, loss.item())


def rates(stage: Stage) -> Iterator[float]:
    """The learning rate of each step."""
    warm = max(1, stage.steps // 20)
    for step in range(stage.steps):
        rise = min(1.0, (step + 1) / warm)
        fall = 0.5 + 0.5 * np.cos(np.pi * max(0, step - warm) / max(1, stage.steps - warm))
        yield stage.rate * rise * max(0.005, fall)


def _tables(model: FastWAM, schedule: Schedule) -> Tables:
    return Tables.of(model, schedule, LATENT, HORIZON)


def _probabilities(share: Tensor) -> np.ndarray:
    wide = share.double().numpy()
    return wide / wide.sum()
