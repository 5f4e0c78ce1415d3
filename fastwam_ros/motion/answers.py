"""Answers to requests, remembered: whoever repeats an id gets the first answer again.

A request goes by topic and may arrive twice, or be repeated by somebody who missed the answer.
"""

_REMEMBERED = 64


class Answers:
    """The last answers, by requester and id."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], str] = {}

    def of(self, requester: str, request: int) -> str | None:
        """The first answer to this request, or None where it is new."""
        return self._kept.get((requester, request))

    def keep(self, requester: str, request: int, answer: str) -> str:
        """Remember and return an answer."""
        if len(self._kept) >= _REMEMBERED:
            self._kept.pop(next(iter(self._kept)))
        self._kept[(requester, request)] = answer
        return answer
