"""Bytes of messages: equal to rosbags' for every message type, and no crash on hostile ones."""

import array
import random
import struct

import numpy as np
import pytest
from rosbags.typesys import Stores, get_typestore
from rosless.cdr import CdrError, Codec, codec
from rosless.fields import CODES, dtype
from rosless.interfaces import PLACEHOLDER, fields
from rosless.messages import message

from rosless import interfaces

STORE = get_typestore(Stores.ROS2_HUMBLE)
EVERY = sorted(name for name in STORE.fielddefs if '/msg/' in name)
WORDS = ('', 'a', 'äö', 'joint_name', 'x' * 37)


def filled(name: str, rng: random.Random):
    """A message with random values in every field, nested ones included."""
    cls = message(name)
    given = {f.name: _value(f, rng) for f in fields(name) if f.name != PLACEHOLDER}
    return cls(**given)


def _value(field, rng):
    if field.shape == 'one':
        return _item(field, rng)
    limit = min(field.length or 4, 4)
    count = field.length if field.shape == 'array' else rng.randint(0, limit)
    items = [_item(field, rng) for _ in range(count)]
    packed = not field.nested and field.type in CODES
    return np.array(items, dtype(field.type)) if packed else items


def _item(field, rng):
    if field.nested:
        return filled(field.type, rng)
    if field.type == 'string':
        return rng.choice(WORDS)
    if field.type == 'bool':
        return rng.random() < 0.5
    if field.type in ('byte', 'octet'):
        return bytes([rng.randrange(256)])
    if field.type.startswith('float'):
        return float(np.float32(rng.uniform(-1e3, 1e3)))
    limits = np.iinfo(dtype(field.type))
    return rng.randint(int(limits.min), int(limits.max))


@pytest.mark.parametrize('name', EVERY)
def test_bytes_equal_those_of_rosbags(name):
    rng = random.Random(name)
    for _ in range(3):
        sent = filled(name, rng)
        raw = codec(name).serialize(sent)
        assert codec(name).deserialize(raw) == sent
        theirs = STORE.deserialize_cdr(raw, name)
        assert bytes(STORE.serialize_cdr(theirs, name)) == raw


def test_rows_of_names_that_change_are_not_mixed_up():
    fresh = Codec('sensor_msgs/msg/JointState')
    cls = message('sensor_msgs/msg/JointState')
    rows = [[f'{i}', f'name{i}' * (i % 5), 'end'] for i in range(50)] + [[], ['']]
    for row in rows + rows[::-1]:
        sent = cls(name=row, position=[1.0] * len(row))
        assert fresh.deserialize(fresh.serialize(sent)) == sent


def test_a_received_row_of_names_is_the_receivers_own():
    fresh = Codec('sensor_msgs/msg/JointState')
    raw = fresh.serialize(message('sensor_msgs/msg/JointState')(name=['a', 'b']))
    fresh.deserialize(raw).name.append('c')
    assert fresh.deserialize(raw).name == ['a', 'b']


@pytest.mark.parametrize(
    'name',
    ['sensor_msgs/msg/JointState', 'trajectory_msgs/msg/JointTrajectory',
     'sensor_msgs/msg/CameraInfo', 'diagnostic_msgs/msg/DiagnosticArray'],
)  # fmt: skip
def test_cut_or_damaged_bytes_are_an_error_or_a_message(name):
    rng = random.Random(7)
    sent = filled(name, rng)
    while len(codec(name).serialize(sent)) < 100:
        sent = filled(name, rng)
    raw = codec(name).serialize(sent)
    for end in range(4, len(raw) - 8):
        with pytest.raises(CdrError, match=name):
            codec(name).deserialize(raw[:end])
    for _ in range(500):
        damaged = bytearray(raw)
        damaged[rng.randrange(4, len(raw))] ^= 1 << rng.randrange(8)
        _error_or_message(name, bytes(damaged))


def _error_or_message(name, raw):
    try:
        codec(name).deserialize(raw)
    except CdrError:
        return


@pytest.mark.parametrize('before', [b'', b'\0\0\0\0'], ids=['strings', 'numbers'])
def test_a_length_of_four_billion_allocates_nothing(before):
    empty_header = b'\0' * 8 + struct.pack('<I', 1) + b'\0' * 4
    bomb = b'\0\1\0\0' + empty_header + before + struct.pack('<I', 2**32 - 1) + b'\0' * 16
    with pytest.raises(CdrError, match='4294967295'):
        codec('sensor_msgs/msg/JointState').deserialize(bomb)


@pytest.mark.parametrize('header', [b'\0\0\0\0', b'\0\7\0\0', b''])
def test_other_encodings_are_refused(header):
    with pytest.raises(CdrError, match='little-endian'):
        codec('std_msgs/msg/String').deserialize(header + b'\0' * 8)


def test_what_arrives_has_the_types_of_rclpy():
    state = codec('sensor_msgs/msg/JointState').deserialize(
        codec('sensor_msgs/msg/JointState').serialize(
            message('sensor_msgs/msg/JointState')(position=[1.0, 2.0])
        )
    )
    assert type(state.position) is array.array
    assert state.position.typecode == 'd'
    info = codec('sensor_msgs/msg/CameraInfo')
    received = info.deserialize(info.serialize(message(info.name)()))
    assert received.k.dtype == np.float64
    received.k[0] = 1.0  # rclpy's arrays can be written to


def test_the_store_of_another_distribution_has_its_own_gid():
    sizes = {f.name: f.length for f in interfaces.fields('rmw_dds_common/msg/Gid')}
    assert sizes == {'data': 24}, 'Humble; from Iron on it is 16'
