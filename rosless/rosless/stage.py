"""Sets the stage for a node: from here on `import rclpy` finds the stand-in.

Knows sys.path and the environment. Refuses to start where a real rclpy can be imported.
"""

import importlib.util
import os
import sys
from pathlib import Path

from rosless import __version__

HERE = Path(__file__).parent
# Ports where nobody answered are asked for ever, not for 30 s: a Fast DDS that starts later is
# found there alone. Not in the file: Cyclone DDS 0.10 may read it, and knows no such element.
_ASKING = '<Discovery><InitialLocatorPruneDelay>inf</InitialLocatorPruneDelay></Discovery>'
_FOR_EVER = f'<CycloneDDS><Domain Id="any">{_ASKING}</Domain></CycloneDDS>'
LOOPBACK = f'{(HERE / "loopback.xml").as_uri()},{_FOR_EVER}'
QUIET = 'ROSLESS_QUIET'  # set by `rosless launch` for its children: one banner is enough


def refuse_beside_ros() -> None:
    """Ends the process with one line where a real rclpy is importable."""
    spec = importlib.util.find_spec('rclpy')
    if spec is not None and Path(spec.origin or '').parent.parent != HERE / 'stand_in':
        raise SystemExit(
            f'rosless: a real rclpy is here ({spec.origin}): use ros2 run, ros2 launch'
        )


def set_up() -> None:
    """Puts the stand-in and its message finder last, says so, and keeps DDS on this machine.

    With CYCLONEDDS_URI unset the loopback configuration of this package is used.
    """
    refuse_beside_ros()
    os.environ.setdefault('CYCLONEDDS_URI', LOOPBACK)
    place = str(HERE / 'stand_in')
    if place not in sys.path:
        sys.path.append(place)
    from rosless import finder

    finder.install()
    banner()


def banner() -> None:
    """One line on stderr: what this is."""
    if QUIET in os.environ:
        return
    stays = os.environ.get('CYCLONEDDS_URI', LOOPBACK) == LOOPBACK
    reach = 'this machine only' if stays else 'CYCLONEDDS_URI'
    domain = os.environ.get('ROS_DOMAIN_ID', '0')
    print(
        f'rosless {__version__}: not ROS 2, but a stand-in for the part of rclpy used here, '
        f'on Cyclone DDS (domain {domain}, {reach})',
        file=sys.stderr,
        flush=True,
    )
    os.environ[QUIET] = '1'
