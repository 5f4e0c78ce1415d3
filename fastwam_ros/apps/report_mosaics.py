"""What the policy saw at given times: the recorded pictures, tiled as the model was trained."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from fastwam_ros.apps.report_run import Run
from fastwam_ros.bag.reader import Bag
from fastwam_ros.bag.streams import Stamps
from fastwam_ros.wam.mosaic import HEAD_ABOVE_WRISTS, Picture, Tile

_GREY = 128


def mosaics(run: Run, times: Sequence[int]) -> list[Picture]:
    """[384, 320, 3] of the pictures stamped nearest to each time [ns].

    A camera without pictures, or one that does not decode, is a grey tile.
    """
    return [
        HEAD_ABOVE_WRISTS.tile(
            {tile.camera: _seen(run, tile, time) for tile in HEAD_ABOVE_WRISTS.tiles}
        )
        for time in times
    ]


def _seen(run: Run, tile: Tile, time: int) -> Picture:
    topic = run.facts.topics[f'image_{tile.camera}']
    picture = _decoded(_nearest(run.bag, topic, run.images[tile.camera], time))
    if picture is None or picture.shape[0] < tile.height or picture.shape[1] < tile.width:
        return np.full((tile.height, tile.width, 3), _GREY, np.uint8)
    return picture


def _nearest(bag: Bag, topic: str, stamps: Stamps, time: int) -> bytes:
    if not len(stamps.stamps):
        return b''
    at = int(stamps.received[np.abs(stamps.stamps - time).argmin()])
    record = next(bag.records([topic], since=at, until=at), None)
    return bytes(bag.decode(record).data) if record is not None else b''


def _decoded(jpeg: bytes) -> Picture | None:
    try:
        return np.asarray(Image.open(io.BytesIO(jpeg)).convert('RGB'))
    except (OSError, SyntaxError):  # Pillow's words for garbage
        return None
