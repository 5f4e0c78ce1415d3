"""Physics: servos carry and push, contacts move things, nothing is placed after the reset."""

import numpy as np
import pytest

from fastwam_ros.robot.joints import arm_joints
from fastwam_ros.sim.simulator import Simulator
from fastwam_ros.sim.world import ARM_HOME, World


def test_arms_hold_their_weight():
    world = World(0)
    for _ in range(400):
        world.step()
    assert world.arm('left').position == pytest.approx(ARM_HOME, abs=1e-4)
    assert np.abs(world.arm('left').effort[1:3]).max() > 2.0  # what the drives carry is reported


def test_a_step_of_the_servos_settles_without_overshoot():
    world = World(0)
    goal = np.array(ARM_HOME) + 0.2
    seen = []
    for _ in range(200):
        world.drive('right', goal, np.zeros(6))
        world.step()
        seen.append(world.arm('right').position)
    assert seen[-1] == pytest.approx(goal, abs=2e-3)
    assert (np.max(seen, axis=0) < goal + 0.004).all()
    assert np.abs(seen[0] - ARM_HOME).max() < 0.1  # it takes time: nothing jumps


def test_a_moving_reference_is_followed_without_lag():
    """Damping acts on the error of velocity: 1 rad/s costs milliradians, not tens of them."""
    world, worst = World(0), 0.0
    for k in range(300):
        t = k * 0.005
        ahead = 0.3 * np.array([np.sin(3 * t), 3 * np.cos(3 * t)])
        world.drive('left', ARM_HOME + np.full(6, ahead[0]), np.full(6, ahead[1]))
        world.step()
        if t > 0.5:
            error = world.arm('left').position - ARM_HOME - 0.3 * np.sin(3 * (t + 0.005))
            worst = max(worst, float(np.abs(error).max()))
    assert worst < 0.012


def test_an_arm_pushes_a_block(reach, stream):
    sim = Simulator(0, 0, opening=0.0)
    world = sim.world
    name, side = 'red', 'left' if world.block('red')[1] > 0 else 'right'
    start = world.block(name)
    outward = np.array([0.0, 1.0 if side == 'left' else -1.0, 0.0])
    above = start - 0.07 * outward + np.array([0.0, 0.0, 0.08])
    beside, through = start - 0.07 * outward, start + 0.05 * outward
    way = [ARM_HOME, *(reach(world, side, p) for p in (above, beside, through))]
    stream(sim, side, [*way, way[-1]], 1.5)
    moved = world.block(name) - start
    assert moved @ outward > 0.04
    assert abs(moved[2]) < 0.01  # along the table
    others = [n for n in ('green', 'blue') if n != name]
    untouched = Simulator(0, 0).world
    for other in others:
        assert np.abs(world.block(other) - untouched.block(other)).max() < 1e-3


def test_the_table_stops_an_arm(reach, stream):
    """A target inside the table is tracked as far as the table allows, within the efforts."""
    sim = Simulator(0, 0, opening=0.0)
    side = 'left'
    above, below = (reach(sim.world, side, [0.42, 0.45, z]) for z in (0.80, 0.55))
    stream(sim, side, [ARM_HOME, above, below, below], 1.5)
    assert sim.world.data.site('left_tcp').xpos[2] > 0.70
    assert np.abs(sim.world.arm(side).position - below).max() > 0.05
    force = sim.world.data.actuator_force
    for joint in arm_joints(side):
        index = sim.world.model.actuator(joint.name).id
        assert abs(force[index]) <= joint.effort + 1e-9


def test_closing_fingers_hold_a_block(reach, stream):
    """Friction alone lifts it."""
    sim = Simulator(0, 0, opening=0.08)
    world = sim.world
    side = 'left' if world.block('blue')[1] > 0 else 'right'
    spot = world.block('blue')
    high, low = (reach(world, side, spot + np.array([0.0, 0.0, z])) for z in (0.12, 0.005))
    # The fingers come down around it as they may; the test then squares the block to them.
    fingers = world.data.site(f'{side}_tcp')
    stream(sim, side, [ARM_HOME, high, low, low], 2.0)
    across = fingers.xmat.reshape(3, 3)[:, 1]
    turn = np.arctan2(across[1], across[0]) - np.pi / 2
    world.data.joint('blue').qpos[:] = (*spot, np.cos(turn / 2), 0.0, 0.0, np.sin(turn / 2))

    def close():
        assert sim.target_gripper(side, [20.0], sim.time) == ''

    stream(sim, side, [low, low, high, high], 1.5, close)
    assert world.block('blue')[2] > spot[2] + 0.08


def test_a_diverged_state_is_reported(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # MuJoCo logs its warning into the working directory
    world = World(0)
    world.data.qvel[0] = np.nan
    with pytest.raises(RuntimeError, match='diverged'):
        for _ in range(3):
            world.step()


def test_wrong_sized_pose_is_refused():
    with pytest.raises(ValueError, match='left arm got 5 positions'):
        World(0).pose({'left': [0.0] * 5, 'right': [0.0] * 6}, (0.0, 0.0))
