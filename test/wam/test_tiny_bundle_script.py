"""The motion that is taught, and the script that teaches it."""

import numpy as np
import pytest
import torch

from fastwam_ros.apps.tiny_bundle.__main__ import make
from fastwam_ros.apps.tiny_bundle.files import write_readme
from fastwam_ros.apps.tiny_bundle.motion import (
    BOTH,
    HOME,
    LEFT,
    PERIOD,
    REST,
    STEP,
    TASKS,
    Situations,
    chunks,
    curve,
    phase_of,
)
from fastwam_ros.apps.tiny_bundle.training import Stage, roughness_and_error
from fastwam_ros.robot.joints import ARM_NAMES, ARMS, JOINT_NAMES
from fastwam_ros.sim.stills import Stills
from fastwam_ros.wam.policy import Policy

ARM = [JOINT_NAMES.index(name) for name in ARM_NAMES]
DRAWN = Situations.draw(500, np.random.default_rng(5))


def taught(states, task, light=1.0):
    count = len(states)
    return chunks(states, np.full(count, light), np.full(count, TASKS.index(task)))


def test_columns_are_the_robots():
    """The motion is written per arm: six joints, then the gripper, left before right."""
    assert JOINT_NAMES[6] == 'left_gripper' and JOINT_NAMES[13] == 'right_gripper'
    assert JOINT_NAMES[0] == 'left_arm_joint1' and JOINT_NAMES[7] == 'right_arm_joint1'


def test_the_curve_passes_the_start_pose():
    np.testing.assert_allclose(curve(np.zeros(1), np.ones(1))[0], HOME)


def test_phase_is_read_off_the_joints():
    phase = np.linspace(-3, 3, 50)
    states = curve(phase, np.full(50, 0.3))
    for left_only in (True, False):
        np.testing.assert_allclose(phase_of(states, np.full(50, left_only)), phase, atol=1e-9)


def test_every_chunk_begins_at_its_state_and_is_slow():
    rows = chunks(DRAWN.states, DRAWN.light, DRAWN.tasks)
    np.testing.assert_allclose(rows[:, 0], DRAWN.states, atol=1e-12)
    assert np.abs(np.diff(rows, axis=1)).max() / STEP <= 0.5


def test_a_chunk_begun_later_continues_the_first():
    """No clock, no memory: what the phase and the distance say is enough."""
    states = curve(np.linspace(-3, 3, 40), np.ones(40))
    states[:, 1] += 0.1  # joint 2 does not tell the phase
    first = taught(states, BOTH)
    second = taught(first[:, 8], BOTH)
    np.testing.assert_allclose(second[:, :-8], first[:, 8:], atol=1e-9)


def test_a_state_off_the_curve_is_drawn_to_it():
    states = curve(np.linspace(-3, 3, 40), np.ones(40))
    states[:, 2] -= 0.3
    rows = taught(states, BOTH)
    along = 2 * np.pi * 31 * STEP / PERIOD
    end = curve(np.linspace(-3, 3, 40) + along, np.ones(40))
    assert (np.abs(rows[:, -1] - end)[:, 2] < 0.1).all()


def test_tasks_differ():
    states = curve(np.linspace(-3, 3, 10), np.ones(10))
    left, both, rest = (taught(states, task) for task in (LEFT, BOTH, REST))
    np.testing.assert_allclose(left[..., :7], both[..., :7])
    np.testing.assert_allclose(left[..., 7:], rest[..., 7:])
    away = np.abs(rest - HOME)
    assert (np.diff(away, axis=1) <= 1e-12).all() and (away[:, -1] < away[:, 0].max(0)).all()


def test_light_moves_joint_six_alone():
    states = curve(np.linspace(-3, 3, 10), np.ones(10))
    change = np.abs(taught(states, BOTH, 0.0) - taught(states, BOTH, 1.0)).max((0, 1))
    moved = {JOINT_NAMES[i] for i in np.flatnonzero(change > 1e-9)}
    assert moved == {'left_arm_joint6', 'right_arm_joint6'}
    assert change.max() > 0.1


def test_the_arms_touch_nothing_on_the_way():
    stills = Stills(0)
    for state in curve(np.linspace(-np.pi, np.pi, 40), np.ones(40)):
        assert stills.touching(state[:6], state[7:13], (state[6], state[13])) == ()


def test_the_curve_keeps_its_distance_from_the_limits():
    states = curve(np.linspace(-np.pi, np.pi, 100), np.ones(100))[:, ARM]
    lower, upper = (np.array([getattr(j, side) for j in ARMS]) for side in ('lower', 'upper'))
    assert (states > lower + 0.2).all() and (states < upper - 0.2).all()


def test_the_loss_feels_roughness_more_than_offset():
    wanted = torch.zeros(1, 32, 14)
    zigzag = 0.1 * (-1.0) ** torch.arange(32)[None, :, None].expand(1, 32, 14)
    assert roughness_and_error(wanted + 0.1, wanted) < roughness_and_error(zigzag, wanted) / 10


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp('made')
    make(folder, (Stage(6, 8, 2e-3, False), Stage(2, 4, 1e-3, True)), poses=8)
    return folder


def test_the_script_writes_a_bundle_that_loads(made):
    policy = Policy.load(made)
    rows = policy.infer_mosaic(np.zeros((384, 320, 3), np.uint8), HOME, BOTH)
    assert rows.shape == (32, 14) and np.isfinite(rows).all()
    write_readme(made, 'the figures')
    text = (made / 'README.md').read_text()
    assert 'knows nothing else' in text and 'the figures' in text


def test_training_moves_towards_the_motion(made, tmp_path):
    """Even a few steps: the same seed trained longer is nearer to what is taught."""
    longer = tmp_path / 'longer'
    make(longer, (Stage(40, 8, 2e-3, False),), poses=8)
    states = curve(np.linspace(-3, 3, 6), np.ones(6))
    wanted, black = taught(states, BOTH, 0.0), np.zeros((384, 320, 3), np.uint8)
    errors = []
    for folder in (made, longer):
        policy = Policy.load(folder)
        rows = np.stack([policy.infer_mosaic(black, state, BOTH) for state in states])
        errors.append(np.square(rows - wanted)[..., ARM].mean())
    assert errors[1] < errors[0]
