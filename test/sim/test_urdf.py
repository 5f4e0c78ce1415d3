"""The URDF says what robot/ says, and two loaders agree with the simulator about it."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import mujoco
import numpy as np
import pinocchio
import pytest
import xacro

from fastwam_ros.robot.joints import SIDES, arm_joints
from fastwam_ros.robot.kinematics import CONNECTIONS, LINKS, TOTAL_MASS
from fastwam_ros.robot.topics import IMAGE_FRAMES
from fastwam_ros.sim.model import TORSO_POSTURE, robot_spec

XACRO = Path(__file__).parents[2] / 'urdf' / 'r1lite.urdf.xacro'


@pytest.fixture(scope='module')
def urdf() -> str:
    return xacro.process_file(str(XACRO)).toxml()


@pytest.fixture(scope='module')
def root(urdf):
    return ElementTree.fromstring(urdf)


def numbers(element, attribute, default='0 0 0'):
    text = default if element is None else element.get(attribute, default)
    return [float(word) for word in text.split()]


def test_every_joint_equals_the_table(root):
    joints = {joint.get('name'): joint for joint in root.iter('joint')}
    assert set(joints) == {connection.name for connection in CONNECTIONS}
    for wanted in CONNECTIONS:
        joint = joints[wanted.name]
        assert joint.get('type') == wanted.kind, wanted.name
        assert joint.find('parent').get('link') == wanted.parent
        assert joint.find('child').get('link') == wanted.child.name
        origin = joint.find('origin')
        assert numbers(origin, 'xyz') == pytest.approx(wanted.xyz, abs=1e-12), wanted.name
        assert numbers(origin, 'rpy') == pytest.approx(wanted.rpy, abs=1e-12), wanted.name
        if wanted.kind == 'fixed':
            continue
        limit = joint.find('limit')
        assert numbers(joint.find('axis'), 'xyz') == list(wanted.axis), wanted.name
        for name in ('lower', 'upper'):
            assert float(limit.get(name, 0.0)) == getattr(wanted, name), wanted.name
        assert float(limit.get('velocity')) == wanted.speed, wanted.name
        assert float(limit.get('effort')) == wanted.effort, wanted.name
        mimic = joint.find('mimic')
        found = None if mimic is None else (mimic.get('joint'), float(mimic.get('multiplier')))
        assert found == wanted.mimic, wanted.name


def test_every_mass_and_inertia_equals_the_table(root):
    links = {link.get('name'): link for link in root.findall('link')}
    assert set(links) == {link.name for link in LINKS}
    for wanted in LINKS:
        inertial = links[wanted.name].find('inertial')
        if inertial is None:
            assert wanted.mass == 0.0, wanted.name
            continue
        assert float(inertial.find('mass').get('value')) == wanted.mass
        assert numbers(inertial.find('origin'), 'xyz') == pytest.approx(wanted.com, abs=1e-12)
        names = ('ixx', 'iyy', 'izz', 'ixy', 'ixz', 'iyz')
        found = [float(inertial.find('inertia').get(name)) for name in names]
        assert found == pytest.approx(wanted.inertia, abs=1e-15), wanted.name


def test_arm_limits_equal_the_joint_list(root):
    joints = {joint.get('name'): joint.find('limit') for joint in root.iter('joint')}
    for joint in (joint for side in SIDES for joint in arm_joints(side)):
        limit = {name: float(value) for name, value in joints[joint.name].items()}
        assert limit == {
            'lower': joint.lower,
            'upper': joint.upper,
            'velocity': joint.actuator_speed,
            'effort': joint.effort,
        }


def test_camera_frames_exist(root):
    assert set(IMAGE_FRAMES.values()) <= {link.get('name') for link in root.findall('link')}


def test_total_mass(urdf):
    model = pinocchio.buildModelFromXML(urdf, pinocchio.JointModelFreeFlyer())
    assert abs(TOTAL_MASS - 56.94) < 0.005
    assert sum(inertia.mass for inertia in model.inertias) == pytest.approx(TOTAL_MASS, abs=1e-6)
    assert robot_spec().compile().body('base_link').subtreemass[0] == pytest.approx(
        TOTAL_MASS, abs=1e-6
    )


def random_pose(rng) -> dict[str, float]:
    """A value for every moving joint, torso in the simulator's posture, fingers mirrored."""
    pose = dict(TORSO_POSTURE)
    for joint in CONNECTIONS:
        if joint.child.name.startswith(SIDES) and joint.kind != 'fixed':
            pose[joint.name] = rng.uniform(joint.lower, joint.upper)
    for joint in CONNECTIONS:
        if joint.mimic:
            pose[joint.name] = joint.mimic[1] * pose[joint.mimic[0]]
    return pose


class Pinocchio:
    def __init__(self, urdf):
        self.model = pinocchio.buildModelFromXML(urdf)
        self.data = self.model.createData()

    def q(self, pose):
        q = pinocchio.neutral(self.model)
        for name, value in pose.items():
            q[self.model.joints[self.model.getJointId(name)].idx_q] = value
        return q

    def frame(self, pose, link):
        pinocchio.framesForwardKinematics(self.model, self.data, self.q(pose))
        place = self.data.oMf[self.model.getFrameId(link)]
        return place.translation, place.rotation

    def gravity(self, pose, joints):
        torque = pinocchio.computeGeneralizedGravity(self.model, self.data, self.q(pose))
        return [torque[self.model.joints[self.model.getJointId(j)].idx_v] for j in joints]


class MuJoCo:
    def __init__(self, spec):
        self.model = spec.compile()
        self.data = mujoco.MjData(self.model)

    def take(self, pose):
        names = {self.model.joint(i).name for i in range(self.model.njnt)}
        for name in names & set(pose):
            self.data.joint(name).qpos[0] = pose[name]
        mujoco.mj_forward(self.model, self.data)

    def frame(self, pose, link):
        self.take(pose)
        return self.data.body(link).xpos, self.data.body(link).xmat.reshape(3, 3)

    def gravity(self, pose, joints):
        self.take(pose)
        return [self.data.joint(joint).qfrc_bias[0] for joint in joints]


@pytest.fixture(scope='module')
def loaders(urdf):
    imported = mujoco.MjSpec.from_string(urdf)
    imported.compiler.fusestatic = False  # keeps the camera frames
    return Pinocchio(urdf), MuJoCo(imported), MuJoCo(robot_spec())


@pytest.mark.parametrize('seed', range(8))
def test_forward_kinematics_agree(loaders, seed):
    pose = random_pose(np.random.default_rng(seed))
    reference = loaders[2]
    for link in LINKS:
        where, turned = (np.copy(part) for part in reference.frame(pose, link.name))
        for other in loaders[:2]:
            place, rotation = other.frame(pose, link.name)
            assert np.abs(place - where).max() < 1e-5, link.name
            assert np.abs(rotation - turned).max() < 1e-5, link.name


@pytest.mark.parametrize('seed', range(3))
def test_gravity_torques_agree(loaders, seed):
    """Masses and centres of mass act where the table puts them."""
    pose = random_pose(np.random.default_rng(100 + seed))
    joints = [joint.name for side in SIDES for joint in arm_joints(side)]
    wanted = loaders[2].gravity(pose, joints)
    assert np.abs(wanted).max() > 1.0
    for other in loaders[:2]:
        assert other.gravity(pose, joints) == pytest.approx(wanted, abs=1e-4)
