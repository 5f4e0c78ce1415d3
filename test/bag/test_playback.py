"""What is told again of a recording, when, and what is not."""

from pathlib import Path

import pytest

from fastwam_ros.bag.playback import STEP, Pace, Playback, is_told
from fastwam_ros.bag.reader import Bag, BagError
from fastwam_ros.bag.run import Facts, robot_bounds
from fastwam_ros.bag.writer import BagWriter, quality
from fastwam_ros.robot.roles import is_sensor
from test.bag.messages import SECOND, cdr, header, joint_state

START = 1_700_000_000 * SECOND
MS = 1_000_000
TOPICS = {
    'image_head': ('/r/head', 'sensor_msgs/msg/CompressedImage'),
    'arm_measured_left': ('/r/arm', 'sensor_msgs/msg/JointState'),
    'arm_command_left': ('/r/target', 'sensor_msgs/msg/JointState'),
    'request': ('/r/request', 'fastwam_ros/msg/ExecutorRequest'),
    'chunk': ('/r/chunk', 'fastwam_ros/msg/ActionChunk'),
}


def recording(path: Path, *messages: tuple[str, float, bytes], robot: str = 'r1lite') -> Bag:
    """Messages as (role, receive time [ms], CDR)."""
    with BagWriter(path / 'run.mcap') as bag:
        names = {role: topic for role, (topic, _) in TOPICS.items()}
        Facts(robot, 200.0, robot_bounds(), names).write(bag)
        offered = quality(reliable=True, latched=False, depth=5)
        channels = {role: bag.channel(*names, offered) for role, names in TOPICS.items()}
        for role, ms, data in messages:
            bag.write(channels[role], START + round(ms * MS), data)
    return Bag(path / 'run.mcap')


def reading(ms: float) -> tuple[str, float, bytes]:
    return 'arm_measured_left', ms, joint_state(START + round(ms * MS), [ms] * 6)


def chunk(ms: float, task: str) -> tuple[str, float, bytes]:
    return 'chunk', ms, cdr('ActionChunk', header=header(START), task=task)


def told(playback: Playback) -> list[tuple[float, list[str]]]:
    """Steps that tell something: time [ms] and roles."""
    steps = [
        ((step.now - START) / MS, [role for role, _ in step.messages if is_told(role)])
        for step in playback.steps()
    ]
    return [(now, roles) for now, roles in steps if roles]


def test_what_robot_and_people_said_is_told_and_the_rest_is_shown_beside(tmp_path):
    request = cdr('ExecutorRequest', verb='engage')
    bag = recording(
        tmp_path,
        ('arm_command_left', 0, joint_state(START, [0.0] * 6)),
        reading(1),
        ('image_head', 2, cdr('CompressedImage', header=header(START))),
        chunk(3, 'wave'),
        ('request', 4, request),
        reading(8),
    )
    playback = Playback(bag)
    assert playback.roles == {'arm_measured_left', 'image_head', 'request'}
    assert playback.shown == {'arm_command_left', 'chunk'}
    assert 'chunk' in [role for step in playback.steps() for role, _ in step.messages]
    assert playback.begin == START + MS
    assert told(playback) == [
        (1, ['arm_measured_left']),
        (6, ['image_head', 'request']),
        (11, ['arm_measured_left']),
    ]
    assert [data for s in playback.steps() for role, data in s.messages if role == 'request'] == [
        request
    ]


def test_the_roles_that_move_or_decide_are_not_told():
    moving = ['arm_command_left', 'gripper_command_right', 'chunk', 'trajectory', 'state']
    assert not any(map(is_told, [*moving, 'diagnostics', 'things', 'outcome']))
    assert not any(map(is_sensor, ['request', 'task', 'teleop_arm_left', 'teleop_active']))


def test_time_is_told_at_every_step_and_nothing_before_its_time(tmp_path):
    bag = recording(tmp_path, *(reading(ms) for ms in (0, 3, 5, 5.1, 42)))
    steps = list(Playback(bag).steps())
    assert [step.now for step in steps] == [START + k * STEP for k in range(10)]
    assert [len(step.messages) for step in steps] == [1, 2, 1, 0, 0, 0, 0, 0, 0, 1]


def test_a_part_of_it(tmp_path):
    bag = recording(tmp_path, *(reading(ms) for ms in range(0, 3000, 100)))
    playback = Playback(bag, start=1.0, duration=0.5)
    assert told(playback)[0][0] == 1000
    assert told(playback)[-1][0] == 1500
    with pytest.raises(BagError, match=r'has nothing from 5 s on: it lasts 2\.9 s'):
        Playback(bag, start=5.0)


def test_the_instruction_of_the_part_is_that_of_its_chunks(tmp_path):
    readings = [reading(ms) for ms in range(0, 4000, 1000)]
    bag = recording(tmp_path, *readings, chunk(4000, 'wave'), chunk(5000, 'fold'), reading(6000))
    assert Playback(bag).task() == 'wave'
    assert Playback(bag, start=4.5).task() == 'wave'
    assert Playback(bag, start=5.5).task() == 'fold'


def test_without_chunks_there_is_no_instruction(tmp_path):
    assert Playback(recording(tmp_path, reading(0))).task() == ''


def test_what_is_no_run_of_this_robot_is_refused(tmp_path):
    with pytest.raises(BagError, match='neither pictures nor feedback'):
        Playback(recording(tmp_path, chunk(0, 'wave')))
    (tmp_path / 'other').mkdir()
    with pytest.raises(BagError, match="is of robot 'aloha'"):
        Playback(recording(tmp_path / 'other', reading(0), robot='aloha'))


def test_a_cut_off_recording_is_told_as_far_as_it_goes(tmp_path):
    bag = recording(tmp_path, *(reading(ms) for ms in range(0, 3000, 5)))
    data = bag.path.read_bytes()
    bag.path.write_bytes(data[: len(data) * 3 // 4])
    cut = Bag(bag.path)
    assert 'breaks off' in cut.problem
    assert 10 < len(told(Playback(cut))) < 600


def test_the_pace():
    pace = Pace(0.5, START)
    assert pace.left(7 * SECOND, START) == 0
    assert pace.left(7 * SECOND, START + STEP) == 2 * STEP
    assert pace.left(7 * SECOND + 2 * STEP, START + STEP) == 0


def test_after_a_hold_up_it_goes_on_as_slowly_as_before():
    pace = Pace(1.0, START)
    pace.left(0, START)
    assert pace.left(15 * MS, START + STEP) == 0  # caught up with
    assert pace.left(500 * MS, START + 2 * STEP) == 0
    assert pace.left(500 * MS, START + 3 * STEP) == STEP


@pytest.mark.parametrize('rate', [0.0, -1.0, float('nan'), float('inf')])
def test_a_rate_that_is_none(rate):
    with pytest.raises(ValueError, match='rate is'):
        Pace(rate, START)
