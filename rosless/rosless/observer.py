"""A hidden node that looks at the others, for one command, and what every such command does.

Knows how long discovery takes, and how a command ends: by Ctrl-C, by a closed pipe, with one line.
Refuses to know what is looked at.
"""

import importlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

from rosless import stage
from rosless.closed_pipe import may_close
from rosless.domain import DomainError

# [s] that a topic, node or service may take to appear: Fast DDS tells itself once in 3 s
APPEARS = 5.0
ANSWERS = 5.0  # [s] that a service may take
STILL = 0.4  # [s] without news after which the graph is taken as known
LOOK = 0.05  # [s] between looks


class Trouble(Exception):
    """Why a command cannot do what it was asked: one line."""


def fail(fact: str, kind: str, there: list[str]) -> NoReturn:
    """Raises Trouble with what there is instead."""
    raise Trouble(f'{fact}: the {kind} are {", ".join(there)}' if there else f'{fact}: no {kind}')


class Observer:
    """A node in the domain and what it sees there."""

    def __init__(self, node: Any, executor: Any) -> None:
        self.node = node
        self.graph = node.context._graph
        executor.add_node(node)
        self._executor = executor

    def spin_once(self, timeout_sec: float | None = None) -> None:
        """Runs a callback of the node, waiting for it at most that long (None: for ever)."""
        self._executor.spin_once(timeout_sec)

    def nodes(self, hidden: bool = False) -> list[str]:
        """Full names of all nodes but this one, sorted; hidden ones begin with _."""
        found = [(name, f'{space.rstrip("/")}/{name}') for name, space in self.graph.node_names()]
        mine = self.node.get_fully_qualified_name()
        return sorted(
            full for name, full in found if full != mine and (hidden or not name.startswith('_'))
        )

    def topics(self, hidden: bool = False) -> dict[str, list[str]]:
        """Topics with their types, sorted."""
        return _visible(self.node.get_topic_names_and_types(), hidden)

    def services(self, hidden: bool = False) -> dict[str, list[str]]:
        """Services with their types, sorted."""
        return _visible(self.graph.services(), hidden)

    def settle(self, spin_time: float = 0.0) -> None:
        """Until nothing new was discovered for a while, and for spin_time [s] at least."""
        begun = since = time.monotonic()
        seen, least, end = None, begun + spin_time, begun + APPEARS
        while time.monotonic() < max(least, min(end, since + STILL)):
            now = self.nodes(True), self.topics(True), self.services(True)
            if now != seen:
                seen, since = now, time.monotonic()
            time.sleep(LOOK)

    def await_name(self, name: str, kind: str, there: Callable[[], list[str]]) -> str:
        """The full name, when it is there. Raises Trouble that lists what is."""
        full = name if name.startswith('/') else f'/{name}'
        end = time.monotonic() + APPEARS
        while full not in there():
            if time.monotonic() > end:
                plain = [found for found in there() if not _is_hidden(found)]
                fail(f'no {kind} {full} within {APPEARS:g} s', f'{kind}s', plain)
            time.sleep(LOOK)
        return full

    def ask(self, kind: Any, service: str, request: Any) -> Any:
        """What a service answers. Raises Trouble where it does not."""
        self.await_name(service, 'service', lambda: list(self.services(True)))
        client = self.node.create_client(kind, service)
        if not client.wait_for_service(timeout_sec=APPEARS):
            raise Trouble(f'the service {service} cannot be reached')
        future = client.call_async(request)
        self._executor.spin_until_future_complete(future, ANSWERS)
        self.node.destroy_client(client)
        if not future.done():
            raise Trouble(f'the service {service} did not answer within {ANSWERS:g} s')
        return future.result()


def take_spin_time(verb: Any) -> None:
    """Adds the option of a verb that lists what it finds."""
    verb.add_argument(
        '--spin-time', type=float, default=0.0, help='seconds to look for at least: 5 for Fast DDS'
    )


def _visible(found: list[tuple[str, list[str]]], hidden: bool) -> dict[str, list[str]]:
    return {name: types for name, types in sorted(found) if hidden or not _is_hidden(name)}


def _is_hidden(name: str) -> bool:
    return any(part.startswith('_') for part in name.split('/'))


@contextmanager
def observer() -> Iterator[Observer]:
    """An Observer while the command runs; Ctrl-C and a closed pipe are ordinary ends."""
    os.environ.setdefault(stage.QUIET, '1')
    stage.set_up()
    import rclpy
    from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor

    try:
        rclpy.init(args=[])
        node = rclpy.create_node(f'_rosless_{os.getpid()}', start_parameter_services=False)
        with may_close(), suppress(KeyboardInterrupt, ExternalShutdownException):
            yield Observer(node, SingleThreadedExecutor())
    except (Trouble, DomainError) as problem:
        raise SystemExit(f'rosless: {problem}') from None
    finally:
        rclpy.try_shutdown()


def message_class(name: str) -> Any:
    """The class of a message or service type, 'std_msgs/msg/String'. Raises Trouble."""
    package, _, rest = name.partition('/')
    kind, _, short = rest.rpartition('/')
    try:
        return getattr(importlib.import_module(f'{package}.{kind or "msg"}'), short)
    except (ImportError, AttributeError, NotImplementedError, ValueError):
        raise Trouble(f'the type {name} is not known here: is its package installed?') from None


def echo(text: str) -> None:
    """Prints at once: the reader of a pipe waits for it."""
    print(text, flush=True)
