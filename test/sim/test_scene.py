"""Where blocks start: apart, within reach, in view, and a matter of the seed."""

import numpy as np
import pytest

from fastwam_ros.robot.cameras import CAMERAS
from fastwam_ros.sim.blocks import BLOCK_GAP, BLOCK_HALF, BLOCKS, BlocksAndTray
from fastwam_ros.sim.table import TABLE_TOP
from fastwam_ros.sim.world import World


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


def test_blocks_rest_where_they_are_put():
    world = World(4)
    before = {name: world.block(name) for name in BLOCKS}
    for _ in range(400):
        world.step()
    for name, spot in before.items():
        assert np.abs(world.block(name) - spot).max() < 5e-4
