"""Agreement of chunks, plans, smoothness, verdicts and timing of replays that are known."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fastwam_ros.apps.replay.measures.measures import Measures, measure, metric_names
from fastwam_ros.apps.replay.measures.text import table
from fastwam_ros.bag.run import robot_bounds
from fastwam_ros.robot.joints import ARM_NAMES
from test.apps.replayed import (
    ARMS,
    CHUNKS,
    EVERY,
    FIRST,
    LATENCY,
    ROWS,
    SPEEDS,
    STEP,
    Replay,
    human,
)

DRIFT = 0.01  # [rad/s] by which chunks disagree more, the more they are apart


def measured(replay: Replay, folder: Path) -> Measures:
    return measure(replay.write(folder / 'replay.mcap'))


def numbers(replay: Replay, folder: Path) -> dict[str, float]:
    return measured(replay, folder).numbers()


def drifting(ms: np.ndarray) -> np.ndarray:
    """Each chunk's rows are off by the time of its head stamp."""
    since = (ms[0] - FIRST) // EVERY * EVERY if len(ms) == ROWS else 0
    return human(ms) + DRIFT * since / 1e3


# Agreement


def test_chunks_disagree_by_what_lies_between_their_head_stamps(tmp_path):
    found = measured(Replay(wanted=drifting), tmp_path)
    values = found.numbers()
    apart = DRIFT * EVERY / 1e3
    assert values['consistency.rad.rms'] == pytest.approx(apart)
    assert values['consistency.right_arm_joint6.rad.rms'] == pytest.approx(apart)
    assert values['consistency.mm.rms'] == pytest.approx(1e3 * apart)
    assert values['consistency.rows'] == (CHUNKS - 1) * (ROWS - EVERY // STEP)
    curves = found.curves()
    ages = np.array(curves['consistency.by_age.seconds'])
    assert ages == pytest.approx(EVERY / 1e3 * np.arange(1, len(ages) + 1))
    assert curves['consistency.by_age.rad.rms'] == pytest.approx(DRIFT * ages)


def test_the_jump_of_a_handover_is_that_of_position_and_not_of_speed(tmp_path):
    values = numbers(Replay(wanted=drifting), tmp_path)
    assert values['handover.rad.p50'] == pytest.approx(DRIFT * EVERY / 1e3)
    assert values['handover.rad_s.max'] == pytest.approx(0.0, abs=1e-9)


def test_the_policys_own_doubt_is_told(tmp_path):
    values = numbers(Replay(), tmp_path)
    assert values['consistency.disagreement.max'] == pytest.approx(0.01 * (CHUNKS - 1))


# Plans and commands


def test_plans_are_held_against_limits_and_against_their_chunks(tmp_path):
    values = numbers(Replay(), tmp_path)
    limits = np.array([robot_bounds()[name].velocity for name in ARM_NAMES])
    shares = np.abs(SPEEDS[ARMS]) / limits
    assert values['plans.count'] == CHUNKS
    assert values['plans.velocity_ratio'] == pytest.approx(shares.max())
    assert values['plans.jerk_ratio'] == pytest.approx(0.0, abs=1e-6)
    assert values['plans.entry.rad.max'] == pytest.approx(0.0, abs=1e-9)
    assert np.isnan(values['commands.velocity_ratio']) and values['seams.count'] == 0


def test_where_commands_jump_a_seam_says_so(tmp_path):
    jump_at = FIRST + 2 * EVERY + LATENCY + 5

    def commanded(ms: np.ndarray) -> np.ndarray:
        return human(ms) + 0.003 * (np.asarray(ms)[:, None] >= jump_at)

    values = numbers(Replay(mode='free', commanded=commanded), tmp_path)
    speed = 0.003 / 0.005 + SPEEDS[0]
    assert values['seams.count'] == CHUNKS
    assert values['seams.position_share.p50'] < 0.1
    assert values['seams.position_share.max'] == pytest.approx(speed / 1.5)
    assert values['commands.velocity_ratio'] == pytest.approx(speed / 1.5)
    assert values['seams.velocity_share.max'] > 10.0


# Smoothness


def test_a_plan_that_shakes_is_less_smooth_than_the_person(tmp_path):
    def shaking(ms: np.ndarray) -> np.ndarray:
        return human(ms) + 0.01 * np.sin(2.0 * np.pi * 5.0 * np.asarray(ms)[:, None] / 1e3)

    def swaying(ms: np.ndarray) -> np.ndarray:
        return human(ms) + 0.05 * np.sin(2.0 * np.pi * 0.5 * np.asarray(ms)[:, None] / 1e3)

    values = numbers(Replay(wanted=shaking, way=swaying), tmp_path)
    for mover in ('left_arm', 'right_hand', 'left_arm_joint2'):
        for word in ('sparc', 'ldlj'):
            plan, person = (values[f'smoothness.{w}.{mover}.{word}'] for w in ('plan', 'human'))
            assert plan < person - 0.1
    assert values['smoothness.plans'] == CHUNKS


def test_the_same_way_is_as_smooth_as_itself(tmp_path):
    def swaying(ms: np.ndarray) -> np.ndarray:
        return human(ms) + 0.05 * np.sin(2.0 * np.pi * 0.5 * np.asarray(ms)[:, None] / 1e3)

    values = numbers(Replay(wanted=swaying, way=swaying), tmp_path)
    for word, within in (('sparc', 1e-3), ('ldlj', 0.05)):
        plan, person = (values[f'smoothness.{who}.left_arm.{word}'] for who in ('plan', 'human'))
        assert plan == pytest.approx(person, abs=within)


# Verdicts and timing


def test_verdicts_are_counted_by_kind_and_by_check(tmp_path):
    verdicts = ('accepted',) * 9 + ('jump: 0.4 rad',) * 3 + ('speed: 9 rad/s', 'odd: x', 'shadow')
    values = numbers(Replay(verdicts=verdicts), tmp_path)
    assert values['chunks.count'] == CHUNKS
    assert values['chunks.accepted_share'] == pytest.approx(9 / CHUNKS)
    assert values['chunks.refused'] == 5 and values['chunks.shadow'] == 1
    assert values['chunks.refused.jump'] == 3 and values['chunks.refused.speed'] == 1
    assert values['chunks.refused.other'] == 1 and values['chunks.refused.position'] == 0


def test_delays_skews_and_gaps_are_those_of_the_recording(tmp_path):
    values = numbers(Replay(silent=(1000, 1500)), tmp_path)
    assert values['latency.ms.p50'] == LATENCY
    assert values['age_at_execution.ms.max'] == LATENCY + 5
    assert values['inference.ms.max'] == pytest.approx(100.0)
    assert values['picture_skew.ms.max'] == pytest.approx(12.0)
    assert values['stream.left_arm.feedback.gap_ms.max'] == pytest.approx(500.0)
    assert values['stream.left_arm.truth.gap_ms.p50'] == pytest.approx(10.0)
    assert values['stream.camera_head.rate_hz'] == pytest.approx(1e3 / EVERY)


# All together


def test_every_recording_has_the_same_names(tmp_path):
    names = metric_names()
    assert len(names) == len(set(names))
    for n, replay in enumerate((Replay(), Replay(roles=(), seen=False, verdicts=('x',) * CHUNKS))):
        found = measure(replay.write(tmp_path / f'{n}.mcap'))
        assert list(found.numbers()) == names


def test_the_json_has_words_numbers_and_curves_and_no_nan(tmp_path):
    found = measured(Replay(roles=('recorded',)), tmp_path)
    tree = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert tree['commands.velocity_ratio'] is None
    assert tree['latency'] == f'{LATENCY}ms' and tree['truth.left_arm'] == 'recorded commands'
    assert len(tree['action_error.rad.curve.median']) == ROWS


def test_the_table_has_a_line_of_name_value_and_unit(tmp_path):
    text = table(measured(replace(Replay(), mode='free'), tmp_path))
    lines = dict(line.split(None, 1) for line in text.splitlines() if not line.startswith('---'))
    assert lines['latency.ms.p50'].split() == ['150', 'ms']
    assert lines['commands.velocity_ratio'] == '-'
    assert lines['truth.right_gripper'] == 'recorded commands'
