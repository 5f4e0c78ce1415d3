"""Chunks whose velocity field is known exactly, and what real-time chunking makes of them.

A mixture of Gaussians over smooth motions of two joints towards one of three places. A new chunk
knows nothing of the last one: it draws its place anew, which is what a prefix is against.
`python -m test.wam.chunk_mixture` prints the table of docs/rtc.md.
"""

import argparse
from dataclasses import dataclass

import torch
from torch import Tensor

from fastwam_ros.wam.guidance import BETA, Prefix, gains, guided, guided_exact
from fastwam_ros.wam.prefix import METHODS, OFF, VJP, prefix_weights
from fastwam_ros.wam.schedule import Schedule

H, D, S = 32, 6, 12  # rows of a chunk, executed before the new one takes over, between two chunks
PLACES = torch.tensor([[1.0, 0.0], [-0.5, 0.866], [-0.5, -0.866]])
OTHERS = -PLACES  # where they are after something has moved: between the first three
WIDE, SMOOTH = 0.12, 10.0  # of a motion about its mean: deviation, and rows that it takes to vary


@dataclass(frozen=True)
class Mixture:
    """means [M, H, 2], equally likely; covariance [H, H] over rows, of both joints alike."""

    means: Tensor
    covariance: Tensor

    @classmethod
    def towards(cls, places: Tensor, first: int = 0, leaving: Tensor | None = None) -> 'Mixture':
        """Rows `first` and on of motions from the middle to places [M, 2] within 44 rows.

        leaving: the places that the arms were on their way to until the first row.
        """
        row = torch.arange(H, dtype=torch.float64)
        way = ease((first + row) / (H + S - 1))[:, None]
        means = way * places[:, None].double()
        if leaving is not None:
            turn = ease(row / (H - 1))[:, None]
            means = (1 - turn) * way * leaving[:, None].double() + turn * means
        apart = (row[:, None] - row) / SMOOTH
        return cls(means, WIDE**2 * torch.exp(-(apart**2) / 2))

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Chunks [count, H, 2]."""
        which = torch.randint(len(self.means), (count,), generator=generator)
        values, vectors = torch.linalg.eigh(self.covariance)
        root = vectors * values.clamp(min=0.0).sqrt()
        noise = torch.randn(count, H, 2, generator=generator, dtype=torch.float64)
        return self.means[which] + root @ noise

    def shrink(self, sigma: Tensor) -> Tensor:
        """How the clean chunk follows the noisy one within one of the Gaussians [H, H]."""
        clean, noise = (1 - sigma.double()), sigma.double() ** 2
        noisy = clean**2 * self.covariance + noise * torch.eye(H, dtype=torch.float64)
        return clean * torch.linalg.solve(noisy, self.covariance)

    def velocity(self, x: Tensor, sigma: Tensor) -> Tensor:
        """The mean of noise less chunk, given (1 - sigma) * chunk + sigma * noise [B, H, 2]."""
        clean = 1 - sigma.double()
        noisy = clean**2 * self.covariance + sigma.double() ** 2 * torch.eye(H).double()
        away = x.double() - clean * self.means[:, None]  # [M, B, H, 2]
        likely = -(away * torch.linalg.solve(noisy, away)).sum((2, 3)) / 2
        chunks = self.means[:, None] + self.shrink(sigma) @ away
        mean = (likely.softmax(0)[:, :, None, None] * chunks).sum(0)
        return ((x.double() - mean) / sigma.double()).to(x.dtype)


def ease(u: Tensor) -> Tensor:
    """From 0 to 1, beginning and ending at rest."""
    return u**2 * (3 - 2 * u)


def denoise(
    mixture: Mixture, noise: Tensor, prefix: Prefix, method: str, beta: float = BETA
) -> Tensor:
    """The sampler of the released models: 10 Euler steps, shift 5."""
    schedule, x = Schedule.shifted(10), noise
    steps = zip(schedule.sigmas[:-1], gains(schedule, beta), schedule.deltas, strict=True)
    for sigma, gain, delta in steps:
        if method == VJP:
            velocity = guided_exact(
                lambda at, sigma=sigma: mixture.velocity(at, sigma), x, sigma, gain, prefix
            )
        else:
            velocity = mixture.velocity(x, sigma)
            if method != OFF:
                velocity = guided(velocity, x, sigma, gain, prefix)
        x = x + delta * velocity
    return x


def prefix_of(old: Tensor) -> Prefix:
    """What chunks [B, H, 2] have left after S rows, free beyond."""
    rows = torch.cat((old[:, S:], torch.zeros(len(old), S, 2, dtype=old.dtype)), 1).float()
    weights = torch.tensor(prefix_weights(H, D, H - S)).float()[None, :, None]
    return Prefix(rows, weights)


def rms(values: Tensor) -> float:
    """Root mean square."""
    return float((values**2).mean().sqrt())


@dataclass(frozen=True)
class Outcome:
    """prefix: rms of rows that were committed; jump: rms from the last of them to the next row.

    same: share that goes on to the place it was on its way to; follows: share that goes to where
    the places are after they have moved.
    """

    prefix: float
    jump: float
    same: float
    follows: float

    @classmethod
    def of(cls, method: str, count: int = 500, beta: float = BETA, seed: int = 0) -> 'Outcome':
        """Of so many pairs of chunks."""
        generator = torch.Generator().manual_seed(seed)
        still = Mixture.towards(PLACES, S)
        old = Mixture.towards(PLACES).draw(count, generator)
        prefix = prefix_of(old)
        noise = torch.randn(count, H, 2, generator=generator)
        new = denoise(still, noise, prefix, method, beta)
        moved = Mixture.towards(OTHERS, S, leaving=PLACES[[1, 2, 0]])
        turned = denoise(moved, noise, prefix, method, beta)
        return cls(
            rms(new[:, :D] - prefix.rows[:, :D]),
            rms(new[:, D] - prefix.rows[:, D - 1]),
            float((place(new, PLACES) == place(old, PLACES)).float().mean()),
            float((place(turned, torch.cat((PLACES, OTHERS))) >= len(PLACES)).float().mean()),
        )


def place(chunks: Tensor, places: Tensor) -> Tensor:
    """Which place each chunk's last row is the nearest to in direction [B]."""
    return (chunks[:, -1].float() @ places.T).argmax(1)


def main() -> None:
    """Print what becomes of a thousand pairs of chunks by each method."""
    ask = argparse.ArgumentParser('python -m test.wam.chunk_mixture', description=__doc__)
    ask.add_argument('--pairs', type=int, default=1000, help='of chunks (1000)')
    count = ask.parse_args().pairs
    step = rms(Mixture.towards(PLACES).draw(count, torch.Generator().manual_seed(1)).diff(dim=1))
    print(f'rms from row to row {step:.3f}')
    print('| method | prefix | jump | same place | follows |\n|---|---|---|---|---|')
    for method in METHODS:
        got = Outcome.of(method, count)
        figures = f'{got.prefix:.3f} | {got.jump:.3f} | {got.same:.0%} | {got.follows:.0%}'
        print(f'| {method} | {figures} |')


if __name__ == '__main__':
    main()
