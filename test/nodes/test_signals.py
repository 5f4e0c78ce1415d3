"""SIGINT and SIGTERM to every node: it ends by itself, with its status, and without a traceback.

`pytest -s` prints how long each took. What a signal does to moving arms is in
test_launch_signals.py and test_executor_node.py, to a person who drives in test_teleop_node.py.
"""

import signal
import time
from dataclasses import dataclass

import pytest
from diagnostic_msgs.msg import DiagnosticArray

from fastwam_ros.nodes import qos
from test.apps.recording import known
from test.nodes.conftest import ROOT
from test.nodes.console import TELEOP, Console

SIM = str(ROOT / 'config' / 'sim.yaml')
BUNDLE = f'bundle:={ROOT / "bundles" / "tiny_r1lite"}'
SIGNALS = [signal.SIGINT, signal.SIGTERM]
ENDED = 10.0  # [s] a launch waits five and then insists


@dataclass(frozen=True)
class Case:
    """A node in a state, in which it is some seconds after it told its health first."""

    node: str
    params: tuple[str, ...]
    state: str = 'waits'
    beside: tuple[str, ...] = ()  # who has to be there for that, and its parameters
    seconds: float = 0.5
    status: int = 0
    word: str = ''  # that it says where it tells no health

    def __str__(self) -> str:
        return f'{self.node}-{self.state}'


POLICY, ROBOT = ('policy', SIM, BUNDLE), ('sim', SIM)
CASES = [
    Case('policy', (SIM, BUNDLE)),
    Case('policy', (SIM, BUNDLE, 'always:=true'), 'infers', ROBOT, 4.0),
    Case('server', (BUNDLE, 'robots:=[one, other]')),
    Case('executor', (SIM,)),
    Case('executor', (SIM, 'use_sim_time:=true'), 'has-no-clock', (), 1.5, word='of /clock'),
    Case('sim', (SIM,), 'runs'),
    Case('person', ("script:=['watch 60']",), 'watches'),
    Case('person', ("script:=['engage']",), 'asks'),
    Case('recorder', ('output:={folder}/run.mcap',), 'records'),
    Case('player', ('bag:={bag}',)),
    Case('player', ('bag:={bag}', 'rate:=0.01'), 'plays', POLICY, 2.0),
    Case('check', ('seconds:=60.0',), 'listens', status=130),
    Case('paths', ()),
]

# Who drives is told by both; the others, who all listen in one way, by one of them in turn.
TOLD = [
    (case, number)
    for n, case in enumerate(CASES)
    for number in (SIGNALS if case.node == 'executor' else [SIGNALS[n % 2]])
]


@pytest.fixture(scope='module')
def bag(tmp_path_factory):
    return known().write(tmp_path_factory.mktemp('bags') / 'run.mcap')


def marked(case: Case, number: signal.Signals):
    marks = [pytest.mark.torch] if BUNDLE in (*case.params, *case.beside) else []
    return pytest.param(case, number, id=f'{case}-{number.name}', marks=marks)


def told_health(probe, name: str) -> bool:
    told = (status for _, message in probe.heard['/diagnostics'] for status in message.status)
    return any(status.name == name and status.message != 'starting' for status in told)


@pytest.fixture
def begun(processes, probe):
    """Starts nodes and waits for their health; all end with the test."""
    probe.hear(DiagnosticArray, '/diagnostics', qos.REQUESTS)
    before = set(processes.running)

    def begin(name: str, *params: str, word: str = '') -> None:
        probe.listen(0.3)  # what one that ended said last
        probe.heard['/diagnostics'].clear()
        processes.start(name, *params)
        there = probe.until(
            lambda: word in processes.said(name) if word else told_health(probe, name), 60.0
        )
        assert there, processes.said(name)

    yield begin
    for name in set(processes.running) - before:
        processes.kill(name)


@pytest.mark.parametrize(('case', 'number'), [marked(*told) for told in TOLD])
def test_a_node_ends_when_it_is_told_to(case, number, processes, begun, bag, tmp_path):
    if case.beside:
        begun(*case.beside)
    params = [word.format(folder=tmp_path, bag=bag) for word in case.params]
    begun(case.node, *params, word=case.word)
    time.sleep(case.seconds)
    told = time.monotonic()
    status = processes.kill(case.node, number)
    took, said = time.monotonic() - told, processes.said(case.node)
    print(f'\n{case} {number.name}: {took:.2f} s')
    assert status == case.status, said
    assert took < ENDED
    assert 'Traceback' not in said


@pytest.mark.parametrize('number', SIGNALS, ids=lambda number: number.name)
def test_a_keyboard_ends_when_it_is_told_to(number):
    console = Console(TELEOP)
    try:
        assert console.shows('mode'), console.text
        console.process.send_signal(number)
        assert console.ended(ENDED) == 0, console.text
        assert console.restored()
    finally:
        console.end()
