"""Measured figures: a value with its uncertainty, or a bound where no more can be said."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A measured value with its uncertainty (two standard deviations), or a bound below it."""

    value: float
    uncertainty: float = float('nan')
    at_least: bool = False

    def __str__(self) -> str:
        if self.at_least:
            return f'at least {self.value:.3g}'
        return f'{self.value:.4g} +- {self.uncertainty:.2g}'

    def agrees(self, truth: float) -> bool:
        """Whether a true value is one that this allows."""
        return (
            truth >= self.value if self.at_least else abs(truth - self.value) <= self.uncertainty
        )


@dataclass(frozen=True)
class Fit:
    """velocity, acceleration, jerk [rad/s, rad/s2, rad/s3]; delay [s]; sag [rad].

    residual: what the model leaves [rad, rms]; sag: measured less commanded, as far as it is the
    same throughout; model [3]: the likeness that answers best, bounds or not.
    """

    velocity: Figure
    acceleration: Figure
    jerk: Figure
    delay: Figure
    sag: Figure
    residual: float
    model: tuple[float, float, float]
