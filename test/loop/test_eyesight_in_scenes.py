"""The watch on the simulator's pictures: no alarm in sound work, and the frozen camera is found.

A part of each scene's work, of one seed; `python -m test.loop.rollouts` takes all of it.
"""

from functools import lru_cache

import numpy as np
import pytest

from fastwam_ros.loop.arms_in_view import ArmsInView
from fastwam_ros.loop.eyesight import Eyesight
from fastwam_ros.loop.synchroniser import Frame, FrameSet
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.sim.eyes import Eyes
from fastwam_ros.sim.scenes import scene_named
from fastwam_ros.sim.stills import jpeg
from fastwam_ros.sim.world import World
from test.loop.rollouts import BEGIN, CAMERAS, SECOND, delay, expert, judged, policy
from test.loop.test_arms_in_view import ARM, HOME, random_arms, state

MS = 1_000_000
SINCE, UNTIL = 2.0, 3.6  # [s] in which the hands come into the head camera's picture
TASKS = ('fold', 'lift', 'pick red')


@lru_cache
def work(task):
    return expert(task, 0, SINCE, UNTIL)


@pytest.mark.parametrize('task', TASKS)
def test_work_in_which_every_camera_sees_raises_no_alarm(task):
    verdicts = list(judged(work(task)))
    assert len(verdicts) >= 22
    assert [found.words for _, found in verdicts if found] == []
    assert work(task).plain == []


@pytest.mark.parametrize('task', TASKS)
@pytest.mark.parametrize('camera', CAMERAS)
def test_a_camera_that_freezes_while_its_arms_move_is_found(task, camera):
    moments = [s for s in work(task).moments(camera) if s > BEGIN + 2.2 * SECOND]
    if camera == 'left' and task == 'pick red':
        assert moments == []  # the other hand's work
    else:
        assert 0.25 <= delay(work(task), camera, moments[0]) < 1.0


@pytest.mark.torch
def test_the_bundle_s_own_motion_raises_no_alarm():
    made = policy(2.5)
    verdicts = list(judged(made))
    assert len(verdicts) >= 33
    assert [found.words for _, found in verdicts if found] == []
    q = np.array([[*each.arms[side].position] for each in made.feedback for side in SIDES])
    assert np.ptp(q, axis=0).max() > 0.1  # it did move


class Drawn:
    """The head camera's pictures of arms wherever one wants them."""

    def __init__(self):
        self._world = World(0, scene_named('blocks'))
        self._eyes = Eyes(self._world.model)

    def picture(self, values):
        arms = {side: [values[joint.name] for joint in ARM[side]] for side in SIDES}
        openings = tuple(values[f'{side}_gripper'] for side in SIDES)
        return jpeg(self._eyes.see('head', self._world.pose(arms, openings)))

    def close(self):
        self._eyes.close()


@pytest.fixture
def drawn():
    made = Drawn()
    yield made
    made.close()


def test_equal_pictures_while_a_hand_waves_out_of_sight_raise_no_alarm(drawn):
    """As at the demo's start: the renderer has no noise."""
    eyes, poses, pictures = Eyesight(CAMERAS), {}, []
    for k in range(8):
        stamp = BEGIN + k * 66 * MS
        poses[stamp] = state(HOME, np.add(HOME, [0.0, 0.0, 0.0, 0.0, 0.05 * k, 0.0]))
        pictures.append(drawn.picture(poses[stamp]))
        frame = Frame(stamp, pictures[-1])
        eyes.see('head', frame, poses.get)
        assert eyes.frozen(FrameSet({'head': frame}, stamp, 0), poses.get) is None
    assert len(set(pictures)) == 1


def test_what_counts_as_motion_in_the_head_camera_s_picture_changes_it(drawn):
    """Over random postures: an arm at a place means another picture than none there."""
    rng, counted = np.random.default_rng(2), 0
    while counted < 12:
        one, other = random_arms(rng), random_arms(rng)
        other |= {joint.name: one[joint.name] for joint in ARM['right']}
        first, second = ArmsInView.of(one), ArmsInView.of(other)
        if len(first.alone('left', second)) + len(second.alone('left', first)) > 0:
            assert drawn.picture(one) != drawn.picture(other)
            counted += 1
