"""Streams that must not fall silent: who was heard when, and who is overdue, on any clock."""

from collections.abc import Iterable, Iterator


class Silence:
    """Some streams by name and how long [s] each may be silent."""

    def __init__(self, names: Iterable[str], limit: float) -> None:
        """A stream's time begins when it is first looked for."""
        self._limit = limit
        self._heard: dict[str, float | None] = dict.fromkeys(names)

    def heard(self, name: str, now: float) -> None:
        """Something came at `now` [s]. Raises KeyError for a stream that is not watched."""
        if name not in self._heard:
            raise KeyError(f'{name!r} is not watched: {", ".join(self._heard)} are')
        self._heard[name] = now

    def overdue(self, now: float) -> Iterator[tuple[str, float]]:
        """Who has been silent for too long, and for how long [s].

        A time before the last word begins anew: the clock was set back.
        """
        for name, at in self._heard.items():
            if at is None or now < at:
                self._heard[name] = now
            elif now - at > self._limit:
                yield name, now - at
