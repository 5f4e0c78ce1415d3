"""The R1 Lite's clearances, held to its URDF, to MuJoCo, and to what its arms' likeness means."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import mujoco
import numpy as np
import pinocchio
import pytest
import xacro

from fastwam_ros.loop.surroundings import clearance, solids
from fastwam_ros.motion.bodies import Bodies, Plane, Solid
from fastwam_ros.motion.clearance import Clearance
from fastwam_ros.motion.limits import Limits
from fastwam_ros.robot.joints import ARM_NAMES, ARM_REST, ARMS, SIDES
from fastwam_ros.robot.kinematics import CONNECTIONS, LINKS
from fastwam_ros.robot.shapes import SHAPES, STANDING, Shape
from fastwam_ros.sim.model import TORSO_POSTURE, robot_spec

XACRO = Path(__file__).parents[2] / 'urdf' / 'r1lite.urdf.xacro'
LIMITS = Limits.of(ARMS)
REST = np.array(ARM_REST * 2)
HOME = np.array([0.0, 1.2, -1.55, 0.9, 0.0, 0.0] * 2)
MIRROR = np.array([-1.0, 1.0, 1.0, 1.0, -1.0, -1.0])


@pytest.fixture(scope='module')
def robot() -> Clearance:
    return clearance()


@pytest.fixture(scope='module')
def urdf() -> str:
    return xacro.process_file(str(XACRO)).toxml()


def poses(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(LIMITS.lower, LIMITS.upper, (count, len(ARMS)))


def seen(bodies: Bodies, q: np.ndarray) -> tuple[pinocchio.GeometryData, pinocchio.Data]:
    data, results = bodies.model.createData(), bodies.geometry.createData()
    pinocchio.updateGeometryPlacements(bodies.model, data, bodies.geometry, results, q)
    return results, data


def test_every_link_is_where_the_urdf_puts_it(urdf):
    model = pinocchio.buildModelFromXML(urdf)
    data = model.createData()
    bodies = Bodies(CONNECTIONS, ARM_NAMES, STANDING)
    marks = np.vstack([np.zeros(3), np.eye(3)])
    indices = {
        link.name: [bodies.put(Solid(link.name, 'point', (), tuple(mark))) for mark in marks]
        for link in LINKS
    }
    for q in poses(8):
        whole = pinocchio.neutral(model)
        for name, value in {**STANDING, **dict(zip(ARM_NAMES, q, strict=True))}.items():
            whole[model.joints[model.getJointId(name)].idx_q] = value
        pinocchio.framesForwardKinematics(model, data, whole)
        placed, _ = seen(bodies, q)
        for link, points in indices.items():
            frame = data.oMf[model.getFrameId(link)]
            for mark, index in zip(marks, points, strict=True):
                found = placed.oMg[index].translation
                assert np.abs(found - frame.act(mark)).max() < 1e-9, link


def drawn(link: ElementTree.Element) -> Iterator[Shape]:
    """A URDF link's primitives as the table writes them."""
    for collision in link.findall('collision'):
        origin, shape = collision.find('origin'), collision.find('geometry')[0]
        at, rpy = (
            np.array([float(word) for word in origin.get(name, '0 0 0').split()])
            for name in ('xyz', 'rpy')
        )
        if shape.tag == 'box':
            assert not rpy.any()
            half = tuple(float(word) / 2.0 for word in shape.get('size').split())
            yield Shape('box', half, tuple(at))
        elif shape.tag == 'sphere':
            yield Shape('sphere', (float(shape.get('radius')),), tuple(at))
        else:
            along = pinocchio.rpy.rpyToMatrix(*rpy)[:, 2] * float(shape.get('length')) / 2.0
            radius = (float(shape.get('radius')),)
            yield Shape('cylinder', radius, tuple(at - along), tuple(at + along))


def like(one: Shape, other: Shape) -> bool:
    """Whether two primitives are equal; a URDF has no capsules and draws them as cylinders."""
    if (one.end is None) != (other.end is None) or len(one.size) != len(other.size):
        return False
    if np.abs(np.subtract(one.size, other.size)).max() > 1e-9:
        return False
    if one.end is None or other.end is None:
        return bool(np.abs(np.subtract(one.start, other.start)).max() < 1e-9)
    ends = np.array([other.start, other.end])
    return any(
        np.abs(np.array([one.start, one.end]) - way).max() < 1e-9 for way in (ends, ends[::-1])
    )


def test_the_urdf_and_the_table_draw_the_same(urdf):
    """Every primitive of the URDF is in the table and every one of the table in the URDF.

    A capsule of the table is a rod and two balls of the URDF.
    """
    links = {link.get('name'): link for link in ElementTree.fromstring(urdf).findall('link')}
    assert set(SHAPES) <= set(links)
    count = 0
    for name, link in links.items():
        own, shapes = SHAPES.get(name, ()), list(drawn(link))
        balls = [shape for shape in shapes if shape.kind == 'sphere']
        rest = [shape for shape in shapes if shape.kind != 'sphere']
        ends = [
            Shape('sphere', shape.size, end)
            for shape in own
            if shape.kind == 'capsule'
            for end in (shape.start, shape.end)
        ]
        for ours, theirs in ((own, rest), (ends, balls)):
            assert len(ours) == len(theirs), name
            assert all(any(like(shape, other) for other in theirs) for shape in ours), name
            assert all(any(like(shape, other) for other in ours) for shape in theirs), name
        count += len(own)
    assert count > 50


def _corners(box: Shape) -> np.ndarray:
    return Solid('', 'box', box.size, box.start).hull()[0]


def sticks_out(points: list[Solid], others: list[Solid], configurations) -> float:
    """How far the farthest point is from the nearest of the others, in any configuration [m]."""
    bodies = Bodies(CONNECTIONS, ARM_NAMES, STANDING)
    ours, theirs = ([bodies.put(solid) for solid in group] for group in (points, others))
    for a in ours:
        for b in theirs:
            bodies.geometry.addCollisionPair(pinocchio.CollisionPair(a, b))
    data, results = bodies.model.createData(), bodies.geometry.createData()
    most = 0.0
    for q in configurations:
        pinocchio.computeDistances(bodies.model, data, bodies.geometry, results, q)
        found = np.array([result.min_distance for result in results.distanceResults])
        most = max(most, found.reshape(len(ours), -1).min(axis=1).max())
    return most


def rings(link: str, shape: Shape) -> Iterator[Solid]:
    """Points on a cylinder: rings along it, and its ends' middles."""
    start, end = np.array(shape.start), np.array(shape.end)
    along = (end - start) / np.linalg.norm(end - start)
    across = np.cross(along, np.roll(along, 1))
    up = np.cross(along, across)
    for part in np.linspace(0.0, 1.0, 6):
        for turn in np.linspace(0.0, 2.0 * np.pi, 12, endpoint=False):
            out = shape.size[0] * (np.cos(turn) * across + np.sin(turn) * up)
            yield Solid(link, 'point', (), tuple(start + part * (end - start) + out))


def test_what_is_not_measured_sticks_out_of_what_is_by_a_centimetre_at_most():
    left_out = {
        link: [shape for shape in shapes if not shape.outer] for link, shapes in SHAPES.items()
    }
    low = {link for link, shapes in left_out.items() if shapes and 'motor' in link}
    assert len(low) == 6  # the wheels
    arm = {f'left_arm_link{n}': left_out.pop(f'left_arm_link{n}') for n in (1, 6)}
    right = {left_out.pop(f'right_arm_link{n}') is not None for n in (1, 6)}
    assert right == {True}
    assert {link for link, shapes in left_out.items() if shapes} == low
    points = [point for link, shapes in arm.items() for s in shapes for point in rings(link, s)]
    assert sticks_out(points, list(solids()), poses(10)) < 0.0115


def test_both_fingers_stay_in_their_box_at_any_opening():
    boxes = {solid.name: solid for solid in solids() if solid.name}
    assert set(boxes) == {f'{side}_gripper_fingers' for side in SIDES}
    fingers = {c.child.name: c for c in CONNECTIONS if 'finger' in c.child.name}
    for side in SIDES:
        for opening in (0.0, 0.5, 1.0):
            held = {c.name: c.lower + opening * (c.upper - c.lower) for c in fingers.values()}
            bodies = Bodies(CONNECTIONS, ARM_NAMES, STANDING | held)
            corners = [
                bodies.put(Solid(link, 'point', (), tuple(corner)))
                for link in fingers
                if link.startswith(side)
                for shape in SHAPES[link]
                for corner in _corners(shape)
            ]
            centre = bodies.put(boxes[f'{side}_gripper_fingers'])
            placed, _ = seen(bodies, REST)
            here = placed.oMg[centre]
            offsets = [np.abs(here.actInv(placed.oMg[i].translation)) for i in corners]
            room = np.array(boxes[f'{side}_gripper_fingers'].size) - offsets
            assert room.min() > -1e-9
            if opening in (0.0, 1.0):
                assert room[:, 0].min() < 1e-9  # and the box is no larger than it must be


@pytest.fixture(scope='module')
def simulated() -> tuple[mujoco.MjModel, mujoco.MjData]:
    model = robot_spec().compile()
    return model, mujoco.MjData(model)


def test_distances_are_those_that_mujoco_finds(simulated):
    """Another code's distances, between the simulator's own bodies."""
    model, data = simulated
    each = [
        Solid(link, shape.kind, shape.size, shape.start, shape.end, name=f'{link}_{number}')
        for link, shapes in SHAPES.items()
        for number, shape in enumerate(shapes)
        if shape.outer and 'finger' not in link
    ]
    clear = Clearance(Bodies(CONNECTIONS, ARM_NAMES, TORSO_POSTURE), LIMITS, each)
    pairs = [[model.geom(part).id for part in name.split(' - ')] for name in clear.names]
    compared = 0
    for q in (HOME, REST, *poses(6)):
        for name, value in zip(ARM_NAMES, q, strict=True):
            data.joint(name).qpos[0] = value
        mujoco.mj_forward(model, data)
        ours = clear.distances(q)
        for (a, b), distance in zip(pairs, ours, strict=True):
            theirs = mujoco.mj_geomDistance(model, data, a, b, 3.0, None)
            if distance > 1e-3:
                compared += 1
                assert theirs == pytest.approx(distance, abs=5e-5), (a, b)
            else:
                assert theirs < 2e-3
    assert compared > 1500


def smallest(robot: Clearance, q: np.ndarray) -> dict[frozenset[str], float]:
    """The smallest distance by the two links that are near."""
    found: dict[frozenset[str], float] = {}
    for name, distance in zip(robot.names, robot.distances(q), strict=True):
        pair = frozenset(name.split(' - '))
        found[pair] = min(distance, found.get(pair, np.inf))
    return found


def swapped(pair: frozenset[str]) -> frozenset[str]:
    other = {'left': 'right', 'right': 'left'}
    return frozenset('_'.join(other.get(word, word) for word in part.split('_')) for part in pair)


def test_the_arms_are_copies_so_each_is_as_near_to_itself(robot):
    """Translated, not mirrored: equal joints give an arm's own pairs equal distances."""
    for q in poses(20):
        both = np.concatenate([q[:6], q[:6]])
        found = smallest(robot, both)
        own = {
            pair: distance
            for pair, distance in found.items()
            if all(part.startswith('left') for part in pair)
        }
        assert len(own) > 8
        for pair, distance in own.items():
            assert found[swapped(pair)] == pytest.approx(distance, abs=1e-5)


def test_mirrored_poses_are_as_near_up_to_what_is_not_symmetric(robot):
    """Mirror the pose and swap the arms: the same, but for offsets of 1 to 3 mm.

    The wrist cameras are left out: they sit 9 mm off their hands' middles.
    """
    for q in poses(40):
        mirrored = np.concatenate([MIRROR * q[6:], MIRROR * q[:6]])
        here, there = smallest(robot, q), smallest(robot, mirrored)
        for pair, distance in here.items():
            if distance > 0.0 and not any('D405' in part for part in pair):
                assert there[swapped(pair)] == pytest.approx(distance, abs=4e-3), pair


def test_left_and_right_are_watched_alike(robot):
    pairs = {frozenset(name.split(' - ')) for name in robot.names}
    assert pairs == {swapped(pair) for pair in pairs}
    assert 200 < len(robot.names) < 320


def test_no_pair_that_is_left_out_comes_to_the_stop_margin(robot):
    """The choice looked at 60 configurations; here are 50 times as many."""
    each = [replace(solid, name=f'{n}') for n, solid in enumerate(solids())]
    named = Clearance(Bodies(CONNECTIONS, ARM_NAMES, STANDING), LIMITS, each)
    assert len(named.names) == len(robot.names)
    bodies = Bodies(CONNECTIONS, ARM_NAMES, STANDING)
    indices = [bodies.put(solid) for solid in each]
    left_out = [
        (a, b)
        for a, b in combinations(indices, 2)
        if len(bodies.between(a, b)) > 1 and f'{a} - {b}' not in named.names
    ]
    assert len(left_out) + len(named.names) == 480
    for a, b in left_out:
        bodies.geometry.addCollisionPair(pinocchio.CollisionPair(a, b))
    data, results = bodies.model.createData(), bodies.geometry.createData()
    least, most = np.full(len(left_out), np.inf), np.zeros(len(left_out))
    for q in poses(3000, seed=7):
        pinocchio.computeDistances(bodies.model, data, bodies.geometry, results, q)
        found = [result.min_distance for result in results.distanceResults]
        least, most = np.minimum(least, found), np.maximum(most, found)
    neighbours = most < 0.12
    assert all(
        len(bodies.between(*pair)) <= 3
        for pair, near in zip(left_out, neighbours, strict=True)
        if near
    )
    assert (least[~neighbours] > robot.stop.max()).all()


def test_an_answer_does_not_hang_on_the_questions_before_it(robot):
    """A solver that starts from its last result answers a micrometre differently."""
    asked = poses(12, seed=3)
    forth = [robot.distances(q) for q in asked]
    back = [robot.distances(q) for q in asked[::-1]][::-1]
    assert all((one == other).all() for one, other in zip(forth, back, strict=True))
    with pytest.raises(ValueError, match='want 12 finite joint positions'):
        robot.nearest(np.full(12, np.nan))
    with pytest.raises(ValueError, match='want 12 finite joint positions'):
        robot.distances(np.zeros(14))
    assert (robot.distances(asked[0]) == forth[0]).all()


def test_nothing_is_near_at_home_and_at_rest_only_what_is_folded(robot):
    assert robot.nearest(HOME).distance > 0.1
    near = {
        name
        for name, distance in zip(robot.names, robot.distances(REST), strict=True)
        if distance < robot.slow[0]
    }
    folded = {('arm_link2', part) for part in ('arm_link4', 'arm_link5', 'gripper_link')}
    folded.add(('arm_link2', 'gripper_fingers'))
    assert near == {f'{side}_{a} - {side}_{b}' for side in SIDES for a, b in folded}
    found = robot.nearest(REST)
    assert found.what in (
        'left_arm_link2 - left_gripper_link',
        'right_arm_link2 - right_gripper_link',
    )
    assert 0.004 < found.distance < 0.007


def test_what_is_below_depends_on_where_the_torso_stands(robot):
    folded = clearance(STANDING | {'torso_joint1': -1.4, 'torso_joint2': 2.7})
    assert any('base_link - ' in name for name in folded.names)
    assert not any(name.startswith('base_link - ') for name in robot.names)
    with pytest.raises(ValueError, match='no joint torso_joint4: there are'):
        clearance({'torso_joint4': 0.0})


def test_finger_tips_are_kept_above_a_table():
    table = (Plane('table', (0.0, 0.0, 1.0), 0.7),)
    standing = clearance(TORSO_POSTURE, planes=table)
    assert standing.names[-2:] == ('left_tip - table', 'right_tip - table')
    model = robot_spec().compile()
    data = mujoco.MjData(model)
    for q in (HOME, *poses(5)):
        for name, value in zip(ARM_NAMES, q, strict=True):
            data.joint(name).qpos[0] = value
        mujoco.mj_forward(model, data)
        for side, distance in zip(SIDES, standing.distances(q)[-2:], strict=True):
            tcp, hand = data.site(f'{side}_tcp').xpos, data.body(f'{side}_gripper_link').xpos
            tip = hand + (tcp - hand) * (0.07814 / 0.062)
            assert distance == pytest.approx(tip[2] - 0.7, abs=1e-5)
