"""Launched processes: output, signals and ends, whatever the children do."""

import os
import signal
import subprocess
import sys
import time

import pytest
from running import environment

LAUNCHER = """
import os, sys
from rosless import processes
processes.GRACE = 1.0
commands = [(f"{name}-1", [sys.executable, "-c", code], os.environ)
            for name, code in zip(sys.argv[1::2], sys.argv[2::2])]
sys.exit(processes.run(commands))
"""
GUARDED = 'from rosless import processes; processes.GRACE = 1.0; processes.guard_child()\n'
STUBBORN = (
    'import os, signal, time\n'
    'for s in (signal.SIGINT, signal.SIGTERM): signal.signal(s, signal.SIG_IGN)\n'
    'print("pid", os.getpid())\n'
    'time.sleep(60)'
)
OBEDIENT = GUARDED + (
    'import os, time\n'
    'print("pid", os.getpid())\n'
    'try: time.sleep(60)\n'
    'except KeyboardInterrupt: print("stopped")'
)


class Launcher:
    """A launcher with children, and the lines that it printed."""

    def __init__(self, **children):
        words = [word for pair in children.items() for word in pair]
        self.process = subprocess.Popen(
            [sys.executable, '-c', LAUNCHER, *words],
            env=environment(59),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines = []

    def pids(self, count):
        """The pids that the children print."""
        pids = []
        while len(pids) < count:
            line = self.process.stdout.readline()
            assert line, self.lines
            self.lines.append(line.rstrip())
            if '] pid ' in line:
                pids.append(int(line.split()[-1]))
        return pids

    def end(self):
        """The exit code, after reading the rest."""
        rest, _ = self.process.communicate(timeout=30)
        self.lines += rest.splitlines()
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.process.kill()


def gone(pid, seconds=10.0):
    """Does the process end? A zombie that nobody reaps counts as ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with open(f'/proc/{pid}/stat') as stat:
                if stat.read().rpartition(')')[2].split()[0] == 'Z':
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


def test_output_has_a_label_and_the_worst_exit_code_wins():
    code = (
        'import sys; print("out"); print("err", file=sys.stderr); print("half", end=""); exit(3)'
    )
    with Launcher(good='print("fine")', bad=code) as launcher:
        assert launcher.end() == 3
    assert '[good-1] fine' in launcher.lines
    assert '[bad-1] out' in launcher.lines
    assert '[bad-1] err' in launcher.lines
    assert '[bad-1] half' in launcher.lines
    assert '[bad-1] ended with exit code 3' in launcher.lines


def test_a_child_that_crashes_counts_as_128_and_its_signal():
    code = 'import os, signal; os.kill(os.getpid(), signal.SIGKILL)'
    with Launcher(crash=code) as launcher:
        assert launcher.end() == 137


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_reaches_all_children_and_is_no_failure(number):
    with Launcher(one=OBEDIENT, two=OBEDIENT) as launcher:
        pids = launcher.pids(2)
        launcher.process.send_signal(number)
        assert launcher.end() == 0, launcher.lines
        assert all(gone(pid) for pid in pids)


def test_what_does_not_end_is_killed():
    with Launcher(deaf=STUBBORN, good=OBEDIENT) as launcher:
        pids = launcher.pids(2)
        launcher.process.send_signal(signal.SIGINT)
        assert launcher.end() == 137
        assert all(gone(pid) for pid in pids)
    assert '[good-1] stopped' in launcher.lines
    assert '[deaf-1] killed: it did not end within 1 s' in launcher.lines


def test_a_reader_that_has_enough_ends_all():
    talking = GUARDED + 'import time\nfor _ in range(600): print("more"); time.sleep(0.1)'
    with Launcher(quiet=OBEDIENT, loud=talking) as launcher:
        pids = launcher.pids(1)
        launcher.process.stdout.close()
        launcher.process.wait(20)
        assert all(gone(pid) for pid in pids)


def test_a_second_signal_kills_at_once():
    with Launcher(deaf=STUBBORN) as launcher:
        (pid,) = launcher.pids(1)
        launcher.process.send_signal(signal.SIGINT)
        launcher.process.send_signal(signal.SIGTERM)
        assert launcher.end() == 137
        assert gone(pid)


def test_grandchildren_do_not_survive():
    code = (
        'import subprocess, sys\n'
        f'subprocess.Popen([sys.executable, "-c", {STUBBORN!r}])\n'
        'import time; time.sleep(1)'
    )
    with Launcher(parent=code) as launcher:
        (pid,) = launcher.pids(1)
        assert launcher.end() == 0
        assert gone(pid)


def test_a_killed_launcher_takes_its_children_along():
    """The kernel tells the child; one that ignores that is ended by its own guard."""
    with Launcher(good=OBEDIENT, deaf=GUARDED + STUBBORN) as launcher:
        pids = launcher.pids(2)
        os.kill(launcher.process.pid, signal.SIGKILL)
        assert all(gone(pid) for pid in pids)


@pytest.mark.parametrize(
    ('words', 'said'),
    [
        ([], 'usage: rosless [-h] COMMAND'),
        (['run', 'fastwam_ros'], 'usage: rosless run PACKAGE EXECUTABLE'),
        (['launch'], 'usage: rosless launch [-s] FILE'),
        (['lunch', 'x.yaml'], "'run', 'launch', 'topic', 'node', 'param', 'service'"),
    ],
)
def test_without_a_command_there_is_a_usage_line(words, said):
    ran = subprocess.run([sys.executable, '-m', 'rosless', *words], capture_output=True, text=True)
    assert ran.returncode == 2
    assert said in ran.stderr


def test_an_unknown_executable_is_one_line():
    ran = subprocess.run(
        [sys.executable, '-m', 'rosless', 'run', 'fastwam_ros', 'excutor'],
        capture_output=True,
        text=True,
        env=environment(59),
    )
    assert ran.returncode == 1
    banner, line = ran.stderr.splitlines()
    assert banner.startswith('rosless ') and "no executable 'excutor'" in line
