"""A command that goes on as one of our nodes: of ROS 2 where it is set up, else the stand-in's."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def become(program: str, node: str, parameters: Mapping[str, str], ros: Sequence[str]) -> int:
    """This process goes on as the node. parameters: as YAML; ros: what follows --ros-args.

    Does not return. Raises OSError. Ends with one line of `program` where ROS 2 lacks the package.
    """
    words = [word for pair in parameters.items() for word in ('-p', ':='.join(pair))]
    command = [*_program(program, node), '--ros-args', *words, *ros]
    sys.stdout.flush()
    os.execv(command[0], command)


def _program(program: str, node: str) -> list[str]:
    """Itself, not `ros2 run`, whose own words would be the last ones."""
    try:
        from ament_index_python import PackageNotFoundError, get_package_prefix
    except ImportError:
        return [sys.executable, '-m', 'rosless', 'run', 'fastwam_ros', node]
    try:
        return [str(Path(get_package_prefix('fastwam_ros')) / 'lib' / 'fastwam_ros' / node)]
    except PackageNotFoundError:
        sys.exit(f'{program}: ROS 2 has no package fastwam_ros: source the workspace it is in')
