"""The terminal of a recording: a line on how it goes, and the markers that a person types."""

import os
import select
import shutil
import sys

from rclpy.node import Node
from std_msgs.msg import String

from fastwam_ros.bag.markers import checked
from fastwam_ros.nodes import qos
from fastwam_ros.robot import topics

_CLEAR = '\x1b[K'  # the rest of a terminal's line
_SELDOM = 10  # lines of which one is shown where none is overwritten
_TYPED = 0.1  # [s] between looks


class Console:
    """Markers that are typed go out on the topic, so that everybody who records has them."""

    def __init__(self, node: Node) -> None:
        self._voice = node.create_publisher(String, topics.MARKER, qos.REQUESTS)
        self._shown, self._looked = 0, 0.0

    def show(self, line: str) -> None:
        """In place on a terminal; elsewhere only now and then."""
        if sys.stdout.isatty():
            width = shutil.get_terminal_size().columns - 1
            print(f'\r{line[:width]}{_CLEAR}', end='', flush=True)
        elif self._shown % _SELDOM == 0:
            print(line, flush=True)
        self._shown += 1

    def take(self, now: float) -> None:
        """Mark what was typed, at `now` [s, monotonic]."""
        if now - self._looked < _TYPED:
            return
        self._looked = now
        if line := _typed():
            try:
                self._voice.publish(String(data=checked(line)))
                print(f'marked: {line}', flush=True)
            except ValueError as error:
                print(error, flush=True)


def _typed() -> str:
    """The next line without its ends; '' for none, without waiting."""
    if not sys.stdin.isatty() or os.tcgetpgrp(sys.stdin.fileno()) != os.getpgrp():
        return ''  # reading the terminal from behind would stop this process
    ready, _, _ = select.select([sys.stdin], [], [], 0.0)
    return sys.stdin.readline().strip() if ready else ''
