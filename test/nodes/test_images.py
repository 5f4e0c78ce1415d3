"""Wrist cameras without compression on the names of before: chunks of them, words, a recording."""

import array
import signal

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from sensor_msgs.msg import CompressedImage, Image

from fastwam_ros.bag.reader import Bag
from fastwam_ros.bag.run import Facts
from fastwam_ros.nodes import qos
from fastwam_ros.nodes.messages import time_message
from fastwam_ros.robot import topics
from fastwam_ros.robot.topics import IMAGES, ImageTopic
from test.nodes import runner
from test.nodes.test_policy_node import TINY, Robot, chunks, goes_on, health, no_chunks

pytestmark = pytest.mark.torch

RAW_WRISTS = ('wrist_transport:=raw',)
FORMER = {side: ImageTopic(side, 'raw', former=True).name for side in ('left', 'right')}


class Older(Robot):
    """A robot whose wrist cameras send raw pictures under their former names."""

    encoding, size, padding = 'bgr8', (360, 640), 16

    def raw(self) -> Image:
        height, width = self.size
        tile = self._noise.integers(0, 255, (height // 40, width // 40, 3), np.uint8)
        rows = np.kron(tile, np.ones((40, 40, 1), np.uint8)).reshape(height, -1)
        rows = np.pad(rows, ((0, 0), (0, self.padding)))
        return Image(
            encoding=self.encoding,
            height=height,
            width=width,
            step=rows.shape[1],
            data=array.array('B', rows.tobytes()),
        )

    def show(self, now: int, instead: dict) -> None:
        head = CompressedImage(format='jpeg', data=array.array('B', self.picture()))
        wrists = {side: self.raw() for side in FORMER}
        for topic, message in ((IMAGES['head'], head), *((FORMER[s], wrists[s]) for s in FORMER)):
            message.header.stamp = time_message(now)
            self._probe.speak(type(message), topic).publish(message)


@pytest.fixture(scope='module')
def robot(probe, processes):
    processes.start('policy', f'bundle:={TINY}', 'max_rate:=5.0', *RAW_WRISTS)
    probe.hear(DiagnosticArray, '/diagnostics', qos.REQUESTS)
    ready = probe.until(lambda: 'bundle tiny_r1lite' in processes.said('policy'), 60.0)
    assert ready, processes.said('policy')
    return Older(probe)


def test_raw_pictures_under_former_names_give_chunks(robot, probe, processes, tmp_path):
    path = tmp_path / 'run.mcap'
    processes.start('recorder', f'output:={path}', *RAW_WRISTS)
    assert probe.until(lambda: 'records to' in processes.said('recorder'), 20.0)
    assert probe.until(lambda: chunks(probe) > 3, 30.0, robot.play), health(probe)
    said = processes.said('policy')
    for side, topic in FORMER.items():
        assert said.count(f'{side} camera sends on {topic}') == 1
    assert processes.kill('recorder', signal.SIGINT) == 0
    bag = Bag(path)
    named = Facts.read(bag).topics
    (first, *_) = bag.records([named['image_left_rect_raw']])
    message = bag.decode(first)
    assert (message.encoding, message.height, message.step) == ('bgr8', 360, 640 * 3 + 16)
    assert sum(1 for _ in bag.records([named['image_head']])) > 3
    assert named['image_head_raw'] not in bag.topics  # nobody asked for it


def test_another_size_is_told_and_inferred_from(robot, probe, processes):
    robot.size = (240, 320)
    words = 'left camera sends 240 x 320 bgr8 now, 360 x 640 bgr8 before'
    assert probe.until(lambda: words in processes.said('policy'), 20.0, robot.play)
    goes_on(robot, probe)


def test_an_encoding_that_cannot_be_read_is_refused_until_it_can(robot, probe):
    robot.encoding = 'mono8'
    no_chunks(robot, probe, "no chunk: left camera sends 'mono8', which has no colours")
    robot.encoding = 'yuv422_of_tomorrow'
    no_chunks(robot, probe, "no chunk: left camera sends 'yuv422_of_tomorrow': ")
    robot.encoding = 'rgb8'
    goes_on(robot, probe)


def test_without_cv_bridge_it_says_what_goes(robot, probe):
    if runner.REAL:
        pytest.skip('cv_bridge is there')
    robot.encoding = 'yuv422'
    words = 'without cv_bridge only rgb8, bgr8, rgba8, bgra8 can be read'
    no_chunks(robot, probe, words)
    robot.encoding = 'rgb8'


def test_with_cv_bridge_other_encodings_go(robot, probe):
    if not runner.REAL:
        pytest.skip('needs cv_bridge, which only a ROS 2 has')
    before = probe.heard[topics.CHUNK][-1][1].sequence
    robot.encoding = 'bayer_rggb8'  # a third of the bytes: the rest counts as padding
    seen = probe.until(
        lambda: probe.heard[topics.CHUNK][-1][1].sequence > before + 5, 20.0, robot.play
    )
    assert seen, health(probe)
    robot.encoding = 'rgb8'
