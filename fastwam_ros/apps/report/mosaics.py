"""What the policy saw: the recorded pictures, tiled as the model was trained.

A chunk names its head picture by its stamp and the other pictures not at all. The set that is
shown for it is the tightest around that stamp, which is what the policy picks.
"""

import io
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from PIL import Image

from fastwam_ros.apps.report.run import Run
from fastwam_ros.bag.reader import Bag
from fastwam_ros.bag.streams import Times, nanoseconds, stamp_of
from fastwam_ros.robot.pictures import Layout, pixels
from fastwam_ros.robot.topics import CAMERAS
from fastwam_ros.wam.mosaic import HEAD_ABOVE_WRISTS, Picture, Tile

NONE = 0  # in place of a stamp: no picture of that camera was recorded
_GREY = 128
_Set = Sequence[int]  # one stamp [ns] per camera


def mosaics(run: Run, times: Sequence[int]) -> list[Picture]:
    """[384, 320, 3] of the pictures stamped nearest to each time [ns].

    A camera without pictures, or one that does not decode, is a grey tile.
    """
    return tiled(run, [[_nearest(run.images[c].stamps, time) for c in CAMERAS] for time in times])


def tiled(run: Run, sets: Sequence[_Set]) -> list[Picture]:
    """One mosaic for each set of stamps, from one pass over the file."""
    topics = {c: run.facts.topics.get(run.image_roles[c], '') for c in CAMERAS}
    wanted = {(topics[c], stamp) for one in sets for c, stamp in zip(CAMERAS, one, strict=True)}
    found = _recorded(run.bag, wanted)
    return [
        HEAD_ABOVE_WRISTS.tile(
            {
                tile.camera: _picture(found.get((topics[tile.camera], stamps[tile.camera])), tile)
                for tile in HEAD_ABOVE_WRISTS.tiles
            }
        )
        for stamps in (dict(zip(CAMERAS, one, strict=True)) for one in sets)
    ]


def picture_sets(run: Run) -> Times:
    """Stamps [chunks, cameras] of the pictures around each chunk's head stamp.

    The head's is the recorded one nearest to that stamp; of the other cameras the picture before
    or after it, whichever makes the span smallest.
    """
    heads = np.array([nanoseconds(chunk.header.stamp) for _, chunk in run.chunks], np.int64)
    around = [_around(np.sort(run.images[camera].stamps), heads) for camera in CAMERAS[1:]]
    choices = np.array([np.stack(choice, axis=1) for choice in product(*around)])
    given = np.where(choices == NONE, heads[:, None], choices)
    spans = np.ptp(
        np.concatenate([np.broadcast_to(heads[:, None], given[..., :1].shape), given], axis=2),
        axis=2,
    )
    best = choices[spans.argmin(axis=0), np.arange(len(heads))]
    shown = [_nearest(run.images[CAMERAS[0]].stamps, int(head)) for head in heads]
    return np.column_stack([np.array(shown, np.int64), best])


def picture_spans(run: Run) -> np.ndarray:
    """Milliseconds [chunks] that the pictures around each chunk's head stamp span at best.

    This is what the policy could choose from; empty where a camera has no pictures.
    """
    sets = picture_sets(run)
    if not all(len(run.images[camera].stamps) for camera in CAMERAS[1:]):
        return np.zeros(0)
    sets[:, 0] = [nanoseconds(chunk.header.stamp) for _, chunk in run.chunks]
    return np.ptp(sets, axis=1) / 1e6


def _around(stamps: Times, wanted: Times) -> tuple[Times, Times]:
    """The sorted stamps before and after each wanted one; the same one twice at the ends."""
    if not len(stamps):
        return np.full_like(wanted, NONE), np.full_like(wanted, NONE)
    after = np.searchsorted(stamps, wanted)
    last = len(stamps) - 1
    return stamps[np.clip(after - 1, 0, last)], stamps[np.clip(after, 0, last)]


def _nearest(stamps: Times, time: int) -> int:
    return int(stamps[np.abs(stamps - time).argmin()]) if len(stamps) else NONE


def _recorded(bag: Bag, wanted: set[tuple[str, int]]) -> dict[tuple[str, int], Any]:
    """The messages of pictures with these topics and stamps."""
    found = {}
    for record in bag.records({topic for topic, stamp in wanted if stamp != NONE}):
        key = record.topic, stamp_of(record.data)
        if key in wanted and key not in found:
            found[key] = bag.decode(record)
    return found


def _picture(message: Any, tile: Tile) -> Picture:
    picture = None if message is None else _decoded(tile.camera, message)
    if picture is None or picture.shape[0] < tile.height or picture.shape[1] < tile.width:
        return np.full((tile.height, tile.width, 3), _GREY, np.uint8)
    return picture


def _decoded(camera: str, message: Any) -> Picture | None:
    data = bytes(message.data)
    try:
        if not hasattr(message, 'encoding'):
            return np.asarray(Image.open(io.BytesIO(data)).convert('RGB'))
        return pixels(camera, Layout.of(message), data)
    except (OSError, SyntaxError, ValueError):  # Pillow's words for garbage, and ours
        return None
