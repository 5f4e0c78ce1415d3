"""What all our nodes have in common: checked parameters, a clock, warnings, their health."""

from collections.abc import Callable, Mapping
from typing import Generic

from rclpy.node import Node

from fastwam_ros.nodes.diagnostics import Diagnostics
from fastwam_ros.nodes.parameters import Settings, read
from fastwam_ros.nodes.start import refuse_second


class FastWamNode(Node, Generic[Settings]):
    """A node that is the only one of its name, with its parameters in `settings`."""

    def __init__(self, name: str, kind: type[Settings]) -> None:
        """kind: the dataclass of its parameters.

        Raises ValueError for parameters that are wrong, AlreadyRunsError beside a second node.
        """
        super().__init__(name, automatically_declare_parameters_from_overrides=True)
        self.settings: Settings = read(self, kind)
        refuse_second(self)
        self.health = Diagnostics(self)
        self._problem = ''

    def now(self) -> int:
        """ROS time [ns]."""
        return self.get_clock().now().nanoseconds

    def warn(self, what: str) -> None:
        """Log a problem, at most once a second, and tell it with the health; '' is none."""
        if what:
            self._problem = what
            self.get_logger().warning(what, throttle_duration_sec=1.0)

    def tell_health(self, figures: Callable[[], Mapping[str, object]] = dict) -> None:
        """Once a second: the last problem since, or ok, with figures."""
        now = self.now()
        if self.health.due(now):
            problem, self._problem = self._problem, ''
            self.health.tell(now, problem, figures())
