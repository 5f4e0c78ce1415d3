"""Which topic is what, in recordings of our recorder and of others."""

from pathlib import Path

import pytest

from fastwam_ros.bag.playback import Playback
from fastwam_ros.bag.reader import Bag, BagError
from fastwam_ros.bag.roles import Roles
from fastwam_ros.bag.run import Facts, robot_bounds
from fastwam_ros.bag.writer import BagWriter, quality
from fastwam_ros.robot.topics import ARM_FEEDBACK, ARM_TARGET, IMAGES, OLDER_IMAGES
from test.bag.foreign import SQLITE, written
from test.bag.messages import SECOND, cdr, header, joint_state

START = 1_700_000_000 * SECOND
ARM, TARGET, HEAD, OLD = (
    ARM_FEEDBACK['left'],
    ARM_TARGET['left'],
    IMAGES['head'],
    OLDER_IMAGES['right'],
)


def foreign(path: Path, *topics: str) -> Bag:
    """One message on each topic, of the type that the robot has there, in sqlite3."""
    pictures = cdr('CompressedImage', header=header(START))
    return Bag(
        written(
            path,
            (
                (topic, 'CompressedImage', START + k, pictures)
                if 'camera' in topic
                else (topic, 'JointState', START + k, joint_state(START, [0.0] * 7))
                for k, topic in enumerate(topics)
            ),
            SQLITE,
        )
    )


def test_topics_are_known_by_name_under_any_namespace(tmp_path):
    bag = foreign(tmp_path / 'run', f'/lab/one/{ARM}', f'/lab/one/{OLD}', f'/{TARGET}_gt', '/tf')
    roles = Roles.of(bag)
    assert (roles.robot, roles.namespace) == ('r1lite', '/lab/one')
    assert roles.topics == {
        'arm_measured_left': f'/lab/one/{ARM}',
        'image_right_rect': f'/lab/one/{OLD}',
    }


def test_one_of_two_robots_must_be_named(tmp_path):
    bag = foreign(tmp_path / 'run', f'/one/{ARM}', f'/{ARM}', f'/{HEAD}')
    with pytest.raises(BagError, match='is of 2 robots: name one namespace of /, /one'):
        Roles.of(bag)
    assert set(Roles.of(bag, 'one').topics) == {'arm_measured_left'}
    assert set(Roles.of(bag, '/').topics) == {'arm_measured_left', 'image_head'}
    with pytest.raises(BagError, match="has no robot 'two': it has /, /one"):
        Roles.of(bag, 'two')


def test_who_only_commands_is_no_second_robot(tmp_path):
    bag = foreign(tmp_path / 'run', f'/one/{ARM}', f'/gt/{TARGET}')
    assert set(Roles.of(bag).topics) == {'arm_measured_left'}
    commands = foreign(tmp_path / 'commands', f'/gt/{TARGET}')
    assert set(Roles.of(commands).topics) == {'arm_command_left'}


def test_a_name_with_another_type_plays_no_role(tmp_path):
    message = cdr('Bool')
    sent = [(f'/{ARM}', 'Bool', START, message)]
    roles = Roles.of(Bag(written(tmp_path / 'run', sent)))
    assert roles.topics == {}
    assert roles.odd == (f'/{ARM} is of std_msgs/msg/Bool, want sensor_msgs/msg/JointState',)


def test_our_recorder_says_it_itself(tmp_path):
    path = tmp_path / 'run.mcap'
    with BagWriter(path) as bag:
        names = {'arm_measured_left': '/else/where', 'chunk': '/not/there'}
        Facts('r1lite', 200.0, robot_bounds(), names, {'namespace': '/else'}).write(bag)
        bag.channel('/else/where', 'sensor_msgs/msg/JointState', quality(True, False, 1))
    roles = Roles.of(Bag(path))
    assert (roles.namespace, roles.topics) == ('/else', {'arm_measured_left': '/else/where'})


def test_a_bag_of_the_robot_is_told_again(tmp_path):
    bag = foreign(tmp_path / 'run', f'/one/{ARM}', f'/one/{TARGET}', f'/one/{HEAD}', '/tf')
    playback = Playback(bag)
    told = [role for step in playback.steps() for role, _ in step.messages]
    assert told == ['arm_measured_left', 'arm_command_left', 'image_head']
    assert playback.shown == {'arm_command_left'}
    assert playback.task() == ''
    two = foreign(tmp_path / 'two', f'/one/{ARM}', f'/two/{ARM}')
    with pytest.raises(BagError, match='is of 2 robots'):
        Playback(two)
    assert Playback(two, namespace='/two').roles == {'arm_measured_left'}
