"""Several camera pictures as the one picture the model was trained on.

Each camera has a tile; a picture is resized straight to its tile with Pillow's antialiased
BILINEAR, aspect ratio not kept. Knows no decoder and no network. Facts: released RoboTwin
evaluation preprocessing (head 256 x 320 above left | right 128 x 160). Sizes are height x width.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Tile:
    """Where one camera's picture lies in the mosaic [pixels]."""

    camera: str
    top: int
    left: int
    height: int
    width: int

    def __post_init__(self) -> None:
        """Raises ValueError for a tile without area or left of or above the mosaic."""
        if min(self.height, self.width) < 1 or min(self.top, self.left) < 0:
            raise ValueError(f'tile {self.camera!r}: {self} has no place in a picture')


@dataclass(frozen=True)
class Mosaic:
    """A layout of tiles that covers height x width exactly once."""

    height: int
    width: int
    tiles: tuple[Tile, ...]

    def __post_init__(self) -> None:
        """Raises ValueError unless every pixel belongs to one tile and every camera has one."""
        cameras = [tile.camera for tile in self.tiles]
        if len(set(cameras)) != len(cameras):
            raise ValueError(f'mosaic names a camera twice: {cameras}')
        cover = np.zeros((self.height, self.width), int)
        for tile in self.tiles:
            if tile.top + tile.height > self.height or tile.left + tile.width > self.width:
                raise ValueError(f'{tile} leaves the {self.height} x {self.width} mosaic')
            cover[_slices(tile)] += 1
        if (cover != 1).any():
            raise ValueError(
                f'tiles cover {(cover > 0).mean():.0%} of the {self.height} x {self.width} mosaic '
                f'and overlap on {(cover > 1).mean():.0%}: each pixel needs one tile'
            )

    @property
    def cameras(self) -> tuple[str, ...]:
        """The cameras' names, in the order of the tiles."""
        return tuple(tile.camera for tile in self.tiles)

    def tile(self, pictures: Mapping[str, Picture]) -> Picture:
        """RGB pictures uint8 [h, w, 3] by camera, any size from the tile's up -> [H, W, 3].

        Raises ValueError for a missing or unknown camera, or a picture of wrong dtype or shape.
        """
        if set(pictures) != set(self.cameras):
            raise ValueError(
                f'pictures of {sorted(pictures)}, but the bundle looks through '
                f'{", ".join(self.cameras)}'
            )
        whole = np.empty((self.height, self.width, 3), np.uint8)
        for tile in self.tiles:
            whole[_slices(tile)] = _resized(pictures[tile.camera], tile)
        return whole


def _slices(tile: Tile) -> tuple[slice, slice]:
    return slice(tile.top, tile.top + tile.height), slice(tile.left, tile.left + tile.width)


def _resized(picture: Picture, tile: Tile) -> Picture:
    _check(picture, tile)
    if picture.shape[:2] == (tile.height, tile.width):
        return picture
    image = Image.fromarray(np.ascontiguousarray(picture))
    return np.asarray(image.resize((tile.width, tile.height), Image.Resampling.BILINEAR))


def _check(picture: Picture, tile: Tile) -> None:
    dtype, shape = getattr(picture, 'dtype', type(picture).__name__), np.shape(picture)
    if dtype != np.uint8:
        raise ValueError(f'{tile.camera} picture is {dtype}, not uint8: decode it to 0..255 first')
    if len(shape) != 3 or shape[2] != 3:
        raise ValueError(
            f'{tile.camera} picture has shape {list(shape)}, not [height, width, 3]: RGB, '
            'channels last'
        )
    if shape[0] < tile.height or shape[1] < tile.width:
        raise ValueError(
            f'{tile.camera} picture is {shape[0]} x {shape[1]}, smaller than its tile of '
            f'{tile.height} x {tile.width}: check the resolution of the camera'
        )


# The released RoboTwin layout: the head above the left and right wrists.
HEAD_ABOVE_WRISTS = Mosaic(
    384,
    320,
    (
        Tile('head', 0, 0, 256, 320),
        Tile('left', 256, 0, 128, 160),
        Tile('right', 256, 160, 128, 160),
    ),
)
