"""The bench of long replays: a recording that is repeated is one recording, and it is replayed."""

import itertools

import pytest

from fastwam_ros.apps.bench import replay
from fastwam_ros.bag.reader import Bag, BagError
from fastwam_ros.bag.streams import stamp_of
from fastwam_ros.bag.writer import BagWriter
from test.apps.replay.bags import waving


def test_what_is_repeated_goes_on_with_its_stamps(tmp_path):
    short = Bag(waving(tmp_path / 'short.mcap', 2.0))
    replay.repeated(short, tmp_path / 'long.mcap', 7.0, 1.0)
    before, after = list(short.records()), list(Bag(tmp_path / 'long.mcap').records())
    assert len(after) == 4 * len(before)
    lags = {record.received - stamp_of(record.data) for record in before}
    assert {record.received - stamp_of(record.data) for record in after} == lags
    arm = [r.received for r in after if r.topic.endswith('feedback_arm_left')]
    assert {later - earlier for earlier, later in itertools.pairwise(arm)} == {5_000_000}
    assert arm[-1] - arm[0] > 7.0e9


def test_a_length_is_a_line(tmp_path, capfd):
    short = waving(tmp_path / 'short.mcap', 2.0)
    replay.main([str(short), '--minutes', '0.1', '--mode', 'anchored'])
    told, *lines = capfd.readouterr().out.splitlines()
    assert told.startswith('0.1 min in ')
    assert [line.split(':')[0] for line in lines] == ['0.1 min']
    until, whole = (float(words.split()[-2]) for words in lines[0].split(', ')[1:])
    assert 20.0 < until < whole < 2000.0  # MB of a Python


def test_what_cannot_be_replayed_ends_it(tmp_path, capfd):
    with pytest.raises(SystemExit, match=r'bench replay: .* ended with 2'):
        replay.main(
            [str(waving(tmp_path / 'a.mcap', 1.0)), '--minutes', '0.02', '--bundle', '/no']
        )
    with BagWriter(tmp_path / 'b.mcap'):
        pass
    with pytest.raises(BagError):
        replay.repeated(Bag(tmp_path / 'b.mcap'), tmp_path / 'c.mcap', 1.0, 1.0)
