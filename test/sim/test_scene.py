"""Scenes: where things start, that they stay there, and when a task is done."""

import numpy as np
import pytest

from fastwam_ros.robot.cameras import CAMERAS
from fastwam_ros.sim.bar import BAR_HALF, Bar
from fastwam_ros.sim.blocks import BLOCK_GAP, BLOCK_HALF, BLOCKS, BlocksAndTray
from fastwam_ros.sim.scenes import SCENES, scene_named
from fastwam_ros.sim.table import TABLE_TOP
from fastwam_ros.sim.towel import COUNT, DEPTH, WIDTH, Towel
from fastwam_ros.sim.world import World


@pytest.fixture(params=SCENES)
def world(request):
    return World(4, scene_named(request.param))


def test_an_unknown_scene_lists_the_valid_ones():
    with pytest.raises(ValueError, match=r"no scene 'kitchen': there are blocks, bar, towel"):
        scene_named('kitchen')


def test_a_reset_with_the_same_seed_is_the_same_to_the_bit(world):
    def run():
        world.reset(7)
        for _ in range(100):
            world.step()
        return world.data.qpos.copy(), world.outcome()

    first, second = run(), run()
    assert (first[0] == second[0]).all()
    assert first[1] == second[1]


def test_another_seed_is_another_scene(world):
    before = world.things()
    world.reset(5)
    after = world.things()
    moved = [np.abs(after[name].position - before[name].position).max() for name in before]
    assert max(moved) > 0.005


def test_things_rest_where_they_are_put(world):
    before = world.things()
    for _ in range(400):
        world.step()
    for name, pose in world.things().items():
        assert np.abs(pose.position - before[name].position).max() < 1e-3, name
    assert world.arm_contacts() == ()


def test_at_the_start_no_task_is_done_and_words_say_why(world):
    outcome = world.outcome()
    assert not outcome.success
    assert outcome.task
    assert outcome.words
    assert all(isinstance(value, str) for value in outcome.figures.values())


# Blocks and tray


@pytest.mark.parametrize('seed', range(50))
def test_blocks_start_apart_and_in_reach(seed):
    placed = BlocksAndTray().place(np.random.default_rng(seed))
    spots = [placed[name].position for name in BLOCKS]
    for i, (x, y, z) in enumerate(spots):
        assert 0.42 <= x <= 0.54
        assert 0.17 <= abs(y) <= 0.32
        assert z == TABLE_TOP + BLOCK_HALF
        assert all(np.linalg.norm(np.subtract(spots[i], other)) > BLOCK_GAP for other in spots[:i])


@pytest.mark.parametrize('seed', range(10))
def test_the_head_camera_sees_all_blocks(seed):
    world = World(seed)
    frame, camera = world.data.body(CAMERAS['head'].frame), CAMERAS['head']
    for name in BLOCKS:
        u, v = camera.project(*(frame.xmat.reshape(3, 3).T @ (world.block(name) - frame.xpos)))
        assert 30 < u < camera.width - 30
        assert 30 < v < camera.height - 30


def settled(world, seconds=0.5):
    """The outcome a while later."""
    for _ in range(round(seconds / 0.005)):
        world.step()
    return world.outcome()


def into_tray(world, name, dx=0.0, height=0.03):
    world.data.joint(name).qpos[:3] = world.things()['tray'].position + np.array([dx, 0, height])


def test_one_block_in_the_tray_is_a_success():
    world = World(1)
    into_tray(world, 'green')
    outcome = settled(world)
    assert outcome.success, outcome.words
    assert outcome.figures['inside'] == 'green'
    assert outcome.words == 'green lies in the tray'


def test_two_blocks_in_the_tray_are_one_too_many():
    world = World(1)
    into_tray(world, 'green', -0.04)
    into_tray(world, 'red', 0.04)
    outcome = settled(world)
    assert not outcome.success
    assert 'red and green are in the tray' in outcome.words


def test_a_block_on_its_way_down_still_moves():
    world = World(1)
    into_tray(world, 'blue', height=0.045)
    world.step()
    assert settled(world, 0.03).words == 'blue still moves'


def test_a_block_between_the_fingers_is_still_held():
    """The tray is brought under a hand that holds a block: the hand alone is what is missing."""
    world = World(1)
    fingers = world.data.site('left_tcp')
    world.data.joint('red').qpos[:3] = fingers.xpos
    world.model.body('tray').pos[:] = fingers.xpos - (0.0, 0.0, 0.024)
    for _ in range(100):
        world.grip('left', 0.03, 0.0)
        world.step()
    outcome = world.outcome()
    assert outcome.figures['inside'] == 'red'
    assert 'red is still held' in outcome.words


# Bar


def test_a_bar_in_the_air_without_hands_is_not_lifted():
    world = World(0, Bar())
    world.data.joint('bar').qpos[2] += 0.15
    world.step()
    world.step()
    outcome = world.outcome()
    assert not outcome.success
    assert outcome.words == '0 hands hold it'


def test_a_tilted_bar_is_told_by_its_angle():
    world = World(0, Bar())
    world.data.joint('bar').qpos[2] += 0.2
    half = np.radians(20.0) / 2.0
    world.data.joint('bar').qpos[3:] = (np.cos(half), np.sin(half), 0.0, 0.0)  # about its x
    world.step()
    world.step()
    assert 'it tilts by 20 degrees, limit 10' in world.outcome().words


@pytest.mark.parametrize('seed', range(20))
def test_the_bar_lies_across_and_on_the_table(seed):
    placed = Bar().place(np.random.default_rng(seed))['bar']
    assert placed.position[2] == TABLE_TOP + BAR_HALF[2]
    assert abs(placed.yaw) <= 0.25


# Towel


def lay(world, spot):
    """Puts vertex (i, j) of the towel at spot(i, j) [3, m]."""
    model = world.model
    for i, j in np.ndindex(COUNT, COUNT):
        name = f'towel_{i}_{j}'
        for axis, away in zip('xyz', spot(i, j) - model.body(name).pos, strict=True):
            world.data.joint(f'{name}_{axis}').qpos = away


def folded(dx=0.0, crease=0.0, rise=0.012):
    """A towel folded in half at x = 0.47, all of it dx off, the upper half `crease` short."""

    def spot(i, j):
        x, y = DEPTH * (i / (COUNT - 1) - 0.5), WIDTH * (j / (COUNT - 1) - 0.5)
        height = 0.004 if x > 0 else rise
        x = x if x > 0 else -x - crease
        return np.array([0.47 + x + dx, y, TABLE_TOP + height])

    return spot


def outcome_of(spot, monkeypatch):
    world = World(0, Towel())
    monkeypatch.setitem(world.placed, 'towel', type(world.placed['towel'])((0.47, 0.0, 0.704)))
    lay(world, spot)
    world.step()
    world.step()
    return world.outcome()


def test_a_towel_folded_in_half_is_a_success(monkeypatch):
    outcome = outcome_of(folded(), monkeypatch)
    assert outcome.success, outcome.words
    assert outcome.words.startswith('folded: corners within')
    assert float(outcome.figures['area']) == pytest.approx(
        5 / 11, abs=1e-3
    )  # five of eleven cells


@pytest.mark.parametrize(
    ('spot', 'words'),
    [
        (folded(crease=0.06), 'near corners are 6 cm from the far ones'),
        (folded(dx=0.07), 'its far edge moved by 7 cm'),
        (folded(rise=0.07), 'it stands 7 cm high'),
    ],
)
def test_what_is_wrong_with_a_fold_is_said(spot, words, monkeypatch):
    outcome = outcome_of(spot, monkeypatch)
    assert not outcome.success
    assert words in outcome.words


def test_corners_are_named_by_the_robots_left():
    things = World(0, Towel()).things()
    for row in ('near', 'far'):
        left, right = (things[f'towel_{row}_{s}'].position for s in ('left', 'right'))
        assert left[1] - right[1] == pytest.approx(WIDTH, abs=0.01)
    near, far = (things[f'towel_{r}_left'].position for r in ('near', 'far'))
    assert far[0] - near[0] == pytest.approx(DEPTH, abs=0.01)
