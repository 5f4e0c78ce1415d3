"""Cameras that see nothing: which, why, from when on, and that they recover by themselves."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fastwam_ros.loop.eyesight import REPEATS, TURNED, Eyesight, blindness
from fastwam_ros.loop.inference import Inference, Job
from fastwam_ros.loop.synchroniser import Frame, FrameSet
from fastwam_ros.robot.joints import SIDES
from test.loop.test_arms_in_view import HOME, LOW, state
from test.loop.test_inference import Echo
from test.loop.test_order import arrivals

MS, BASE, STEP = 1_000_000, 10**18, 66
CAMERAS = ('head', 'left', 'right')


def turned(by):
    return np.array([by, *LOW[1:]])


class Scene:
    """Three cameras, a picture of each every 66 ms, and arms that the head camera sees."""

    def __init__(self):
        self.eyes = Eyesight(CAMERAS)
        self.now, self.poses, self.state = BASE, {}, state(LOW, LOW)

    def next(self, still=(), **moves):
        """New pictures, equal ones from the cameras named; what is frozen in this set."""
        self.now += STEP * MS
        self.state |= {name: self.state[name] + by for name, by in moves.items()}
        self.poses[self.now] = dict(self.state)
        frames = {}
        for camera in CAMERAS:
            data = b'the same' if camera in still else f'{camera} {self.now}'.encode()
            frames[camera] = Frame(self.now, data)
            self.eyes.see(camera, frames[camera], self.poses.get)
        return self.judge(frames, self.now)

    def judge(self, frames, stamp):
        found = self.eyes.frozen(FrameSet(frames, stamp, 0), self.poses.get)
        return found.words if found else ''


@pytest.fixture
def scene():
    return Scene()


def test_a_camera_that_repeats_itself_while_its_arm_moves_is_frozen_from_the_fifth_picture_on(
    scene,
):
    found = [scene.next(still=['left'], left_arm_joint2=0.1) for _ in range(7)]
    assert found[: REPEATS - 1] == [''] * (REPEATS - 1)
    assert found[REPEATS - 1] == (
        'left camera is frozen: 5 pictures in a row are equal over 0.26 s, limits 5 and 0.25 s, '
        'while left_arm_joint2 moved by 0.10 rad, limit 0.1: its driver or its cable hangs, '
        'restart it'
    )
    assert all(found[REPEATS - 1 :])
    assert scene.next(left_arm_joint2=0.1) == ''  # another picture: it sees again


def test_a_head_camera_that_repeats_itself_while_an_arm_moves_in_its_picture_is_frozen(scene):
    found = [scene.next(still=['head'], right_arm_joint1=0.05) for _ in range(7)]
    assert found[: REPEATS - 1] == [''] * (REPEATS - 1)
    assert found[REPEATS - 1].startswith(
        'head camera is frozen: 5 pictures in a row are equal over 0.26 s, limits 5 and 0.25 s, '
        'while the right arm '
    )
    assert found[REPEATS - 1].endswith('limit 4: its driver or its cable hangs, restart it')


def test_a_still_scene_is_no_frozen_camera(scene):
    assert not any(scene.next(still=CAMERAS) for _ in range(200))


def test_slow_motion_counts_from_the_first_of_the_equal_pictures(scene):
    found = [scene.next(still=['right'], right_arm_joint4=TURNED / 20) for _ in range(25)]
    assert found.index(next(filter(None, found))) in (20, 21)  # a sum of floats


@pytest.mark.parametrize(
    ('camera', 'joint', 'frozen'),
    [
        ('left', 'left_arm_joint6', True),
        ('left', 'right_arm_joint1', False),
        ('right', 'right_arm_joint1', True),
        ('right', 'left_arm_joint1', False),
        ('right', 'right_gripper', False),
        ('head', 'left_arm_joint3', True),
        ('head', 'right_arm_joint4', True),
    ],
)
def test_what_moves_in_a_camera_s_picture_makes_it_frozen(scene, camera, joint, frozen):
    by = 0.007 if 'gripper' in joint else 0.1
    found = [scene.next(still=[camera], **{joint: -by}) for _ in range(8)]
    assert any(found) == frozen
    assert all(why.startswith(f'{camera} camera is frozen') for why in found if why)


@pytest.mark.parametrize('joint', ['right_arm_joint5', 'left_arm_joint6', 'right_arm_joint3'])
def test_a_hand_out_of_the_head_camera_s_sight_may_move_and_its_picture_stay(scene, joint):
    """As at the demo's start, where a renderer sends equal pictures while a hand waves."""
    scene.state = state(HOME, HOME)
    signs = [1, 1, 1, -1, -1, -1] * 5
    assert not any(scene.next(still=['head'], **{joint: 0.05 * sign}) for sign in signs)


def test_a_hand_that_comes_into_its_sight_counts(scene):
    scene.state = state(HOME, HOME)
    way = (LOW - HOME) / 12
    moves = {f'left_arm_joint{i}': float(by) for i, by in enumerate(way, 1)}
    found = [scene.next(still=['head'], **moves) for _ in range(12)]
    assert not any(found[:5])
    assert 'the left arm came to' in found[-1]


def test_a_frozen_camera_stays_one_where_the_arm_comes_back_or_rests(scene):
    for _ in range(6):
        scene.next(still=['head'], left_arm_joint1=0.1)
    assert scene.next(still=['head'], left_arm_joint1=-0.6)
    assert scene.next(still=['head'])


@pytest.mark.parametrize(('step', 'times'), [(66, REPEATS - 1), (33, 6)])
def test_pictures_told_several_times_are_no_frozen_camera(scene, step, times):
    """A driver that publishes faster than its camera exposes, as in the dark."""
    for k in range(40):
        stamp = BASE + k * step * MS
        scene.poses[stamp] = state(LOW, LOW) | {'left_arm_joint1': 0.1 * k}
        frame = Frame(stamp, f'{k // times}'.encode())
        scene.eyes.see('left', frame, scene.poses.get)
        assert scene.judge({'left': frame}, stamp) == ''


def test_a_set_from_before_a_camera_froze_is_sound_whatever_came_since(scene):
    scene.next()
    before = scene.now
    for _ in range(5):
        scene.next(still=['head'], left_arm_joint1=0.1)
    assert scene.judge({'head': Frame(before, b'')}, before) == ''


def test_motion_after_a_set_s_stamp_does_not_count_in_it(scene):
    """Its wrist pictures may be later than its head's: what was known then decides."""
    for k in range(7):
        last = {'left_arm_joint3': 0.2} if k == 6 else {}
        assert bool(scene.next(still=['left'], **last)) == (k == 6)
    frames = {'left': Frame(scene.now, b'')}
    assert scene.judge(frames, scene.now - MS) == ''
    assert scene.judge(frames, scene.now)


def moving_by(step, count, at):
    """Which of `count` equal pictures are refused, with readings as told by at(stamp, pose)."""
    eyes, found = Eyesight(CAMERAS), []
    poses = {BASE + k * STEP * MS: state(turned(step * k), LOW) for k in range(count)}
    for stamp in poses:
        frame = Frame(stamp, b'same')

        def known(wanted, now=stamp):
            return at(wanted, now, poses[wanted])

        eyes.see('left', frame, known)
        frames = FrameSet({'left': frame}, stamp, 0)
        found.append(bool(eyes.frozen(frames, known)))
    return found


def test_where_the_readings_of_the_first_pictures_are_gone_motion_counts_from_those_that_are_not():
    late = BASE + 5 * STEP * MS

    def gone(wanted, now, pose):
        return pose if wanted >= late else 'no feedback as old as the picture'

    found = moving_by(TURNED, 10, gone)
    assert found == [False] * 6 + [True] * 4


def test_readings_that_are_yet_to_come_are_waited_for():
    def later(wanted, now, pose):
        return pose if now >= BASE + 7 * STEP * MS else None

    assert moving_by(TURNED, 10, later) == [False] * 7 + [True] * 3


def test_readings_are_looked_at_before_they_are_forgotten(scene):
    """Where nobody judges sets for long, as before somebody engages."""
    for k in range(60):
        stamp = BASE + k * STEP * MS
        scene.poses = {t: p for t, p in scene.poses.items() if t > stamp - 10**9}
        scene.poses[stamp] = state(LOW, LOW) | {'left_arm_joint1': 0.3 * (k > 3)}
        scene.eyes.see('left', Frame(stamp, b'same'), scene.poses.get)
    assert scene.judge({'left': Frame(stamp, b'same')}, stamp)


def test_one_stamp_for_all_pictures_is_frozen_too_and_ends_with_the_next_stamp():
    eyes = Eyesight(CAMERAS)
    eyes.see('right', Frame(BASE, b'0'), {}.get)
    for _ in range(REPEATS - 2):
        eyes.repeats('right', BASE)
        assert eyes.stuck is None
    eyes.repeats('right', BASE)
    assert (eyes.stuck.camera, eyes.stuck.fact) == ('right', 'frozen')
    assert eyes.stuck.words.startswith(
        'right camera is frozen: 5 pictures in a row have the same stamp, limit 5: its driver'
    )
    eyes.see('right', Frame(BASE + 1, b'1'), {}.get)
    assert eyes.stuck is None
    for _ in range(REPEATS):
        eyes.repeats('right', BASE)  # out of order, not the same again
    assert eyes.stuck is None


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
    said = blindness('left', pixels)
    assert bool(said) == bool(words)
    assert not said or said.words.startswith(words)
    assert not said or said.fact in said.words


def test_a_small_bright_thing_in_a_dark_picture_is_seen():
    """A sixteenth of the picture: what is looked at is spread over all of it."""
    pixels = np.zeros(SHAPE, np.uint8)
    pixels[90:180, 160:320] = 200
    assert blindness('head', pixels) is None


def plain(level):
    out = io.BytesIO()
    Image.new('RGB', (64, 36), (level,) * 3).save(out, 'JPEG')
    return out.getvalue()


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
    """The k-th pictures and the readings around them: the arms move by 0.05 rad each."""
    stamp = BASE + k * STEP * MS
    said = [inference.add_image(camera, stamp, data) for camera, data in pictures.items()]
    for at in (stamp - 5 * MS, stamp + 5 * MS):
        for side in SIDES:
            inference.joints.add_arm(side, at, turned(0.05 * k))
            inference.joints.add_gripper(side, at, 50.0)
    return [each for each in said if each]


def every(k, **others):
    """Three pictures of an instant."""
    return {c: picture(100 * k + i) for i, c in enumerate(CAMERAS)} | others


@pytest.mark.parametrize('camera', CAMERAS)
def test_no_observation_is_picked_from_a_frozen_camera_until_it_sees_again(camera):
    inference, picked = inferring(), []
    for k in range(14):
        assert show(inference, k, every(k, **({camera: picture(7)} if 3 <= k < 11 else {}))) == []
        picked.append(inference.pick())
        if isinstance(picked[-1], Job):
            assert inference.run(picked[-1]).rows == 4
        frozen = inference.blind
        assert (frozen is not None) == (7 <= k < 11)
        assert frozen is None or (frozen.camera, frozen.fact) == (camera, 'frozen')
    fine = [isinstance(each, Job) for each in picked]
    assert fine[2:] == [True] * 5 + [False] * 4 + [True] * 3


def test_a_frozen_camera_whose_picture_is_black_is_told_as_black():
    inference, dark = inferring(), plain(0)
    for k in range(12):
        show(inference, k, every(k, left=dark))
        if isinstance(job := inference.pick(), Job):
            assert inference.run(job) is None
    assert not isinstance(job, Job)  # by then it is not even decoded
    assert (inference.blind.camera, inference.blind.fact) == ('left', 'black')


def test_a_frozen_camera_that_sends_no_picture_is_told_as_that():
    inference = inferring()
    for k in range(12):
        show(inference, k, every(k, left=b'garbage'))
        inference.pick()
    assert (inference.blind.camera, inference.blind.fact) == ('left', 'no picture')
    assert 'left camera sent 7 bytes' in inference.blind.words


def test_a_stamp_that_never_changes_yields_nothing_and_is_named():
    inference = inferring()
    for k in range(2):
        show(inference, k, every(k))
    inference.pick()
    for _ in range(6):
        said = inference.add_image('right', BASE + STEP * MS, picture(9))
        assert said.startswith('right camera repeats')
    assert inference.pick() is None
    assert inference.blind.words.startswith(
        'right camera is frozen: 7 pictures in a row have the same stamp'
    )


@pytest.mark.parametrize('camera', CAMERAS)
def test_a_black_camera_yields_no_chunk_and_the_model_is_not_asked(camera):
    inference = inferring()
    for k in range(2):
        show(inference, k, every(k, **{camera: plain(0)}))
    assert inference.run(inference.pick()) is None
    assert (inference.blind.camera, inference.blind.fact) == (camera, 'black')
    assert not inference.model.asked
    show(inference, 2, every(2))
    assert inference.run(inference.pick()).rows == 4
    assert inference.blind is None


def test_nothing_is_told_of_pictures_that_nobody_looks_at():
    inference = inferring()
    for k in range(2):
        show(inference, k, every(k, head=plain(255)))
    inference.run(inference.pick())
    assert inference.blind.fact == 'white'
    inference.set_authority('DISARMED', 1)
    assert not inference.looks
    assert inference.blind is None
    inference.set_authority('HOLD', 2)
    assert inference.blind.fact == 'white'  # until it was looked again


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
    speed = draw(st.sampled_from([0.0, 0.15, 1.0]))  # [rad/s]
    for side in SIDES:
        made[f'arm {side}'] = [(ms, speed * ms / 1000) for ms in range(-20, 1050, 5)]
        made[f'gripper {side}'] = [(ms, 50.0) for ms in range(-20, 1050, 5)]
    return made


def judged(order) -> dict[int, str]:
    """Head stamp -> '' or what is frozen, of every set that becomes certain."""
    inference, found = Inference(Echo(), 0.05, 1000.0, always=True, frame_interval=0.05), {}
    for k, (name, ms, payload) in enumerate(order):
        kind, _, side = name.partition(' ')
        if kind == 'arm':
            inference.joints.add_arm(side, BASE + ms * MS, turned(payload))
        elif kind == 'gripper':
            inference.joints.add_gripper(side, BASE + ms * MS, payload)
        else:
            inference.add_image(name, BASE + ms * MS, payload)
        for frames in inference.frames.sets() if k % 20 == 0 else ():
            if frames.stamp not in found and isinstance(inference.joints.at(frames.stamp), dict):
                frozen = inference.eyes.frozen(frames, inference.joints.at)
                found[frames.stamp] = frozen.words if frozen else ''
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
