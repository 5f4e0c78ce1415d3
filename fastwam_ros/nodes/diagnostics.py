"""Diagnostics in the standard form: one status per node on the absolute /diagnostics, at 1 Hz.

hardware_id is the host that the node runs on.

Also the figures they report: median, 99th percentile and maximum since the last report.
"""

import platform
from collections.abc import Mapping

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.node import Node

from fastwam_ros.nodes import qos
from fastwam_ros.nodes.messages import time_message

_PERIOD = 1_000_000_000  # [ns]


class Window:
    """Figures since the last look."""

    def __init__(self) -> None:
        self._figures: list[float] = []

    def add(self, figure: float) -> None:
        """One more."""
        self._figures.append(figure)

    def take(self, name: str) -> dict[str, float]:
        """'<name> p50', 'p99' and 'max' of the figures since the last call; empty without any."""
        figures, self._figures = np.array(self._figures), []
        if not len(figures):
            return {}
        p50, p99 = np.quantile(figures, (0.5, 0.99))
        return {f'{name} p50': p50, f'{name} p99': p99, f'{name} max': figures.max()}


class Diagnostics:
    """Publishes one node's health."""

    def __init__(self, node: Node) -> None:
        self._name = node.get_fully_qualified_name().lstrip('/')
        self._publisher = node.create_publisher(DiagnosticArray, '/diagnostics', qos.REQUESTS)
        self._host, self._told = platform.node(), 0

    def due(self, now: int) -> bool:
        """Whether it is time to tell again, at `now` [ns]."""
        return not 0 <= now - self._told < _PERIOD

    def tell(self, now: int, problem: str, values: Mapping[str, object]) -> None:
        """Publish: OK, or WARN with the problem in words; values are printed as they are."""
        self._told = now
        level = DiagnosticStatus.WARN if problem else DiagnosticStatus.OK
        pairs = [KeyValue(key=key, value=_text(value)) for key, value in values.items()]
        status = DiagnosticStatus(
            level=level,
            name=self._name,
            message=problem or 'ok',
            hardware_id=self._host,
            values=pairs,
        )
        message = DiagnosticArray(status=[status])
        message.header.stamp = time_message(now)
        self._publisher.publish(message)


def _text(value: object) -> str:
    return f'{value:.4g}' if isinstance(value, float) else str(value)
