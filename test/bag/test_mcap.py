"""What is written is read again: by us, by the mcap library, by rosbags; whole or broken off."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from mcap.reader import NonSeekingReader, make_reader
from rosbags.highlevel import AnyReader
from rosbags.interfaces import QosReliability

from fastwam_ros.bag.mcap_growing import CHUNK, FLUSH
from fastwam_ros.bag.reader import Bag, BagError
from fastwam_ros.bag.streams import JointStream, Stamps, stamp_of
from fastwam_ros.bag.writer import BagWriter, quality
from test.bag.messages import SECOND, cdr, header, joint_state

JOINTS, IMAGE, STATE = '/a/joints', '/a/image', '/fastwam/executor/state'
START = 1_700_000_000 * SECOND
PERIOD = 5_000_000
ROOT = Path(__file__).parents[2]


def picture(stamp: int) -> bytes:
    noise = np.random.default_rng(stamp % 1000).integers(0, 256, 60_000, dtype=np.uint8)
    return cdr('CompressedImage', header=header(stamp), format='jpeg', data=noise)


def write(path: Path, count: int = 400) -> Path:
    """`count` joint states 5 ms apart, a picture with every tenth, one executor state."""
    with BagWriter(path) as bag:
        bag.metadata('facts', {'rate': '200.0'})
        offered = quality(reliable=False, latched=False, depth=5)
        joints = bag.channel(JOINTS, 'sensor_msgs/msg/JointState', offered)
        images = bag.channel(IMAGE, 'sensor_msgs/msg/CompressedImage', offered)
        states = bag.channel(STATE, 'fastwam_ros/msg/ExecutorState', quality(True, True, 1))
        bag.write(states, START, cdr('ExecutorState', mode='HOLD', held_back=['left_arm_joint2']))
        for i in range(count):
            now = START + i * PERIOD
            bag.write(joints, now + 300_000, joint_state(now, [float(i), -i / 3]))
            if i % 10 == 0:
                bag.write(images, now + 400_000, picture(now))
    return path


def joints(bag: Bag) -> JointStream:
    return JointStream.of(bag, bag.records([JOINTS]), 2)


def test_every_byte_comes_back(tmp_path: Path) -> None:
    bag = Bag(write(tmp_path / 'run.mcap'))
    assert bag.metadata == {'facts': {'rate': '200.0'}}
    assert bag.topics[STATE] == 'fastwam_ros/msg/ExecutorState'
    stream = joints(bag)
    assert np.array_equal(stream.stamps, START + PERIOD * np.arange(400))
    assert np.array_equal(stream.received, stream.stamps + 300_000)
    assert np.array_equal(stream.position[:, 1], -np.arange(400) / 3)
    assert [r.data for r in bag.records([IMAGE])][7] == picture(START + 70 * PERIOD)
    (state,) = (bag.decode(r) for r in bag.records([STATE]))
    assert (state.mode, state.held_back) == ('HOLD', ['left_arm_joint2'])
    assert bag.problem == ''


def test_a_stretch_of_time(tmp_path: Path) -> None:
    bag = Bag(write(tmp_path / 'run.mcap'))
    since, until = START + 100 * PERIOD + 300_000, START + 102 * PERIOD + 300_000
    found = list(bag.records(since=since, until=until))
    assert [r.topic for r in found] == [JOINTS, IMAGE, JOINTS, JOINTS]
    assert (found[0].received, found[-1].received) == (since, until)


def test_other_readers_agree(tmp_path: Path) -> None:
    path = write(tmp_path / 'run.mcap')
    with path.open('rb') as file:
        assert sum(1 for _ in NonSeekingReader(file, validate_crcs=True).iter_messages()) == 441
    with path.open('rb') as file:
        reader = make_reader(file, validate_crcs=True)
        assert reader.get_header().profile == 'ros2'
        summary = reader.get_summary()
        assert summary is not None and summary.statistics is not None
        assert summary.statistics.message_count == 441
        assert {s.encoding for s in summary.schemas.values()} == {'ros2msg'}
        assert {c.message_encoding for c in summary.channels.values()} == {'cdr'}
        assert sum(1 for _ in reader.iter_messages()) == 441
    with AnyReader([path]) as reader:
        assert reader.message_count == 441
        (state,) = (c for c in reader.connections if c.topic == STATE)
        assert state.ext.offered_qos_profiles[0].reliability == QosReliability.RELIABLE
        ((_, _, raw),) = reader.messages([state])
        assert reader.deserialize(raw, state.msgtype).mode == 'HOLD'


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / 'run.mcap'
    path.write_bytes(b'precious')
    with pytest.raises(FileExistsError):
        BagWriter(path)
    assert path.read_bytes() == b'precious'


@pytest.mark.parametrize('part', [0.999, 0.6, 0.3])
def test_a_cut_file_is_read_as_far_as_it_goes(tmp_path: Path, part: float) -> None:
    whole = write(tmp_path / 'run.mcap').read_bytes()
    cut = tmp_path / 'cut.mcap'
    cut.write_bytes(whole[: int(part * len(whole))])
    bag = Bag(cut)
    stream = joints(bag)
    assert part * 400 - CHUNK / 6100 - 10 < len(stream) <= 400
    assert np.array_equal(stream.position[:, 0], np.arange(len(stream)))
    assert 'breaks off near byte' in bag.problem
    assert bag.metadata['facts'] == {'rate': '200.0'}


def test_a_changed_byte_costs_one_chunk(tmp_path: Path) -> None:
    path = write(tmp_path / 'run.mcap')
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    bag = Bag(path)
    stream = joints(bag)
    assert 0 < len(stream) < 400
    assert set(np.diff(stream.position[:, 0])) - {1.0}  # both sides of the hole are there
    assert '1 damaged chunks were left out' in bag.problem


WRITES_FOR_EVER = """
import itertools, sys
from fastwam_ros.bag.writer import BagWriter, quality
from test.bag.messages import joint_state
bag = BagWriter(sys.argv[1])
joints = bag.channel('/a/joints', 'sensor_msgs/msg/JointState', quality(False, False, 5))
for i in itertools.count():
    bag.write(joints, 10**18 + i * 5_000_000, joint_state(i, [float(i), 0.0]))
    if i == 1000:
        print('ready', flush=True)
"""


def test_killed_it_lacks_the_last_second_only(tmp_path: Path) -> None:
    path = tmp_path / 'run.mcap'
    process = subprocess.Popen(
        [sys.executable, '-c', WRITES_FOR_EVER, str(path)], stdout=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None and process.stdout.readline() == b'ready\n'
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    bag = Bag(path)
    stream = joints(bag)
    assert len(stream) >= 1000 - FLUSH // PERIOD
    assert np.array_equal(stream.position[:, 0], np.arange(len(stream)))
    assert bag.problem


FILLS_UP = """
import resource, sys
from fastwam_ros.bag.writer import BagWriter, quality
from test.bag.messages import joint_state
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
bag = BagWriter(sys.argv[1])
joints = bag.channel('/a/joints', 'sensor_msgs/msg/JointState', quality(False, False, 5))
try:
    for i in range(100_000):
        bag.write(joints, 10**18 + i * 5_000_000, joint_state(i, [float(i) ** 0.5, i / 7]))
except OSError as error:
    print(error.strerror)
try:
    bag.close()
except OSError as error:
    print('closed', error.strerror)
"""


def test_a_full_disk_is_an_oserror_and_what_fits_is_kept(tmp_path: Path) -> None:
    path = tmp_path / 'run.mcap'
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    command = [sys.executable, '-c', FILLS_UP, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == 'File too large\nclosed File too large\n'
    assert done.stderr == ''
    assert len(joints(Bag(path))) > 1000


@pytest.mark.parametrize(
    ('content', 'words'),
    [
        (b'', 'is empty'),
        (b'SQLite format 3\x00', 'is no bag of ROS 2'),
        (b'#ROSBAG V2.0\n', 'is a bag of ROS 1: rosbags-convert'),
        (b'PK\x03\x04', 'is no bag in mcap or sqlite3'),
    ],
)
def test_what_is_no_recording_says_so(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / 'run.mcap'
    path.write_bytes(content)
    with pytest.raises(BagError, match=words):
        Bag(path)


def test_what_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(BagError, match='No such file'):
        Bag(tmp_path / 'none.mcap')
    bag = Bag(write(tmp_path / 'run.mcap', 1))
    with pytest.raises(BagError, match=r'no topic /b: it has /a/image, /a/joints, /fastwam'):
        bag.require('/b')


def test_magic_alone_is_a_recording_without_anything(tmp_path: Path) -> None:
    path = tmp_path / 'run.mcap'
    path.write_bytes(write(tmp_path / 'whole.mcap').read_bytes()[:9])
    bag = Bag(path)
    assert (bag.topics, list(bag.records())) == ({}, [])
    assert 'breaks off' in bag.problem


def test_bytes_of_another_type_name_the_topic(tmp_path: Path) -> None:
    path = tmp_path / 'run.mcap'
    with BagWriter(path) as bag:
        channel = bag.channel(JOINTS, 'sensor_msgs/msg/JointState', quality(True, False, 1))
        bag.write(channel, START, b'\x00\x01\x00\x00' + b'\xff' * 30)
    with pytest.raises(BagError, match='message on /a/joints is no sensor_msgs/msg/JointState'):
        joints(Bag(path))


def test_odd_rows_are_counted_not_kept(tmp_path: Path) -> None:
    path = tmp_path / 'run.mcap'
    with BagWriter(path) as bag:
        channel = bag.channel(JOINTS, 'sensor_msgs/msg/JointState', quality(True, False, 1))
        for i, row in enumerate(([1.0, 2.0], [1.0], [np.nan, 2.0], [], [3.0, 4.0])):
            bag.write(channel, START + i, joint_state(START, row))
    stream = joints(Bag(path))
    assert (stream.position.tolist(), stream.odd) == ([[1.0, 2.0], [3.0, 4.0]], 3)


def test_of_more_positions_the_first_are_taken_where_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / 'run.mcap'
    with BagWriter(path) as bag:
        channel = bag.channel(JOINTS, 'sensor_msgs/msg/JointState', quality(True, False, 1))
        for i, row in enumerate(([1.0, 2.0, 9.0], [3.0, 4.0], [5.0, 6.0, 9.0, 9.0], [7.0])):
            bag.write(channel, START + i, joint_state(START, row))
    bag = Bag(path)
    stream = JointStream.of(bag, bag.records([JOINTS]), 2, widest=3)
    assert (stream.position.tolist(), stream.odd) == ([[1.0, 2.0], [3.0, 4.0]], 2)
    assert joints(bag).odd == 3


def test_stamps_without_decoding() -> None:
    late = 2_000_000_000 * SECOND + 999_999_999
    assert stamp_of(cdr('CompressedImage', header=header(late, 'frame'), format='jpeg')) == late
    with pytest.raises(ValueError, match='no header stamp'):
        stamp_of(b'\x00\x01\x00\x00')
    stamps = Stamps.of([(i, START + i * SECOND // 15) for i in range(31)])
    assert stamps.rate() == pytest.approx(15.0)
    assert np.isnan(Stamps.of([(0, 0)]).rate())
