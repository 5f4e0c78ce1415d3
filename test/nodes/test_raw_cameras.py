"""A policy on raw topics, and on the older names of the wrist cameras: the same chunks."""

import array
import io

import numpy as np
import pytest
from PIL import Image as Picture
from sensor_msgs.msg import CompressedImage, Image

from fastwam_ros.nodes import topics
from fastwam_ros.nodes.messages import time_message
from fastwam_ros.nodes.pictures import raw_bytes, sources
from fastwam_ros.robot.topics import IMAGES, OLDER_IMAGES
from test.nodes.test_policy_node import TINY, Robot, chunks

pytestmark = pytest.mark.torch


def raw(pixels: np.ndarray, encoding: str = 'bgr8') -> Image:
    height, width = pixels.shape[:2]
    data = array.array('B', pixels[..., ::-1].tobytes())
    return Image(encoding=encoding, height=height, width=width, step=3 * width, data=data)


class RawRobot(Robot):
    """Its wrists send under their older names; encoding: of all cameras."""

    encoding = 'bgr8'

    def play(self, **instead) -> None:
        silent = dict.fromkeys(IMAGES)
        due = self._probe.now() >= self._due
        super().play(**silent)
        if due:
            for camera in IMAGES:
                self._show(camera, self._probe.now())

    def _show(self, camera: str, now: int) -> None:
        pixels = np.asarray(Picture.open(io.BytesIO(self.picture())))
        message = raw(pixels, self.encoding)
        message.header.stamp = time_message(now)
        topic = {**IMAGES, **OLDER_IMAGES}[camera].removesuffix('/compressed')
        self._probe.speak(Image, topic).publish(message)


def test_both_names_of_a_camera_are_heard():
    named = [(camera, topic) for camera, topic, kind, _ in sources(False)]
    assert ('left', 'hdas/camera_wrist_left/color/image_rect_raw/compressed') in named
    assert {camera for camera, _ in named} == {'head', 'left', 'right'}
    assert all(kind is CompressedImage for *_, kind, _ in sources(False))
    assert ('head', 'hdas/camera_head/left_raw/image_raw_color') in [s[:2] for s in sources(True)]


def test_without_cv_bridge_an_encoding_says_which_go(monkeypatch):
    monkeypatch.setitem(__import__('sys').modules, 'cv_bridge', None)
    with pytest.raises(ValueError, match=r"'mono16': without cv_bridge rgb8, bgr8"):
        raw_bytes(raw(np.zeros((2, 2, 3), np.uint8), 'mono16'))


def test_raw_pictures_give_chunks_and_a_strange_one_words(probe, processes):
    processes.start('policy', f'bundle:={TINY}', 'max_rate:=5.0', 'transport:=raw')
    assert probe.until(lambda: 'bundle tiny_r1lite' in processes.said('policy'), 60.0)
    robot, before = RawRobot(probe), chunks(probe)
    heard = probe.until(lambda: chunks(probe) > before + 2, 30.0, robot.play)
    assert heard, processes.said('policy')
    assert probe.heard[topics.CHUNK][-1][1].task
    robot.encoding = 'strange'
    said = probe.until(lambda: "encoding 'strange'" in processes.said('policy'), 20.0, robot.play)
    assert said, processes.said('policy')
