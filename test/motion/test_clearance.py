"""Distances, levers and the choice of pairs, on robots small enough to be reckoned by hand."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from fastwam_ros.motion.bodies import Bodies, Plane, Solid, walls
from fastwam_ros.motion.clearance import Clearance, Margins
from fastwam_ros.motion.limits import Limits

TURN, SPAN = 3.0, 0.3  # [rad] limit of each joint, [m] length of each rod
X, Y, Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
LEFT, RIGHT = 0.25, -0.25  # [m] where the two arms turn


@dataclass(frozen=True)
class Link:
    name: str


@dataclass(frozen=True)
class Row:
    name: str
    parent: str
    child: Link
    xyz: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rpy: tuple[float, float, float] = (0.0, 0.0, 0.0)
    kind: str = 'revolute'
    axis: tuple[float, float, float] = Z
    lower: float = -TURN
    upper: float = TURN
    velocity: float = 1.0
    acceleration: float = 1.0
    jerk: float = 1.0


def arm(side: str, y: float) -> tuple[Row, Row]:
    """Two hinges in the plane z = 0.5: an upper rod and a fore rod, both along x at zero."""
    return (
        Row(f'{side} shoulder', 'body', Link(f'{side} upper'), (0.0, y, 0.5)),
        Row(f'{side} elbow', f'{side} upper', Link(f'{side} fore'), (SPAN, 0.0, 0.0)),
    )


MAST = Row('mast', 'root', Link('body'), kind='prismatic', axis=Z)
ARMS = (*arm('left', LEFT), *arm('right', RIGHT))
NAMES = tuple(row.name for row in ARMS)
RODS = tuple(
    Solid(row.child.name, 'capsule', (0.02,), (0.0, 0.0, 0.0), (SPAN, 0.0, 0.0)) for row in ARMS
)
LIMITS = Limits.of(ARMS)


def bodies(mast: float = 0.0) -> Bodies:
    return Bodies((MAST, *ARMS), NAMES, {'mast': mast})


def made(solids=RODS, **given) -> Clearance:
    return Clearance(bodies(), LIMITS, solids, **given)


def rod(q: np.ndarray, side: str, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Ends of a rod's axis in the plane, from sines and cosines alone."""
    shoulder, elbow = q[:2] if side == 'left' else q[2:]
    start = np.array([0.0, LEFT if side == 'left' else RIGHT])
    middle = start + SPAN * np.array([np.cos(shoulder), np.sin(shoulder)])
    if part == 'upper':
        return start, middle
    return middle, middle + SPAN * np.array([np.cos(shoulder + elbow), np.sin(shoulder + elbow)])


def apart(one, other) -> float:
    """Distance of two segments of the plane: of an end to the other's axis, or 0 if they cross."""

    def to(point, start, end):
        along = np.clip(
            (point - start) @ (end - start) / ((end - start) @ (end - start)), 0.0, 1.0
        )
        return float(np.linalg.norm(point - start - along * (end - start)))

    def side(point, start, end):
        (a, b), (c, d) = end - start, point - start
        return float(a * d - b * c)

    crossing = (
        side(one[0], *other) * side(one[1], *other) < 0.0
        and side(other[0], *one) * side(other[1], *one) < 0.0
    )
    ends = [to(end, *other) for end in one] + [to(end, *one) for end in other]
    return 0.0 if crossing else min(ends)


def poses(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-TURN, TURN, (count, len(NAMES)))


def test_distances_are_those_of_the_segments_less_the_radii():
    clearance = made()
    rows = [i for i, name in enumerate(clearance.names) if 'left' in name and 'right' in name]
    assert len(rows) == 4
    for q in poses(200):
        found = clearance.distances(q)
        for row in rows:
            one, other = (rod(q, *name.split()) for name in clearance.names[row].split(' - '))
            wanted = apart(one, other) - 0.04
            if wanted > -0.039:  # deeper, a crossing has another depth than its segments say
                assert found[row] == pytest.approx(wanted, abs=2e-6)


def test_nearest_is_the_smallest_and_says_what_and_where():
    clearance = made()
    found = clearance.nearest(np.array([-0.3, 0.0, 0.3, 0.0]))  # the tips come together
    assert found.what == 'left fore - right fore'
    y = LEFT - 2.0 * SPAN * np.sin(0.3)
    assert found.distance == pytest.approx(2.0 * y - 0.04, abs=1e-6)
    tips = [[2.0 * SPAN * np.cos(0.3), sign * (y - 0.02), 0.5] for sign in (1.0, -1.0)]
    assert np.abs(found.points - tips).max() < 1e-5
    for q in poses(50):
        assert clearance.nearest(q).distance == clearance.distances(q).min()


def test_an_answer_does_not_hang_on_the_questions_before_it():
    fresh, used = made(), made()
    for q in poses(20):
        used.distances(q)
    q = poses(1, seed=5)[0]
    assert (fresh.distances(q) == used.distances(q)).all()
    rows = np.array([1, 3])
    assert (used.some(q, rows) == fresh.distances(q)[rows]).all()


def test_levers_bound_what_a_motion_changes_and_are_not_far_too_large():
    clearance = made()
    share = np.zeros(len(clearance.names))
    random = np.random.default_rng(1)
    for q in poses(400):
        moved = q + random.uniform(-0.2, 0.2, 4)
        change = np.abs(clearance.distances(moved) - clearance.distances(q))
        bound = clearance.levers @ np.abs(moved - q)
        assert (change <= bound + 1e-6).all()
        share = np.maximum(share, change / bound)
    assert (share > 0.6).all()


def test_slopes_are_how_distances_change_with_each_joint():
    tip = Solid('left fore', 'point', (), (SPAN, 0.0, 0.0), name='tip')
    clearance = made(points=(tip,), planes=(Plane('slanted', (-0.6, 0.8, 0.0), 0.1),))
    rows, step = np.arange(len(clearance.names)), 1e-5
    checked = 0
    for q in poses(60):
        if (distances := clearance.some(q, rows))[:-1].min() < 0.01:
            continue  # where rods cross, their nearest points are any
        slopes = clearance.slopes(rows)
        moved = [clearance.distances(q + step * each) for each in (*np.eye(4), *-np.eye(4))]
        bent = np.abs(moved[:4] + np.array(moved[4:]) - 2.0 * distances) > 1e-8
        changes = (np.array(moved[:4]) - moved[4:]) / (2.0 * step)
        smooth = ~bent  # at a bend, where another point becomes the nearest, there is no slope
        assert slopes.T[smooth] == pytest.approx(changes[smooth], abs=2e-3)
        assert (np.abs(slopes) <= clearance.levers + 1e-9).all()
        checked += int(smooth.sum())
    assert checked > 500


def test_levers_are_the_lengths_of_the_chain_and_none_where_both_move_as_one():
    clearance = made()
    row = clearance.names.index('left upper - right fore')
    upper, fore = SPAN + 0.02, 2.0 * SPAN + 0.02
    assert clearance.levers[row] == pytest.approx([upper, 0.0, fore, upper])
    b, box = bodies(), Solid('left fore', 'box', (0.02, 0.02, 0.05), (0.1, 0.0, 0.0))
    one, other = b.put(RODS[0]), b.put(box)
    assert b.between(one, other) == (1,)
    assert b.levers(one, other) == pytest.approx([0.0, np.hypot(0.12, 0.02), 0.0, 0.0])


def test_pairs_that_one_joint_connects_or_that_cannot_meet_are_left_out():
    far = Solid('body', 'box', (0.1, 0.1, 0.1), (1.0, 0.0, 0.5), name='far')
    reachable = replace(far, start=(0.6, 0.0, 0.5), name='reachable')
    names = made((*RODS, far, reachable)).names
    assert not [name for name in names if 'far' in name.split(' - ')]
    assert 'left fore - reachable' in names
    assert 'left upper - reachable' not in names  # ends 0.2 m before it; and one joint from it
    assert 'left upper - left fore' not in names
    assert len([name for name in names if 'left' in name and 'right' in name]) == 4


def test_neighbours_that_are_always_near_are_left_out():
    near = replace(RODS[1], end=(0.01, 0.0, 0.0), name='stub')
    short = (MAST, ARMS[0], replace(ARMS[1], xyz=(0.03, 0.0, 0.0)), *ARMS[2:])
    hub = Solid('body', 'box', (0.01, 0.01, 0.01), (0.0, LEFT, 0.5), name='hub')
    clearance = Clearance(Bodies(short, NAMES, {}), LIMITS, (near, hub, RODS[3]))
    assert 'stub - hub' not in clearance.names
    assert 'stub - right fore' in clearance.names


def test_the_choice_of_pairs_is_the_same_every_time():
    assert made().names == made().names


def test_a_point_beyond_a_plane_has_a_negative_distance_by_as_much():
    tip = Solid('left fore', 'point', (), (SPAN, 0.0, 0.0), name='tip')
    front = Plane('front', (-2.0, 0.0, 0.0), -1.0)  # x <= 0.5, whatever the normal's length
    table = Plane('table', Z, 0.55)
    clearance = made(points=(tip,), planes=(front, table))
    rows = [clearance.names.index(f'tip - {name}') for name in ('front', 'table')]
    for q in poses(50):
        x = rod(q, 'left', 'fore')[1][0]
        assert clearance.distances(q)[rows] == pytest.approx([0.5 - x, -0.05], abs=1e-9)
    found = clearance.nearest(np.zeros(4))
    assert (found.what, found.distance) == ('tip - front', pytest.approx(-0.1))
    assert found.points[0] == pytest.approx([0.6, LEFT, 0.5])
    assert clearance.levers[rows[0]] == pytest.approx([2.0 * SPAN, SPAN, 0.0, 0.0])
    assert (clearance.slow[rows] == 0.0).all()
    assert (clearance.stop[rows] == 0.0).all()


def test_joints_that_are_held_place_what_hangs_on_them():
    tip = Solid('left fore', 'point', (), (SPAN, 0.0, 0.0), name='tip')
    for mast in (0.0, 0.2):
        table = (Plane('table', Z, 0.55),)
        clearance = Clearance(bodies(mast), LIMITS, RODS, None, (tip,), table)
        height = clearance.distances(np.zeros(4))[clearance.names.index('tip - table')]
        assert height == pytest.approx(mast - 0.05)
    turned = (replace(MAST, kind='revolute', axis=X), *ARMS)
    b = Bodies(turned, NAMES, {'mast': np.pi / 2.0})
    clearance = Clearance(b, LIMITS, RODS, None, (tip,), (Plane('side', Y, 0.0),))
    assert clearance.distances(np.zeros(4))[-1] == pytest.approx(-0.5)  # what was up is right


def test_walls_keep_a_point_in_a_box():
    tip = Solid('left fore', 'point', (), (SPAN, 0.0, 0.0), name='tip')
    box = walls((0.0, -0.1, 0.4), (0.7, 0.3, 0.7))
    clearance = made(points=(tip,), planes=box)
    found = dict(zip(clearance.names, clearance.distances(np.zeros(4)), strict=True))
    wanted = {'least x': 0.6, 'most x': 0.1, 'least y': 0.35, 'most y': 0.05, 'least z': 0.1}
    for name, distance in wanted.items():
        assert found[f'tip - {name}'] == pytest.approx(distance)
    with pytest.raises(ValueError, match='is empty: want lower < upper'):
        walls((0.0, 0.0, 0.0), (1.0, 0.0, 1.0))


def test_nothing_is_watched_where_nothing_is_given():
    tip = Solid('left fore', 'point', (), (SPAN, 0.0, 0.0))
    clearance = made(RODS[:1], points=(tip,))
    assert clearance.names == ()
    assert clearance.distances(np.zeros(4)).shape == (0,)
    with pytest.raises(ValueError, match='nothing is near anything'):
        clearance.nearest(np.zeros(4))


def test_what_is_wrong_is_named():
    with pytest.raises(ValueError, match='no joint belly: there are left elbow'):
        Bodies((MAST, *ARMS), NAMES, {'belly': 1.0})
    with pytest.raises(ValueError, match='the tree has them as left shoulder, left elbow'):
        Bodies((MAST, *ARMS), NAMES[::-1], {})
    with pytest.raises(ValueError, match='mast is prismatic: only joints that turn can move'):
        Bodies((MAST, *ARMS), ('mast', *NAMES), {})
    with pytest.raises(ValueError, match="no link 'tail': there are root, body, left upper"):
        bodies().put(Solid('tail', 'point', (), (0.0, 0.0, 0.0)))
    with pytest.raises(ValueError, match='a solid is a box, a point, or a capsule'):
        bodies().put(Solid('left fore', 'capsule', (0.1,), (0.0, 0.0, 0.0)))
    with pytest.raises(ValueError, match='want 0 <= stop <= slow'):
        Margins(slow=0.01, stop=0.02)
