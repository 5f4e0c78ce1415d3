"""From pictures and readings to a chunk, and what is refused on the way."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from fastwam_ros.loop.inference import Inference, Job, decode
from fastwam_ros.robot.joints import JOINT_NAMES

MS = 1_000_000
BASE = 10**18


class Echo:
    """A model whose rows are the state it was given, in other units and another order."""

    name, digest, robot = 'echo', 'abc', 'r1lite'
    joint_names = tuple(reversed(JOINT_NAMES))
    units = tuple('percent' if 'gripper' in name else 'rad' for name in joint_names)
    cameras = ('head', 'left', 'right')
    step, offset = 1.0 / 15.0, 0.0
    tasks = ('stand', 'wave')

    def __init__(self):
        self.asked = []

    def infer(self, images, state, task):
        self.asked.append(({name: image.shape for name, image in images.items()}, state, task))
        return np.tile(state, (4, 1))


def jpeg(height, width):
    out = io.BytesIO()
    Image.fromarray(np.zeros((height, width, 3), np.uint8)).save(out, 'JPEG')
    return out.getvalue()


def feed(inference, at=0, data=None):
    for camera in Echo.cameras:
        assert inference.add_image(camera, BASE + at * MS, data or jpeg(36, 64)) == ''
    for ms in (at - 5, at + 5):
        for i, side in enumerate(('left', 'right')):
            q = np.arange(6.0) * 0.1 + i + ms * 0.001
            assert inference.joints.add_arm(side, BASE + ms * MS, q) == ''
            assert inference.joints.add_gripper(side, BASE + ms * MS, 50.0) == ''


@pytest.fixture
def inference():
    made = Inference(Echo(), max_skew=0.05, max_rate=10.0, task='wave')
    made.set_authority('POLICY', 7)
    return made


def test_the_chunk_carries_the_head_stamp_the_epoch_and_the_state_of_that_instant(inference):
    feed(inference)
    chunk = inference.run(inference.pick(10**9))
    assert chunk.stamp == BASE
    assert (chunk.epoch, chunk.sequence, chunk.task) == (7, 1, 'wave')
    assert chunk.bundle == 'echo@abc'
    arm = chunk.columns(JOINT_NAMES)[0]
    assert arm[:6] == pytest.approx(np.arange(6.0) * 0.1)  # between -5 and +5 ms
    assert arm[[6, 13]] == pytest.approx([0.05, 0.05])  # metres again
    shapes, state, task = inference.model.asked[0]
    assert shapes['head'] == (36, 64, 3)
    assert state[Echo.joint_names.index('left_gripper')] == pytest.approx(50.0)  # percent
    assert task == 'wave'


def test_nothing_is_inferred_where_nobody_would_listen(inference):
    feed(inference)
    for mode in ('DISARMED', 'FAULT', 'STOPPING', 'ESTOP'):
        inference.set_authority(mode, 7)
        assert inference.pick(10**9) is None
    inference.set_authority('TELEOP', 7)  # a shadow
    assert isinstance(inference.pick(10**9), Job)


def test_the_rate_is_limited_and_sequences_count_within_an_epoch(inference):
    feed(inference)
    assert inference.pick(10**9).sequence == 1
    feed(inference, 66)
    assert inference.pick(10**9 + 99 * MS) is None
    assert inference.pick(10**9 + 100 * MS).sequence == 2
    inference.set_authority('POLICY', 8)
    feed(inference, 133)
    job = inference.pick(2 * 10**9)
    assert (job.epoch, job.sequence) == (8, 1)


def test_no_reading_near_the_picture_is_said(inference):
    for camera in Echo.cameras:
        inference.add_image(camera, BASE, jpeg(36, 64))
    assert inference.pick(10**9) == 'no arm left feedback yet'
    feed(inference, 66)
    for camera in Echo.cameras:
        inference.add_image(camera, BASE + 500 * MS, jpeg(36, 64))
    assert 'no arm left feedback near the picture' in inference.pick(10**9)


@pytest.mark.parametrize('data', [b'', b'garbage', jpeg(36, 64)[:200]])
def test_a_picture_that_is_none_names_its_camera(inference, data):
    feed(inference)
    job = inference.pick(10**9)
    frames = {**job.frames.frames, 'left': replace(job.frames.frames['left'], data=data)}
    with pytest.raises(ValueError, match=f'left camera sent {len(data)} bytes'):
        inference.run(replace(job, frames=replace(job.frames, frames=frames)))


def test_grey_pictures_become_rgb():
    out = io.BytesIO()
    Image.fromarray(np.full((8, 8), 77, np.uint8)).save(out, 'PNG')
    assert decode('head', out.getvalue()).shape == (8, 8, 3)


def test_feedback_that_is_none_is_dropped_in_words(inference):
    joints = inference.joints
    assert 'six finite' in joints.add_arm('left', BASE, np.zeros(5))
    assert 'six finite' in joints.add_arm('left', BASE, np.full(6, np.nan))
    assert 'feedback is nan' in joints.add_gripper('right', BASE, float('nan'))
    assert joints.add_arm('left', BASE, np.zeros(7)) == ''  # an older firmware
    assert 'back in time' in joints.add_arm('left', BASE - 1, np.zeros(6))


def test_a_model_for_another_robot_or_task_is_refused():
    other = Echo()
    other.robot = 'aloha'
    with pytest.raises(ValueError, match="made for 'aloha'"):
        Inference(other, 0.05, 5.0)
    fewer = Echo()
    fewer.joint_names = fewer.joint_names[1:]
    with pytest.raises(ValueError, match='right_gripper'):
        Inference(fewer, 0.05, 5.0)
    with pytest.raises(ValueError, match="'dance' is not in bundle echo: it knows 'stand'"):
        Inference(Echo(), 0.05, 5.0, 'dance')
