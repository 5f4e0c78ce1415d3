"""`make demo`: the whole loop on a simulated robot, recorded, measured and drawn.

Starts the launch file, shows a line of progress, ends everything when the scripted person is done,
and hands the recording to the report. It imports no part of the loop: what it prints comes from
the recording alone.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from fastwam_ros.apps.files import writing

ROOT = Path(__file__).resolve().parents[2]
LAUNCH = ROOT / 'launch' / 'demo.launch.yaml'
_DONE = 'person ended with exit code 0'
LONGEST = 120.0  # [s] after which the run is given up
_LINE = re.compile(r'\[(?P<node>\w+)-\d+\]\s+(?P<text>.*)')
_ENDED = re.compile(r'\[(?P<node>\w+)-\d+\] ended with exit code (?P<code>-?\d+)')


class Run:
    """One launch of the demo and what it says."""

    def __init__(self, out: Path, seed: int) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self.recording = out / 'run.mcap'
        self.recording.unlink(missing_ok=True)
        self._log = (out / 'log.txt').open('w')
        self._lost = ''
        self.step, self.ended = 'starting', ''
        self.trouble: list[str] = []
        command = [sys.executable, '-m', 'rosless', 'launch', str(LAUNCH)]
        command += [f'output:={self.recording}', f'seed:={seed}']
        environment = os.environ | {'PYTHONUNBUFFERED': '1'}
        self._process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            start_new_session=True,  # Ctrl-C reaches the launch once, from here
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Of the launch, whose children are the nodes."""
        return self._process.pid

    @property
    def over(self) -> bool:
        """Whether the person is done, or some process ended before."""
        return bool(self.ended) or self._process.poll() is not None

    def end(self) -> int:
        """Interrupt everything and wait: nothing stays behind."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            status = self._process.wait(15.0)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            status = self._process.wait()
        self._reader.join(2.0)
        with suppress(OSError):  # of a full disk, which was noted
            self._log.close()
        return status

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._keep(line)
            self._notice(line)

    def _keep(self, line: str) -> None:
        """A log on a full disk ends; the run goes on."""
        try:
            self._log.write(line)
        except OSError as error:
            if not self._lost:
                self._lost = f'log.txt ends early: {error.strerror}'
                self.trouble.append(self._lost)

    def _notice(self, line: str) -> None:
        ended = _ENDED.search(line)
        if ended and not self.ended:
            self.ended = f'{ended["node"]} ended with exit code {ended["code"]}'
        match = _LINE.match(line)
        if match is None:
            return
        if match['node'] == 'person' and '[INFO]' in line:
            self.step = match['text'].rsplit(': ', 1)[-1]
        if '[ERROR]' in line or match['text'].startswith(f'{match["node"]}: '):
            self.trouble.append(match['text'])


def watch(run: Run) -> str:
    """Show progress until the run is over; returns what went wrong, or ''."""
    begun = time.monotonic()
    shown = sys.stderr.isatty()
    said = ''
    while not run.over:
        seconds = time.monotonic() - begun
        line = f'{seconds:5.0f} s  {run.step}'
        if shown:
            print(f'\r{line:<60}', end='', file=sys.stderr, flush=True)
        elif run.step != said:
            print(line, file=sys.stderr, flush=True)
            said = run.step
        if seconds > LONGEST:
            return f'not done after {LONGEST:g} s, in step {run.step!r}'
        time.sleep(0.1)
    if shown:
        print(file=sys.stderr)
    return '' if run.ended == _DONE else run.ended or 'the launch ended by itself'


def main() -> None:
    """Run, record, report. Exit status 1 when the run did not go through."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument('--out', type=Path, default=Path('out/demo'))
    ask.add_argument('--seed', type=int, default=0)
    given = ask.parse_args()
    if given.seed < 0:
        ask.error(f'seed {given.seed}: 0 or more')
    try:
        with writing(given.out):
            run = Run(given.out, given.seed)
    except OSError as error:
        sys.exit(f'demo: {error}')
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    problem = 'interrupted'
    try:
        problem = watch(run)
    except KeyboardInterrupt:
        print(file=sys.stderr)
    finally:
        run.end()
    if problem:
        hints = ''.join(f'\n  {line}' for line in run.trouble[-3:])
        sys.exit(f'demo: {problem}; the log is {given.out / "log.txt"}{hints}')
    report = [sys.executable, '-m', 'fastwam_ros.apps.report', str(run.recording)]
    drawn = ['--picture', str(given.out / 'run.png'), '--html', str(given.out / 'report.html')]
    sys.exit(subprocess.call([*report, *drawn]))


if __name__ == '__main__':
    main()
