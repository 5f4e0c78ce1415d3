"""Places of the head camera's picture that the arms cover, against rays in MuJoCo's own model."""

import mujoco
import numpy as np
import pytest

from fastwam_ros.loop.arms_in_view import CLEARANCE, EDGE, ArmsInView
from fastwam_ros.robot.cameras import CAMERAS
from fastwam_ros.robot.joints import SIDES, arm_joints
from fastwam_ros.sim.model import robot_spec

HEAD = CAMERAS['head']
ARM = {side: arm_joints(side) for side in SIDES}
LOW = np.array([0.0, 1.9, -1.8, 0.9, 0.0, 0.0])  # both hands in the middle of their half
HOME = np.array([0.0, 1.2, -1.55, 0.9, 0.0, 0.0])  # both just outside of the picture


def state(left, right, opening=0.06):
    values = {f'{side}_gripper': opening for side in SIDES}
    for side, q in (('left', left), ('right', right)):
        values |= {joint.name: float(x) for joint, x in zip(ARM[side], q, strict=True)}
    return values


class Rays:
    """What the first thing on a pixel's line of sight is, by MuJoCo's kinematics and geometry."""

    def __init__(self):
        self.model = robot_spec().compile()
        self.data = mujoco.MjData(self.model)

    def pose(self, values):
        for side in SIDES:
            for joint in ARM[side]:
                self.data.joint(joint.name).qpos[0] = values[joint.name]
            for n, sign in ((1, 0.5), (2, -0.5)):
                finger = self.data.joint(f'{side}_gripper_finger_joint{n}')
                finger.qpos[0] = sign * values[f'{side}_gripper']
        mujoco.mj_kinematics(self.model, self.data)

    def first(self, u, v):
        """The link that a pixel shows."""
        frame, geom = self.data.body(HEAD.frame), np.zeros(1, np.int32)
        ray = [(u - HEAD.width / 2) / HEAD.focal, (v - HEAD.height / 2) / HEAD.focal, 1.0]
        ray = frame.xmat.reshape(3, 3) @ ray
        mujoco.mj_ray(self.model, self.data, frame.xpos, ray, None, 1, -1, geom, None)
        return self.model.body(self.model.geom_bodyid[geom[0]]).name if geom[0] >= 0 else ''


@pytest.fixture(scope='module')
def rays():
    return Rays()


def random_arms(rng):
    low, high = (np.array([getattr(j, end) for j in ARM['left']]) for end in ('lower', 'upper'))
    return state(*(rng.uniform(low, high) for _ in SIDES), rng.uniform(0.0, 0.1))


def test_an_arm_is_at_every_place_told_and_none_at_the_other_instant(rays):
    """Whichever part is in front; over postures that are random, so also such as hide a hand."""
    rng, told = np.random.default_rng(0), 0
    for k in range(200):
        one, other = random_arms(rng), random_arms(rng)
        if k % 2:  # a part of an arm moves, and the rest may hide it
            moved = {ARM[s][i].name for s in SIDES for i in rng.integers(6, size=2)}
            other = {n: other[n] if n in moved else x for n, x in one.items()}
        places = {s: ArmsInView.of(one).alone(s, ArmsInView.of(other)) for s in SIDES}
        pixels = np.concatenate(list(places.values()))
        rays.pose(one)
        assert all(rays.first(u, v).startswith(SIDES) for u, v in pixels)
        rays.pose(other)
        assert not any(rays.first(u, v).startswith(SIDES) for u, v in pixels)
        told += len(pixels)
    assert told > 500


def test_none_lies_near_the_picture_s_edge():
    rng, edge = np.random.default_rng(1), EDGE * HEAD.height
    for _ in range(50):
        one, other = (ArmsInView.of(random_arms(rng)) for _ in range(2))
        for side in SIDES:
            for u, v in one.alone(side, other):
                assert edge < u < HEAD.width - edge
                assert edge < v < HEAD.height - edge


def test_hands_come_into_view_from_outside_of_it():
    home, low = ArmsInView.of(state(HOME, HOME)), ArmsInView.of(state(LOW, LOW))
    for side in SIDES:
        assert len(home.alone(side, low)) == 0
        assert len(low.alone(side, home)) > 10
    one = ArmsInView.of(state(HOME, LOW))
    assert len(one.alone('right', home)) > 10
    assert len(one.alone('left', home)) == 0


def test_an_arm_that_takes_another_s_place_leaves_none():
    """Where both see the same arm nothing is told, whichever arm it is."""
    low = ArmsInView.of(state(LOW, LOW))
    assert all(len(low.alone(side, low)) == 0 for side in SIDES)


def test_a_motion_of_less_than_the_clearance_leaves_no_place():
    """A wrist pitched so far that the fingers, 0.19 m ahead, move by that."""
    less = LOW.copy()
    less[3] += CLEARANCE / 0.2
    one, other = ArmsInView.of(state(LOW, LOW)), ArmsInView.of(state(less, LOW))
    assert all(len(a.alone('left', b)) == 0 for a, b in ((one, other), (other, one)))
    more = LOW.copy()
    more[3] += 0.8
    assert len(one.alone('left', ArmsInView.of(state(more, LOW)))) > 0
