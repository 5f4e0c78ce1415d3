"""`fastwam-replay` as a CI runs it: results, thresholds, baselines, two bundles."""

import json
import sys

import pytest

from fastwam_ros.apps.replay.__main__ import main
from fastwam_ros.apps.replay.build import FILE
from fastwam_ros.apps.replay.results import METRICS, PAGE
from test.apps.replay.bags import waving
from test.loop.test_inference import Echo


@pytest.fixture(scope='module')
def recordings(tmp_path_factory):
    """By how far [rad] their chunks are off the wave."""
    folder = tmp_path_factory.mktemp('bags')
    return {off: waving(folder / f'{off}.mcap', shift=off) for off in (0.0, 0.1)}


@pytest.fixture
def command(monkeypatch, capsys):
    """Runs the command line; its exit status and what it printed."""

    def run(*given) -> tuple[int, str]:
        monkeypatch.setattr(sys, 'argv', ['fastwam-replay', *map(str, given)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return ended.value.code, told.out + told.err

    return run


def test_recording_metrics_and_page_lie_together(recordings, command, tmp_path):
    status, told = command(recordings[0.1], '--out', tmp_path / 'out')
    assert status == 0 and 'action_error.rad.mae' in told
    assert {path.name for path in (tmp_path / 'out').iterdir()} == {FILE, METRICS, PAGE}
    metrics = json.loads((tmp_path / 'out' / METRICS).read_text())
    assert metrics['chunks.count'] == 7 and metrics['mode'] == 'anchored'
    assert metrics['action_error.rad.mae'] == pytest.approx(0.1, rel=0.1)
    assert '<html' in (tmp_path / 'out' / PAGE).read_text()


@pytest.mark.parametrize(('most', 'status'), [(0.2, 0), (0.05, 1)])
def test_a_threshold_that_is_missed_is_status_one(recordings, command, tmp_path, most, status):
    limits = tmp_path / 'limits.yaml'
    limits.write_text(f'action_error.rad.mae: {{max: {most}}}\n')
    found, told = command(recordings[0.1], '--out', tmp_path / 'o', '--thresholds', limits)
    assert found == status
    assert ('missed: action_error.rad.mae is' in told) == bool(status)


def test_worse_than_a_baseline_is_status_one_and_the_same_is_not(recordings, command, tmp_path):
    assert command(recordings[0.0], '--out', tmp_path / 'before')[0] == 0
    before = tmp_path / 'before' / METRICS
    status, told = command(recordings[0.1], '--out', tmp_path / 'worse', '--against', before)
    assert status == 1 and 'worse: action_error.rad.mae: ' in told
    status, told = command(recordings[0.0], '--out', tmp_path / 'same', '--against', before)
    assert status == 0 and 'worse: ' not in told


def test_what_is_wrong_with_what_is_wanted_is_told_before_anything_is_replayed(
    recordings, command, tmp_path
):
    limits = tmp_path / 'limits.yaml'
    limits.write_text('action_error.rad.mea: {max: 0.05}\n')
    status, told = command(recordings[0.0], '--out', tmp_path / 'o', '--thresholds', limits)
    assert status == 2 and "no metric 'action_error.rad.mea': near are action_error" in told
    assert not (tmp_path / 'o').exists()


def test_two_bundles_side_by_side(recordings, command, tmp_path, monkeypatch):
    monkeypatch.setattr('fastwam_ros.wam.policy.Policy.load', lambda *given: Echo())
    out = tmp_path / 'out'
    status, told = command(recordings[0.0], '--bundle', 'a', '--compare', 'b', '--out', out)
    assert status == 0, told
    assert 'A: a\nB: b\n' in told
    assert (out / METRICS).is_file() and (out / 'compared' / METRICS).is_file()
