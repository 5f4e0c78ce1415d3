"""The camera thread: every picture with its own stamp, never in the physics' way."""

import io
import sys
import time

import numpy as np
import pytest
from PIL import Image

from fastwam_ros.sim import cameras
from fastwam_ros.sim.cameras import CameraThread
from fastwam_ros.sim.eyes import Eyes, RenderError
from fastwam_ros.sim.simulator import Exposure, Simulator
from fastwam_ros.sim.stills import Stills, jpeg
from fastwam_ros.sim.world import ARM_HOME, World


def wait_for(thread, count, limit=20.0):
    taken, end = [], time.monotonic() + limit
    while len(taken) < count:
        assert time.monotonic() < end, f'{len(taken)} of {count} pictures'
        taken += thread.take()
        time.sleep(0.002)
    return taken


@pytest.fixture
def thread():
    thread = CameraThread(World(0).model)
    yield thread
    thread.close()


def test_pictures_carry_the_stamp_of_the_state_they_show(thread):
    """While the world moves on: each JPEG equals one drawn from the exposure's own state."""
    sim = Simulator(0, 0)
    sim.world.data.joint('red').qvel[0] = 1.0
    sim.advance(150_000_000)
    exposures = {(e.camera, e.stamp): e for e in sim.exposures()}
    pictures = []
    for exposure in exposures.values():
        thread.submit(exposure)
        sim.advance(sim.time + 20_000_000)
        pictures += wait_for(thread, 1)
    assert {(p.camera, p.stamp) for p in pictures} == set(exposures)
    eyes = Eyes(World(0).model)
    for picture in pictures:
        exposure = exposures[picture.camera, picture.stamp]
        assert picture.data == jpeg(eyes.see(exposure.camera, exposure.qpos))
    eyes.close()


def test_only_the_newest_of_a_camera_waits(thread):
    qpos = World(0).data.qpos.copy()
    with thread._lock:  # the thread cannot take one meanwhile
        for stamp in (1, 2, 3):
            thread.submit(Exposure('left', stamp, qpos))
        thread.submit(Exposure('head', 4, qpos))
    pictures = wait_for(thread, 2)
    assert [(p.camera, p.stamp) for p in pictures] == [('left', 3), ('head', 4)]
    assert thread.dropped == 2
    with Image.open(io.BytesIO(pictures[1].data)) as head:
        assert (head.format, head.size) == ('JPEG', (1280, 720))


def test_a_dead_thread_is_noticed(thread, monkeypatch):
    def broken(_):
        raise OSError('no space')

    monkeypatch.setattr(cameras, 'jpeg', broken)
    thread.submit(Exposure('left', 1, World(0).data.qpos.copy()))
    with pytest.raises(OSError, match='no space'):
        wait_for(thread, 1)


def test_a_missing_renderer_fails_the_constructor(monkeypatch):
    monkeypatch.setitem(sys.modules, 'mujoco.egl', None)
    monkeypatch.delenv('MUJOCO_GL', raising=False)
    with pytest.raises(RenderError, match='libegl1'):
        CameraThread(World(0).model)


class TestStills:
    def test_show_the_arms_where_they_are_asked_to_be(self):
        stills = Stills(0)
        low = (0.0, 1.9, -1.8, 0.9, 0.0, 0.0)
        home = stills.at(ARM_HOME, ARM_HOME, (0.06, 0.06))
        moved = stills.at(low, ARM_HOME, (0.06, 0.02))
        again = stills.at(ARM_HOME, ARM_HOME, (0.06, 0.06))
        stills.close()
        assert all((home[camera] == again[camera]).all() for camera in home)
        assert (home['left'] != moved['left']).any(axis=2).mean() > 0.1
        right = (home['right'] != moved['right']).any(axis=2)
        assert 0.0 < right.mean() < 0.4  # its own fingers moved, and the other arm far off

    def test_tell_what_would_touch(self):
        stills = Stills(0)
        assert stills.touching(ARM_HOME, ARM_HOME) == ()
        low = (0.0, 2.8, -1.2, 0.9, 0.0, 0.0)
        assert ('left_gripper_finger_link1', 'table') in stills.touching(low, ARM_HOME)

    def test_refuse_a_wrong_number_of_joints(self):
        with pytest.raises(ValueError, match='right arm got 7 positions'):
            Stills(0).at(ARM_HOME, [0.0] * 7)

    def test_equal_what_the_cameras_of_that_seed_send(self):
        stills = Stills(5)
        world = World(5)
        eyes = Eyes(world.model)
        shown = stills.at(ARM_HOME, ARM_HOME, (0.1, 0.1))
        assert (shown['head'] == eyes.see('head', world.data.qpos)).all()
        stills.close()
        eyes.close()
        assert not np.array_equal(shown['left'], shown['right'])
