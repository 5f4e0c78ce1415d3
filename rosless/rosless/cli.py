"""The commands: `rosless run PKG EXEC [args]` and `rosless launch FILE [name:=value ...]`.

Knows only what each is called; the work is in stage.py, launch_file.py and processes.py.
"""

import os
import runpy
import sys

from rosless import launch_file, processes, stage
from rosless.packages import PackageError, module_of
from rosless.processes import guard_child
from rosless.substitution import LaunchError

USAGE = """usage: rosless run PACKAGE EXECUTABLE [args] [--ros-args ...]
       rosless launch FILE [name:=value ...]"""


def main() -> None:
    """Runs the command in sys.argv; exits 2 with a usage line where there is none."""
    command, *rest = sys.argv[1:] or ['']
    if command == 'run' and len(rest) >= 2:
        run(*rest)
    elif command == 'launch' and rest:
        launch(*rest)
    else:
        print(USAGE, file=sys.stderr)
        raise SystemExit(2)


def run(package: str, executable: str, *args: str) -> None:
    """Runs a node of a package in this process, as `ros2 run` would in a new one.

    Until rclpy.init() a Ctrl-C ends the process at once, without a traceback from an import.
    """
    guard_child()
    stage.set_up()
    try:
        module = module_of(package, executable)
    except PackageError as problem:
        raise SystemExit(f'rosless: {problem}') from None
    sys.argv = [executable, *args]
    try:
        runpy.run_module(module, run_name='__main__', alter_sys=True)
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def launch(file: str, *given: str) -> None:
    """Starts the nodes of a YAML launch file and stays until they have ended."""
    stage.refuse_beside_ros()
    stage.banner()
    try:
        nodes = launch_file.read(file, launch_file.arguments(given), dict(os.environ))
        commands = [node.command() for node in nodes]
    except (LaunchError, PackageError) as problem:
        raise SystemExit(f'rosless: {problem}') from None
    labels = [f'{node.executable}-{count}' for count, node in enumerate(nodes, 1)]
    raise SystemExit(processes.run(list(zip(labels, commands, strict=True))))
