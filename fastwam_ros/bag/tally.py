"""A recording that grows, in words: a line on how it goes, and what it says when it ends."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fastwam_ros.bag.space import GB
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.topics import CAMERAS, IMAGE_TOPICS

MB = 10**6
_SHOWN = {  # by word: roles in the order in which their rates are shown
    **{camera: [[t.role for t in IMAGE_TOPICS if t.camera == camera]] for camera in CAMERAS},
    'arms': [[f'arm_measured_{side}'] for side in SIDES],
    'commands': [[f'arm_command_{side}'] for side in SIDES],
    'chunks': [['chunk']],
    'state': [['state']],
}
_WANTED = {
    **{
        f'{what}_measured_{side}': f'readings of the {side} {what}'
        for what in ('arm', 'gripper')
        for side in SIDES
    },
    'state': 'states of the executor',
}


@dataclass(frozen=True)
class Listed:
    """A topic that is listened to: its role ('' where it was added by name), its full name."""

    role: str
    topic: str


class Tally:
    """Counts by channel, as rates since the last line and as what never came."""

    def __init__(self, listed: Sequence[Listed], now: float) -> None:
        """listed: by channel. now: [s] of a clock that does not go back."""
        self._listed = listed
        self._begun = self._at = now
        self._counts, self._size = [0] * len(listed), 0

    def line(self, now: float, counts: Sequence[int], size: int, free: int) -> str:
        """At `now` [s]: seconds, bytes, their rate, bytes free, rates [Hz] since the last line."""
        lasts = max(now - self._at, 1e-9)
        rates: dict[str, float] = {}
        for one, count, before in zip(self._listed, counts, self._counts, strict=True):
            rates[one.role] = rates.get(one.role, 0.0) + (count - before) / lasts
        grows = (size - self._size) / lasts
        self._at, self._counts, self._size = now, list(counts), size
        return (
            f'{now - self._begun:7.1f} s {size / MB:9.1f} MB {grows / MB:6.1f} MB/s '
            f'{free / GB:7.1f} GB free  Hz: {"  ".join(_rates(rates))}'
        )

    def seconds(self, now: float) -> float:
        """Since the beginning."""
        return now - self._begun

    def missing(self, counts: Sequence[int]) -> list[str]:
        """What an episode has and this one does not, in words."""
        came: dict[str, int] = {}
        for one, count in zip(self._listed, counts, strict=True):
            came[one.role or one.topic] = came.get(one.role or one.topic, 0) + count
        return list(self._absent(came))

    def _absent(self, came: Mapping[str, int]) -> Iterator[str]:
        for camera in CAMERAS:
            roles = {topic.role for topic in IMAGE_TOPICS if topic.camera == camera}
            if not any(came.get(role) for role in roles):
                heard = (one.topic for one in self._listed if one.role in roles)
                yield f'no pictures of the {camera} camera, on {" or ".join(heard)}'
        for role, words in _WANTED.items():
            if not came.get(role):
                yield f'no {words}'
        for one in self._listed:
            if not one.role and not came[one.topic]:
                yield f'nothing on {one.topic}'


def _rates(rates: Mapping[str, float]) -> Iterator[str]:
    for word, groups in _SHOWN.items():
        found = [sum(rates.get(role, 0.0) for role in group) for group in groups]
        yield ' '.join([word, *(f'{rate:.0f}' if rate else '-' for rate in found)])
