"""Speeds of torso and chassis that a person gives by presses of keys.

A press is good for a moment at the chosen share of an axis' speed, as with joints (`jog`). What
was chosen once is told from then on, zeros as well: whoever drives must be heard to stand.
"""

from fastwam_ros.robot.carriers import CARRIERS

_BY_NAME = {carrier.name: carrier for carrier in CARRIERS}
CARRIER_NAMES = tuple(_BY_NAME)
# What the keys of the first axes do, for who looks at the screen.
HELP = {
    'torso': 'torso: a z ahead, back; s x up, down; d c tilt; f v turn',
    'chassis': 'chassis: a z ahead, back; s x left, right; d c turn',
}


class Cruise:
    """The carrier that keys move, '' for none, and the speeds that are asked for."""

    def __init__(self, press: float) -> None:
        """press: seconds that a press is good for."""
        self._press, self.chosen = press, ''
        self._until: dict[str, dict[str, tuple[float, float]]] = {}

    def choose(self, name: str) -> None:
        """Keys move this carrier from now on; '': none. What moved stands."""
        self.stop()
        self.chosen = name
        if name:
            self._until.setdefault(name, {})

    def stop(self) -> None:
        """Nothing is asked to move."""
        for moving in self._until.values():
            moving.clear()

    def press(self, now: float, axis: int, sign: int, share: float) -> str:
        """A key for an axis of the chosen carrier and a direction; why it has none, or ''."""
        axes = _BY_NAME[self.chosen].axes
        if axis >= len(axes):
            return f'no such axis: {HELP[self.chosen]}'
        moving = self._until[self.chosen]
        moving[axes[axis].field] = (sign * share * axes[axis].speed, now + self._press)
        return ''

    def speeds(self, now: float) -> dict[str, dict[str, float]]:
        """Of every carrier that was ever chosen: field of the twist to speed [m/s, rad/s]."""
        return {
            name: {field: speed for field, (speed, until) in moving.items() if now < until}
            for name, moving in self._until.items()
        }
