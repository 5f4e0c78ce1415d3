"""The person with both hands: begins where the arms are, waits for them, gives up in words."""

from itertools import pairwise

import numpy as np
import pytest

from fastwam_ros.robot.joints import SIDES, arm_joints
from fastwam_ros.sim.expert import PATIENCE, SETTLED, Expert, Leg, Sight
from fastwam_ros.sim.reach import Reach
from fastwam_ros.sim.scenes import scene_named
from fastwam_ros.sim.tasks import TASKS, task_named
from fastwam_ros.sim.world import ARM_HOME, World

PERIOD = 0.02
REACH = Reach()
SCENE = {'fold': 'towel', 'lift': 'bar', 'pick': 'blocks'}
FASTEST = np.array([joint.velocity for joint in arm_joints('left')])
START = np.array(ARM_HOME) + 0.05


def nothing(see):
    yield Leg(0.5)


class Room:
    """Arms that follow at once, or not at all; things that stay where they are."""

    def __init__(self, plan, things=None, speed=0.0):
        self.expert, self.now = Expert(plan, REACH), 0.0
        self.joints = {side: START.copy() for side in SIDES}
        self.openings = dict.fromkeys(SIDES, 0.05)
        self.things, self.speed = things or {}, speed

    def tick(self, follow=True):
        self.now += PERIOD
        sight = Sight(self.joints, self.speed, self.openings, self.things)
        wish = self.expert.tick(self.now, sight)
        if follow and wish.joints:
            self.joints, self.openings = dict(wish.joints), dict(wish.openings)
        return wish

    def run(self, seconds=40.0):
        wishes = [self.tick() for _ in range(round(seconds / PERIOD)) if not self.over]
        return [wish for wish in wishes if wish.joints]

    @property
    def over(self):
        return self.expert.done or self.expert.failed


def things_of(task):
    return World(3, scene_named(SCENE[task.split()[0]])).things()


def test_nothing_is_led_before_the_arms_stand():
    room = Room(nothing, speed=0.5)
    for _ in range(100):
        assert room.tick().joints == {}
    room.speed = 0.0
    waited = 0
    while not (wish := room.tick()).joints:
        assert wish.openings == room.openings  # the hands keep what they hold
        waited += 1
    assert waited >= SETTLED / PERIOD - 1
    for side in SIDES:
        assert wish.joints[side] == pytest.approx(START)  # a clutch begins where the arm is


def test_the_next_stretch_waits_until_the_arms_stand():
    def openings(see):
        yield Leg(0.5, openings={'left': 0.01})

    room = Room(openings)
    while not room.tick().joints:
        pass
    room.speed = 0.1  # they are where they were led, and still move
    wishes = [room.tick() for _ in range(150)]
    assert wishes[-1].joints['left'] == pytest.approx(ARM_HOME)
    assert min(wish.openings['left'] for wish in wishes) > 0.04
    room.speed = 0.0
    room.run()
    assert room.expert.done


def test_hands_end_at_home_open_as_at_the_start():
    room = Room(nothing)
    wishes = room.run()
    assert room.expert.done
    for side in SIDES:
        assert wishes[-1].joints[side] == pytest.approx(ARM_HOME)
        assert wishes[-1].openings[side] == pytest.approx(0.06)


@pytest.mark.parametrize('task', TASKS)
def test_every_task_is_led_smoothly_to_its_end(task):
    room = Room(task_named(task), things_of(task))
    wishes = room.run()
    assert room.expert.done, room.expert.failed
    for before, after in pairwise(wishes):
        for side in SIDES:
            speed = np.abs(after.joints[side] - before.joints[side]) / PERIOD
            assert (speed < FASTEST).all()
            assert abs(after.openings[side] - before.openings[side]) < 0.5 * PERIOD
    assert min(min(wish.openings.values()) for wish in wishes) < 0.03  # something is held


def test_a_fold_brings_the_fingers_from_near_to_far_corners():
    things = things_of('fold')
    wishes = Room(task_named('fold'), things).run()
    closed = [wish for wish in wishes if wish.openings['left'] < 0.017]
    for wish, row in ((closed[0], 'near'), (closed[-1], 'far')):
        for side in SIDES:
            hand = REACH.hand(side, wish.joints[side]).position
            corner = things[f'towel_{row}_{side}'].position
            assert np.linalg.norm((hand - corner)[:2]) < 0.005
    highest = max(REACH.hand('left', wish.joints['left']).position[2] for wish in closed)
    assert highest > things['towel_near_left'].position[2] + 0.10


def test_a_thing_that_is_not_there_is_named_beside_what_is():
    room = Room(task_named('fold'), things_of('lift'))
    room.run()
    assert room.expert.failed.startswith('it needs towel_near_left and sees bar')


def test_an_arm_that_does_not_follow_is_named_after_a_while():
    room = Room(nothing)
    for _ in range(20):
        room.tick()
    begun = room.now
    while not room.over:
        room.tick(follow=False)
    assert 'rad from where it was led' in room.expert.failed
    assert '_arm_joint' in room.expert.failed
    assert room.now - begun > PATIENCE


def test_what_is_out_of_reach_ends_the_work():
    things = things_of('lift')
    things['bar'].position[0] += 0.5
    room = Room(task_named('lift'), things)
    room.run()
    assert 'further than it reaches' in room.expert.failed


@pytest.mark.parametrize('name', ['', 'dance', 'pick', 'pick purple', 'fold twice'])
def test_an_unknown_task_lists_the_valid_ones(name):
    with pytest.raises(ValueError, match='there are fold, lift, pick red, pick green, pick blue'):
        task_named(name)
