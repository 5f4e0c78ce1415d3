#!/usr/bin/env python3
"""One policy for several robots: a GPU that is waiting for one could work for another.

Each robot has its namespace, in which are its cameras, its feedback and its executor; the server
hears them all and publishes each one's chunks there. What they ask within a short window is one
call of the model.
"""

from dataclasses import dataclass

from fastwam_ros.nodes import parameters
from fastwam_ros.nodes.gathering import SharedModel
from fastwam_ros.nodes.node import FastWamNode, Figures
from fastwam_ros.nodes.policy_parameters import Parameters, loaded
from fastwam_ros.nodes.robot_side import RobotSide, infer_until_signal
from fastwam_ros.nodes.start import started


@dataclass(frozen=True)
class ServerParameters(Parameters):
    """As the policy's, for several robots."""

    robots: list[str] = parameters.required('their namespaces, each once')
    window: float = parameters.within(
        0.005, 0.0, 1.0, 's', 'how long one robot waits for others to share a call'
    )


class ServerNode(FastWamNode[ServerParameters]):
    """A model and several robots."""

    def __init__(self) -> None:
        super().__init__('server', ServerParameters)
        given, self.sides = self.settings, list[RobotSide]()
        robots = _namespaces(given.robots)
        model = self._model = SharedModel(loaded(given, len(robots)), given.window, len(robots))
        for namespace in robots:
            self.sides.append(RobotSide(self, given, model, namespace))
        named = ', '.join(f'{s.namespace} {s.inference.task!r}' for s in self.sides)
        self.get_logger().info(f'bundle {model.name}@{model.digest} {model.how}: {named}')

    def tell_health(self, figures: Figures = dict) -> None:
        """Of all robots, whichever of them looked at the clock."""
        super().tell_health(self._figures)

    def _figures(self) -> dict[str, object]:
        own = {
            f'{side.namespace} {name}': value
            for side in self.sides
            for name, value in side.figures().items()
        }
        return {**self._model.sizes.take('robots per call'), **own}


def _namespaces(given: list[str]) -> list[str]:
    robots = [name.strip('/') for name in given]
    if not all(robots) or len(set(robots)) < max(len(robots), 1):
        raise ValueError(f'robots are {given}: at least one namespace, each once and none empty')
    return robots


def main() -> None:
    """Infer until a signal."""
    with started('server', ServerNode) as node:
        infer_until_signal(node, node.sides)


if __name__ == '__main__':
    main()
