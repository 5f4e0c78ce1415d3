"""The processes of a trial: started as a user starts them, killed, stopped, and none left behind.

Each is the leader of a process group of its own, so that a Ctrl-C reaches nobody but us; should we
be killed ourselves, the kernel kills them. They speak DDS on this machine only, in a domain of
their own. Knows nothing of what they say to each other.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from fastwam_ros.robot.topics import CAMERAS, IMAGES

ROOT = Path(__file__).resolve().parents[3]
_CONFIG = ROOT / 'config' / 'sim.yaml'
_BUNDLE = ROOT / 'bundles' / 'tiny_r1lite'
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
# Recordings without pictures, which would be most of the file.
_NO_PICTURES = tuple(
    word for camera in CAMERAS for word in ('-r', f'{IMAGES[camera]}:=faults/no_{camera}')
)
# What each is started with, beside the parameters of config/sim.yaml.
WORDS: Mapping[str, tuple[str, ...]] = {
    'faults': (),
    # No cloth and fewer pictures: processes that start need the processor, too.
    'sim': (
        *('-p', 'scene:=bar'),
        *('-p', 'camera_rate:=6.0'),
        *('-r', 'motion_target/target_joint_state_arm_left:=faults/target_joint_state_arm_left'),
    ),
    'executor': (
        *('-r', 'fastwam/chunk:=faults/chunk'),
        *('-r', 'hdas/feedback_arm_left:=faults/feedback_arm_left'),
    ),
    'policy': ('-p', f'bundle:={_BUNDLE}'),
    # Asking for a pause it says that the switch is let go, whatever was said before it came.
    'person': ('-p', 'script:=[pause, takeover 5]'),
    'recorder': _NO_PICTURES,
    'witness': (*('-r', '__node:=witness'), *_NO_PICTURES),  # a recorder that is never killed
}
_PROGRAMS = {'witness': 'recorder'}


class StageError(RuntimeError):
    """A process did not start, or ended by itself."""


class Stage:
    """Processes by name; what they print goes to files in `folder`."""

    def __init__(self, folder: Path, domain: int) -> None:
        self._folder = folder
        kept = {name: value for name, value in os.environ.items() if name != 'CYCLONEDDS_URI'}
        self._environment = kept | {'ROS_DOMAIN_ID': str(domain), 'PYTHONUNBUFFERED': '1'}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *more: str) -> subprocess.Popen[bytes]:
        """Start one, with more ROS arguments. Raises StageError where it runs already.

        The faults node has pipes at both ends; the others print into their log.
        """
        if name in self._running:
            raise StageError(f'{name} runs already')
        command = [*self.command(name), *self.words(name), *more]
        piped = subprocess.PIPE if name == 'faults' else None
        with self.log(name).open('a') as log:
            self._running[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment(name),
                stdin=piped or subprocess.DEVNULL,
                stdout=piped or log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        return self._running[name]

    def command(self, name: str) -> list[str]:
        """What runs it, up to its own ROS arguments."""
        program = _PROGRAMS.get(name, name)
        command = [sys.executable, '-m', 'rosless', 'run', 'fastwam_ros', program]
        return [*command, '--ros-args', '--params-file', str(_CONFIG)]

    @staticmethod
    def words(name: str) -> tuple[str, ...]:
        """Its own ROS arguments."""
        return WORDS[name]

    def environment(self, name: str) -> dict[str, str]:
        """What it is started with."""
        return dict(self._environment)

    def log(self, name: str) -> Path:
        """What it printed, in all its lives."""
        return self._folder / f'{name}.log'

    def runs(self, name: str) -> bool:
        """Whether it was started, and neither killed nor ended."""
        return name in self._running

    def ended(self) -> dict[str, int]:
        """Those that ended by themselves since the last call, with their exit status."""
        found = {n: p.returncode for n, p in self._running.items() if p.poll() is not None}
        for name in found:
            del self._running[name]
        return found

    def kill(self, name: str, number: int = signal.SIGKILL, patience: float = 5.0) -> None:
        """End one with a signal, and with SIGKILL where that takes longer than `patience` [s]."""
        process = self._running.pop(name, None)
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()

    @contextmanager
    def stopped(self, name: str) -> Iterator[None]:
        """A process that stands still during the body."""
        process = self._running[name]
        os.killpg(process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGCONT)

    def end(self) -> None:
        """End all: the recording is closed, the others are killed. Not to be interrupted."""
        before = {n: signal.signal(n, signal.SIG_IGN) for n in (signal.SIGINT, signal.SIGTERM)}
        try:
            for name in [name for name in self._running if name != 'witness']:
                self.kill(name)
            self.kill('witness', signal.SIGINT)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def wait_for(self, path: Path, seconds: float) -> None:
        """Until a file is there. Raises StageError."""
        end = time.monotonic() + seconds
        while not path.exists():
            if time.monotonic() > end or self.ended():
                raise StageError(f'{path} did not appear: see the logs in {self._folder}')
            time.sleep(0.05)


def _die_with_parent() -> None:
    """In the child, before its program starts."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
