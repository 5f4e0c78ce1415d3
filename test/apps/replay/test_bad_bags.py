"""Bags that are not as they should be: what can be replayed is, the rest is said in a line."""

import numpy as np
import pytest

from fastwam_ros.apps.replay.build import Asked, replay
from fastwam_ros.bag.reader import BagError
from test.apps.replay.bags import LATE, Wave, waving
from test.bag.foreign import SQLITE, written
from test.bag.messages import joint_state
from test.motion.robot import PERIOD, START


def run(bag, out):
    return replay(Asked(bag, None, out))


def damaged(path, name):
    """A file that is no whole recording."""
    whole = waving(path / 'whole.mcap')
    bad = path / f'{name}.mcap'
    bad.write_bytes(
        {
            'empty': b'',
            'ros1': b'#ROSBAG V2.0\n' + bytes(100),
            'picture': b'\x89PNG' + bytes(100),
            'cut': whole.read_bytes()[: 2 * whole.stat().st_size // 3],
        }[name]
    )
    return bad


@pytest.mark.parametrize(
    ('name', 'words'),
    [
        ('empty', 'empty.mcap is empty'),
        ('ros1', 'is a bag of ROS 1'),
        ('picture', 'picture.mcap is'),
    ],
)
def test_what_is_no_recording(tmp_path, name, words):
    with pytest.raises(BagError, match=words):
        run(damaged(tmp_path, name), tmp_path / 'out')
    assert not (tmp_path / 'out').exists()


def test_a_recording_that_breaks_off_is_replayed_as_far_as_it_goes(tmp_path):
    found = run(damaged(tmp_path, 'cut'), tmp_path / 'out')
    assert 0.5 < found.lasted < 2.9 and found.count.verdicts['accepted'] >= 1
    assert 'breaks off' in found.damaged and any('breaks off' in line for line in found.lines())


def test_a_folder_without_its_description_and_one_without_bags(tmp_path):
    folder = tmp_path / 'run'
    folder.mkdir()
    waving(folder / 'run_0.mcap')
    assert run(folder, tmp_path / 'out').count.verdicts == {'accepted': 7}
    (tmp_path / 'nothing').mkdir()
    with pytest.raises(BagError, match='nothing'):
        run(tmp_path / 'nothing', tmp_path / 'none')


def test_feedback_of_one_arm_is_missing(tmp_path):
    one = ('/hdas/feedback_arm_left', 'JointState', START, joint_state(START, [0.0] * 6))
    bag = written(tmp_path / 'half', [one], SQLITE)
    with pytest.raises(BagError, match='has no arm_measured_right, gripper_measured_left'):
        run(bag, tmp_path / 'out')


def test_two_robots_are_told_apart_by_name(tmp_path):
    path = tmp_path / 'two.mcap'
    two = Wave(path, namespace='/one', ours=False)
    for now in range(START, START + 10**9, PERIOD):
        two.arms(now)
        two.namespace = {'/one': '/two', '/two': '/one'}[two.namespace]
    two.chunk(START + 10**9, 1)
    two.close()
    with pytest.raises(BagError, match='is of 2 robots: name one namespace of /one, /two'):
        run(path, tmp_path / 'out')


def test_an_older_arm_tells_its_gripper_as_a_seventh_value(tmp_path):
    bag = Wave(tmp_path / 'seven.mcap')
    for now in range(START, START + 2 * 10**9, PERIOD):
        bag.arms(now, commands=False, seventh=True)
    bag.chunk(START + 2 * 10**9 - PERIOD, 1)
    bag.close()
    assert run(bag.path, tmp_path / 'out').count.verdicts == {'accepted': 1}


@pytest.mark.parametrize('stamps', ['zero', 'backwards'])
def test_stamps_that_are_none_do_not_stop_a_replay(tmp_path, stamps):
    bag = Wave(tmp_path / 'stamps.mcap')
    for now in range(START, START + 2 * 10**9, PERIOD):
        told = 0 if stamps == 'zero' else 2 * START - now
        bag.arms(now, stamp=told)
    bag.chunk(START + 2 * 10**9 - PERIOD, 1)
    bag.close()
    found = run(bag.path, tmp_path / 'out')
    assert found.count.verdicts == {'accepted': 1}  # judged by when readings came
    assert found.lasted == pytest.approx(2.0, abs=0.02)


def test_bytes_that_are_no_message_are_counted(tmp_path):
    path = tmp_path / 'torn.mcap'
    bag = Wave(path)
    for now in range(START, START + 10**9, PERIOD):
        bag.arms(now)
        if now % 10**8 == 0:
            bag.torn('arm_measured_left', now + 1)
    bag.chunk(START + 10**9 - PERIOD, 1)
    bag.close()
    found = run(path, tmp_path / 'out')
    assert found.count.verdicts == {'accepted': 1}
    assert found.problems['a message that is none of its type'] == 10


def test_a_chunk_before_any_reading_is_left_out(tmp_path):
    bag = Wave(tmp_path / 'early.mcap')
    bag.chunk(START + LATE, 1)
    for now in range(START + LATE + PERIOD, START + 10**9, PERIOD):
        bag.arms(now)
    bag.chunk(START + 10**9, 2)
    bag.close()
    assert sum(run(bag.path, tmp_path / 'out').count.verdicts.values()) == 1


def test_readings_that_are_not_finite_change_nothing(tmp_path):
    bag = Wave(tmp_path / 'nan.mcap')
    for now in range(START, START + 10**9, PERIOD):
        bag.arms(now)
        fields = {'header': {'stamp': now}, 'position': np.full(6, np.nan)}
        bag.say('arm_measured_left', now + 1, fields)
    bag.chunk(START + 10**9, 1)
    bag.close()
    assert run(bag.path, tmp_path / 'out').count.verdicts == {'accepted': 1}
