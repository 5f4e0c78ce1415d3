"""Cameras that see nothing: which, why, from when on, and that they recover by themselves."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fastwam_ros.loop.eyesight import MOVED, REPEATS, Eyesight, blind
from fastwam_ros.loop.inference import Inference, Job
from fastwam_ros.loop.synchroniser import Frame, FrameSet
from fastwam_ros.robot.joints import JOINT_NAMES, SIDES
from test.loop.test_inference import Echo
from test.loop.test_order import arrivals

MS, BASE, STEP = 1_000_000, 10**18, 66
CAMERAS = ('head', 'left', 'right')
HOME = dict.fromkeys(JOINT_NAMES, 0.1)


class Scene:
    """Three cameras and the arms, a picture of each every 66 ms."""

    def __init__(self):
        self.eyes = Eyesight(CAMERAS)
        self.now, self.poses, self.state = BASE, {}, dict(HOME)

    def next(self, still=(), **moves):
        """New pictures, equal ones from the cameras named; what is frozen in this set."""
        self.now += STEP * MS
        self.state |= {name: self.state[name] + by for name, by in moves.items()}
        self.poses[self.now] = dict(self.state)
        frames = {}
        for camera in CAMERAS:
            data = b'the same' if camera in still else f'{camera} {self.now}'.encode()
            frames[camera] = Frame(self.now, data)
            self.eyes.see(camera, frames[camera])
        return self.eyes.frozen(FrameSet(frames, self.now, 0), self.state, self.poses.get)


@pytest.fixture
def scene():
    return Scene()


def test_a_camera_that_repeats_itself_while_its_arm_moves_is_frozen_from_the_fifth_picture_on(
    scene,
):
    found = [scene.next(still=['left'], left_arm_joint2=0.1) for _ in range(7)]
    assert found[: REPEATS - 1] == [''] * (REPEATS - 1)
    assert found[REPEATS - 1] == (
        'left camera is frozen: 5 pictures in a row are equal, limit 5, while left_arm_joint2 '
        'moved by 0.400 rad, limit 0.02: its driver or its cable hangs, restart it'
    )
    assert all(found[REPEATS - 1 :])
    assert scene.next(left_arm_joint2=0.1) == ''  # another picture: it sees again


def test_a_still_scene_is_no_frozen_camera(scene):
    assert not any(scene.next(still=CAMERAS) for _ in range(200))


def test_slow_motion_counts_from_the_first_of_the_equal_pictures(scene):
    found = [scene.next(still=['right'], right_arm_joint4=MOVED / 20) for _ in range(25)]
    assert found.index(next(filter(None, found))) in (20, 21)  # a sum of floats


@pytest.mark.parametrize(
    ('camera', 'joint', 'frozen'),
    [
        ('left', 'left_arm_joint6', True),
        ('left', 'right_arm_joint1', False),
        ('right', 'right_arm_joint1', True),
        ('right', 'left_arm_joint1', False),
        ('head', 'left_arm_joint3', True),
        ('head', 'right_arm_joint5', True),
        ('head', 'left_gripper', False),
    ],
)
def test_only_arms_that_a_camera_sees_make_it_frozen(scene, camera, joint, frozen):
    found = [scene.next(still=[camera], **{joint: 0.05}) for _ in range(8)]
    assert any(found) == frozen
    assert all(why.startswith(f'{camera} camera is frozen') for why in found if why)


def test_a_frozen_camera_stays_one_where_the_arm_comes_back_or_rests(scene):
    for _ in range(6):
        scene.next(still=['head'], left_arm_joint1=0.1)
    assert scene.next(still=['head'], left_arm_joint1=-0.6)
    assert scene.next(still=['head'])


def test_pictures_told_twice_are_no_frozen_camera(scene):
    """A driver that publishes faster than its camera exposes."""
    for k in range(20):
        scene.now += STEP * MS
        scene.poses[scene.now] = HOME | {'left_arm_joint1': 0.1 * k}
        frame = Frame(scene.now, f'{k // (REPEATS - 1)}'.encode())
        scene.eyes.see('left', frame)
        frames = FrameSet({'left': frame}, scene.now, 0)
        assert scene.eyes.frozen(frames, scene.poses[scene.now], scene.poses.get) == ''


def test_a_set_from_before_a_camera_froze_is_sound_whatever_came_since(scene):
    scene.next()
    before = scene.now
    for _ in range(5):
        scene.next(still=['head'], left_arm_joint1=0.1)
    frames = FrameSet({'head': Frame(before, b'')}, before, 0)
    assert scene.eyes.frozen(frames, scene.poses[before], scene.poses.get) == ''


def test_where_the_readings_of_the_first_picture_are_gone_motion_counts_from_now_on():
    eyes, state, found = Eyesight(CAMERAS), dict(HOME), []
    for k in range(10):
        frame, state['left_arm_joint1'] = Frame(BASE + k, b'same'), 0.005 * k
        eyes.see('left', frame)
        frames = FrameSet({'left': frame}, frame.stamp, 0)
        found.append(bool(eyes.frozen(frames, dict(state), lambda _: 'too long ago')))
    assert found == [False] * 4 + [True] * 6


def test_where_they_are_yet_to_come_nothing_is_judged():
    eyes, frame = Eyesight(CAMERAS), Frame(BASE, b'same')
    for k in range(REPEATS):
        frame = Frame(BASE + k, b'same')
        eyes.see('left', frame)
    frames = FrameSet({'left': frame}, frame.stamp, 0)
    assert eyes.frozen(frames, HOME, lambda _: None) == ''
    assert eyes.frozen(frames, HOME, lambda _: HOME | {'left_arm_joint1': 0.2})


def test_one_stamp_for_all_pictures_is_frozen_too_and_ends_with_the_next_stamp():
    eyes = Eyesight(CAMERAS)
    eyes.see('right', Frame(BASE, b'0'))
    said = [eyes.repeats('right', BASE) for _ in range(REPEATS)]
    assert said[: REPEATS - 2] == [''] * (REPEATS - 2)
    assert said[REPEATS - 2].startswith(
        'right camera is frozen: 5 pictures in a row have the same stamp, limit 5: its driver'
    )
    eyes.see('right', Frame(BASE + 1, b'1'))
    assert eyes.repeats('right', BASE + 1) == ''
    assert eyes.repeats('right', BASE) == ''  # out of order, not the same again


@pytest.mark.parametrize('back', [True, False])
def test_time_that_goes_back_begins_anew(scene, back):
    for _ in range(6):
        scene.next(still=['left'], left_arm_joint1=0.1)
    if back:
        scene.now = BASE - 10**10
    else:
        scene.eyes.clear()
    assert scene.next(still=['left'], left_arm_joint1=0.1) == ''


SHAPE = (360, 640, 3)
NOISE = np.random.default_rng(0).normal(0.0, 1.0, SHAPE)


def grey(mean, spread):
    return np.clip(mean + spread * NOISE, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ('pixels', 'words'),
    [
        (grey(0, 0), 'left camera is black: mean 0.0 of 255, limit 8: a covered lens, the light'),
        (grey(3, 4), 'left camera is black'),  # noise behind a lens cap
        (grey(255, 0), 'left camera is white: mean 255.0 of 255, limit 247'),
        (grey(253, 3), 'left camera is white'),
        (grey(90, 0), 'left camera shows one colour: deviation 0.0 of 255, limit 2: a covered'),
        (grey(90, 1), 'left camera shows one colour'),
        (np.full(SHAPE, (0, 200, 30), np.uint8), 'left camera shows one colour'),
        (grey(20, 6), ''),  # a dim room
        (grey(230, 12), ''),
        (grey(90, 4), ''),  # cloth before the lens
    ],
)
def test_pictures_that_show_nothing_are_named_with_figure_and_limit(pixels, words):
    said = blind('left', pixels)
    assert said.startswith(words)
    assert bool(said) == bool(words)


def test_a_small_bright_thing_in_a_dark_picture_is_seen():
    """A sixteenth of the picture: what is looked at is spread over all of it."""
    pixels = np.zeros(SHAPE, np.uint8)
    pixels[90:180, 160:320] = 200
    assert blind('head', pixels) == ''


def picture(seed, spread=60):
    out = io.BytesIO()
    small = np.random.default_rng(seed).normal(120, spread, (9, 16, 3)).clip(0, 255)
    Image.fromarray(small.astype(np.uint8)).resize((64, 36)).save(out, 'JPEG')
    return out.getvalue()


def inferring():
    made = Inference(Echo(), max_skew=0.05, max_rate=15.0)
    made.set_authority('POLICY', 1)
    return made


def show(inference, k, pictures):
    """The k-th pictures and the readings around them: the left arm moves by 0.05 rad each."""
    stamp = BASE + k * STEP * MS
    said = [inference.add_image(camera, stamp, data) for camera, data in pictures.items()]
    for at in (stamp - 5 * MS, stamp + 5 * MS):
        for side in SIDES:
            inference.joints.add_arm(side, at, np.full(6, 0.05 * k * (side == 'left')))
            inference.joints.add_gripper(side, at, 50.0)
    return [each for each in said if each]


def test_no_observation_is_picked_from_a_frozen_camera_until_it_sees_again():
    inference, picked = inferring(), []
    for k in range(14):
        frozen = {'head': picture(7)} if 3 <= k < 11 else {}
        assert (
            show(inference, k, {c: picture(100 * k + i) for i, c in enumerate(CAMERAS)} | frozen)
            == []
        )
        picked.append(inference.pick())
    fine = [isinstance(each, Job) for each in picked]
    assert fine[2:] == [True] * 5 + [False] * 4 + [True] * 3
    assert all('head camera is frozen' in str(each) for each in picked[7:11])


def test_a_stamp_that_never_changes_yields_nothing_and_is_named():
    inference = inferring()
    every = {camera: picture(i) for i, camera in enumerate(CAMERAS)}
    for k in range(2):
        show(inference, k, every)
    inference.pick()
    for _ in range(6):
        said = inference.add_image('right', BASE + STEP * MS, picture(9))
    assert said.startswith('right camera is frozen: 7 pictures in a row have the same stamp')
    assert inference.pick() is None


@pytest.mark.parametrize('camera', CAMERAS)
def test_a_black_camera_yields_no_chunk_and_the_model_is_not_asked(camera):
    inference = inferring()
    dark = io.BytesIO()
    Image.new('RGB', (64, 36)).save(dark, 'JPEG')
    for k in range(2):
        show(inference, k, dict.fromkeys(CAMERAS, picture(k)) | {camera: dark.getvalue()})
    with pytest.raises(ValueError, match=f'{camera} camera is black'):
        inference.run(inference.pick())
    assert not inference.model.asked
    show(inference, 2, dict.fromkeys(CAMERAS, picture(5)))
    assert inference.run(inference.pick()).rows == 4


@st.composite
def streams(draw):
    """Cameras of which each freezes for a while, and arms that move: name -> (ms, payload)."""
    made = {}
    for camera in CAMERAS:
        phase, since, count = draw(st.tuples(*(st.integers(0, n) for n in (30, 6, 9))))
        grid = range(phase, 1000, STEP)
        made[camera] = [
            (ms, f'{camera} {since if since <= i < since + count else i}'.encode())
            for i, ms in enumerate(grid)
        ]
    speed = draw(st.sampled_from([0.0, 0.03, 0.5]))  # [rad/s]
    for side in SIDES:
        made[f'arm {side}'] = [(ms, speed * ms / 1000) for ms in range(-20, 1050, 5)]
        made[f'gripper {side}'] = [(ms, 0.0) for ms in range(-20, 1050, 5)]
    return made


def judged(order) -> dict[int, str]:
    """Head stamp -> '' or what is frozen, of every set that becomes certain."""
    inference, found = Inference(Echo(), 0.05, 1000.0, always=True, frame_interval=0.05), {}
    for k, (name, ms, payload) in enumerate(order):
        kind, _, side = name.partition(' ')
        if kind == 'arm':
            inference.joints.add_arm(side, BASE + ms * MS, np.full(6, payload))
        elif kind == 'gripper':
            inference.joints.add_gripper(side, BASE + ms * MS, 50.0)
        else:
            inference.add_image(name, BASE + ms * MS, payload)
        for frames in inference.frames.sets() if k % 20 == 0 else ():
            state = inference.joints.at(frames.stamp)
            if isinstance(state, dict) and frames.stamp not in found:
                found[frames.stamp] = inference.eyes.frozen(frames, state, inference.joints.at)
    return found


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_whatever_the_order_of_arrival_the_same_sets_are_refused_for_the_same_reason(data):
    made = data.draw(streams())
    one, _ = data.draw(arrivals(made))
    other, _ = data.draw(arrivals(made))
    first, second = judged(one), judged(other)
    common = first.keys() & second.keys()
    assert len(common) >= 5
    assert {s: first[s] for s in common} == {s: second[s] for s in common}
