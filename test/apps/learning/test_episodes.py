"""Rows of a recording: what they are, where they are, and what was left out."""

import numpy as np
import pytest

from fastwam_ros.apps.learning.episodes import GAP, _parts, episodes
from fastwam_ros.apps.learning.recording import Recording
from fastwam_ros.bag.composed import cdr as composed
from fastwam_ros.bag.reader import Bag, BagError
from test.apps.learning.taught import (
    AFTER,
    LATE,
    SECOND,
    START,
    TASK,
    TICK,
    Taught,
    arms,
    gripper,
    marker,
    mode,
)
from test.bag.foreign import SQLITE, written
from test.bag.messages import cdr, header


@pytest.fixture
def found(tmp_path):
    def read(given='', **fields):
        path = tmp_path / f'{len(list(tmp_path.iterdir()))}.mcap'
        return episodes(Recording.read(Bag(Taught(**fields).write(path))), given)

    return read


def seconds(episode):
    return (episode.stamps - START) / SECOND


def left_out(found):
    return {reason: count for reason, count in found.left_out.items() if count}


def test_rows_are_at_the_heads_stamps_and_everything_is_of_then(found):
    whole = found(seconds=2.0)
    (episode,) = whole.episodes
    assert whole.fps == 15 and len(episode) == 30 and not left_out(whole)
    for side in ('left', 'right'):
        late = LATE / SECOND
        q = [arms(t - late, side) for t in seconds(episode)]
        assert episode.columns[f'observation.state.{side}_arm'] == pytest.approx(
            np.array(q), abs=1e-5
        )
        grip = [[gripper(t - late, side)] for t in seconds(episode)]
        assert episode.columns[f'observation.state.{side}_gripper'] == pytest.approx(
            np.array(grip), abs=1e-3
        )
        speed = episode.columns[f'observation.state.{side}_arm.velocities']
        assert speed == pytest.approx(np.gradient(np.array(q), seconds(episode), axis=0), abs=0.1)
    assert set(episode.tasks) == {TASK}


def test_an_action_is_the_last_command_at_or_before_the_stamp(found):
    (episode,) = found(seconds=2.0, every=20_000_000).episodes
    before = (episode.stamps - START) // 20_000_000 * 20_000_000 / SECOND
    q = np.array([arms(t, 'right') for t in before])
    assert episode.columns['action.right_arm'] == pytest.approx(q, abs=1e-12)
    grip = [[gripper(t, 'left')] for t in before]
    assert episode.columns['action.left_gripper'] == pytest.approx(np.array(grip), abs=1e-12)


def test_a_wrists_picture_is_the_nearest(found):
    (episode,) = found(seconds=2.0).episodes
    assert set((episode.pictures['left'] - episode.stamps).tolist()) == {AFTER}


def test_a_picture_that_is_missing_splits_and_is_counted(found):
    whole = found(seconds=5.0, lost=[('image_left', 2.0, 2.5)])
    first, second = whole.episodes
    assert set(left_out(whole)) == {'without a picture of the left camera'}
    assert len(first) + len(second) + sum(left_out(whole).values()) == 75
    for episode in whole.episodes:
        assert np.abs(episode.pictures['left'] - episode.stamps).max() <= GAP
        assert np.ptp(np.diff(episode.stamps)) < 1000


def test_the_heads_own_gap_splits_without_a_loss(found):
    whole = found(seconds=5.0, lost=[('image_head', 2.0, 2.1)])
    assert len(whole.episodes) == 2 and not left_out(whole)
    assert sum(map(len, whole.episodes)) in (73, 74)


def test_silent_feedback_and_silent_commands_are_left_out(found):
    whole = found(
        seconds=8.0,
        lost=[('arm_measured_right', 2.0, 2.3), ('gripper_command_left', 5.0, 5.6)],
    )
    assert len(whole.episodes) == 3
    gone = left_out(whole)
    assert set(gone) == {
        'without feedback of right_arm',
        'without a command of left_gripper',
    }
    assert gone['without feedback of right_arm'] in (4, 5)
    assert gone['without a command of left_gripper'] in (5, 6, 7)  # 0.2 s of it in force


def test_a_frame_that_is_left_out_splits_however_close_its_neighbours_are():
    head = np.array([0, 60, 70, 80, 140, 200], np.int64) * 1_000_000
    whole = np.array([True, True, False, True, True, True])
    assert list(_parts(head, whole, 15)) == [slice(0, 2), slice(3, 6)]


def test_a_short_part_is_no_episode(found):
    whole = found(seconds=4.0, lost=[('image_right', 0.6, 1.0)])
    assert len(whole.episodes) == 1
    assert left_out(whole)['in parts shorter than 1 s'] in (8, 9, 10)


def test_a_person_intervenes_after_the_policy_drove_and_not_before(found):
    modes = [mode(0.5, 'TELEOP'), mode(1.0, 'HOLD'), mode(1.5, 'POLICY'), mode(2.5, 'STOPPING')]
    (episode,) = found(
        seconds=5.0, extra=[*modes, mode(3.0, 'TELEOP'), mode(4.0, 'STOPPING'), mode(4.1, 'HOLD')]
    ).episodes
    held = seconds(episode)[episode.columns['intervention'][:, 0]]
    assert held.min() == pytest.approx(3.0, abs=0.07) and held.max() == pytest.approx(
        4.0, abs=0.07
    )
    assert len(held) in (14, 15, 16)


def test_teleoperation_alone_is_no_intervention(found):
    (episode,) = found(seconds=2.0, extra=[mode(0.1, 'HOLD'), mode(0.2, 'TELEOP')]).episodes
    assert not episode.columns['intervention'].any()


def test_the_last_part_has_the_outcome_and_what_is_discarded_is_left_out(found):
    gap = [('image_left', 2.0, 2.5)]
    whole = found(seconds=5.0, lost=gap, extra=[marker(4.0, 'failure'), marker(4.5, 'success')])
    assert [episode.outcome for episode in whole.episodes] == ['', 'success']
    gone = found(seconds=2.0, extra=[marker(1.0, 'discard')])
    assert not gone.episodes and left_out(gone) == {'of a recording marked discard': 30}


def test_instructions_change_when_they_are_heard_and_may_be_given(found):
    other = composed('std_msgs/msg/String', {'data': 'lift the bar'})
    extra = [('task', START + SECOND, other)]
    (episode,) = found(seconds=2.0, extra=extra).episodes
    assert episode.tasks.count(TASK) in (14, 15, 16) and episode.tasks[-1] == 'lift the bar'
    (episode,) = found('do this', seconds=2.0, task='').episodes
    assert set(episode.tasks) == {'do this'}


def test_the_robots_own_recording_under_a_namespace_and_without_stamps(found):
    (episode,) = found(seconds=2.0, facts=False, namespace='/one/', stamped=False).episodes
    assert len(episode) == 30
    (plain,) = found(seconds=2.0).episodes
    assert episode.columns['action.left_arm'] == pytest.approx(plain.columns['action.left_arm'])


def test_a_folder_of_rosbag2_in_sqlite(found, tmp_path):
    bag = written(tmp_path / 'folder', Taught(2.0, task='').messages(), SQLITE)
    (episode,) = episodes(Recording.read(Bag(bag)), TASK).episodes
    (plain,) = found(seconds=2.0).episodes
    assert set(episode.columns) == set(plain.columns)
    for key, rows in plain.columns.items():
        assert np.array_equal(episode.columns[key], rows)


def test_speeds_that_nobody_reports_are_no_column(found):
    (episode,) = found(seconds=2.0, speeds=False).episodes
    assert not [key for key in episode.columns if key.endswith('velocities')]


def test_torso_and_chassis_where_they_are_recorded(found):
    torso = [
        (
            'torso',
            START + n * TICK,
            cdr(
                'JointState',
                header=header(START + n * TICK),
                name=[],
                position=np.array([0.1, 0.2, 0.3, 0.0]),
                velocity=np.zeros(4),
            ),
        )
        for n in range(420)
    ]
    stamp = START + SECOND
    fields = {'header': {'stamp': stamp}, 'twist': {'linear': {'x': 0.2}, 'angular': {'z': -0.1}}}
    drive = composed('geometry_msgs/msg/TwistStamped', fields)
    (episode,) = found(seconds=2.0, extra=[*torso, ('chassis_target', stamp, drive)]).episodes
    assert episode.columns['observation.state.torso'][3] == pytest.approx([0.1, 0.2, 0.3, 0.0])
    asked = episode.columns['action.chassis.velocities']
    assert asked.shape[1] == 6 and not asked[0].any()
    assert asked[-1] == pytest.approx([0.2, 0, 0, 0, 0, -0.1])


@pytest.mark.parametrize(
    ('fields', 'words'),
    [
        ({'task': ''}, 'says no instruction: give --task'),
        ({'lost': [('image_left', 0.0, 9.0)]}, 'no pictures of the left camera'),
        ({'lost': [('gripper_command_right', 0.0, 9.0)]}, 'no command of right_gripper'),
        ({'fps': 12.2}, 'gives 12.20 pictures per second'),
    ],
)
def test_what_gives_no_data_is_refused_in_one_line(found, fields, words):
    with pytest.raises(BagError, match=words):
        found(seconds=2.0, **fields)
