"""The splice benchmark: who keeps the limits, the same runs again, the page and its results."""

import sys

import numpy as np
import pytest
from PIL import Image

from fastwam_ros.apps.bench.rows import ROOT
from fastwam_ros.apps.splice import __main__ as splice
from fastwam_ros.apps.splice import metrics
from fastwam_ros.apps.splice.figures import figures, together
from fastwam_ros.apps.splice.limited import TICK
from fastwam_ros.apps.splice.methods import LIMITS, RULES, WAYS
from fastwam_ros.apps.splice.page import page, short, text, within
from fastwam_ros.apps.splice.play import Played, play
from fastwam_ros.apps.splice.results import TRUTH, Splices
from fastwam_ros.apps.splice.run import made, run
from fastwam_ros.apps.splice.scenarios import SCENARIOS, Truth
from test.motion.robot import ratios

FAST, SMOOTH = 'executor, fast', 'executor, smooth'
NEWEST = 'newest, straight between rows'
SECONDS = 9.0


@pytest.fixture(scope='module')
def short_runs() -> dict[str, dict]:
    return {name: run(name, 3, SECONDS) for name in ('S1', 'S2')}


@pytest.mark.parametrize('method', WAYS)
def test_the_executor_keeps_its_limits_and_moves(short_runs, method):
    for scenario, found in short_runs.items():
        each = found[method]
        assert each['v'] <= 1.5 and each['a'] <= 6.0 and each['j'] <= 80.0, scenario
        assert each['jump'] == 0.0
        assert each['reaction'] > each['floor'] - 1e-6
        assert each['error'] < 120.0
        assert each['lag'] < 400.0


def test_what_commands_at_once_does_not_keep_them(short_runs):
    for method in list(RULES)[:8]:
        each = short_runs['S1'][method]
        assert each['a'] > 60.0, method
        assert each['j'] > 8000.0, method
        assert 'floor' not in each


def test_who_averages_all_follows_last_and_the_smooth_bridge_has_less_jerk(short_runs):
    found = short_runs['S1']
    assert found['temporal ensembling']['reaction'] > found[NEWEST]['reaction'] + 300.0
    assert found[FAST]['reaction'] < found[SMOOTH]['reaction']
    assert found[FAST]['jrms'] > found[SMOOTH]['jrms']
    assert found[FAST]['gap'] < 20.0


def test_bounds_hold_from_the_first_tick_on_over_a_hand_and_a_clock_that_is_set():
    for name, events in (('S7', {'hands': ((3.0, 5.0),)}), ('S3', {'clock': ((3.0, 0.5),)})):
        about = type(SCENARIOS[name])(**{**vars(SCENARIOS[name]), **events})
        truth, coming = made(name, 1, SECONDS)
        played = play(FAST, about, truth, coming, SECONDS)
        assert (ratios(LIMITS, played.commands) <= 1.0 + 1e-6).all()
        times = metrics.ticks(0, len(played.commands), TICK)
        assert np.abs(played.commands[-1] - truth.at(times)[-1]).max() < 0.3
        assert 'accepted' in played.verdicts


def test_the_same_seed_is_the_same_run():
    truth, coming = made('S2', 5, 4.0)
    again = made('S2', 5, 4.0)
    assert len(coming) > 8
    for method in (FAST, NEWEST):
        first = play(method, SCENARIOS['S2'], truth, coming, 4.0).commands
        np.testing.assert_array_equal(first, play(method, SCENARIOS['S2'], *again, 4.0).commands)
    assert not np.array_equal(truth.sines[0], made('S2', 6, 4.0)[0].sines[0])


def test_a_chunk_knows_of_no_reach_that_has_not_begun():
    truth, coming = made('S0', 0, SECONDS)
    reach = truth.reaches[0]
    before = next(d for d in reversed(coming) if d.seen < reach.begin)
    after = next(d for d in coming if d.seen >= reach.begin)
    for delivery, known in ((before, False), (after, True)):
        times = delivery.seen + delivery.chunk.step * np.arange(delivery.chunk.rows)
        rows = delivery.chunk.columns(LIMITS.names)
        np.testing.assert_allclose(rows, truth.at(times, delivery.seen), atol=1e-9)
        moved = np.abs(rows - truth.still(times)).max() > 0.2
        assert moved == known


def test_the_truth_by_itself_is_inside_the_limits():
    for seed in range(20):
        truth = Truth.of(np.random.default_rng(seed), 30.0)
        commands = truth.at(metrics.ticks(0, 6000, TICK))
        assert (ratios(LIMITS, commands) < 0.8).all()
        assert LIMITS.excess(commands).max() == 0.0


# Results, page, picture


def results() -> Splices:
    found = {}
    for name in ('S1', 'S4'):
        truth, coming = made(name, 0, SECONDS)
        still = np.tile(truth.at(np.zeros(1)), (round(SECONDS / TICK), 1))
        each = figures(Played(still), SCENARIOS[name], truth, coming)
        found[name] = Splices.table([{TRUTH: each, NEWEST: each | {'a': 9.0}, FAST: each}] * 2)
    return Splices('here', 'a command', 2, SECONDS, found)


def test_median_and_the_worst_end():
    seeds = [{'a': float(x), 'sparc': -float(x)} for x in (1, 3, 2)]
    assert together(seeds) == {'a': (2.0, 3.0), 'sparc': (-2.0, -3.0)}


def test_results_survive_their_file(tmp_path):
    results().write(tmp_path / 'd' / 'a.json')
    read = Splices.read(tmp_path / 'd' / 'a.json')
    assert list(read.figures['S4']) == [TRUTH, NEWEST, FAST]
    assert read.figures['S1'][FAST]['error'] == pytest.approx(
        results().figures['S1'][FAST]['error'], rel=1e-3
    )
    read.write(tmp_path / 'b.json')
    assert (tmp_path / 'b.json').read_text() == (tmp_path / 'd' / 'a.json').read_text()


@pytest.mark.parametrize('text', ['', '[]', '{}', '{"figures": {"S1": {"x": {"y": [1, 2]}}}}'])
def test_a_file_of_something_else_is_refused(tmp_path, text):
    (tmp_path / 'a.json').write_text(text)
    with pytest.raises(ValueError, match=r'a\.json holds no results of the splice benchmark'):
        Splices.read(tmp_path / 'a.json')


def test_the_page_marks_what_is_beyond_a_limit_and_lists_who_is_not():
    told = page(results())
    assert '**9** / ' in told
    assert f'- {FAST}: ' in told
    assert f'- {NEWEST}: ' not in told
    assert not within(results().figures['S1'][NEWEST])
    assert '## S4: the policy is dead' in told
    assert [short(x) for x in (0.0, 5.826, 1234.4, 12345.0)] == ['0', '5.83', '1234', '12k']
    lines = text('S1', results().figures['S1']).splitlines()
    assert len(lines) == 5
    assert len({len(line) for line in lines[2:]}) == 1


def test_the_command_writes_page_picture_and_results(tmp_path, monkeypatch, capsys):
    command = [
        'splice',
        '--seeds',
        '1',
        '--seconds',
        '8',
        '--scenario',
        'S1',
        '--out',
        str(tmp_path),
    ]
    monkeypatch.setattr(sys, 'argv', command)
    splice.main()
    assert 'S1: nominal' in capsys.readouterr().out
    found = Splices.read(tmp_path / 'splice.json')
    assert (tmp_path / 'splice.md').read_text() == page(found)
    assert within(found.figures['S1'][FAST])
    with Image.open(tmp_path / 'splice.png') as picture:
        assert np.asarray(picture).std() > 10.0


def test_an_executor_that_leaves_its_limits_is_told_by_the_status(
    monkeypatch, short_runs, tmp_path
):
    tables = {name: Splices.table([found]) for name, found in short_runs.items()}
    assert splice.broken(tables) == []
    monkeypatch.setattr(splice, 'measure', lambda *_: tables)
    tables['S2'][SMOOTH] = tables['S2'][SMOOTH] | {'j': tables['S2'][NEWEST]['j']}
    monkeypatch.setattr(sys, 'argv', ['splice', '--out', str(tmp_path)])
    with pytest.raises(SystemExit) as end:
        splice.main()
    assert end.value.code == 'splice: executor, smooth leaves its limits in S2'
    assert Splices.read(tmp_path / 'splice.json').figures['S2'].keys() == tables['S2'].keys()


@pytest.mark.parametrize('wrong', [['--seconds', '3'], ['--seeds', '0'], ['--scenario', 'S9']])
def test_what_cannot_be_run_is_said_at_once(monkeypatch, capsys, wrong):
    monkeypatch.setattr(sys, 'argv', ['splice', *wrong])
    with pytest.raises(SystemExit):
        splice.main()
    assert 'at least 1 seed' in (told := capsys.readouterr().err) or 'invalid choice' in told


def test_the_page_in_docs_is_the_one_of_the_results_beside_it():
    found = Splices.read(ROOT / 'docs' / 'splice.json')
    assert (ROOT / 'docs' / 'splice.md').read_text() == page(found)
    assert set(found.figures) == set(SCENARIOS)
    for name, methods in found.figures.items():
        assert set(methods) == {TRUTH, *RULES, *WAYS}
        assert all(within(methods[way]) for way in WAYS), name
