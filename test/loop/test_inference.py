"""From pictures and readings to a chunk, and what is refused on the way."""

import io
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from fastwam_ros.loop.committed import Committed
from fastwam_ros.loop.inference import Inference, Job
from fastwam_ros.loop.model import check_model, from_model, to_model
from fastwam_ros.loop.pictures import decode
from fastwam_ros.loop.plans import Said
from fastwam_ros.robot.joints import ARM_NAMES, GRIPPER_NAMES, JOINT_NAMES, ORDERS
from fastwam_ros.robot.units import GRIPPER_UNITS, open_gripper
from fastwam_ros.wam.prefix import Wanted

MS = 1_000_000
BASE = 10**18


class Echo:
    """A model whose rows are the state it was given, in other units and another order."""

    name, digest, robot = 'echo', 'abc', 'r1lite'
    joint_names = tuple(reversed(JOINT_NAMES))
    units = tuple('percent' if 'gripper' in name else 'rad' for name in joint_names)
    state_names, state_units, representation = joint_names, units, 'absolute'
    cameras = ('head', 'left', 'right')
    step, offset, horizon = 1.0 / 15.0, 0.0, 4
    tasks = ('stand', 'wave')

    def __init__(self):
        self.asked = []

    def learn(self, task):
        if task not in self.tasks:
            raise ValueError(f'unknown task {task!r}: it knows {self.tasks}')

    def predict(self, images, state, task):  # as models do that know no prefix
        self.asked.append(({name: image.shape for name, image in images.items()}, state, task))
        return SimpleNamespace(rows=np.tile(state, (4, 1)), disagreement=0.25)


def jpeg(height, width):
    out = io.BytesIO()
    Image.linear_gradient('L').resize((width, height)).convert('RGB').save(out, 'JPEG')
    return out.getvalue()


def feed(inference, at=0, data=None):
    for ms in (at - 66, at):
        for camera in Echo.cameras:
            picture = (data or jpeg(36, 64)) + str(ms).encode()  # none equals the one before
            inference.add_image(camera, BASE + ms * MS, picture)
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
    chunk = inference.run(inference.pick())
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
        assert inference.pick() is None
    inference.set_authority('TELEOP', 7)  # a shadow
    assert isinstance(inference.pick(), Job)


def test_a_replay_infers_in_every_mode():
    inference = Inference(Echo(), 0.05, 10.0, always=True)
    feed(inference)
    assert inference.mode == 'DISARMED'
    assert isinstance(inference.pick(), Job)


def test_each_cell_of_stamps_gives_one_observation():
    inference = Inference(Echo(), 0.05, max_rate=10.0)
    inference.set_authority('POLICY', 7)
    picked = []
    for ms in range(0, 660, 33):
        feed(inference, ms)
        job = inference.pick()
        picked += [(job.frames.stamp - BASE) // MS] if job is not None else []
    assert picked == [0, 132, 231, 330, 429, 528, 627]  # the first of every 100 ms


def test_where_it_does_not_keep_up_the_newest_is_taken(inference):
    feed(inference, 0)
    inference.pick()
    for ms in (110, 143, 176):
        feed(inference, ms)
    assert inference.pick().frames.stamp == BASE + 176 * MS


def test_sequences_count_within_an_epoch(inference):
    feed(inference)
    assert inference.pick().sequence == 1
    feed(inference, 110)
    assert inference.pick().sequence == 2
    inference.set_authority('POLICY', 8)
    feed(inference, 220)
    job = inference.pick()
    assert (job.epoch, job.sequence) == (8, 1)


def test_a_picture_waits_for_the_readings_around_it(inference):
    for ms in (-66, 0):
        for camera in Echo.cameras:
            inference.add_image(camera, BASE + ms * MS, jpeg(36, 64))
    assert inference.pick() == 'no arm left feedback yet'
    joints = inference.joints
    for ms in (-5, 5):
        assert inference.pick() is None or ms == -5
        assert inference.waiting == (ms == 5)
        for side in ('left', 'right'):
            joints.add_gripper(side, BASE + ms * MS, 50.0)
            joints.add_arm(side, BASE + ms * MS, np.full(6, ms * 0.01))
    job = inference.pick()
    assert not inference.waiting
    assert job.state['left_arm_joint1'] == 0.0


def test_no_reading_near_the_picture_is_said(inference):
    feed(inference)
    for ms in (434, 500):
        for camera in Echo.cameras:
            inference.add_image(camera, BASE + ms * MS, jpeg(36, 64))
    inference.pick()
    assert 'no arm left feedback near the picture' in inference.pick()
    for side in ('left', 'right'):
        inference.joints.add_arm(side, BASE + 510 * MS, np.zeros(6))
        inference.joints.add_gripper(side, BASE + 510 * MS, 50.0)
    assert 'has a gap of 0.505 s around the picture' in inference.pick()


def test_time_that_went_back_begins_anew(inference):
    feed(inference, 300)
    assert inference.pick().frames.stamp == BASE + 300 * MS
    inference.clear()
    feed(inference, 0)
    assert inference.pick().frames.stamp == BASE


def test_the_observation_s_hash_changes_with_a_byte_a_joint_and_the_task(inference):
    feed(inference)
    job = inference.pick()
    frames = dict(job.frames.frames)
    frames['right'] = replace(frames['right'], data=frames['right'].data + b'0')
    others = [
        replace(job, frames=replace(job.frames, frames=frames)),
        replace(job, state=job.state | {'left_gripper': np.nextafter(0.05, 1.0)}),
        replace(job, task='stand'),
    ]
    assert len({job.digest, *(other.digest for other in others)}) == 4
    assert inference.run(job).observation == job.digest == replace(job, epoch=9).digest


@pytest.mark.parametrize('data', [b'', b'garbage', jpeg(36, 64)[:200]])
def test_a_picture_that_is_none_names_its_camera(inference, data):
    feed(inference)
    job = inference.pick()
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
    with pytest.raises(ValueError, match='max_rate is 0'):
        Inference(Echo(), 0.05, 0.0)
    with pytest.raises(ValueError, match=r"bundle echo: unknown task 'dance': it knows \('stand'"):
        Inference(Echo(), 0.05, 5.0, 'dance')


class Led(Echo):
    """A model that is asked for a prefix, or for none."""

    def predict(self, images, state, task, prefix=None):
        self.prefix = prefix
        return super().predict(images, state, task)


def led():
    """An inference whose first chunk is executed: joint i stands at 0.1 * i, grippers at 5 mm."""
    inference = Inference(Led(), 0.05, 10.0, committed=Committed())
    inference.set_authority('POLICY', 7)
    feed(inference)
    chunk = inference.run(inference.pick())
    assert inference.model.prefix is None
    chunk = replace(chunk, positions=np.full_like(chunk.positions, 0.005))
    inference.committed.add_chunk(chunk)
    heights = np.tile(0.1 * np.arange(12.0), (2, 1))
    begin = BASE + 100 * MS
    inference.committed.add_plan(begin, [0, 300 * MS], ARM_NAMES, heights)
    named = (chunk.epoch, chunk.sequence)
    said = Said(begin, 'POLICY', 7, begin, named, chunk.stamp, 1.0, 0.3, named, True)
    inference.committed.add_state(said)
    return inference


def test_a_chunk_is_asked_to_begin_with_what_is_executed_in_the_model_s_order_and_units():
    inference = led()
    feed(inference, 110)
    job = inference.pick()
    inference.run(job)
    assert inference.model.prefix is job.prefix
    assert job.prefix.rows.shape == (4, 14)
    at = dict(zip(Echo.joint_names, job.prefix.rows[0], strict=True))
    assert at['left_arm_joint3'] == pytest.approx(0.2)
    assert at['right_arm_joint6'] == pytest.approx(1.1)
    assert at['left_gripper'] == pytest.approx(5.0)  # percent
    # Rows at 110 and 177 ms are due before the chunk in force ends, at 200; the latency was 100.
    assert job.prefix.weights.tolist() == [1.0, 1.0, 0.0, 0.0]


def test_a_prefix_is_part_of_what_was_inferred_from():
    inference = led()
    feed(inference, 110)
    job = inference.pick()
    weights, rows = job.prefix.weights, job.prefix.rows
    others = [
        replace(job, prefix=None),
        replace(job, prefix=Wanted(rows, weights * 0.5)),
        replace(job, prefix=Wanted(np.nextafter(rows, 1.0), weights)),
    ]
    assert len({job.digest, *(other.digest for other in others)}) == 4
    assert inference.run(job).observation == job.digest


def test_nothing_binds_where_time_went_back_or_nobody_asks():
    inference = led()
    inference.clear()
    feed(inference, 110)
    assert inference.pick().prefix is None
    free = Inference(Echo(), 0.05, 10.0)  # which asks a model as ever
    free.set_authority('POLICY', 7)
    feed(free)
    assert free.run(free.pick()) is not None


def test_a_model_of_an_end_effectors_motion_is_refused_by_name():
    other = Echo()
    other.representation = 'end_effector_delta'
    with pytest.raises(ValueError, match='bundle echo gives rows of end_effector_delta, and') as e:
        Inference(other, 0.05, 5.0)
    assert 'absolute or relative' in str(e.value) and '\n' not in str(e.value)


def test_units_that_a_joint_cannot_have():
    turned = Echo()
    turned.units = tuple(reversed(Echo.units))  # of names that go the other way
    with pytest.raises(ValueError, match="right_gripper in 'rad', want m or percent or fraction"):
        Inference(turned, 0.05, 5.0)
    stretched = Echo()
    stretched.state_units = ('percent',) * len(JOINT_NAMES)
    with pytest.raises(ValueError, match="right_arm_joint6 in 'percent', want rad"):
        Inference(stretched, 0.05, 5.0)


def test_a_state_that_this_robot_does_not_measure():
    other = Echo()
    other.state_names = ('eef_x', *JOINT_NAMES[1:])
    with pytest.raises(ValueError, match=r"bundle echo reads \['eef_x'\], which this robot"):
        Inference(other, 0.05, 5.0)


@pytest.mark.parametrize('unit', GRIPPER_UNITS)
@pytest.mark.parametrize('order', ORDERS)
def test_any_order_and_gripper_unit_comes_back_as_it_went(order, unit):
    model, names = Echo(), ORDERS[order]
    model.joint_names = model.state_names = names
    model.units = tuple(unit if name in GRIPPER_NAMES else 'rad' for name in names)
    model.state_units = model.units
    check_model(model)
    state = {name: 0.001 * (n + 1) for n, name in enumerate(JOINT_NAMES)}
    theirs = to_model(model, state)
    opened = open_gripper(unit) * state['right_gripper'] / 0.1
    assert theirs[names.index('right_gripper')] == pytest.approx(opened)
    assert theirs[names.index('right_arm_joint2')] == state['right_arm_joint2']
    rows = from_model(model, np.tile(theirs, (3, 1)))
    assert dict(zip(names, rows[2], strict=True)) == pytest.approx(state)


def test_a_state_in_other_columns_than_the_rows():
    model = Echo()
    model.state_names = ('left_gripper', 'right_arm_joint1')
    model.state_units = ('fraction', 'rad')
    check_model(model)
    state = dict.fromkeys(JOINT_NAMES, 0.05)
    assert to_model(model, state) == pytest.approx([0.5, 0.05])
