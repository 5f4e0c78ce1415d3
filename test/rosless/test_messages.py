"""Message objects beyond what the recordings say, by rosidl_generator_py's rules."""

import array
import warnings

import numpy as np
import pytest
from rosless.cdr import CdrError, call_codec
from rosless.messages import message
from rosless.service_types import service

JointState = message('sensor_msgs/msg/JointState')
Image = message('sensor_msgs/msg/Image')
CameraInfo = message('sensor_msgs/msg/CameraInfo')
Descriptor = message('rcl_interfaces/msg/ParameterDescriptor')
IntegerRange = message('rcl_interfaces/msg/IntegerRange')
Status = message('diagnostic_msgs/msg/DiagnosticStatus')


def test_fields_are_given_by_name():
    with pytest.raises(TypeError):
        JointState(['a'])


def test_an_unknown_field_is_named_with_the_known_ones():
    with pytest.raises(AssertionError, match=r'no field efort: it has .*effort'):
        JointState(efort=[1.0])


@pytest.mark.parametrize(
    ('field', 'value'),
    [
        ('position', array.array('f', [1.0])),
        ('position', [1]),
        ('position', ['1.0']),
        ('position', np.zeros(2)),
        ('position', 1.0),
        ('name', [1]),
        ('name', np.array(['a'])),
        ('header', None),
    ],
)
def test_a_setter_never_converts(field, value):
    state = JointState(name=['keep'])
    with pytest.raises(AssertionError, match=field):
        setattr(state, field, value)
    assert state == JointState(name=['keep'])


@pytest.mark.parametrize('value', [np.int64(3), 2**32, -1, 1.0, '1'])
def test_an_integer_is_a_python_int_within_its_range(value):
    with pytest.raises(AssertionError, match='height'):
        Image(height=value)


def test_a_fixed_array_has_its_length_and_type():
    info = CameraInfo()
    info.k = [1.0] * 9
    assert info.k.dtype == np.float64
    for wrong in ([1.0] * 8, [1] * 9, np.zeros(9, np.float32), np.zeros(8)):
        with pytest.raises(AssertionError, match='k'):
            info.k = wrong


def test_a_bounded_sequence_has_its_bound():
    one = IntegerRange(from_value=0, to_value=1, step=1)
    Descriptor(integer_range=[one])
    with pytest.raises(AssertionError, match='at most 1'):
        Descriptor(integer_range=[one, one])


def test_constants_of_type_byte_are_bytes():
    assert Status(level=Status.WARN).level == b'\x01'
    with pytest.raises(AssertionError, match='one byte'):
        Status(level=1)


def test_a_list_of_strings_is_kept_as_it_is():
    names = ['a']
    state = JointState(name=names)
    names.append('b')
    assert state.name == ['a', 'b']


def test_messages_are_compared_by_value_and_have_no_hash():
    assert CameraInfo(k=[1.0] * 9) == CameraInfo(k=[1.0] * 9)
    assert CameraInfo(k=[1.0] * 9) != CameraInfo()
    assert JointState() != Image()
    with pytest.raises(TypeError):
        hash(JointState())


def test_each_message_has_its_own_defaults():
    one, other = JointState(), JointState()
    one.name.append('a')
    one.position.append(1.0)
    one.header.stamp.sec = 4
    assert other == JointState()


def test_a_message_shows_its_fields():
    shown = repr(JointState(name=['a'], position=[1.0]))
    assert shown.startswith('sensor_msgs.msg.JointState(header=std_msgs.msg.Header(stamp=')
    assert "name=['a'], position=[1.0], velocity=[]" in shown


def test_field_types_are_named_as_rosidl_names_them():
    types = JointState.get_fields_and_field_types()
    assert types['position'] == 'sequence<double>'
    assert types['header'] == 'std_msgs/Header'
    assert CameraInfo.get_fields_and_field_types()['k'] == 'double[9]'


def test_bytes_into_uint8_work_and_are_warned_of_once_per_field():
    cloud = message('sensor_msgs/msg/PointCloud2')()
    with pytest.warns(RuntimeWarning, match=r"field 'data' .* array.array\('B'"):
        cloud.data = b'\1\2'
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        cloud.data = b'\3'
        cloud.data = array.array('B', [4])
        message('sensor_msgs/msg/PointCloud2')(data=b'\5')
    assert cloud.data == array.array('B', [4])


def test_the_halves_of_a_service_are_messages():
    trigger = service('std_srvs/srv/Trigger')
    assert trigger.Request() == trigger.Request()
    assert repr(trigger.Response(success=True)) == (
        "std_srvs.srv.Trigger_Response(success=True, message='')"
    )
    with pytest.raises(AssertionError, match='no field data: it has success, message'):
        trigger.Response(data=1)
    with pytest.raises(NotImplementedError, match='Request or Response'):
        trigger()
    with pytest.raises(AssertionError, match='success'):
        trigger.Response(success=1)


def test_a_call_carries_whose_it_is():
    codec = call_codec(service('std_srvs/srv/SetBool').Response.__msgtype__)
    answer = service('std_srvs/srv/SetBool').Response(success=True, message='ok')
    raw = codec.pack(2**64 - 1, 7, answer)
    assert raw.hex() == '00010000' + 'ff' * 8 + '0700000000000000' + '01000000' + '030000006f6b00'
    assert codec.unpack(raw) == (2**64 - 1, 7, answer)
    for cut in (3, 12, 20, len(raw) - 1):
        with pytest.raises(CdrError, match='SetBool_Response'):
            codec.unpack(raw[:cut])
