"""The executor's own time: ROS time that goes on when somebody sets the clock.

Ages and time-outs must not leap with a clock that is set. Stamps that come in are brought onto
this time, stamps that go out are brought back. Clocks are arguments, in ns.
"""

_APART = 10_000_000  # [ns] beyond which the ROS clock was set and no tick has told so yet


class Timeline:
    """Own time = ROS time less the steps that the clock was set by."""

    def __init__(self, monotonic: int, ros: int) -> None:
        self._offset = ros - monotonic  # of own time to the monotonic clock, as of the last tick
        self.set_by = 0

    def own(self, monotonic: int, ros: int) -> int:
        """Own time now."""
        own, steady = ros - self.set_by, monotonic + self._offset
        return own if abs(own - steady) < _APART else steady

    def tick(self, monotonic: int, ros: int, step: int) -> None:
        """A tick came, and with it word by how much the clock was set since the last one."""
        self.set_by += step
        self._offset = ros - self.set_by - monotonic

    def of(self, stamp: int) -> int:
        """A ROS stamp on own time; 0 stays 0: no stamp."""
        return stamp and stamp - self.set_by

    def ros(self, own: int) -> int:
        """Own time as a ROS stamp; 0 stays 0: never."""
        return own and own + self.set_by
