"""Bags of other makers: folders, both storages, compressed, split, damaged."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from rosbags.rosbag2 import CompressionMode

from fastwam_ros.bag import definitions
from fastwam_ros.bag.reader import WINDOW, Bag, BagError
from fastwam_ros.bag.streams import JointStream
from fastwam_ros.bag.writer import BagWriter, quality
from test.bag.foreign import MCAP, SQLITE, Message, written
from test.bag.messages import SECOND, cdr, header, joint_state

ARM, IMAGE = '/hdas/feedback_arm_left', '/hdas/camera_head/left_raw/image_raw_color/compressed'
START = 1_700_000_000 * SECOND
PERIOD = 5_000_000
BOTH = pytest.mark.parametrize('storage', [MCAP, SQLITE], ids=lambda each: each.name)


def readings(first: int, last: int) -> list[Message]:
    """Readings that count, 5 ms apart, with a picture of several pages after every tenth."""
    found: list[Message] = []
    for i in range(first, last):
        now = START + i * PERIOD
        found.append((ARM, 'JointState', now, joint_state(now, [float(i)])))
        if i % 10 == 0:
            noise = np.random.default_rng(i).integers(0, 256, 20_000, dtype=np.uint8)
            data = cdr('CompressedImage', header=header(now), format='jpeg', data=noise)
            found.append((IMAGE, 'CompressedImage', now + 1, data))
    return found


def counts(bag: Bag) -> list[float]:
    return JointStream.of(bag, bag.records([ARM]), 1).position[:, 0].tolist()


def database(folder: Path) -> Path:
    (found,) = folder.glob('*.db3')
    return found


@BOTH
@pytest.mark.parametrize(
    'packed', [CompressionMode.NONE, CompressionMode.MESSAGE, CompressionMode.FILE]
)
@pytest.mark.parametrize('described', [True, False])
def test_a_folder_in_either_storage(tmp_path, storage, packed, described):
    sent = readings(0, 100)
    path = written(tmp_path / 'run', sent, storage, packed)
    if not described:
        (path / 'metadata.yaml').unlink()
    bag = Bag(path)
    assert [(r.topic, r.received, r.data) for r in bag.records()] == [
        (topic, received, data) for topic, _, received, data in sent
    ]
    assert counts(bag) == list(range(100))
    assert bag.topics == {
        ARM: 'sensor_msgs/msg/JointState',
        IMAGE: 'sensor_msgs/msg/CompressedImage',
    }
    assert ('metadata.yaml is missing' in bag.problem) is not described


def test_a_stretch_of_a_database(tmp_path):
    bag = Bag(database(written(tmp_path / 'run', readings(0, 300), SQLITE)))
    since, until = START + 100 * PERIOD, START + 200 * PERIOD
    found = [r.received for r in bag.records([ARM], since, until)]
    assert (len(found), found[0], found[-1]) == (101, since, until)


def joined(path: Path, *folders: Path) -> Path:
    """One folder of the files of several, as ros2 bag splits a recording."""
    path.mkdir()
    names = []
    for number, folder in enumerate(folders):
        (file,) = (each for each in folder.iterdir() if each.suffix in ('.mcap', '.db3'))
        names.append(f'{path.name}_{number}{file.suffix}')
        shutil.copy(file, path / names[-1])
    about = yaml.safe_load((folders[0] / 'metadata.yaml').read_text())
    about['rosbag2_bagfile_information']['relative_file_paths'] = names
    (path / 'metadata.yaml').write_text(yaml.safe_dump(about))
    return path


def parts(tmp_path: Path, storage, *ends: int) -> list[Path]:
    bounds = (0, *ends)
    return [
        written(tmp_path / f'part{k}', readings(first, last), storage)
        for k, (first, last) in enumerate(zip(bounds, ends, strict=False))
    ]


@BOTH
def test_split_files_are_one_recording_in_time(tmp_path, storage):
    one, two, three = parts(tmp_path, storage, 50, 120, 150)
    bag = Bag(joined(tmp_path / 'run', two, three, one))
    assert counts(bag) == list(range(150))
    assert bag.problem == ''
    read: list[float] = []
    assert len(list(bag.records(progress=read.append))) == 165
    assert read == sorted(read) and read[-1] <= 1.0


def test_files_that_overlap_are_merged_in_time(tmp_path):
    odd, even = (
        written(tmp_path / name, readings(0, 400)[k::2]) for k, name in enumerate(('a', 'b'))
    )
    received = [r.received for r in Bag(joined(tmp_path / 'run', odd, even)).records()]
    assert received == sorted(received) and len(received) == 440


@BOTH
def test_without_one_of_its_files_the_rest_is_read(tmp_path, storage):
    path = joined(tmp_path / 'run', *parts(tmp_path, storage, 50, 100, 150))
    (missing,) = path.glob('run_1.*')
    missing.unlink()
    bag = Bag(path)
    assert counts(bag) == [*range(50), *range(100, 150)]
    assert f'1 of 3 files are missing: {missing.name}' in bag.problem
    missing.touch()
    bag = Bag(path)
    assert len(counts(bag)) == 100
    assert f'{missing.name} is empty' in bag.problem


@pytest.mark.parametrize('part', [0.9, 0.5, 0.2])
def test_a_database_that_is_cut_off_is_read_as_far_as_it_goes(tmp_path, part):
    file = database(written(tmp_path / 'run', readings(0, 3000), SQLITE))
    whole = file.read_bytes()
    cut = tmp_path / 'cut'
    cut.write_bytes(whole[: int(part * len(whole))])
    bag = Bag(cut)
    found = counts(bag)
    assert found == list(range(len(found)))
    assert part * 3000 - 50 < len(found) <= part * 3000 + 50
    assert 'cut is cut off or damaged' in bag.problem
    pictures = [r.data for r in bag.records([IMAGE])]
    sent = [data for topic, *_, data in readings(0, len(found)) if topic == IMAGE]
    assert len(pictures) >= len(sent) - 1 and pictures == sent[: len(pictures)]


def test_damaged_pages_of_a_database_cost_what_is_on_them(tmp_path):
    file = database(written(tmp_path / 'run', readings(0, 3000), SQLITE))
    data = bytearray(file.read_bytes())
    half = len(data) // 2 // 4096 * 4096
    data[half : half + 40960] = b'\xff' * 40960
    file.write_bytes(data)
    bag = Bag(file)
    found = counts(bag)
    assert 2800 < len(found) < 3000
    assert found == sorted(set(found)) and found[-1] == 2999
    assert 'damaged' in bag.problem


WRITES_ON = """
import sqlite3, sys, time
base = sqlite3.connect(sys.argv[1])
base.execute('PRAGMA journal_mode = WAL')
base.execute('INSERT INTO messages (topic_id, timestamp, data) SELECT topic_id, timestamp, data '
             'FROM messages WHERE rowid <= 10')
base.commit()
print('ready', flush=True)
time.sleep(60)
"""


def test_a_database_that_is_being_written_is_read_with_its_log(tmp_path):
    file = database(written(tmp_path / 'run', readings(1, 9), SQLITE))
    command = [sys.executable, '-c', WRITES_ON, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == b'ready\n'
        before = file.read_bytes()
        assert len(list(Bag(file).records())) == 16
        assert file.read_bytes() == before
        writer.kill()
    assert len(list(Bag(file).records())) == 16


def test_a_message_that_cannot_be_unpacked_is_left_out(tmp_path):
    path = written(tmp_path / 'run', readings(0, 20), SQLITE, CompressionMode.MESSAGE)
    with sqlite3.connect(database(path)) as base:
        base.execute("UPDATE messages SET data = x'28b52ffd0000' WHERE rowid = 5")
    bag = Bag(path)
    assert len(list(bag.records())) == 21
    assert bag.problem == '1 messages cannot be unpacked'


def test_definitions_where_the_bag_has_none(tmp_path, monkeypatch):
    path = written(tmp_path / 'run', readings(0, 3), SQLITE)
    with sqlite3.connect(database(path)) as base:
        base.execute('DROP TABLE message_definitions')
        base.execute("UPDATE topics SET type = 'hdas_msg/msg/Unheard' WHERE name = ?", [IMAGE])
    bag = Bag(path)
    assert counts(bag) == [0.0, 1.0, 2.0]
    (picture,) = bag.records([IMAGE])
    with pytest.raises(BagError, match="cannot be decoded: no definition of 'hdas_msg/msg/Unh"):
        bag.decode(picture)
    assert 'no definition' in bag.undecodable('hdas_msg/msg/Unheard')
    assert bag.undecodable('sensor_msgs/msg/JointState') == ''


def test_the_vendors_messages_are_known(tmp_path):
    assert 'float32 capital' in definitions.definition('hdas_msg/msg/Bms')
    bag = Bag(written(tmp_path / 'run', readings(0, 1)))
    for name in definitions.DEFINITIONS:
        assert bag.undecodable(name) == ''


def ours(path: Path, *received: int) -> Bag:
    with BagWriter(path) as bag:
        channel = bag.channel(ARM, 'sensor_msgs/msg/JointState', quality(True, False, 1))
        for i, now in enumerate(received):
            bag.write(channel, now, joint_state(now, [float(i)]))
    return Bag(path)


def test_what_is_a_little_out_of_order_is_put_in_order(tmp_path):
    late = WINDOW // 2
    bag = ours(tmp_path / 'run.mcap', START + late, START, START + 3 * late, START + 2 * late)
    assert counts(bag) == [1.0, 0.0, 3.0, 2.0]


def test_a_clock_that_was_set_back_loses_nothing(tmp_path):
    hour = 3600 * SECOND
    times = [START, START + SECOND, START + SECOND - hour, START + 2 * SECOND - hour, 0, 0]
    assert sorted(counts(ours(tmp_path / 'run.mcap', *times))) == [0, 1, 2, 3, 4, 5]


def test_what_is_no_recording_says_so(tmp_path):
    with pytest.raises(BagError, match=f'{tmp_path} holds no recording$'):
        Bag(tmp_path)
    one, two = parts(tmp_path, MCAP, 5, 10)
    with pytest.raises(BagError, match='holds no recording, but its folders do: part0, part1'):
        Bag(tmp_path)
    (tmp_path / 'both').mkdir()
    for folder in (one, two):
        shutil.copy(next(folder.glob('*.mcap')), tmp_path / 'both')
    with pytest.raises(BagError, match=r'holds 2 recordings: name one of part0\.mcap, part1'):
        Bag(tmp_path / 'both')


def test_a_damaged_description_is_done_without(tmp_path):
    path = written(tmp_path / 'run', readings(0, 5))
    (path / 'metadata.yaml').write_text('rosbag2_bagfile_information: [')
    bag = Bag(path)
    assert counts(bag) == list(range(5))
    assert 'metadata.yaml is damaged' in bag.problem


def test_an_unknown_compression_is_named(tmp_path):
    path = written(tmp_path / 'run', readings(0, 5))
    text = (path / 'metadata.yaml').read_text()
    about = yaml.safe_load(text)
    about['rosbag2_bagfile_information'] |= {
        'compression_mode': 'MESSAGE',
        'compression_format': 'brotli',
    }
    (path / 'metadata.yaml').write_text(yaml.safe_dump(about))
    with pytest.raises(BagError, match="is compressed with 'brotli': zstd can be read"):
        Bag(path)


def test_a_bag_without_messages_is_empty(tmp_path):
    bag = Bag(written(tmp_path / 'run', [], SQLITE))
    assert (bag.topics, list(bag.records())) == ({}, [])
