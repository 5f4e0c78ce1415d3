"""Trials: a few of each task, through the executor and straight, and their figures."""

import json
import sys

import pytest

from fastwam_ros.apps.trials import __main__ as trials
from fastwam_ros.apps.trials import run as trials_run
from fastwam_ros.apps.trials.__main__ import Row
from fastwam_ros.apps.trials.run import KINDS, Bench, Trial
from fastwam_ros.apps.trials.ways import Straight, ThroughExecutor


@pytest.mark.parametrize('kind', KINDS)
def test_the_person_succeeds_through_the_executor_within_its_limits(kind):
    trial = Bench(kind).trial(0, ThroughExecutor)
    assert trial.success, trial.words
    assert max(trial.ratios) <= 1.0
    assert trial.ratios[2] > 0.9  # a hand is followed as fast as the limits allow
    assert 5.0 < trial.duration < 25.0


def test_the_same_seed_is_the_same_trial():
    bench = Bench('lift')
    assert bench.trial(1, Straight) == bench.trial(1, Straight)


def test_without_the_executor_a_command_leaves_the_limits():
    trial = Bench('pick').trial(0, Straight)
    assert trial.success, trial.words
    assert trial.ratios[2] > 1.1


def test_a_person_who_does_nothing_does_not_succeed(monkeypatch):
    monkeypatch.setattr(trials_run, 'task_named', lambda name: lambda see: iter(()))
    for kind, words in (('lift', 'held for 0.0 s'), ('pick', 'no block is in the tray')):
        trial = Bench(kind).trial(0, Straight)
        assert not trial.success
        assert words in trial.words


def test_another_block_than_the_one_asked_for_is_no_success(monkeypatch):
    plans = trials_run.task_named
    monkeypatch.setattr(trials_run, 'task_named', lambda name: plans('pick red'))
    bench = Bench('pick')
    trial = bench.trial(0, Straight)
    assert trial.task == 'pick blue'
    assert not trial.success
    assert 'red is in the tray, not' in trial.words


def test_a_person_who_fails_is_quoted(monkeypatch):
    plans = trials_run.task_named
    monkeypatch.setattr(trials_run, 'task_named', lambda name: plans('fold'))
    trial = Bench('lift').trial(0, ThroughExecutor)
    assert not trial.success
    assert 'it needs towel_near_left and sees bar' in trial.words


def test_a_row_counts_and_takes_the_worst():
    good = Trial(0, 'lift', True, '', 10.0, (0.5, 0.6, 0.7))
    bad = Trial(1, 'lift', False, 'fell', 99.0, (0.4, 0.9, 0.1))
    line = Row('lift', 'straight', (good, bad)).line()
    assert '1/2 | 10.0 s | 0.50 | 0.90 | 0.70 |' in line


def test_figures_and_table_of_the_command_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', ['trials', '--task', 'lift', '--trials', '1', '--json'])
    trials.main()
    through, straight = json.loads(capsys.readouterr().out)
    assert (through['way'], straight['way']) == ('executor', 'straight')
    assert through['successes'] == straight['successes'] == 1
    assert through['trials'][0]['seed'] == 0


@pytest.mark.parametrize('wrong', [('--task', 'dishes'), ('--trials', '0'), ('--seed', '-1')])
def test_a_wrong_argument_is_refused(monkeypatch, capsys, wrong):
    monkeypatch.setattr(sys, 'argv', ['trials', *wrong])
    with pytest.raises(SystemExit):
        trials.main()
    assert wrong[1] in capsys.readouterr().err
