"""Ordering of values that know how to test themselves against another: Time and Duration."""


class Ordered:
    """Gives <, <=, >, >= to a class with `_order(other, test)`."""

    __slots__ = ()

    def __lt__(self, other):
        return self._order(other, lambda a, b: a < b)

    def __le__(self, other):
        return self._order(other, lambda a, b: a <= b)

    def __gt__(self, other):
        return self._order(other, lambda a, b: a > b)

    def __ge__(self, other):
        return self._order(other, lambda a, b: a >= b)
