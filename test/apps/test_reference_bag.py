"""The bag of a simulated person: the same by seed, and like the hands of a person."""

import sys

import numpy as np
import pytest

from fastwam_ros.apps.reference_bag import __main__ as program
from fastwam_ros.apps.reference_bag.hand import ENCODER, SHAKE, TREMOR, Hands
from fastwam_ros.bag.reader import Bag
from fastwam_ros.bag.roles import Roles
from fastwam_ros.bag.run import FACTS
from fastwam_ros.bag.streams import JointStream
from fastwam_ros.robot.joints import SIDES

PERIOD = 0.005


def made(monkeypatch, capsys, path, *words) -> str:
    """What the command says."""
    monkeypatch.setattr(sys, 'argv', ['reference_bag', str(path), *words])
    program.main()
    return capsys.readouterr().out


def stream(bag: Bag, role: str) -> JointStream:
    return JointStream.of(bag, bag.records([Roles.of(bag).topics[role]]), 6)


@pytest.fixture
def told(monkeypatch, capsys, tmp_path):
    def tell(name: str, *words: str) -> Bag:
        made(monkeypatch, capsys, tmp_path / name, *words)
        return Bag(tmp_path / name)

    return tell


def test_the_same_seed_gives_the_same_messages_and_another_one_others(told):
    one, other, third = (
        list(told(f'{n}.mcap', '--seconds', '1.2', '--seed', seed).records())
        for n, seed in enumerate(('5', '5', '6'))
    )
    assert one == other
    assert [record.data for record in one] != [record.data for record in third]


def test_it_has_the_robots_topics_at_the_robots_rates_in_the_order_of_receiving(told):
    bag = told('a.mcap', '--seconds', '2')
    roles = Roles.of(bag).topics
    wanted = {f'{what}_{side}' for what in ('arm_measured', 'arm_command') for side in SIDES}
    assert wanted <= set(roles) and {'image_head', 'image_left', 'image_right'} <= set(roles)
    times = [record.received for record in bag.records()]
    assert times == sorted(times)
    assert set(np.diff(stream(bag, 'arm_measured_left').stamps)) == {5_000_000}
    pictures = [record.received for record in bag.records([roles['image_head']])]
    assert np.diff(pictures) == pytest.approx(1e9 / 15.0, abs=5e6)


def test_a_vendors_bag_has_the_robots_topics_alone_in_any_namespace(told):
    bag = told('v.mcap', '--seconds', '1', '--vendor', '--namespace', 'robot1/')
    assert FACTS not in bag.metadata and not any('fastwam' in name for name in bag.topics)
    found = Roles.of(bag)
    assert found.namespace == '/robot1' and 'arm_command_right' in found.topics


def test_the_work_is_done_and_marked_and_the_arms_follow_the_leader(monkeypatch, capsys, tmp_path):
    path = tmp_path / 'work.mcap'
    words = ['--task', 'pick red', '--seed', '3', '--camera-rate', '0.5']
    assert '1 of 1 episodes done' in made(monkeypatch, capsys, path, *words)
    bag = Bag(path)
    markers = bag.records([Roles.of(bag).topics['marker']])
    assert [bag.decode(record).data for record in markers] == ['success']
    asked, felt = (stream(bag, f'arm_{what}_right') for what in ('command', 'measured'))
    assert np.ptp(asked.position, axis=0).max() > 0.3
    behind = np.abs(asked.position - felt.position).max(axis=1)
    assert np.median(behind) < 0.1 and behind[-1] < 0.02  # the vendor's trackers are slow


def test_hands_come_after_what_is_wanted_without_overshoot_and_never_stand_quite_still():
    hands = Hands(seed=1, period=PERIOD)
    hands.want(dict.fromkeys(SIDES, np.zeros(6)), dict.fromkeys(SIDES, 0.05))
    assert hands.ready
    hands.want(dict.fromkeys(SIDES, np.full(6, 0.5)), {})
    rows = np.array([hands.step(n * PERIOD)[0]['left'] for n in range(2000)])
    assert rows[20].max() < 0.3 and rows.max() < 0.5 + 4 * SHAKE + ENCODER
    still = rows[1000:] - 0.5
    assert np.abs(still.mean(axis=0)).max() < 0.5 * ENCODER
    assert np.allclose(rows / ENCODER, np.round(rows / ENCODER))
    power = np.abs(np.fft.rfft(still - still.mean(axis=0), axis=0)) ** 2
    hertz = np.fft.rfftfreq(len(still), PERIOD)
    band = (hertz >= TREMOR[0] - 0.5) & (hertz <= TREMOR[1] + 0.5)
    assert power[band].sum() > 0.3 * power.sum()  # the rest is the encoder's steps


def test_two_people_are_not_alike():
    rows = []
    for seed in (1, 2):
        hands = Hands(seed, PERIOD)
        hands.want(dict.fromkeys(SIDES, np.zeros(6)), dict.fromkeys(SIDES, 0.0))
        hands.want(dict.fromkeys(SIDES, np.ones(6)), {})
        rows.append([hands.step(n * PERIOD)[0]['left'][0] for n in range(60)])
    assert np.abs(np.subtract(*rows)).max() > 0.005


def test_it_is_never_overwritten(monkeypatch, capsys, tmp_path):
    path = tmp_path / 'there.mcap'
    path.write_bytes(b'mine')
    with pytest.raises(SystemExit, match='never overwritten'):
        made(monkeypatch, capsys, path, '--seconds', '1')
    assert path.read_bytes() == b'mine'


@pytest.mark.parametrize(
    ('words', 'said'),
    [
        (('--seconds', 'nan'), 'nan is not above zero'),
        (('--seconds', '0'), '0 is not above zero'),
        (('--camera-rate', '-3'), '-3 is not above zero'),
        (('--episodes', '0'), '0 is below 1'),
        (('--seed', '-1'), '-1 is below 0'),
        (('--task', 'sing'), 'invalid choice'),
    ],
)
def test_what_cannot_be_made_is_said_in_one_line_and_nothing_is(
    monkeypatch, capsys, tmp_path, words, said
):
    with pytest.raises(SystemExit):
        made(monkeypatch, capsys, tmp_path / 'no.mcap', *words)
    told = capsys.readouterr().err
    assert said in told and told.count('\n') == 1
    assert not (tmp_path / 'no.mcap').exists()


def test_it_ends_when_it_was_asked_to(told):
    times = [record.received for record in told('s.mcap', '--seconds', '0.5').records()]
    assert max(times) - min(times) <= 0.5e9
