"""New instructions for a policy that runs: encoded in a process of their own, then learnt.

The text encoder is as big as the policy and takes seconds to minutes to load on a CPU; the policy
goes on with the instruction that it has. Of several that come meanwhile the last one counts.
"""

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

from fastwam_ros.loop.inference import Inference

_NICE = 10  # the encoder shall not take the policy's cores


@dataclass(frozen=True)
class Encoder:
    """Where an encoder is found; '' where there is none. See `apps.encode`."""

    bundle: str
    files: str
    tokenizer: str

    def command(self, task: str) -> list[str]:
        """What encodes a task into the bundle."""
        asked = [self.bundle, task, '--encoder', self.files, '--tokenizer', self.tokenizer]
        return ['nice', f'-n{_NICE}', sys.executable, '-m', 'fastwam_ros.apps.encode', *asked]


class Instructions:
    """Sets an inference's task. tell, warn: for words to people."""

    def __init__(
        self,
        inference: Inference,
        encoder: Encoder,
        tell: Callable[[str], object],
        warn: Callable[[str], object],
    ) -> None:
        self._inference, self._encoder = inference, encoder
        self._tell, self._warn = tell, warn
        self._wanted = ''
        self._process: subprocess.Popen[str] | None = None
        self._thread: threading.Thread | None = None
        self._changing, self._ended = threading.Lock(), False

    def take(self, task: str) -> None:
        """From now on, or as soon as it is encoded; a problem is told. Returns at once."""
        with self._changing:
            self._wanted = task
            problem = self._inference.set_task(task)
            if not problem:
                return
            if not self._encoder.files:
                self._warn(problem)
            elif self._thread is None:
                self._thread = threading.Thread(target=self._encode, name='instructions')
                self._thread.start()

    def end(self) -> None:
        """Give up what is being encoded."""
        with self._changing:
            self._ended, thread = True, self._thread
            if self._process is not None:
                self._process.terminate()
        if thread is not None:
            thread.join()

    def _encode(self) -> None:
        """One instruction after the other, until the last that came is known or refused."""
        while (task := self._next()) is not None:
            self._tell(f'{task!r} is encoded; until then: {self._inference.task!r}')
            problem = self._run(task)
            with self._changing:
                if self._ended or task != self._wanted:
                    continue
                problem = problem or self._inference.set_task(task)
                self._wanted = ''
            if problem:
                self._warn(problem)
            else:
                self._tell(f'{task!r} from now on')

    def _next(self) -> str | None:
        with self._changing:
            task = self._wanted
            if self._ended or not task or task == self._inference.task:
                self._thread = None
                return None
            return task

    def _run(self, task: str) -> str:
        """Why it could not be encoded, or ''."""
        with self._changing:
            if self._ended:
                return ''
            self._process = subprocess.Popen(
                self._encoder.command(task), text=True, stderr=subprocess.PIPE
            )
        said = self._process.communicate()[1].strip().splitlines()
        if self._process.returncode == 0:
            return ''
        return said[-1] if said else f'encode ended with {self._process.returncode}'
