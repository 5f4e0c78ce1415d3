"""Raw and compressed pictures are the same mosaic; another size is told and taken."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from fastwam_ros.loop.inference import Inference, Job
from fastwam_ros.loop.pictures import GLIMPSE, Formats, glimpse, picture
from fastwam_ros.loop.synchroniser import Frame
from fastwam_ros.robot.pictures import Layout
from fastwam_ros.wam.mosaic import HEAD_ABOVE_WRISTS
from test.loop.test_inference import BASE, MS, Echo, feed

LOSS = 6.0  # levels of 255, mean and of a JPEG of quality 95


def scene(height: int, width: int, seed: int) -> np.ndarray:
    """Something smooth, as a camera sees it."""
    small = np.random.default_rng(seed).integers(0, 255, (9, 16, 3), np.uint8)
    large = Image.fromarray(small).resize((width, height), Image.BICUBIC)
    return np.asarray(large)


def jpeg(pixels: np.ndarray) -> Frame:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, 'JPEG', quality=95)
    return Frame(BASE, out.getvalue())


def bgr(pixels: np.ndarray, padding: int = 0) -> Frame:
    height, width = pixels.shape[:2]
    rows = np.pad(pixels[..., ::-1].reshape(height, -1), ((0, 0), (0, padding)))
    return Frame(BASE, rows.tobytes(), Layout('bgr8', height, width, rows.shape[1]))


SIZES = {'head': (720, 1280), 'left': (360, 640), 'right': (360, 640)}
SCENES = {name: scene(*size, seed) for seed, (name, size) in enumerate(SIZES.items())}


def mosaic(frames: dict[str, Frame]) -> np.ndarray:
    return HEAD_ABOVE_WRISTS.tile({name: picture(name, f) for name, f in frames.items()})


def test_raw_and_compressed_are_one_mosaic_within_the_loss_of_the_jpeg():
    wanted = HEAD_ABOVE_WRISTS.tile(SCENES)
    raw = mosaic({name: bgr(pixels, padding=32) for name, pixels in SCENES.items()})
    lossy = mosaic({name: jpeg(pixels) for name, pixels in SCENES.items()})
    assert np.array_equal(raw, wanted)
    difference = np.abs(raw.astype(int) - lossy)
    assert difference.mean() < 1.0 and difference.max() < LOSS


def test_red_and_blue_that_change_places_would_be_seen():
    swapped = bgr(SCENES['left'])
    lying = replace(swapped, layout=replace(swapped.layout, encoding='rgb8'))
    assert np.array_equal(picture('left', lying), SCENES['left'][..., ::-1])
    assert not np.array_equal(picture('left', lying), SCENES['left'])


def infer(inference: Inference, at: int, left: Frame):
    feed(inference, at)
    job = inference.pick()
    assert isinstance(job, Job)
    frames = {**job.frames.frames, 'left': left}
    return inference.run(replace(job, frames=replace(job.frames, frames=frames)))


def test_another_size_is_told_once_and_taken():
    inference = Inference(Echo(), max_skew=0.05, max_rate=10.0, always=True)
    large, small = bgr(SCENES['left']), bgr(SCENES['left'][:180, :320])
    assert infer(inference, 0, large) is not None
    assert inference.changed == ''
    assert infer(inference, 200, small) is not None
    words = 'left camera sends 180 x 320 bgr8 now, 360 x 640 bgr8 before'
    assert inference.changed == words
    assert inference.model.asked[-1][0]['left'] == (180, 320, 3)
    assert infer(inference, 400, small) is not None
    assert inference.changed == ''


def test_another_encoding_is_taken_where_it_can_be_read_and_refused_where_not():
    inference = Inference(Echo(), max_skew=0.05, max_rate=10.0, always=True)
    frame = bgr(SCENES['left'])
    infer(inference, 0, frame)
    turned = replace(frame, layout=replace(frame.layout, encoding='rgb8'))
    assert infer(inference, 200, turned) is not None
    assert inference.changed == 'left camera sends 360 x 640 rgb8 now, 360 x 640 bgr8 before'
    unknown = replace(frame, layout=replace(frame.layout, encoding='nv12'))
    with pytest.raises(ValueError, match="left camera sends 'nv12', which is none of rgb8, bgr8"):
        infer(inference, 400, unknown)


def test_a_jpeg_of_another_size_is_told_too():
    formats, frame = Formats(), Frame(BASE, b'')
    large, small = SCENES['left'], SCENES['left'][:90]
    assert formats.changed({'left': large}, {'left': frame}) == ''
    told = formats.changed({'left': small}, {'left': frame})
    assert told == 'left camera sends 90 x 640 compressed now, 360 x 640 compressed before'


def test_the_layout_belongs_to_the_observation():
    inference = Inference(Echo(), max_skew=0.05, max_rate=10.0, always=True)
    frame = bgr(SCENES['left'])
    for ms in (-66, 0):
        for camera in Echo.cameras:
            data = frame.data + str(ms).encode()
            assert inference.add_image(camera, BASE + ms * MS, data, frame.layout) == ''
    feed(inference, 0)
    job = inference.pick()
    assert isinstance(job, Job)
    other = replace(frame, layout=replace(frame.layout, encoding='rgb8'))
    frames = [{**job.frames.frames, 'left': one} for one in (frame, other)]
    jobs = [replace(job, frames=replace(job.frames, frames=each)) for each in frames]
    assert jobs[0].digest != jobs[1].digest


def test_a_glimpse_is_the_picture_in_small_and_grey():
    seen = glimpse('head', jpeg(SCENES['head']).data)
    grey = Image.fromarray(SCENES['head']).convert('L').resize(GLIMPSE[::-1], Image.Resampling.BOX)
    assert seen.shape == GLIMPSE
    assert np.abs(seen - np.asarray(grey, float)).mean() < 1.5
    with pytest.raises(ValueError, match='left camera sent 4 bytes that are no picture'):
        glimpse('left', b'none')
