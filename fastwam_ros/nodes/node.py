"""What all our nodes have in common: checked parameters, a clock, warnings, their health."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Generic

from rcl_interfaces.msg import SetParametersResult
from rclpy.node import Node
from rclpy.parameter import Parameter

from fastwam_ros.nodes.diagnostics import Diagnostics
from fastwam_ros.nodes.parameters import SIM_TIME, Settings, check, read
from fastwam_ros.nodes.start import refuse_second

Figures = Callable[[], Mapping[str, object]]


class FastWamNode(Node, Generic[Settings]):
    """A node that is the only one of its name, with its parameters in `settings`."""

    def __init__(self, name: str, kind: type[Settings]) -> None:
        """kind: the dataclass of its parameters.

        Raises ValueError for parameters that are wrong, AlreadyRunsError beside a second node.
        """
        super().__init__(name, automatically_declare_parameters_from_overrides=True)
        self.settings: Settings = read(self, kind)
        self.add_on_set_parameters_callback(self._on_set)
        refuse_second(self)
        self.health = Diagnostics(self)
        self._problem, self._telling = '', threading.Lock()

    def apply(self, name: str, value: Any) -> str:
        """Take a parameter's new value while running; returns why not, or ''."""
        return f'{name} is read at the start: restart the {self.get_name()} with it'

    def _on_set(self, changes: list[Parameter]) -> SetParametersResult:
        """A change that is accepted and without effect would be a trap."""
        fixed = (*vars(self.settings), SIM_TIME)
        for change in changes:
            same = (
                change.name not in fixed or change.value == self.get_parameter(change.name).value
            )
            if why := '' if same else self._refused(change.name, change.value):
                return SetParametersResult(successful=False, reason=why)
        return SetParametersResult(successful=True)

    def _refused(self, name: str, value: Any) -> str:
        try:
            check(type(self.settings), name, value)
        except ValueError as error:
            return str(error)
        return self.apply(name, value)

    def now(self) -> int:
        """ROS time [ns]."""
        return self.get_clock().now().nanoseconds

    def warn(self, what: str) -> None:
        """Log a problem, at most once a second, and tell it with the health; '' is none."""
        if what:
            self.note(what)
            self.get_logger().warning(what, throttle_duration_sec=1.0)

    def note(self, what: str) -> None:
        """Tell a problem with the health."""
        self._problem = what

    def tell_health(self, figures: Figures = dict) -> None:
        """Once a second, whoever calls it: the last problem since, or ok, with figures."""
        now = self.now()
        with self._telling:
            if self.health.due(now):
                problem, self._problem = self._problem, ''
                self.health.tell(now, problem, figures())
