"""What a user gets wrong ends a node or a command with one line, and nothing moves."""

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from test.nodes import runner
from test.nodes.conftest import DOMAIN, ROOT

pytestmark = runner.of_the_stand_in  # its own words

PORTS = 7400 + 250 * int(DOMAIN)  # of DDS in this domain; each program takes two from +10 on
PROGRAMS = 61
RUN = (sys.executable, '-m', 'rosless')
NO_FILE = 'No such file or directory'
INTERFACE = (
    '<CycloneDDS><Domain><General><Interfaces><NetworkInterface name="nope0"/></Interfaces>'
)
INTERFACE += '</General></Domain></CycloneDDS>'


@dataclass(frozen=True)
class Case:
    """A command line after `rosless`, and what the last line that it prints has in it."""

    words: tuple[str, ...]
    said: str
    status: int = 1
    lines: int = 1
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, folder: Path) -> subprocess.CompletedProcess:
        """It ends by itself, or the test fails; {here} is a folder of wrong files."""
        words = [word.replace('{here}', str(folder)) for word in self.words]
        return run([*RUN, *words], **self.environment)


def run(command: list[str], **more: str) -> subprocess.CompletedProcess:
    """A command as from a shell, without a terminal."""
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )


def environment(**more: str) -> dict[str, str]:
    return os.environ | {'ROS_DOMAIN_ID': DOMAIN, 'ROSLESS_QUIET': '1'} | more


def node(name: str, *words: str, said: str, **more) -> Case:
    return Case(('run', 'fastwam_ros', name, '--ros-args', *words), said, **more)


def file(name: str, said: str) -> Case:
    return node('executor', '--params-file', f'{{here}}/{name}', said=said)


def script(steps: str, said: str) -> Case:
    alone = f'__ns:=/x{steps.encode().hex()}'  # two persons do not start side by side
    return node('person', '-r', alone, '-p', f'script:=[{steps}]', said=said)


def domain(value: str, *, words: tuple[str, ...], said: str) -> Case:
    return Case(words, said, environment={'ROS_DOMAIN_ID': value})


def uri(value: str, said: str) -> Case:
    return Case(('topic', 'list'), said, environment={'CYCLONEDDS_URI': value})


EXECUTOR = ('run', 'fastwam_ros', 'executor')
CASES = {
    # Parameter files
    'no file': file('none.yaml', f'none.yaml: {NO_FILE}'),
    'a folder': file('', 'Is a directory'),
    'no YAML': file('open.yaml', "open.yaml is not YAML: line 3, column 1: expected ',' or '}'"),
    'no text': file('binary.yaml', 'binary.yaml is not text'),
    'a list': file('list.yaml', 'list.yaml: it is a mapping of node names'),
    'no node': file('flat.yaml', 'flat.yaml: line 1: rate has a value before ros__parameters'),
    # Values: each node's own are in its own tests
    'clock': node(
        'teleop',
        '-p',
        'use_sim_time:=fast',
        said="teleop: parameter 'use_sim_time' is 'fast', want true or false",
        lines=2,  # the other is rclpy's
    ),
    'like clock': node('executor', '-p', 'use_sim_times:=1', said="unknown parameter 'use_sim_ti"),
    'no bundle': node(
        'executor', '-p', 'bundle:=/nowhere', said='/nowhere/policy.yaml is missing'
    ),
    'not a number': node('executor', '-p', 'rate:=.nan', said="'rate' is nan: 20 to 1000 Hz"),
    'endless': node('sim', '-p', 'camera_rate:=.inf', said="'camera_rate' is inf: 0.1 to 30 Hz"),
    'text': node('sim', '-p', 'scene:=5', said="'scene' is 5, want a str (put it in quotes)"),
    'bare off': node(
        'executor', '-p', 'tracker:=off', said='is False, want a str (put it in quotes)'
    ),
    'numbers': script('1, 2', "'script' is [1, 2], want a list of texts"),
    'mixed': script('engage, 1', 'a list mixes int, str in line 1: put texts in quotes'),
    'unknown verb': script('dance', "person: script line 'dance' is none of: engage, run"),
    'no seconds': script('watch x', "script line 'watch x': want seconds above 0"),
    'negative': script('watch -1', "script line 'watch -1': want seconds above 0"),
    'never': script('takeover nan', "script line 'takeover nan': want seconds above 0"),
    'no task': script('do fly', "no task 'fly': there are fold, lift"),
    # Command lines
    'remap': node('executor', '-r', 'a:=b c', said="'b c' is not a valid name: a topic has"),
    'namespace': node(
        'executor', '-r', '__ns:=x', said="'x' is not a valid name: a namespace beg"
    ),
    'no --ros-args': Case((*EXECUTOR, '-p', 'dry_run:=true'), "'-p' is not understood: ROS argum"),
    # The domain
    'domain 400': domain('400', words=EXECUTOR, said="executor: ROS_DOMAIN_ID is '400': use a"),
    'domain abc': domain('abc', words=('topic', 'list'), said="rosless: ROS_DOMAIN_ID is 'abc'"),
    'no URI': uri('file:///nowhere.xml', 'open configuration file file:///nowhere.xml: CYCLONE'),
    'broken URI': uri('<CycloneDDS><Dom', "CYCLONEDDS_URI is '<CycloneDDS><Dom': correct it"),
    'no interface': uri(INTERFACE, 'nope0: does not match an available interface'),
    # This machine
    'OpenGL': node('sim', said="sim: MUJOCO_GL is 'x': use egl", environment={'MUJOCO_GL': 'x'}),
    'no terminal': node('teleop', said='teleop: stdin is no terminal'),
    # Files of launch
    'no launch': Case(('launch', '{here}/none.yaml'), f'none.yaml: {NO_FILE}'),
    'cut launch': Case(('launch', '{here}/open.yaml'), 'open.yaml is not YAML: line 3, column 1'),
}


@pytest.fixture(scope='module')
def outcomes(tmp_path_factory):
    """What each case came to; two at a time."""
    here = tmp_path_factory.mktemp('wrong')
    (here / 'open.yaml').write_text('executor:\n  ros__parameters: {rate: 3\n')
    (here / 'binary.yaml').write_bytes(b'\xff\xfe\x00')
    (here / 'list.yaml').write_text('- a\n')
    (here / 'flat.yaml').write_text('rate: 5.0\n')
    with ThreadPoolExecutor(3) as pool:
        return dict(zip(CASES, pool.map(lambda case: case.run(here), CASES.values()), strict=True))


@pytest.mark.parametrize('name', CASES)
def test_a_wrong_input_is_one_line(outcomes, name):
    case, ended = CASES[name], outcomes[name]
    said = [line for line in ended.stdout.splitlines() if '[INFO]' not in line]
    assert ended.returncode == case.status
    assert case.said in said[-1]
    assert len(said) == case.lines, said


@pytest.fixture
def full_domain():
    """Somebody has every port that a program of this domain could take."""
    taken = []
    for port in range(PORTS + 10, PORTS + 10 + 2 * PROGRAMS):
        taken.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        taken[-1].bind(('0.0.0.0', port))
    yield
    for each in taken:
        each.close()


@pytest.mark.usefixtures('full_domain')
def test_a_full_domain_says_what_to_do():
    ended = run([*RUN, 'topic', 'list'])
    assert ended.returncode == 1
    assert ended.stdout.startswith(f'rosless: domain {DOMAIN} is full: all UDP ports')
    assert 'another ROS_DOMAIN_ID' in ended.stdout
    assert len(ended.stdout.splitlines()) == 1


def test_an_empty_parameter_file_is_none_and_later_changes_are_refused(processes, tmp_path):
    """The former as in rcl; the latter would have no effect."""
    (tmp_path / 'empty.yaml').write_text('# rate: 5.0\n')
    processes.start('executor', str(tmp_path / 'empty.yaml'), label='empty')
    assert started(processes, 'empty')
    ended = run([*RUN, 'param', 'set', '/executor', 'rate', '50.0'])
    assert ended.returncode == 1
    assert "parameter 'rate' is read-only" in ended.stdout
    assert processes.kill('empty', signal.SIGINT) == 0


def test_of_two_that_start_together_one_goes_on(processes):
    labels = ('one', 'other')
    for label in labels:
        processes.start('executor', label=label)
    assert waits(lambda: any(started(processes, label, 0.0) for label in labels))
    assert waits(lambda: any(ended(processes, label) for label in labels))
    (last,) = [label for label in labels if not ended(processes, label)]
    refused = labels[1 - labels.index(last)]
    assert processes.wait(refused) == 1
    assert 'executor: /executor runs already' in processes.said(refused).splitlines()[-1]
    assert processes.kill(last, signal.SIGINT) == 0


@pytest.mark.parametrize('name', ['executor', 'sim', 'recorder'])
def test_a_second_of_its_name_ends_and_after_a_kill_a_new_one_starts(processes, tmp_path, name):
    given = (f'output:={tmp_path / "a.mcap"}',) if name == 'recorder' else ()
    processes.start(name, *given, label='first')
    assert started(processes, 'first')
    processes.start(name, *(word.replace('a.', 'b.') for word in given), label='second')
    assert processes.wait('second', 20.0) == 1
    assert f'{name}: /{name} runs already' in processes.said('second').splitlines()[-1]
    assert not ended(processes, 'first')
    assert not (tmp_path / 'b.mcap').exists()
    processes.kill('first')
    processes.start(name, *(word.replace('a.', 'c.') for word in given), label='third')
    assert started(processes, 'third')
    assert processes.kill('third', signal.SIGINT) == 0


def started(processes, label: str, timeout: float = 20.0) -> bool:
    """Whether a node says in time that it is up."""
    words = ('executor at', 'simulated R1 Lite', 'records to')
    return waits(lambda: any(word in processes.said(label) for word in words), timeout)


def ended(processes, label: str) -> bool:
    return processes.running[label].poll() is not None


def waits(wanted, timeout: float = 20.0) -> bool:
    end = time.monotonic() + timeout
    while not (holds := wanted()) and time.monotonic() < end:
        time.sleep(0.05)
    return holds
