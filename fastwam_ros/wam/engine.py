"""One inference: pictures, states and tasks in; normalised chunks out.

Everything that no observation changes is computed once at load: schedule, modulations of every
layer and step, rotary tables, keys and values of every known prompt. A first, discarded run
follows, so that the first observation does not pay for warming up. What an observation changes is
copied into memory that stays where it is; from there to the chunks nothing waits for the device,
so that it is one graph where there is one to be had (`graph`). Knows no units and no names.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from fastwam_ros.wam.device import upload
from fastwam_ros.wam.graph import Recorded
from fastwam_ros.wam.guidance import Prefix
from fastwam_ros.wam.model import LATENT_CHANNELS, PATCH, FastWAM
from fastwam_ros.wam.sampling import (
    FRAMES,
    SAMPLINGS,
    Given,
    Network,
    Sample,
    Sampling,
    Tables,
)
from fastwam_ros.wam.schedule import Schedule, constant_future, constant_noise
from fastwam_ros.wam.text import CachedPrompts
from fastwam_ros.wam.vision import REDUCTION, ImageEncoder, normalise_pixels


class Reader(Network, Protocol):
    """A network that keeps instructions: `lean.Lean`, or `plain.Plain` where gradients are."""

    def reserve(self, batch: int, samples: int, tokens: int) -> None: ...
    def learn(self, rows: Tensor, length: int) -> Any: ...
    def place(self, prompts: Sequence[Any]) -> None: ...
    def texts(self, states: Tensor) -> tuple[Any, Any]: ...


@dataclass(frozen=True)
class Learnt:
    """An instruction as the network keeps it, and of how many rows it was read."""

    prompt: Any
    rows: int


class Engine:
    """One variant of Fast-WAM at fixed sizes with a set of prompts that may grow.

    model: what the network runs, with its weights. threads: CPU threads of torch, for the whole
    process. picture: the mosaic's height and width. variant: one of SAMPLINGS, whose model
    imagines where it must. seeds: samples per observation, which share what was read of picture
    and text; the first is that of `seed`. batch: observations per call at most. exact: prefixes
    by the network's own Jacobian. recorded: what plays calls that were made before, over a network
    whose memory stays; None, as gradients need it: every call is made anew. Raises ValueError for
    threads, seeds or batch < 1, an unknown variant, or when a dry run gives numbers that are not
    finite.
    """

    def __init__(
        self,
        model: FastWAM,
        network: Reader,
        encoder: ImageEncoder,
        prompts: CachedPrompts,
        schedule: Schedule,
        picture: tuple[int, int],
        horizon: int,
        seed: int = 42,
        threads: int = 1,
        variant: str = 'fastwam',
        seeds: int = 1,
        batch: int = 1,
        exact: bool = False,
        recorded: Recorded | None = None,
    ) -> None:
        for what, count in (('threads', threads), ('seeds', seeds), ('batch', batch)):
            if count < 1:
                raise ValueError(f'{count} {what}: the engine needs at least 1')
        torch.set_num_threads(threads)
        self.recorded = recorded or Recorded()
        self._network, self._encoder, self._exact = network, encoder.eval(), exact
        self._samplings = _samplings(variant)
        like, latent = model.action_in.weight, (picture[0] // REDUCTION, picture[1] // REDUCTION)
        self._noise = _noise(horizon, model.size.action_width, seed, seeds).to(like)
        self._future = constant_future(FRAMES, LATENT_CHANNELS, latent, seed).to(like)
        with torch.no_grad():
            self._tables = Tables.of(model, schedule, latent, horizon)
        frames = FRAMES if model.imagines else 1
        tokens = frames * latent[0] * latent[1] // PATCH**2 + horizon
        network.reserve(batch, seeds, tokens)
        self._pictures = like.new_zeros((batch, *picture, 3), dtype=torch.uint8)
        self._states = like.new_zeros(batch, model.size.state_width)
        shape = (batch * seeds, horizon, model.size.action_width)
        self._prefix = Prefix(
            like.new_zeros(shape, dtype=torch.float32),
            like.new_zeros((*shape[:2], 1), dtype=torch.float32),
        )
        self._cached = prompts
        self._prompts: dict[str, Learnt] = {}
        for task in prompts.tasks:
            self.learn(task)
        self._warm_up()

    @property
    def modes(self) -> tuple[str, ...]:
        """What `sample` may be asked for, the default first; more than one for Optional-IDM."""
        return tuple(self._samplings)

    @property
    def batch(self) -> int:
        """Observations per call at most."""
        return len(self._pictures)

    @property
    def seeds(self) -> int:
        """Samples per observation."""
        return len(self._noise)

    def check_room(self, count: int) -> None:
        """Raises ValueError for more observations than one call takes, and for none."""
        if not 1 <= count <= self.batch:
            raise ValueError(f'{count} observations, the engine has room for 1..{self.batch}')

    @torch.no_grad()
    def sample(
        self,
        mosaics: Tensor,
        states: Tensor,
        tasks: Sequence[str],
        mode: str = '',
        prefix: Prefix | None = None,
    ) -> Sample:
        """uint8 [B, H, W, 3], normalised states [B, S] fp32, known tasks -> B * seeds samples.

        The samples of one observation follow each other. The noise is constant: the same input
        gives the same chunk. mode: one of `modes`; prefix: one per observation, weight 0 where
        there is none. Raises ValueError for a mode that the variant was not trained for, and for
        more observations than `batch`.
        """
        mode = mode or self.modes[0]
        sampling, count, guided = self._samplings.get(mode), len(tasks), prefix is not None
        if sampling is None:
            raise ValueError(f'mode {mode!r} is none of this variant: {", ".join(self.modes)}')
        self.check_room(count)
        learnt = [self._prompts[task] for task in tasks]
        upload(mosaics, self._pictures[:count])
        upload(states, self._states[:count])
        self._network.place([one.prompt for one in learnt])
        if prefix is not None:
            own = self._prefix.first(count * self.seeds)
            upload(prefix.rows.repeat_interleave(self.seeds, 0), own.rows)
            upload(prefix.weights.repeat_interleave(self.seeds, 0), own.weights)
        # The longest instruction says how much text is seen, whatever room there is for it.
        key = mode, count, guided, max(one.rows for one in learnt)
        return self.recorded(key, lambda: self._run(sampling, count, guided))

    def _run(self, sampling: Sampling, count: int, guided: bool) -> Sample:
        """From what is in memory to the samples, without a word to the host."""
        pixels = normalise_pixels(self._pictures[:count], self._states.dtype)
        video, action = self._network.texts(self._states[:count])
        noise = self._noise.repeat(count, 1, 1)
        prefix = self._prefix.first(len(noise)) if guided else None
        given = Given(
            self._encoder(pixels), video, action, noise, self._future, prefix, self._exact
        )
        return sampling(self._network, self._tables, given)

    @property
    def tasks(self) -> tuple[str, ...]:
        """What can be asked for: what the bundle lists, and what was learnt since."""
        return tuple(self._prompts)

    @torch.no_grad()
    def learn(self, task: str) -> None:
        """Read the instruction of one more task; an inference that runs meanwhile goes on.

        Raises ValueError for one that is neither listed in the bundle nor encoded for it.
        """
        if task not in self._prompts:
            rows = self._cached.read(task).to(self._states)
            prompt = self._network.learn(rows, self._cached.length)
            self._prompts[task] = Learnt(prompt, len(rows))

    def _warm_up(self) -> None:
        for mode, tasks, prefix in self._to_come():
            count = len(tasks)
            pictures = torch.zeros(count, *self._pictures.shape[1:], dtype=torch.uint8)
            states = torch.zeros(count, self._states.shape[1])
            if not self.sample(pictures, states, tasks, mode, prefix).finite:
                raise ValueError(
                    'the weights give a chunk that is not finite: damaged, or fp16 overflow'
                )

    def _to_come(self) -> Iterator[tuple[str, list[str], Prefix | None]]:
        """Every way of sampling; where calls are recorded, all keys of the tasks that are known.

        The longest instruction first: the room that it needs is the last that is made.
        """
        by_rows = {self._prompts[task].rows: task for task in self._cached.tasks}
        tasks = [by_rows[rows] for rows in sorted(by_rows, reverse=True)]
        if not self.recorded.records:
            yield from ((mode, tasks[:1] * self.batch, None) for mode in self.modes)
            return
        for task in tasks:
            for count in range(self.batch, 0, -1):
                for mode in self.modes:
                    yield mode, [task] * count, None
                    yield mode, [task] * count, _nothing_wanted(count, *self._noise.shape[1:])


def _noise(horizon: int, width: int, seed: int, seeds: int) -> Tensor:
    return torch.cat([constant_noise(horizon, width, seed + k) for k in range(seeds)])


def _nothing_wanted(count: int, horizon: int, width: int) -> Prefix:
    return Prefix(torch.zeros(count, horizon, width), torch.zeros(count, horizon, 1))


def _samplings(variant: str) -> dict[str, Sampling]:
    if variant not in SAMPLINGS:
        raise ValueError(f'variant {variant!r} is none of {", ".join(SAMPLINGS)}')
    return SAMPLINGS[variant]
