"""One inference: picture, state and task in; normalised chunk out.

Everything that no observation changes is computed once at load: schedule, modulations of every
layer and step, rotary tables, keys and values of every known prompt. A first, discarded run
follows, so that the first observation does not pay for warming up. Knows no units and no names.
"""

import torch
from torch import Tensor

from fastwam_ros.wam.blocks import Read, join_all
from fastwam_ros.wam.model import LATENT_CHANNELS, FastWAM
from fastwam_ros.wam.sampling import FRAMES, SAMPLINGS, Given, Sample, Sampling, Tables
from fastwam_ros.wam.schedule import Schedule, constant_future, constant_noise
from fastwam_ros.wam.text import CachedPrompts
from fastwam_ros.wam.vision import REDUCTION, ImageEncoder, normalise_pixels


class Engine:
    """One variant of Fast-WAM at fixed sizes with a fixed set of prompts.

    threads: CPU threads of torch, for the whole process. picture: the mosaic's height and width.
    variant: one of SAMPLINGS, whose model imagines where it must. seeds: samples per inference,
    which share what was read of picture and text; the first is that of `seed`. Raises ValueError
    for threads or seeds < 1, an unknown variant, or when a dry run gives numbers that are not
    finite.
    """

    def __init__(
        self,
        model: FastWAM,
        encoder: ImageEncoder,
        prompts: CachedPrompts,
        schedule: Schedule,
        picture: tuple[int, int],
        horizon: int,
        seed: int = 42,
        threads: int = 1,
        variant: str = 'fastwam',
        seeds: int = 1,
    ) -> None:
        for what, count in (('threads', threads), ('seeds', seeds)):
            if count < 1:
                raise ValueError(f'{count} {what}: the engine needs at least 1')
        torch.set_num_threads(threads)
        self._model, self._encoder = model.eval(), encoder.eval()
        self._samplings = _samplings(variant)
        like, latent = model.action_in.weight, (picture[0] // REDUCTION, picture[1] // REDUCTION)
        noises = [constant_noise(horizon, model.size.action_width, seed + k) for k in range(seeds)]
        self._noise = torch.cat(noises).to(like)
        self._future = constant_future(FRAMES, LATENT_CHANNELS, latent, seed).to(like)
        with torch.inference_mode():
            self._tables = Tables.of(model, schedule, latent, horizon)
        self._cached = prompts
        self._prompts: dict[str, tuple[Read, Read]] = {}
        for task in prompts.tasks:
            self.learn(task)
        self._warm_up(picture, prompts.tasks[0])

    @property
    def modes(self) -> tuple[str, ...]:
        """What `sample` may be asked for, the default first; more than one for Optional-IDM."""
        return tuple(self._samplings)

    @torch.inference_mode()
    def sample(self, mosaic: Tensor, state: Tensor, task: str, mode: str = '') -> Sample:
        """uint8 [H, W, 3], normalised state [S] fp32, known task -> one sample per seed.

        The noise is constant: the same input gives the same chunk. mode: one of `modes`. Raises
        ValueError for one that the variant was not trained for.
        """
        sampling = self._samplings.get(mode or self.modes[0])
        if sampling is None:
            raise ValueError(f'mode {mode!r} is none of this variant: {", ".join(self.modes)}')
        like = self._model.action_in.weight
        latent = self._encoder(normalise_pixels(mosaic.to(like.device), like.dtype)[None])
        own = self._read(self._model.state_row(state[None].to(like)))
        video, action = (join_all(*pair) for pair in zip(self._prompts[task], own, strict=True))
        given = Given(latent, video, action, self._noise, self._future)
        return sampling(self._model, self._tables, given)

    @property
    def tasks(self) -> tuple[str, ...]:
        """What can be asked for: what the bundle lists, and what was learnt since."""
        return tuple(self._prompts)

    @torch.inference_mode()
    def learn(self, task: str) -> None:
        """Read the instruction of one more task; an inference that runs meanwhile goes on.

        Raises ValueError for one that is neither listed in the bundle nor encoded for it.
        """
        if task not in self._prompts:
            context = self._cached.context(task).to(self._model.action_in.weight)
            self._prompts[task] = self._read(context)

    def _read(self, context: Tensor) -> tuple[Read, Read]:
        return self._model.video.read(context), self._model.action.read(context)

    def _warm_up(self, picture: tuple[int, int], task: str) -> None:
        black = torch.zeros((*picture, 3), dtype=torch.uint8)
        state = torch.zeros(self._model.size.state_width)
        if not all(self.sample(black, state, task, mode).finite for mode in self.modes):
            raise ValueError(
                'the weights give a chunk that is not finite: damaged, or fp16 overflow'
            )


def _samplings(variant: str) -> dict[str, Sampling]:
    if variant not in SAMPLINGS:
        raise ValueError(f'variant {variant!r} is none of {", ".join(SAMPLINGS)}')
    return SAMPLINGS[variant]
