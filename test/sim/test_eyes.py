"""What the cameras show: the right thing at the right pixel, at the stamp's state."""

import io
import sys

import numpy as np
import pytest
from PIL import Image

from fastwam_ros.robot.cameras import CAMERAS
from fastwam_ros.sim.eyes import Eyes, RenderError
from fastwam_ros.sim.simulator import Simulator
from fastwam_ros.sim.stills import jpeg
from fastwam_ros.sim.world import ARM_HOME, STEP_NS, World

CHANNEL = {'red': 0, 'green': 1, 'blue': 2}


def decoded(picture: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture)).convert('RGB')).astype(int)


def blob(pixels: np.ndarray, colour: str) -> tuple[float, float, int]:
    """Centroid (u, v) and size of the pixels in which one channel rules."""
    mine = pixels[..., CHANNEL[colour]]
    rest = np.delete(pixels, CHANNEL[colour], axis=2).max(axis=2)
    rows, columns = np.nonzero(mine > 2.0 * rest + 20)
    if not rows.size:
        return float('nan'), float('nan'), 0
    return columns.mean() + 0.5, rows.mean() + 0.5, rows.size


@pytest.fixture(scope='module')
def eyes():
    world = World(0)
    eyes = Eyes(world.model)
    yield eyes
    eyes.close()


@pytest.mark.parametrize('seed', range(3))
def test_blocks_at_rest_are_where_the_camera_model_puts_them(eyes, pixel, seed):
    world = World(seed)
    picture = decoded(jpeg(eyes.see('head', world.data.qpos)))
    assert picture.shape == (720, 1280, 3)
    for colour in CHANNEL:
        u, v, size = blob(picture, colour)
        assert size > 1000
        wanted = pixel(world.data, 'head', world.block(colour))
        assert np.hypot(u - wanted[0], v - wanted[1]) < 3.0, colour


def test_a_sliding_block_is_where_its_stamp_says(eyes, pixel):
    """At 1.5 m/s a stamp 2 ms off would be seen."""
    sim = Simulator(1, 0)
    world = sim.world
    world.data.joint('red').qvel[:2] = (0.0, 1.2 * np.sign(-world.block('red')[1]))
    truth, speeds = {}, []
    for _ in range(60):
        sim.advance(sim.time + STEP_NS)
        truth[sim.time] = pixel(world.data, 'head', world.block('red'))
        speeds.append(np.linalg.norm(world.data.joint('red').qvel[:2]))
    heads = [e for e in sim.exposures() if e.camera == 'head']
    assert len({tuple(np.round(truth[e.stamp])) for e in heads}) >= 3  # it moved between them
    for exposure in heads:
        u, v, _ = blob(decoded(jpeg(eyes.see('head', exposure.qpos))), 'red')
        wanted = truth[exposure.stamp]
        assert np.hypot(u - wanted[0], v - wanted[1]) < 3.0


@pytest.mark.parametrize('side', ['left', 'right'])
def test_a_moving_wrist_camera_sees_blocks_where_its_stamp_says(eyes, pixel, stream, side):
    sim = Simulator(1, 0)
    truth = {}

    def note():
        for colour in CHANNEL:
            truth[sim.time, colour] = pixel(sim.world.data, side, sim.world.block(colour))

    swing = np.add(ARM_HOME, [0.25, 0.1, -0.1, 0.2, 0.2, 0.3])
    stream(sim, side, [ARM_HOME, swing, ARM_HOME], 0.8, note)
    compared, spread = 0, []
    for exposure in sim.exposures():
        if exposure.camera != side:
            continue
        picture = decoded(jpeg(eyes.see(side, exposure.qpos)))
        for colour in CHANNEL:
            wanted = np.array(truth[exposure.stamp, colour])
            u, v, size = blob(picture, colour)
            if size < _full(exposure, colour, side, eyes):
                continue  # a finger or the picture's edge hides a part
            assert np.hypot(u - wanted[0], v - wanted[1]) < 3.0, (exposure.stamp, colour)
            compared += 1
            spread.append(wanted)
    assert compared >= 10
    assert np.ptp(spread, axis=0).max() > 30  # the view did move


def _full(exposure, colour, side, eyes) -> float:
    """Pixels that the whole block would cover, less a tenth."""
    camera = CAMERAS[side]
    eyes.see(side, exposure.qpos)
    frame = eyes._data.body(camera.frame)
    depth = (frame.xmat.reshape(3, 3).T @ (eyes._data.body(colour).xpos - frame.xpos))[2]
    return 0.9 * (camera.focal * 0.04 / depth) ** 2


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
