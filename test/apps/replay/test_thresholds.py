"""Bounds from a file, and what got worse since another measurement."""

import json
import math
from pathlib import Path

import pytest

from fastwam_ros.apps.replay.measures.against import (
    baseline,
    changes,
    regressions,
    side_by_side,
)
from fastwam_ros.apps.replay.measures.metric import Better, Metric
from fastwam_ros.apps.replay.measures.thresholds import Thresholds

ERROR = Metric('action_error.rad.mae', 0.06, 'rad')
TAKEN = Metric('chunks.accepted_share', 0.8, '', Better.HIGHER)
SMOOTH = Metric('smoothness.plan.left_arm.sparc', -2.2, '', Better.HIGHER)
ROWS = Metric('action_error.rows', 100.0, '', Better.NEITHER)
NONE = Metric('commands.jerk_ratio', math.nan)
ALL = [ERROR, TAKEN, SMOOTH, ROWS, NONE]
NAMES = [metric.name for metric in ALL]


def thresholds(folder: Path, text: str) -> Thresholds:
    path = folder / 'bounds.yaml'
    path.write_text(text)
    return Thresholds.read(path, NAMES)


def test_what_is_beyond_a_bound_is_missed_and_what_is_on_it_is_not(tmp_path):
    text = (
        'action_error.rad.mae: {max: 0.05}\nchunks.accepted_share: {min: 0.8}\n'
        'smoothness.plan.left_arm.sparc: {min: -2.0, max: 0}\n'
    )
    found = [str(one) for one in thresholds(tmp_path, text).missed(ALL)]
    assert found == [
        'action_error.rad.mae is 0.06 rad, want 0.05 at most',
        'smoothness.plan.left_arm.sparc is -2.2, want -2 at least',
    ]


def test_what_could_not_be_measured_misses_its_bound(tmp_path):
    (one,) = thresholds(tmp_path, 'commands.jerk_ratio: {max: 1}').missed(ALL)
    assert str(one) == 'commands.jerk_ratio could not be measured, want 1 at most'


def test_an_unknown_name_is_refused_with_the_near_ones_and_with_all(tmp_path):
    with pytest.raises(ValueError, match='no metric') as caught:
        thresholds(tmp_path, 'action_error.rad.mea: {max: 0.05}')
    words = str(caught.value)
    assert 'near are action_error.rad.mae' in words and '\n' not in words
    assert all(name in words for name in NAMES)


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('- 1', 'holds no names'),
        ('a: {', 'is no YAML'),
        ('action_error.rad.mae: 0.05', 'want numbers by max, min, change'),
        ('action_error.rad.mae: {}', 'want numbers by max, min, change'),
        ('action_error.rad.mae: {most: 1}', 'want numbers by max, min, change'),
        ('action_error.rad.mae: {max: .nan}', 'want numbers by max, min, change'),
        ('action_error.rad.mae: {max: true}', 'want numbers by max, min, change'),
        ('action_error.rad.mae: {change: -0.1}', 'not below zero'),
        ('every: {max: 1}', 'want {change: a number}'),
        ('every: 3', 'want {change: a number}'),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path, text, words):
    with pytest.raises(ValueError, match=words):
        thresholds(tmp_path, text)


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(ValueError, match='No such file'):
        Thresholds.read(tmp_path / 'none.yaml', NAMES)


def before(**values: float) -> dict[str, float]:
    return {m.name: m.value for m in ALL} | {k.replace('__', '.'): v for k, v in values.items()}


def worse(known: dict[str, float], limits: Thresholds | None = None) -> list[str]:
    return [one.metric.name for one in regressions(changes(ALL, known), limits)]


def test_worse_is_up_or_down_as_the_metric_has_it():
    assert worse(before()) == []
    assert worse(before(action_error__rad__mae=0.05, chunks__accepted_share=0.7)) == [ERROR.name]
    assert worse(before(action_error__rad__mae=0.09, chunks__accepted_share=0.9)) == [TAKEN.name]
    sparc = {SMOOTH.name: -2.0}  # nearer to 0 is better, and 10 % is more than 5 %
    assert worse(before() | sparc) == [SMOOTH.name]
    assert worse(before(action_error__rows=500.0)) == []


def test_what_is_allowed_is_told_for_each_or_for_every(tmp_path):
    known = before(action_error__rad__mae=0.05, chunks__accepted_share=0.9)
    assert worse(known) == [ERROR.name, TAKEN.name]
    assert worse(known, thresholds(tmp_path, 'every: {change: 0.15}')) == [ERROR.name]
    text = 'every: {change: 0.15}\naction_error.rad.mae: {change: 0.25}'
    assert worse(known, thresholds(tmp_path, text)) == []


def test_from_zero_anything_is_worse_and_a_metric_that_vanished_too():
    assert worse(before(action_error__rad__mae=0.0)) == [ERROR.name]
    assert worse(before(commands__jerk_ratio=0.9)) == [NONE.name]
    assert worse(before(action_error__rad__mae=math.nan)) == []
    (one,) = regressions(changes([NONE], {NONE.name: 0.9}))
    assert str(one) == 'commands.jerk_ratio: 0.9 before, now cannot be measured'


def test_a_baseline_is_the_numbers_of_a_metrics_json(tmp_path):
    path = tmp_path / 'metrics.json'
    path.write_text(json.dumps({'a': 1, 'b': None, 'mode': 'free', 'curve': [1, 2]}))
    found = baseline(path)
    assert found['a'] == 1.0 and math.isnan(found['b']) and len(found) == 2
    for text, words in (('{', 'no JSON'), ('[]', 'no metrics by name'), ('{}', 'no numbers')):
        path.write_text(text)
        with pytest.raises(ValueError, match=words):
            baseline(path)


def test_two_are_shown_beside_each_other_with_what_the_second_is_of_the_first():
    other = before(action_error__rad__mae=0.03, chunks__accepted_share=0.4, action_error__rows=50)
    text = side_by_side(ALL, other, ('one', 'two'))
    lines = {line.split()[0]: line.split()[1:] for line in text.splitlines()[3:]}
    assert lines[ERROR.name] == ['0.06', '0.03', 'rad', '-50.0%', 'better']
    assert lines[TAKEN.name] == ['0.8', '0.4', '-50.0%', 'worse']
    assert lines[ROWS.name] == ['100', '50', '-50.0%']
    assert lines[NONE.name] == ['-', '-', '-']
