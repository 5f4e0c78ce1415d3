"""The stand-in does what rclpy does: the lines of the check programs, beside the recorded ones."""

import functools
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
UNDER_ROSLESS = (
    'import runpy, sys; from rosless import stage; stage.set_up(); '
    'runpy.run_path(sys.argv[1], run_name="__main__")'
)
PROGRAMS = {
    'basics.py': ('humble.txt', '50'),
    'needs.py': ('nodes_humble.txt', '51'),
    'beyond.py': ('beyond_humble.txt', '52'),
    'calls.py': ('calls_humble.txt', '25'),
    'times.py': ('times_humble.txt', '26'),
}


@functools.cache
def outcomes(program: str) -> dict[str, str]:
    """Row names with outcomes, from one run of a check program on the stand-in."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(('CYCLONEDDS', 'ROSLESS'))}
    ran = subprocess.run(
        [sys.executable, '-c', UNDER_ROSLESS, str(HERE / program)],
        env=env | {'ROS_DOMAIN_ID': PROGRAMS[program][1], 'PYTHONPATH': str(HERE)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.startswith('rosless '), 'the banner comes first'
    return parse(ran.stdout)


def parse(text: str) -> dict[str, str]:
    """'row: outcome' lines."""
    return dict(line.split(': ', 1) for line in text.splitlines())


def expected(program: str) -> dict[str, str]:
    """The recorded outcomes of a program's rows."""
    return parse((HERE / PROGRAMS[program][0]).read_text())


ROWS = [(program, name) for program in PROGRAMS for name in expected(program)]


@pytest.mark.parametrize(('program', 'name'), ROWS)
def test_row(program, name):
    assert outcomes(program)[name] == expected(program)[name]


@pytest.mark.parametrize('program', PROGRAMS)
def test_every_row_has_a_recorded_outcome(program):
    assert list(outcomes(program)) == list(expected(program))
