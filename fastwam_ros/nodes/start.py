"""How a node begins and ends: what cannot be done ends it with one line, nothing stays behind.

A node refuses to run beside another of its name: two executors would fight over the arms, two
policies over the chunks. A name in the graph is not enough to tell: that of a process which was
killed stays there for seconds. So the other is listened for: all our nodes tell their health once
a second. Of two that start together the first one goes on.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import takewhile
from typing import TypeVar

import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from fastwam_ros.nodes import qos

Kind = TypeVar('Kind', bound=Node)
_DISCOVERY = 0.4  # [s] until the graph is known on one host
_LOOK = 0.1  # [s] between looks, and between its own words
_STARTING = 'starting'
_HEARTBEAT = 2.5  # [s] in which a living namesake tells its health


class AlreadyRunsError(ValueError):
    """Another node of the same name is alive."""


@contextmanager
def started(name: str, make: Callable[[], Kind]) -> Iterator[Kind]:
    """A node that was made after ROS began, and is destroyed when the body ends.

    What keeps it from being made ends the process with status 1 and one line: `name: what, limit,
    likely cause`; so does an OSError of the body. Other errors of the body are ours and are shown
    in full. Ctrl-C before the body waits for signals by itself ends with status 130.
    """
    with _ended_by(name, OSError):
        try:
            with _ended_by(name, ValueError, RuntimeError):  # the latter from rclpy and torch
                _refuse_words(sys.argv[1:])
                rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
                node = make()
            try:
                yield node
            finally:
                node.destroy_node()
        except KeyboardInterrupt:
            sys.exit(130)
        finally:
            rclpy.try_shutdown()


@contextmanager
def _ended_by(name: str, *errors: type[Exception]) -> Iterator[None]:
    try:
        yield
    except errors as error:
        sys.exit(f'{name}: {words(error)}')


def _refuse_words(given: list[str]) -> None:
    """Words before --ros-args reach nobody: a `-p` there would be lost without a sound."""
    stray = list(takewhile(lambda word: word != '--ros-args', given))
    if stray:
        raise ValueError(f'{stray[0]!r} is not understood: ROS arguments follow --ros-args')


def words(error: Exception) -> str:
    """An error in one line."""
    if isinstance(error, OSError) and error.strerror:
        return ': '.join(str(part) for part in (error.filename, error.strerror) if part)
    return ' '.join(str(error).split())


def refuse_second(node: Node) -> None:
    """Raises AlreadyRunsError when another node of this name and namespace is alive."""
    own = (node.get_name(), node.get_namespace())
    _listen(node, _DISCOVERY, lambda: False)
    if node.get_node_names_and_namespaces().count(own) < 2:
        return
    name = node.get_fully_qualified_name()
    node.get_logger().info(f'{name} is in the graph already: listening whether it is alive')
    if _hears(node, name.lstrip('/')):
        raise AlreadyRunsError(
            f'{name} runs already in this domain and tells its health: end it, or give this one '
            'a namespace of its own (-r __ns:=/NAME), another name or another ROS_DOMAIN_ID'
        )


def _hears(node: Node, name: str) -> bool:
    """Whether another runs, or starts at the same time and came first."""
    own = f'{time.time_ns():020d} {os.getpid()}'  # orders those that start; a running one has ''
    heard = {own}

    def note(message: DiagnosticArray) -> None:
        heard.update(_turn(status) for status in message.status if status.name == name)

    def taken() -> bool:
        voice.publish(starting)
        return min(heard) < own

    starting = DiagnosticArray(
        status=[DiagnosticStatus(name=name, message=_STARTING, hardware_id=own)]
    )
    voice = node.create_publisher(DiagnosticArray, '/diagnostics', qos.REQUESTS)
    ear = node.create_subscription(DiagnosticArray, '/diagnostics', note, qos.REQUESTS)
    _listen(node, _HEARTBEAT, taken)
    node.destroy_subscription(ear)
    node.destroy_publisher(voice)
    return min(heard) < own


def _turn(status: DiagnosticStatus) -> str:
    """Of one that starts: when it came; '' of one that runs."""
    return str(status.hardware_id) if status.message == _STARTING else ''


def _listen(node: Node, seconds: float, enough: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while not enough() and (left := end - time.monotonic()) > 0.0:
        rclpy.spin_once(node, timeout_sec=min(left, _LOOK))
