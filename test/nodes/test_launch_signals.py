"""What ends a launch while arms move: Ctrl-C in a terminal, `systemctl stop`, a supervisor.

However the signal comes, the executor stops the arms and streams until they rest, and nobody is
left behind. To one process of several it is sent as systemd's KillMode=mixed sends it, to all of
them as a terminal and KillMode=control-group do.
"""

import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from sensor_msgs.msg import JointState

from fastwam_ros.nodes import qos
from fastwam_ros.robot.topics import ARM_TARGET
from test.nodes import runner
from test.nodes.conftest import ROOT

pytestmark = pytest.mark.alone

SCRIPT = "script:=['engage', 'takeover 8']"
TICK = 0.005  # [s]
REST = 10  # commands at the end that are one and the same


@pytest.fixture
def launched(tmp_path):
    """The loop by hand as a user starts it, in a group of its own; killed after the test."""
    command = [*runner.launch('sim.launch.yaml'), 'policy:=false']
    with (tmp_path / 'launch.log').open('w') as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    yield process.pid
    for one in family(process.pid):
        os.kill(one, signal.SIGKILL)
    process.wait(20)


@pytest.fixture
def person(processes):
    yield lambda script: processes.start('person', script)
    processes.kill('person')


def family(process: int) -> list[int]:
    """It and those that it started, and they."""
    try:
        started = Path(f'/proc/{process}/task/{process}/children').read_text().split()
    except FileNotFoundError:
        return []
    return [process, *(each for child in started for each in family(int(child)))]


def alive(process: int) -> bool:
    try:
        return Path(f'/proc/{process}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize(
    ('number', 'everybody'),
    [(signal.SIGINT, False), (signal.SIGINT, True), (signal.SIGTERM, True)],
    ids=['SIGINT-launch', 'SIGINT-all', 'SIGTERM-all'],
)
def test_the_arms_are_stopped_and_nobody_is_left(
    launched, number, everybody, person, processes, probe
):
    probe.hear(JointState, ARM_TARGET['left'], qos.LOSSLESS)
    commands = probe.heard[ARM_TARGET['left']]
    person(SCRIPT)
    moving = probe.until(lambda: probe.mode == 'TELEOP' and speed(commands) > 0.05, 60.0)
    assert moving, processes.said('person')
    ending = family(launched)
    for one in ending if everybody else [launched]:
        os.kill(one, number)
    told = time.monotonic()
    gone = probe.until(lambda: not any(alive(one) for one in ending), 15.0)
    print(f'\n{number.name}, {"all" if everybody else "launch"}: {time.monotonic() - told:.2f} s')
    probe.listen(0.3)
    assert gone, [one for one in ending if alive(one)]
    after = [message.position for when, message in commands if when > told]
    assert len(after) > REST  # it went on until the arms were at rest
    assert np.ptp(np.array(after[-REST:]), axis=0).max() < 1e-6


def speed(commands: list) -> float:
    """Of the last two commands [rad/s]."""
    if len(commands) < 2:
        return 0.0
    last, before = (np.array(message.position) for _, message in (commands[-1], commands[-2]))
    return float(np.abs(last - before).max() / TICK)
