"""From noise to a chunk, and to an imagined future where the variant has one.

One function per way of sampling, over tables of everything that sizes and schedule fix. Frame 0 of
the video is the clean picture: it is read once, and every step handles only what is still noisy,
which is exact. Nothing here synchronises with a device. Facts: the samplers of the released
Fast-WAM code (Euler, no guidance, one schedule for video and actions; specification: paper, 3).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from fastwam_ros.wam.guidance import Prefix, gains, guided, guided_exact
from fastwam_ros.wam.model import PATCH, FastWAM
from fastwam_ros.wam.rotary import grid_rotary, sequence_rotary
from fastwam_ros.wam.schedule import Schedule

FRAMES = 3  # latent frames of the released window: 33 steps, every 4th of them a picture
LATE = 3  # last steps whose guesses at the finished chunk are compared


class Network(Protocol):
    """What sampling asks of the model; what it keeps of text and frames is its own affair.

    `model.FastWAM` says what these do, and is one of them.
    """

    def prefill(
        self, latent: Tensor, modulations: Tensor, rotary: Tensor, text: Any, before: Any = None
    ) -> Any: ...
    def imagine(
        self,
        future: Tensor,
        modulations: Tensor,
        head: Tensor,
        rotary: Tensor,
        first: Any,
        text: Any,
    ) -> tuple[Tensor, Any]: ...
    def velocity(
        self, actions: Tensor, modulations: Tensor, rotary: Tensor, seen: Any, text: Any
    ) -> Tensor: ...


@dataclass(frozen=True)
class Future:
    """What the noisy frames need: positions, and per step modulations of blocks and head."""

    rotary: Tensor
    modulations: Tensor  # [steps, layers, 6, 1, width]
    head: Tensor  # [steps, 1, 2, width]


@dataclass(frozen=True)
class Tables:
    """What depends on the sizes and the schedule alone; future: of a model that imagines.

    sigmas, gains: of a prefix, in fp32, see `guidance`.
    """

    video_rotary: Tensor
    action_rotary: Tensor
    video_modulations: Tensor  # [layers, 6, 1, width], at time 0
    action_modulations: Tensor  # [steps, layers, 6, 1, width]
    deltas: Tensor  # [steps]
    sigmas: Tensor  # [steps]
    gains: Tensor  # [steps]
    future: Future | None = None

    @classmethod
    def of(
        cls,
        model: FastWAM,
        schedule: Schedule,
        latent: tuple[int, int],
        horizon: int,
        frames: int = FRAMES,
    ) -> 'Tables':
        """For latents of this height x width and chunks of this many rows, in the model's dtype.

        frames: of the whole window, the picture's included.
        """
        rows, columns = (side // PATCH for side in latent)
        width, like = model.size.head_dim, model.action_in.weight
        times = schedule.timesteps.to(like)
        future = None
        if model.imagines:
            heads = [model.video_out.modulations(model.video.embed_time(time)) for time in times]
            future = Future(
                grid_rotary(frames, rows, columns, width, first=1).to(like.device),
                torch.stack([model.video.modulations(time) for time in times]),
                torch.stack(heads),
            )
        return cls(
            grid_rotary(1, rows, columns, width).to(like.device),
            sequence_rotary(horizon, width).to(like.device),
            model.video.modulations(torch.zeros_like(times[0])),
            torch.stack([model.action.modulations(time) for time in times]),
            schedule.deltas.to(like),
            schedule.sigmas[:-1].to(like.device),
            gains(schedule).to(like.device),
            future,
        )


@dataclass(frozen=True)
class Given:
    """What one inference starts from, in the model's dtype: B observations, R samples of actions.

    latent: of the pictures [B, 48, 1, h, w]; video_text, action_text: what the network made of
    prompt and state for each expert; actions: noise [R, A, action_width], R a multiple of B;
    future: noise of the frames behind the picture [B or 1, 48, T - 1, h, w], None for who does not
    imagine; prefix: what chunks shall agree with; exact: with the network's own Jacobian.
    """

    latent: Tensor
    video_text: Any
    action_text: Any
    actions: Tensor
    future: Tensor | None = None
    prefix: Prefix | None = None
    exact: bool = False


@dataclass(frozen=True)
class Sample:
    """actions [R, A, action_width], normalised; video [B, 48, T, h, w], the picture first.

    late: what the last steps took the finished actions for, [LATE or less, R, A, action_width].
    """

    actions: Tensor
    late: Tensor
    video: Tensor | None = None

    def spread(self, seeds: int) -> Tensor:
        """How far the samples of each observation lie apart: [R / seeds], in normalised units.

        The root mean square, over samples, rows and joints, of what each differs from their mean:
        0 where all agree, about 1 where they are as far apart as the data is wide.
        """
        return _apart(self.actions.unflatten(0, (-1, seeds)), 1)

    def wavering(self) -> Tensor:
        """How far each sample's last steps differ in what they take the chunk for: [R].

        In the manner of DVAC (arXiv 2606.03847): the variance of the clean estimates.
        """
        return _apart(self.late, 0)

    @property
    def tensors(self) -> list[Tensor]:
        """All that there is of it."""
        video = [] if self.video is None else [self.video]
        return [self.actions, self.late, *video]

    @property
    def finite(self) -> bool:
        """Whether every number of it is one; waits for the device."""
        return all(bool(torch.isfinite(part).all()) for part in self.tensors)

    def copy(self) -> 'Sample':
        """In memory of its own."""
        return Sample(*(part.clone() for part in self.tensors))


def first_frame(network: Network, tables: Tables, given: Given) -> Sample:
    """Actions that see the present picture and nothing imagined: plain Fast-WAM."""
    return _finish(network, tables, given, _picture(network, tables, given))


def joint(network: Network, tables: Tables, given: Given) -> Sample:
    """Video and actions step by step together; actions see the video of their own step."""
    first, ahead, future = _picture(network, tables, given), *_ahead(tables, given)
    actions = Actions(network, tables, given)
    for step, delta in enumerate(tables.deltas):
        motion, seen = _imagine(network, ahead, step, future, first, given)
        actions.advance(step, delta, seen)
        future = future + delta * motion
    return actions.sample(torch.cat((given.latent, future), dim=2))


def idm(network: Network, tables: Tables, given: Given) -> Sample:
    """The whole video first; it is read as clean, and actions see all of it."""
    first, ahead, future = _picture(network, tables, given), *_ahead(tables, given)
    for step, delta in enumerate(tables.deltas):
        motion, _ = _imagine(network, ahead, step, future, first, given)
        future = future + delta * motion
    seen = network.prefill(
        future, tables.video_modulations, ahead.rotary, given.video_text, before=first
    )
    return _finish(network, tables, given, seen, torch.cat((given.latent, future), dim=2))


Sampling = Callable[[Network, Tables, Given], Sample]
# Ways of sampling by variant; Optional-IDM was trained for two, the first is its default.
SAMPLINGS: dict[str, dict[str, Sampling]] = {
    'fastwam': {'first_frame': first_frame},
    'joint': {'joint': joint},
    'idm': {'idm': idm},
    'optional_idm': {'idm': idm, 'first_frame': first_frame},
}


def imagines(variant: str) -> bool:
    """Whether any of a variant's ways needs the video head."""
    return any(way is not first_frame for way in SAMPLINGS[variant].values())


class Actions:
    """Actions on their way from noise to a chunk."""

    def __init__(self, network: Network, tables: Tables, given: Given) -> None:
        self._network, self._tables, self._given = network, tables, given
        self._x, self._late = given.actions, list[Tensor]()

    def advance(self, step: int, delta: Tensor, seen: Any) -> None:
        """One Euler step, `delta` long; seen: of the video, by the network."""
        tables, x, prefix = self._tables, self._x, self._given.prefix
        sigma, gain = tables.sigmas[step], tables.gains[step]

        def predict(x: Tensor) -> Tensor:
            modulations, text = tables.action_modulations[step], self._given.action_text
            return self._network.velocity(x, modulations, tables.action_rotary, seen, text)

        if prefix is None:
            velocity = predict(x)
        elif self._given.exact:
            velocity = guided_exact(predict, x, sigma, gain, prefix)
        else:
            velocity = guided(predict(x), x, sigma, gain, prefix)
        if step >= len(tables.deltas) - LATE:
            self._late.append(x - sigma * velocity)
        self._x = x + delta * velocity

    def sample(self, video: Tensor | None = None) -> Sample:
        """What has become of them."""
        return Sample(self._x, torch.stack(self._late), video)


def _finish(
    network: Network, tables: Tables, given: Given, seen: Any, video: Tensor | None = None
) -> Sample:
    """All steps of the actions over what they see."""
    actions = Actions(network, tables, given)
    for step, delta in enumerate(tables.deltas):
        actions.advance(step, delta, seen)
    return actions.sample(video)


def _picture(network: Network, tables: Tables, given: Given) -> Any:
    return network.prefill(
        given.latent, tables.video_modulations, tables.video_rotary, given.video_text
    )


def _ahead(tables: Tables, given: Given) -> tuple[Future, Tensor]:
    if tables.future is None or given.future is None:
        raise ValueError('this model has no video head, or no noise for the frames to imagine')
    return tables.future, given.future.expand(len(given.latent), -1, -1, -1, -1)


def _imagine(
    network: Network, ahead: Future, step: int, future: Tensor, first: Any, given: Given
) -> tuple[Tensor, Any]:
    modulations, head = ahead.modulations[step], ahead.head[step]
    return network.imagine(future, modulations, head, ahead.rotary, first, given.video_text)


def _apart(x: Tensor, over: int) -> Tensor:
    """Root mean square of what differs along one axis, over that and the last two."""
    return x.float().var(over, unbiased=False).mean((-1, -2)).sqrt()
