"""Messages as YAML text and back."""

import array

import numpy as np
import pytest
import yaml
from rosless.message_text import FieldProblem, fill, to_yaml
from rosless.messages import message

Image = message('sensor_msgs/msg/CompressedImage')
Odometry = message('nav_msgs/msg/Odometry')
Trajectory = message('trajectory_msgs/msg/JointTrajectory')
Values = message('rcl_interfaces/msg/ParameterValue')


def test_all_that_is_shown_can_be_filled_in_again():
    given = Trajectory()
    point = message('trajectory_msgs/msg/JointTrajectoryPoint')()
    point.positions, point.time_from_start.sec = array.array('d', [0.5, -1.0]), 3
    given.points, given.joint_names, given.header.frame_id = [point, point], ['a', 'b'], 'base'
    again = Trajectory()
    fill(again, yaml.safe_load(to_yaml(given)))
    assert again == given


def test_fields_keep_their_order_and_numbers_are_plain():
    shown = to_yaml(Odometry())
    assert shown.startswith('header:\n  stamp:\n    sec: 0\n    nanosec: 0\n  frame_id: ')
    assert list(yaml.safe_load(shown)) == ['header', 'child_frame_id', 'pose', 'twist']
    assert yaml.safe_load(shown)['pose']['covariance'] == [0.0] * 36
    assert '!!' not in shown


def test_long_values_are_cut_and_arrays_named():
    image = Image(format='x' * 10, data=array.array('B', range(10)))
    assert yaml.safe_load(to_yaml(image, 3)) | {'header': None} == {
        'header': None,
        'format': 'xxx...',
        'data': [0, 1, 2, '...'],
    }
    assert yaml.safe_load(to_yaml(image, None))['data'] == list(range(10))
    assert "data: '<sequence type: uint8, length: 10>'" in to_yaml(image, arrays=False)
    assert "covariance: '<array type: double[36]>'" in to_yaml(Odometry(), arrays=False)
    points = "points: '<sequence type: trajectory_msgs/msg/JointTrajectoryPoint, length: 0>'"
    assert points in to_yaml(Trajectory(), arrays=False)


def test_what_yaml_has_becomes_what_the_field_takes():
    odometry = Odometry()
    fill(odometry, {'pose': {'covariance': list(range(36))}})
    assert isinstance(odometry.pose.covariance, np.ndarray)
    assert odometry.pose.covariance[35] == 35.0
    image = Image()
    fill(image, {'data': [1, 2]})
    assert image.data == array.array('B', [1, 2])
    value = Values()
    fill(value, {'double_value': 3, 'bool_array_value': [True], 'string_value': 'a'})
    assert (value.double_value, value.bool_array_value, value.string_value) == (3.0, [True], 'a')


@pytest.mark.parametrize(
    ('values', 'why'),
    [
        ({'nope': 1}, 'CompressedImage has no field nope: it has header, format, data'),
        ({'header': {'stamp': {'secs': 1}}}, 'Time has no field secs: it has sec, nanosec'),
        ({'header': 3}, 'Header is filled from a mapping, not from 3'),
        ({'format': 3}, 'CompressedImage.format is a string: 3 does not fit'),
        ({'data': 'text'}, 'CompressedImage.data is a sequence<uint8>'),
        ({'data': [256]}, 'does not fit'),
        ({'header': {'stamp': {'sec': 2**31}}}, 'Time.sec is a int32'),
        ([], 'filled from a mapping'),
        (None, 'filled from a mapping'),
    ],
)
def test_what_does_not_fit_is_named(values, why):
    with pytest.raises(FieldProblem, match=why):
        fill(Image(), values)
