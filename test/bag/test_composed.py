"""Messages from plain values are those that any reader of ROS 2 takes them for."""

import numpy as np
import pytest

from fastwam_ros.bag.composed import cdr
from fastwam_ros.bag.definitions import known_types
from fastwam_ros.loop.execution import Execution
from fastwam_ros.loop.telling import plan_fields, state_fields
from test.bag import messages


def read(kind: str, data: bytes):
    return known_types().deserialize_cdr(data, kind)


def test_a_joint_state_has_the_bytes_of_one():
    fields = {'header': {'stamp': 5 * 10**9 + 7}, 'name': ['a', 'b'], 'position': [0.1, -2.0]}
    made = cdr('sensor_msgs/msg/JointState', fields)
    assert made == messages.joint_state(5 * 10**9 + 7, [0.1, -2.0], ['a', 'b'])


def test_what_is_not_given_is_empty():
    made = read('fastwam_ros/msg/ExecutorState', cdr('fastwam_ros/msg/ExecutorState', {}))
    assert made.mode == '' and made.tick == 0 and made.held_back == [] and made.age == 0.0
    assert read('std_msgs/msg/Bool', cdr('std_msgs/msg/Bool', {})).data is False


def test_lists_of_messages_and_durations_and_fixed_arrays():
    fields = {'points': [{'positions': [1.0], 'time_from_start': -1}, {}]}
    kind = 'trajectory_msgs/msg/JointTrajectory'
    made = read(kind, cdr(kind, fields))
    assert [list(point.positions) for point in made.points] == [[1.0], []]
    first = made.points[0].time_from_start
    assert (first.sec, first.nanosec) == (-1, 999_999_999)
    kind = 'geometry_msgs/msg/PoseWithCovariance'
    assert not np.any(read(kind, cdr(kind, {})).covariance)


def test_an_executors_words_go_into_their_messages():
    execution = Execution(200.0, 3)
    state = state_fields(1, 10**9, execution, True, lambda ns: ns)
    made = read('fastwam_ros/msg/ExecutorState', cdr('fastwam_ros/msg/ExecutorState', state))
    assert set(state) == {name for name in vars(made) if not name.startswith('_')}
    assert (made.mode, made.epoch, made.header.stamp.sec) == ('DISARMED', 3, 1)
    kind = 'trajectory_msgs/msg/JointTrajectory'
    plan = read(kind, cdr(kind, plan_fields(0, execution)))
    assert len(plan.joint_names) == 12 and len(plan.points[0].accelerations) == 12


def test_an_unknown_field_is_named():
    with pytest.raises(ValueError, match='std_msgs/msg/Bool has no dat: it has data'):
        cdr('std_msgs/msg/Bool', {'dat': True})
