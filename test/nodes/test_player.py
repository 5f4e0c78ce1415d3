"""Why a recording is not played, in one line each."""

import pytest

from fastwam_ros.bag.writer import BagWriter, quality
from test.apps.replay.bags import waving


def broken(tmp_path, name):
    path = tmp_path / f'{name}.mcap'
    if name == 'whole':
        waving(path, 1.0)
    if name == 'empty':
        path.write_bytes(b'')
    if name == 'foreign':
        path.write_bytes(b'#ROSBAG V2.0')
    if name == 'unmarked':
        with BagWriter(path) as writer:
            channel = writer.channel('/x', 'std_msgs/msg/String', quality(True, False, 1))
            writer.write(channel, 1, b'')
    return path


@pytest.mark.parametrize(
    ('name', 'params', 'words'),
    [
        ('missing', (), 'missing.mcap: No such file or directory'),
        ('empty', (), 'empty.mcap is empty'),
        ('foreign', (), 'foreign.mcap is a bag of ROS 1'),
        ('unmarked', (), 'has neither pictures nor feedback in it, by the names'),
        ('whole', ('rate:=0.0',), "parameter 'rate' is 0.0: 0.01 to 100"),
        ('whole', ('start:=500.0',), 'has nothing from 500 s on: it lasts'),
        ('whole', ('speed:=2.0',), "unknown parameter 'speed' for player: it has bag, rate"),
        ('whole', ('wait_for:=nobody', 'patience:=2.0'), 's for nobody to listen: not started?'),
    ],
)
def test_what_cannot_be_played_is_said_in_one_line(processes, tmp_path, name, params, words):
    path = broken(tmp_path, name)
    processes.start('player', f'bag:={path}', *params)
    assert processes.wait('player') == 1
    said = processes.said('player')
    assert words in said.splitlines()[-1]
    assert 'Traceback' not in said
