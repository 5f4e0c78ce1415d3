"""A part of rclpy, on Cyclone DDS. It is not rclpy: see rosless/README.md.

Behaviour: rclpy 3.3 (Humble), held to recorded outcomes by test/contract. Everything outside the
covered part raises NotImplementedError with its name.
"""

from pathlib import Path

from rosless.refusal import lookup, refuse_options

from . import logging, signals
from .context import Context
from .parameter import Parameter
from .signals import SignalHandlerOptions
from .task import Future
from .utilities import get_default_context, ok, try_shutdown
from .utilities import shutdown as _shutdown

__all__ = [
    'Context',
    'Future',
    'Parameter',
    'SignalHandlerOptions',
    'create_node',
    'get_default_context',
    'get_global_executor',
    'init',
    'ok',
    'shutdown',
    'spin',
    'spin_once',
    'spin_until_future_complete',
    'try_shutdown',
]

__getattr__ = lookup(__name__, frozenset(file.stem for file in Path(__file__).parent.glob('*.py')))

_executor = None


def init(*, args=None, context=None, domain_id=None, signal_handler_options=None):
    """Joins the ROS domain. Raises RuntimeError when it was called before.

    args: the command line with its --ros-args; None: sys.argv.
    signal_handler_options: which of SIGINT, SIGTERM shut the context down; None: both.
    """
    refuse_options('rclpy.init', context=context)
    context = get_default_context()
    context.init(args, domain_id=domain_id)
    logging.configure(context._arguments.level, context._arguments.levels)
    chosen = SignalHandlerOptions.ALL if signal_handler_options is None else signal_handler_options
    signals.install_signal_handlers(chosen)


def shutdown(*, context=None, uninstall_handlers=None):
    """Ends ROS communication. Raises RuntimeError when there is none."""
    refuse_options('rclpy.shutdown', context=context)
    _shutdown()
    if uninstall_handlers is not False:
        signals.uninstall_signal_handlers()


def create_node(node_name, **options):
    """A Node, without importing its class."""
    from .node import Node

    return Node(node_name, **options)


def get_global_executor():
    """The executor behind spin() and spin_once(); a new one after each shutdown."""
    global _executor
    if _executor is None:
        from .executors import SingleThreadedExecutor

        _executor = SingleThreadedExecutor()
        get_default_context().on_shutdown(_forget_executor)
    return _executor


def _forget_executor():
    global _executor
    _executor.shutdown()
    _executor = None


def spin_once(node, *, executor=None, timeout_sec=None):
    """Runs at most one callback of a node; waits for it at most timeout_sec [s].

    timeout_sec: None or negative waits for ever, 0 does not wait.
    Raises ExternalShutdownException when the context was shut down.
    """
    executor = executor or get_global_executor()
    try:
        executor.add_node(node)
        executor.spin_once(timeout_sec=timeout_sec)
    finally:
        executor.remove_node(node)


def spin(node, executor=None):
    """Runs callbacks of a node until the context is shut down.

    Raises ExternalShutdownException when that happens while it waits, e.g. by SIGTERM.
    """
    executor = executor or get_global_executor()
    try:
        executor.add_node(node)
        while executor.context.ok():
            executor.spin_once()
    finally:
        executor.remove_node(node)


def spin_until_future_complete(node, future, executor=None, timeout_sec=None):
    """Runs callbacks of a node until a Future is done, at most timeout_sec [s].

    timeout_sec: None or negative waits for ever, 0 does not wait.
    Raises ExternalShutdownException when the context was shut down.
    """
    executor, added = executor or get_global_executor(), False
    try:
        added = executor.add_node(node)
        executor.spin_until_future_complete(future, timeout_sec)
    finally:
        if added:
            executor.remove_node(node)
