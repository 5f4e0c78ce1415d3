"""What the cameras show: the right thing at the right pixel, at the stamp's state."""

import io
import sys

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from fastwam_ros.robot.cameras import CAMERAS
from fastwam_ros.sim.eyes import Eyes, RenderError
from fastwam_ros.sim.simulator import Simulator
from fastwam_ros.sim.stills import jpeg
from fastwam_ros.sim.world import ARM_HOME, STEP_NS, World

CHANNEL = {'red': 0, 'green': 1, 'blue': 2}


def decoded(picture: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture)).convert('RGB')).astype(int)


def blob(pixels: np.ndarray, colour: str) -> tuple[float, float, int]:
    """Centroid (u, v) and size of the largest patch in which one channel rules."""
    mine = pixels[..., CHANNEL[colour]]
    rest = np.delete(pixels, CHANNEL[colour], axis=2).max(axis=2)
    patches, count = ndimage.label(mine > 2.0 * rest + 20)
    if not count:
        return float('nan'), float('nan'), 0
    rows, columns = np.nonzero(patches == 1 + np.bincount(patches.flat)[1:].argmax())
    return columns.mean() + 0.5, rows.mean() + 0.5, rows.size


@pytest.fixture(scope='module')
def eyes():
    world = World(0)
    eyes = Eyes(world.model)
    yield eyes
    eyes.close()


def off(picture: bytes, colour: str, wanted) -> float:
    """Pixels between a block's coloured centroid and its outline's."""
    u, v, size = blob(decoded(picture), colour)
    assert size == pytest.approx(wanted.area, rel=0.12)
    return float(np.hypot(*(wanted.centroid - (u, v))))


@pytest.mark.parametrize('seed', range(3))
def test_blocks_at_rest_are_where_the_camera_model_puts_them(eyes, outline, seed):
    world = World(seed)
    picture = jpeg(eyes.see('head', world.data.qpos))
    assert decoded(picture).shape == (720, 1280, 3)
    for colour in CHANNEL:
        assert off(picture, colour, outline(world, 'head', colour)) < 3.0, colour


def test_a_sliding_block_is_where_its_stamp_says(eyes, outline):
    """At 1 m/s a stamp that is 5 ms off would be seen."""
    sim = Simulator(1, 0)
    world = sim.world
    world.data.joint('red').qvel[0] = 1.2
    truth = {}
    for _ in range(60):
        sim.advance(sim.time + STEP_NS)
        truth[sim.time] = outline(world, 'head', 'red')
    heads = [e for e in sim.exposures() if e.camera == 'head']
    places = np.array([truth[e.stamp].centroid for e in heads])
    assert np.linalg.norm(np.diff(places, axis=0), axis=1).max() > 20  # it moved between them
    for exposure in heads:
        picture = jpeg(eyes.see('head', exposure.qpos))
        assert off(picture, 'red', truth[exposure.stamp]) < 3.0


@pytest.mark.parametrize('side', ['left', 'right'])
def test_a_moving_wrist_camera_sees_blocks_where_its_stamp_says(eyes, outline, stream, side):
    sim = Simulator(1, 0)
    truth = {}

    def note():
        for colour in CHANNEL:
            truth[sim.time, colour] = outline(sim.world, side, colour)

    swing = np.add(ARM_HOME, [0.25, 0.1, -0.1, 0.2, 0.2, 0.3])
    stream(sim, side, [ARM_HOME, swing, ARM_HOME], 0.8, note)
    places = []
    for exposure in (e for e in sim.exposures() if e.camera == side):
        picture = jpeg(eyes.see(side, exposure.qpos))
        for colour in CHANNEL:
            wanted = truth[exposure.stamp, colour]
            size = blob(decoded(picture), colour)[2]
            if not wanted.inside or size < 0.88 * wanted.area:
                continue  # the picture's edge or a finger hides a part
            assert off(picture, colour, wanted) < 3.0, (exposure.stamp, colour)
            places.append(wanted.centroid)
    assert len(places) >= 10
    assert np.ptp(places, axis=0).max() > 30  # the view did move


def test_pictures_differ_by_camera_and_show_the_arm(eyes):
    world = World(0)
    home = {camera: eyes.see(camera, world.data.qpos) for camera in CAMERAS}
    assert {camera: picture.shape for camera, picture in home.items()} == {
        'head': (720, 1280, 3),
        'left': (360, 640, 3),
        'right': (360, 640, 3),
    }
    assert (home['left'] != home['right']).mean() > 0.2
    low = (0.0, 1.9, -1.8, 0.9, 0.0, 0.0)
    qpos = world.pose({'left': low, 'right': low}, (0.05, 0.05))
    changed = (eyes.see('head', qpos) != home['head']).any(axis=2)
    assert changed[:, :640].mean() > 0.05
    assert changed[:, 640:].mean() > 0.05


def test_the_same_state_gives_the_same_picture(eyes):
    qpos = World(0).data.qpos
    first = eyes.see('head', qpos)
    eyes.see('left', World(2).data.qpos)
    assert (eyes.see('head', qpos) == first).all()


def test_an_unknown_camera_is_named_with_the_known_ones(eyes):
    with pytest.raises(ValueError, match="'tail': there are head, left, right"):
        eyes.see('tail', World(0).data.qpos)


def test_a_missing_renderer_is_one_line_with_the_packages(monkeypatch):
    monkeypatch.setitem(sys.modules, 'mujoco.egl', None)  # as where libEGL is missing
    monkeypatch.delenv('MUJOCO_GL', raising=False)
    with pytest.raises(RenderError) as caught:
        Eyes(World(0).model)
    assert 'libegl1 libgl1-mesa-dri libopengl0' in str(caught.value)
    assert '\n' not in str(caught.value)
