"""Python programs under rosless, in processes of their own."""

import os
import subprocess
import sys
import time
from pathlib import Path

NODE = (
    'import runpy, sys; from rosless import stage; stage.set_up(); sys.argv = sys.argv[1:]; '
    'runpy.run_path(sys.argv[0], run_name="__main__")'
)


def environment(domain: int, **more: str) -> dict[str, str]:
    """An environment without ROS and DDS settings but for the domain."""
    plain = ('CYCLONEDDS', 'ROS', 'AMENT', 'RMW', 'RCUTILS')
    kept = {k: v for k, v in os.environ.items() if not k.startswith(plain)}
    return kept | {'ROS_DOMAIN_ID': str(domain), 'PYTHONUNBUFFERED': '1'} | more


class Program:
    """A program under rosless; `said` is what it printed so far."""

    def __init__(self, path: Path, code: str, domain: int, *args: str) -> None:
        path.write_text(code)
        self._log = path.with_suffix('.log')
        with self._log.open('w') as log:
            self.process = subprocess.Popen(
                [sys.executable, '-c', NODE, str(path), *args],
                env=environment(domain),
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=path.parent,
            )

    @property
    def said(self) -> str:
        return self._log.read_text()

    def wait_for(self, words: str, seconds: float = 20.0, after: str = '') -> None:
        """Until it has printed the words, after others. Fails with all that it printed."""
        end = time.monotonic() + seconds
        while words not in self._said_after(after):
            assert time.monotonic() < end, f'no {words!r} in:\n{self.said}'
            assert self.process.poll() is None or words in self._said_after(after), self.said
            time.sleep(0.02)

    def _said_after(self, words: str) -> str:
        return self.said.rpartition(words)[2] if words else self.said

    def end(self, seconds: float = 20.0) -> int:
        """Its exit code."""
        return self.process.wait(seconds)

    def __enter__(self) -> 'Program':
        return self

    def __exit__(self, *problem: object) -> None:
        self.process.kill()
        self.process.wait()
