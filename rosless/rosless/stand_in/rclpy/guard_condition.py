"""A guard condition: a callback that any thread may ask for. Knows no nodes."""

from rosless.refusal import lookup

from ._entity import Entity

__getattr__ = lookup(__name__)


class GuardCondition(Entity):
    """Runs its callback once after trigger(). Made by Node.create_guard_condition()."""

    _absent = frozenset({'handle'})

    def __init__(self, callback, callback_group, context=None, *, wake=None):
        self._triggered = False
        self._start(callback, callback_group, wake)

    def trigger(self):
        """Asks for the callback. Several requests before it runs are one."""
        self._require_alive()
        self._triggered = True
        self._wake()

    def _ready(self):
        return self._triggered and not self._destroyed

    def _take(self):
        triggered, self._triggered = self._ready(), False
        return () if triggered else None
