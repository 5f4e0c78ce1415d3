"""A recording that is split: rosbag2's form, and each file readable alone."""

from pathlib import Path

import numpy as np
import pytest
from rosbags.rosbag2 import Reader

from fastwam_ros.bag.reader import Bag
from fastwam_ros.bag.writer import BagWriter, quality
from test.bag.messages import cdr, joint_state

START, STEP = 10**18, 50_000_000
TASK, ARM = '/fastwam/task', '/arm'
COUNT, SPLIT = 200, 100_000


def write(path: Path, split: int = SPLIT) -> BagWriter:
    """Arms that do not compress, with a task before and another in the middle; not closed."""
    random = np.random.default_rng(0)
    bag = BagWriter(path, split)
    bag.metadata('facts', {'robot': 'r1lite'})
    task = bag.channel(TASK, 'std_msgs/msg/String', quality(True, True, 1))
    arm = bag.channel(ARM, 'sensor_msgs/msg/JointState', quality(False, False, 5))
    bag.write(task, START, cdr('String', data='first'))
    for k in range(COUNT):
        if k == COUNT // 2:
            bag.write(task, START + k * STEP, cdr('String', data='second'))
        values = random.normal(size=600)
        bag.write(arm, START + k * STEP, joint_state(START + k * STEP, values))
    return bag


def tasks(bag: Bag) -> list[str]:
    return [bag.decode(record).data for record in bag.records([TASK])]


def test_other_tools_find_every_message_in_order(tmp_path: Path) -> None:
    with write(tmp_path / 'run') as bag:
        bag.metadata('end', {'outcome': 'success'})
    with Reader(tmp_path / 'run') as reader:
        assert reader.start_time == START
        arms = [c for c in reader.connections if c.topic == ARM]
        stamps = [stamp for _, stamp, _ in reader.messages(arms)]
        counts = {c.topic: c.msgcount for c in reader.connections}
        assert reader.message_count == sum(counts.values())
    assert stamps == [START + k * STEP for k in range(COUNT)]
    assert counts == {ARM: COUNT, TASK: 2 + len(bag.files) - 1}


def test_each_file_can_be_read_alone(tmp_path: Path) -> None:
    bag = write(tmp_path / 'run')
    bag.metadata('end', {'outcome': 'success'})
    bag.close()
    files = [Bag(path) for path in bag.files]
    assert len(files) > 4
    assert [path.name for path in bag.files[:2]] == ['run_0.mcap', 'run_1.mcap']
    for number, file in enumerate(files):
        assert file.metadata['facts'] == {'robot': 'r1lite'}
        assert ('end' in file.metadata) == (number == len(files) - 1)
        assert SPLIT // 4 < file.size < 4 * SPLIT
        assert file.topics == {
            TASK: 'std_msgs/msg/String',
            ARM: 'sensor_msgs/msg/JointState',
        }
    assert tasks(files[0])[0] == tasks(files[1])[0] == 'first'
    assert tasks(files[-1]) == ['second']
    head = next(files[-1].records())
    before = list(files[-2].records())[-1]
    assert (head.topic, head.received) == (TASK, before.received)


def test_a_split_that_is_killed_is_described_as_far_as_it_goes(tmp_path: Path) -> None:
    bag = write(tmp_path / 'run')  # and nobody closes it
    there = sorted(path.name for path in (tmp_path / 'run').iterdir())
    assert there == sorted([*(path.name for path in bag.files), 'metadata.yaml'])
    described = (tmp_path / 'run' / 'metadata.yaml').read_text()
    assert all(path.name in described for path in bag.files)
    last = Bag(bag.files[-1])
    assert last.problem == '' or 'breaks off' in last.problem
    assert tasks(last) == ['second']
    bag.close()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / 'run').mkdir()
    with pytest.raises(FileExistsError, match='run exists: a recording is never overwritten'):
        BagWriter(tmp_path / 'run', SPLIT)
    with BagWriter(tmp_path / 'one.mcap') as bag, pytest.raises(FileExistsError):
        BagWriter(bag.path)
    assert not (tmp_path / 'metadata.yaml').exists()
