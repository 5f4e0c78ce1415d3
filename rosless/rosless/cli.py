"""The commands: `rosless run`, `launch`, `topic`, `node`, `param` and `service`.

Knows what each is called and that an error is one line; the work is in the modules beside it, one
per command, which are imported when their command is given.
"""

import argparse
import importlib
import os
import runpy
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rosless import launch_file, processes, stage
from rosless.closed_pipe import may_close
from rosless.launch_node import LaunchNode
from rosless.packages import PackageError, module_of
from rosless.processes import guard_child
from rosless.template import LaunchError

OBSERVERS = {
    'topic': 'look at topics: list, info, hz, echo',
    'node': 'look at nodes: list, info',
    'param': 'parameters of running nodes: list, get, set, describe, dump',
    'service': 'services of running nodes: list, call',
}


def main() -> None:
    """Runs the command in sys.argv; exits 2 with a usage line where there is none."""
    words = sys.argv[1:]
    chosen = next((word for word in words if not word.startswith('-')), '')
    given = parser(chosen).parse_args(words)
    given.call(given)


def parser(chosen: str) -> argparse.ArgumentParser:
    """The command line; of the observing commands only the chosen one is filled in."""
    top = argparse.ArgumentParser(
        prog='rosless', description='ROS 2 nodes and commands on machines without ROS 2.'
    )
    commands = top.add_subparsers(metavar='COMMAND', required=True)
    _add_run(commands)
    _add_launch(commands)
    for name, told in OBSERVERS.items():
        command = commands.add_parser(name, help=told, description=told)
        if name == chosen:
            verbs = command.add_subparsers(metavar='VERB', required=True)
            importlib.import_module(f'rosless.cli_{name}').add(verbs)
    return top


def _add_run(commands: 'argparse._SubParsersAction') -> None:
    command = commands.add_parser(
        'run',
        help='run a node',
        usage='rosless run PACKAGE EXECUTABLE [args] [--ros-args ...]',
        description='Runs the module PACKAGE.nodes.EXECUTABLE_node.',
    )
    command.add_argument('package', metavar='PACKAGE')
    command.add_argument('executable', metavar='EXECUTABLE')
    command.add_argument('args', nargs=argparse.REMAINDER, help='what the node is given')
    command.set_defaults(call=lambda given: run(given.package, given.executable, *given.args))


def _add_launch(commands: 'argparse._SubParsersAction') -> None:
    command = commands.add_parser(
        'launch',
        help='run the nodes of a YAML launch file',
        usage='rosless launch [-s] FILE [name:=value ...]\n'
        '       rosless launch [-s] PACKAGE FILE [name:=value ...]',
    )
    command.add_argument(
        '-s',
        '--show-args',
        '--show-arguments',
        action='store_true',
        help='show what the launch file can be given, and start nothing',
    )
    command.add_argument('file', metavar='FILE')
    command.add_argument('args', nargs='*', metavar='name:=value')
    command.set_defaults(call=_launch)


def _launch(given: argparse.Namespace) -> None:
    with _one_line():
        file, words = launch_file.find(given.file, tuple(given.args))
        if given.show_args:
            with may_close():
                print(launch_file.show_arguments(file))
            return
    launch(file, *words)


def run(package: str, executable: str, *args: str) -> None:
    """Runs a node of a package in this process, as `ros2 run` would in a new one.

    Until rclpy.init() a Ctrl-C ends the process at once, without a traceback from an import.
    """
    guard_child()
    stage.set_up()
    with _one_line():
        module = module_of(package, executable)
    sys.argv = [executable, *args]
    try:
        runpy.run_module(module, run_name='__main__', alter_sys=True)
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def launch(file: str, *given: str) -> None:
    """Starts the nodes of a YAML launch file and stays until they have ended."""
    stage.refuse_beside_ros()
    stage.banner()
    with _one_line():
        nodes = launch_file.read(file, launch_file.arguments(given), dict(os.environ))
        commands = _labelled(nodes)
    raise SystemExit(processes.run(commands))


def _labelled(nodes: list[LaunchNode]) -> list[processes.Command]:
    return [
        (f'{node.executable}-{count}', node.command(), node.environ)
        for count, node in enumerate(nodes, 1)
    ]


@contextmanager
def _one_line() -> Iterator[None]:
    """A launch file or package that is wrong ends the process with one line."""
    try:
        yield
    except (LaunchError, PackageError) as problem:
        raise SystemExit(f'rosless: {problem}') from None
