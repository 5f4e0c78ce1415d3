"""One process infers for two robots, each in its namespace, which a probe plays."""

import pytest
from diagnostic_msgs.msg import DiagnosticArray
from fastwam_ros.msg import ActionChunk
from std_msgs.msg import String

from fastwam_ros.nodes import qos
from fastwam_ros.robot import topics
from test.nodes.test_policy_node import TINY, Robot

pytestmark = pytest.mark.torch

EPOCHS = {'left_bench': 3, 'right_bench': 8}


@pytest.fixture(scope='module')
def robots(probe, processes):
    names = ', '.join(EPOCHS)
    asked = (f'bundle:={TINY}', f'robots:=[{names}]', 'max_rate:=2.5', 'window:=0.2')
    processes.start('server', *asked)
    probe.hear(DiagnosticArray, '/diagnostics', qos.REQUESTS)
    for name in EPOCHS:
        probe.hear(ActionChunk, f'{name}/{topics.CHUNK}', qos.REQUESTS)
    ready = probe.until(lambda: 'bundle tiny_r1lite' in processes.said('server'), 60.0)
    assert ready, processes.said('server')
    return {name: Robot(probe, f'{name}/', epoch) for name, epoch in EPOCHS.items()}


def chunks(probe, name) -> list:
    return [message for _, message in probe.heard[f'{name}/{topics.CHUNK}']]


def play(robots, *names) -> None:
    for name in names or robots:
        robots[name].play()


def health(probe):
    told = [m.status[0] for _, m in probe.heard['/diagnostics'] if m.status[0].name == 'server']
    return [(status.message, {v.key: v.value for v in status.values}) for status in told]


def test_each_robot_gets_its_own_chunks(robots, probe):
    both = probe.until(
        lambda: all(len(chunks(probe, name)) > 2 for name in robots), 30.0, lambda: play(robots)
    )
    assert both, health(probe)
    for name, epoch in EPOCHS.items():
        assert {chunk.epoch for chunk in chunks(probe, name)} == {epoch}
    states = [chunks(probe, name)[-1].observation for name in robots]
    assert states[0] != states[1]


def test_what_they_ask_for_together_is_one_call(robots, probe):
    """Both benches pick the first picture of every 0.4 s: well within the window."""
    key = 'robots per call max'

    def most() -> float:
        return max((float(v[key]) for _, v in health(probe) if key in v), default=0.0)

    assert probe.until(lambda: most() == 2.0, 20.0, lambda: play(robots)), health(probe)


def test_each_has_its_own_instruction(robots, probe):
    task = probe.create_publisher(String, f'right_bench/{topics.TASK}', qos.LATCHED)
    task.publish(String(data='rest at home'))
    found = probe.until(
        lambda: chunks(probe, 'right_bench')[-1].task == 'rest at home', 20.0, lambda: play(robots)
    )
    assert found
    before = len(chunks(probe, 'left_bench'))
    assert probe.until(
        lambda: len(chunks(probe, 'left_bench')) > before, 20.0, lambda: play(robots)
    )
    assert chunks(probe, 'left_bench')[-1].task == 'wave both arms'


def test_a_robot_that_falls_silent_is_named_and_costs_the_other_nothing(robots, probe):
    begun = len(chunks(probe, 'left_bench'))
    told = probe.until(
        lambda: 'right_bench: no executor state: idle' in health(probe)[-1][0],
        20.0,
        lambda: play(robots, 'left_bench'),
    )
    assert told, health(probe)[-1]
    silent = len(chunks(probe, 'right_bench'))
    assert probe.until(
        lambda: len(chunks(probe, 'left_bench')) > begun + 3,
        20.0,
        lambda: play(robots, 'left_bench'),
    )
    assert len(chunks(probe, 'right_bench')) == silent


@pytest.mark.parametrize(
    ('robots', 'words'),
    [
        ('[a, a]', "robots are ['a', 'a']: at least one namespace, each once"),
        ("['/']", "robots are ['/']: at least one namespace"),
        ('alone', "parameter 'robots' is 'alone', want a list of texts"),
    ],
)
def test_robots_that_are_none(processes, robots, words):
    processes.start('server', f'bundle:={TINY}', f'robots:={robots}', label='odd', apart=True)
    assert processes.wait('odd') == 1
    assert words in processes.said('odd')
