"""Thresholds of doubt from recorded runs: their promise, what they come from, what is no run."""

import ast
import importlib
import io
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from fractions import Fraction
from math import ceil, nan
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import yaml

from fastwam_ros.apps.report.chunks import SHADOW
from fastwam_ros.apps.thresholds import runs as runs_of
from fastwam_ros.apps.thresholds.__main__ import main
from fastwam_ros.apps.thresholds.conformal import (
    Alarms,
    needed,
    rank,
    replay,
    smallest,
    thresholds,
)
from fastwam_ros.motion.uncertainty import Thresholds
from test.apps.recording import MS, START, Recording, Told
from test.bag.messages import SECOND, header, time

ROOT = Path(__file__).parents[2]
STEP = 400 * MS  # between chunks
SLOW, HOLD = Fraction('0.2'), Fraction('0.05')
EPOCH = 7
HOSTILE = 'fold\nexecutor: {ros__parameters: {disagreement_slow: 9.0}}'


def recorded(
    path: Path,
    disagreements: Sequence[float],
    verdicts: Sequence[str] = (),
    bundle: str = 'tiny@1',
    holds: bool | None = True,
    epochs: Sequence[int] = (),
    **fields: Any,
) -> Path:
    """A run in which the policy drives for as long as there are chunks, one every 0.4 s."""
    state: dict[str, Any] = {'mode': 'HOLD', 'time_scale': 1.0}
    states, chunks = [Told(START, state)], []
    for k, value in enumerate(disagreements):
        at, verdict = START + (k + 1) * STEP, [*verdicts, *['accepted'] * len(disagreements)][k]
        epoch = epochs[k] if epochs else EPOCH
        name = {'epoch': epoch, 'sequence': k + 1}
        given = {'bundle': bundle, 'task': 'fold', 'disagreement': value, **name, **fields}
        chunks.append((at, {'header': header(at - 200 * MS), **given}))
        counter = {'accepted': 'accepted', 'shadow': 'shadowed'}.get(verdict, 'refused')
        changes = {'last_epoch': epoch, 'last_sequence': k + 1, 'last_verdict': verdict}
        state = {**state, counter: state.get(counter, 0) + 1, 'mode': 'POLICY', **changes}
        states.append(Told(at, state))
    end = START + (len(disagreements) + 1) * STEP
    states.append(Told(end, state | {'mode': 'HOLD'}))
    words = {'name': 'fold the towel', 'message': 'folded' if holds else 'flat'}
    outcomes = [] if holds is None else [(end, {'level': 1 - holds, **words})]
    return Recording([], states, chunks, outcomes=outcomes).write(path)


def ran(*words: Any) -> tuple[int, str]:
    """Exit status and everything that is printed."""
    said, status = io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(said):
        patch.setattr(sys, 'argv', ['thresholds', *map(str, words)])
        try:
            main()
        except SystemExit as end:
            status = end.code
    return status, ' '.join(said.getvalue().split())


@pytest.fixture(scope='module')
def runs(tmp_path_factory) -> list[Path]:
    """20 successes of 6 chunks; the largest disagreement of run n is n + 1."""
    folder = tmp_path_factory.mktemp('runs')
    rng = np.random.default_rng(0)
    paths = []
    for n in range(20):
        rows = rng.uniform(0.0, n + 0.9, 6)
        rows[n % 6] = n + 1.0
        paths.append(recorded(folder / f'run_{n}.mcap', rows.tolist()))
    return paths


# What conformal thresholds promise


@pytest.mark.parametrize('alpha', ['0.05', '0.1', '0.2', '0.3', '1/7', '0.999'])
def test_the_rank_is_that_of_the_formula_and_too_few_runs_are_refused(alpha):
    share = Fraction(alpha)
    for count in range(1, 130):
        wanted = ceil((count + 1) * (1 - share))
        if wanted <= count:
            assert rank(count, share) == wanted
            assert count >= needed(share)
        else:
            assert count < needed(share)
            with pytest.raises(ValueError, match=f'{count} runs are too few .* {needed(share)};'):
                rank(count, share)
            assert rank(count, Fraction(smallest(count))) <= count


@pytest.mark.parametrize('count', [19, 24, 60])
@pytest.mark.parametrize('alpha', [SLOW, HOLD])
def test_a_run_like_the_recorded_ones_exceeds_it_as_seldom_as_was_asked_for(count, alpha):
    """Scores from a skewed distribution; drawn often enough that a rank off by one is seen."""
    rng, trials = np.random.default_rng(count), 6000
    above = 0
    for _ in range(trials):
        *scores, following = rng.lognormal(0.0, 1.5, count + 1)
        above += following > thresholds(scores, alpha, alpha).slow
    error = 3.0 * np.sqrt(float(alpha) * (1.0 - float(alpha)) / trials)
    exact = 1.0 - rank(count, alpha) / (count + 1)
    assert above / trials <= float(alpha) + error
    assert above / trials >= exact - error


def lively(rng: np.random.Generator, chunks: int) -> np.ndarray:
    """Disagreements of one run: bursts that last, on a level that differs from run to run."""
    level, value, rows = rng.lognormal(-2.0, 0.5), 0.0, np.empty(chunks)
    for k in range(chunks):
        value = 0.8 * value + rng.normal()
        rows[k] = level * np.exp(0.7 * value)
    rows[rng.random(chunks) < 0.1] = nan
    return rows


def test_the_gate_stops_and_slows_successes_as_seldom_as_was_asked_for():
    """Whole runs through the executor's own gate, resampled from a pool."""
    rng = np.random.default_rng(3)
    pool = [lively(rng, int(rng.integers(20, 80))) for _ in range(400)]
    count, trials, slowed, held = 39, 1500, 0, 0
    for _ in range(trials):
        *known, out = (pool[n] for n in rng.choice(len(pool), count + 1, replace=False))
        given = thresholds([float(np.nanmax(rows)) for rows in known], SLOW, HOLD)
        alarms = replay(given, [out], 1.0)
        slowed += alarms.slowed > 0
        held += alarms.holds > 0
    error = 3.0 * np.sqrt(0.2 * 0.8 / trials)
    assert 0.2 - 1.0 / (count + 1) - error <= slowed / trials <= 0.2 + error
    assert 0 < held / trials <= 0.05  # three in a row: more seldom than alpha


def test_alarms_are_counted_as_they_begin_and_a_person_lets_it_go_on_after_a_hold():
    given = Thresholds(1.0, 2.0)
    rows = np.array([0.5, 1.5, 1.5, 0.5, nan, 3.0, 3.0, 3.0, 3.0, 0.5])
    assert replay(given, [rows], 20.0) == Alarms(10, 6, 3, 1, 20.0)
    assert replay(given, [np.array([3.0, 3.0]), np.array([3.0])], 1.0) == Alarms(3, 3, 2, 0, 1.0)
    assert Alarms(seconds=1800.0).per_hour(2) == 4.0
    assert np.isnan(Alarms().per_hour(0))


# From recordings


def test_a_file_of_parameters_that_says_what_it_comes_from(runs, tmp_path):
    out = tmp_path / 'thresholds.yaml'
    status, said = ran(*runs, '--out', out)
    assert status == 0
    assert 'slow above 17: alpha 0.2, number 17 of 20 largest disagreements' in said
    assert 'hold above 20: alpha 0.05, number 20 of 20 largest disagreements' in said
    text = out.read_text()
    given = yaml.safe_load(text)['executor']['ros__parameters']
    assert given == {'disagreement_slow': 17.0, 'disagreement_hold': 20.0}
    assert all(type(value) is float for value in given.values())
    assert '# bundle      tiny@1\n' in text
    assert '# runs        20 that succeeded (sim/outcome), recorded 2023-11-14\n' in text
    assert '# chunks      120 executed; 48 s under the policy\n' in text
    assert re.search(r'# [0-9a-f]{64} 1 run_0\.mcap\n', text)
    assert Thresholds.given(given['disagreement_slow'], given['disagreement_hold']) is not None


def test_alarms_on_runs_left_out_by_the_thresholds_of_the_others(runs):
    """Without run n the 16th of 19 slows: runs 17 to 20 are above it by their largest at least."""
    status, said = ran(*runs)
    assert status == 0
    found = re.search(r'others: (\d+) of 120 chunks slowed, (\d+) times \((.*?) per hour\)', said)
    slowed, begun, rate = int(found[1]), int(found[2]), float(found[3])
    assert slowed >= begun >= 4
    assert rate == pytest.approx(begun * 3600.0 / 48.0, rel=1e-2)
    assert 'held 0 times (0 per hour)' in said
    status, said = ran(*runs[:19])
    assert status == 0
    assert 'held out not known: to hold one of them out takes 20 runs for alpha 0.05' in said


def test_the_smallest_alpha_that_is_offered_is_taken(runs):
    status, said = ran(*runs[:7])
    assert status == 2
    assert '7 runs are too few for alpha 0.05: it takes 19; the smallest alpha of 7' in said
    offered = re.search(r'7 runs is (\S+)', said)[1]
    status, said = ran(*runs[:7], '--alpha', '0.2', offered)
    assert status == 0
    assert 'hold above 7: alpha 0.125, number 7 of 7' in said


def test_only_chunks_that_the_gate_would_judge_count(tmp_path):
    """What the guard refused, what was a shadow and what came in between says nothing."""
    rows = [90.0, 1.0, 80.0, nan, 3.0, 2.0, -70.0]
    verdicts = ['shadow', 'accepted', 'jump: 0.4 rad', 'accepted', 'uncertain: 3', 'no_bridge: x']
    one = recorded(tmp_path / 'a.mcap', rows, verdicts)
    two = recorded(tmp_path / 'b.mcap', [1.0, 1.0])
    status, said = ran(one, two, '--alpha', '0.5', '0.4')
    assert status == 0
    assert 'chunks 7 executed, 2 of them without a disagreement' in said
    assert 'hold above 3: alpha 0.4, number 2 of 2' in said
    assert 'slow above 3: alpha 0.5, number 2 of 2' in said


@pytest.mark.parametrize('check', ['clearance', 'position', 'too_fast', 'one of tomorrow'])
def test_what_was_refused_after_its_doubt_was_looked_at_counts(tmp_path, check):
    one = recorded(tmp_path / 'a.mcap', [1.0, 7.0], ['accepted', f'{check}: why'])
    two = recorded(tmp_path / 'b.mcap', [1.0, 1.0])
    status, said = ran(one, two, '--alpha', '0.5', '0.4')
    assert status == 0
    assert 'chunks 4 executed' in said
    assert 'hold above 7:' in said


BEFORE = ('guard', 'admission')  # what judges a chunk before its doubt is looked at


def verdicts_of(path: Path) -> Iterator[str]:
    """The names of all verdicts that a module gives itself, read from its text."""
    module, tree = importlib.import_module(f'fastwam_ros.motion.{path.stem}'), _tree(path)
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for call in _calls(function, ('Refusal', 'Verdict')):
            yield from _words(call.args[0], module, function, tree)


def _words(
    name: ast.expr, module: ModuleType, function: ast.FunctionDef, tree: ast.AST
) -> Iterator[str]:
    """Of a literal, of a constant, or of what a function is told by its callers."""
    parameters = [each.arg for each in function.args.args]
    if isinstance(name, ast.Constant):
        yield name.value
    elif isinstance(name, ast.Name) and name.id in parameters:
        for call in _calls(tree, (function.name,)):
            yield from _words(call.args[parameters.index(name.id)], module, function, tree)
    elif isinstance(name, ast.Name):
        yield getattr(module, name.id)
    else:  # passes on what another has given
        assert isinstance(name, ast.Attribute) and name.attr == 'verdict', ast.dump(name)


def _calls(tree: ast.AST, names: tuple[str, ...]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if named and node.func.id in names:
            yield node


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def test_verdicts_are_told_apart_by_whether_doubt_was_looked_at_before_them():
    """All that any module of motion/ may say of a chunk."""
    found = {
        path.stem: set(verdicts_of(path)) for path in (ROOT / 'fastwam_ros/motion').glob('*.py')
    }
    before = {SHADOW}.union(*(found[name] for name in BEFORE))
    after = set().union(*(found[name] for name in found.keys() - {*BEFORE})) - {SHADOW}
    assert {'jump', 'speed', 'sequence', 'clock', 'position'} <= before
    assert {'accepted', 'uncertain', 'clearance', 'no_stop', 'position'} <= after
    assert before - after <= runs_of._UNASKED
    assert not after & runs_of._UNASKED


def test_a_chunk_counts_once_and_by_its_plan_where_no_state_names_its_verdict(tmp_path):
    path = tmp_path / 'a.mcap'
    state = {'mode': 'POLICY', 'accepted': 1, 'chunk_stamp': time(START)}
    begun = {**state, 'plan_id': 3, 'plan_first_tick': time(START + 9 * MS), 'accepted': 2}
    chunk = {'header': header(START), 'epoch': 1, 'sequence': 1, 'disagreement': 0.5}
    later = {'header': header(START + 1), 'epoch': 1, 'sequence': 2, 'disagreement': 9.0}
    states = [Told(START, state), Told(START + 10 * MS, begun), Told(START + SECOND, begun)]
    chunks = [(START + 5 * MS, chunk), (START + 6 * MS, chunk), (START + 7 * MS, later)]
    Recording([], states, chunks).write(path)
    status, said = ran(path, '--successful', '--alpha', '0.5', '0.5')
    assert status == 0
    assert 'chunks 1 executed; 1 s under the policy' in said
    assert 'slow above 0.5' in said


def test_a_run_that_failed_is_left_out_unless_the_caller_knows_better(runs, tmp_path):
    failed = recorded(tmp_path / 'failed.mcap', [99.0], holds=False)
    asked = (*runs[:4], failed, '--alpha', '0.5', '0.2')
    status, said = ran(*asked)
    assert status == 0
    assert 'failed.mcap is left out, it is no success: fold the towel: flat' in said
    assert 'runs 4 that succeeded (sim/outcome)' in said
    assert 'hold above 4: alpha 0.2, number 4 of 4' in said
    status, said = ran(*asked, '--successful')
    assert status == 0
    assert 'runs 5 that succeeded (as given)' in said
    assert 'hold above 99: alpha 0.2, number 5 of 5' in said


def test_what_a_recording_says_cannot_end_a_comment(tmp_path):
    names = [tmp_path / f'{n}\n{HOSTILE}'.replace('/', '').replace(' ', '') for n in range(2)]
    paths = [
        recorded(path, [0.25, 1e-7 + n], bundle=HOSTILE, task=HOSTILE)
        for n, path in enumerate(names)
    ]
    out = tmp_path / 'out.yaml'
    assert ran(*paths, '--alpha', '0.5', '0.5', '--out', out)[0] == 0
    assert yaml.safe_load(out.read_text()) == {
        'executor': {
            'ros__parameters': dict.fromkeys(['disagreement_slow', 'disagreement_hold'], 1.0000001)
        }
    }


def test_small_thresholds_stay_numbers_for_every_reader(tmp_path):
    """1e-05 is a text in YAML 1.1."""
    paths = [recorded(tmp_path / f'{n}.mcap', [1e-5 * (n + 1)]) for n in range(2)]
    out = tmp_path / 'out.yaml'
    assert ran(*paths, '--alpha', '0.5', '0.5', '--out', out)[0] == 0
    values = [line.split(': ')[1] for line in out.read_text().splitlines() if '_slow: ' in line]
    assert len(values) == 1
    assert '.' in values[0]
    assert float(values[0]) == 2e-5


# What gives no thresholds


def refused(words: str, *given: Any) -> None:
    status, said = ran(*given)
    assert status == 2
    assert words in said


def test_what_is_no_recorded_run(tmp_path, runs):
    text = tmp_path / 'text.mcap'
    text.write_text('no bag')
    refused('is no bag in mcap or sqlite3', text)
    refused('absent.mcap: No such file or directory', tmp_path / 'absent.mcap')
    refused('has no chunks in it: the policy did not infer', recorded(tmp_path / 'a.mcap', []))
    shadows = recorded(tmp_path / 'b.mcap', [1.0, 2.0], ['shadow'] * 2)
    refused('none of its 2 chunks was executed', shadows)
    silent = recorded(tmp_path / 'c.mcap', [nan, nan, -1.0])
    refused('none of its 3 executed chunks brings a disagreement', runs[0], silent)
    refused('--successful takes all named', recorded(tmp_path / 'd.mcap', [1.0], holds=None))
    refused('none of the runs is a success', recorded(tmp_path / 'e.mcap', [1.0], holds=False))


def test_runs_that_do_not_belong_together(tmp_path, runs):
    other = recorded(tmp_path / 'other.mcap', [1.0], bundle='tiny@2')
    refused(f'{runs[0]} is of bundle tiny@1 and {other} of tiny@2', *runs[:2], other)
    refused(f'{runs[3]} and {runs[3]} are the same recording', *runs[2:4], runs[3])


def test_disagreements_that_give_no_threshold(tmp_path):
    zeros = [recorded(tmp_path / f'{n}.mcap', [0.0] * (n + 1)) for n in range(2)]
    refused('the disagreement to slow from is 0.0, want', *zeros, '--alpha', '0.5', '0.5')
    endless = [recorded(tmp_path / f'i{n}.mcap', [1.0, np.inf + n]) for n in range(1)]
    refused('the disagreement to slow from is inf', *endless, '--alpha', '0.5', '0.5')


def test_mistaken_arguments(runs, tmp_path):
    refused("'much' is no number", runs[0], '--alpha', 'much', '0.1')
    refused('alpha is 1: it is above 0 and below 1', runs[0], '--alpha', '1', '0.1')
    refused('SLOW not smaller', runs[0], '--alpha', '0.05', '0.2')
    before = runs[0].read_bytes()
    refused('is one of the recordings', *runs[:2], '--out', runs[0])
    assert runs[0].read_bytes() == before
    nowhere = tmp_path / 'no/such/folder.yaml'
    refused('folder.yaml: No such file', runs[0], '--alpha', '0.5', '0.5', '--out', nowhere)


def test_it_is_a_program_that_ends_with_one_line(tmp_path):
    command = [sys.executable, '-m', 'fastwam_ros.apps.thresholds', str(tmp_path / 'absent.mcap')]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == f'thresholds: {tmp_path}/absent.mcap: No such file or directory\n'
