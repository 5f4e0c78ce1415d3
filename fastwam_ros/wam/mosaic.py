"""Several camera pictures as the one picture the model was trained on.

Each camera has a tile; a picture is resized to its tile with Pillow's antialiased BILINEAR,
straight or keeping its proportions. Knows no decoder and no network. Facts: released RoboTwin
evaluation preprocessing (head 256 x 320 above left | right 128 x 160) and LIBERO's (two pictures
of 224 x 224 side by side, of simulator frames that stand on their heads). Sizes are height x
width.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]
STRETCH, CROP = 'stretch', 'crop'
FITS = (STRETCH, CROP)
ROUNDING = 1e-9  # fractions that sum to one do so but for this


@dataclass(frozen=True)
class Cut:
    """The part of a camera's picture that is looked at, as fractions of its height and width."""

    top: float
    left: float
    height: float
    width: float

    def __post_init__(self) -> None:
        """Raises ValueError for a part without area or outside of the picture."""
        for start, size in ((self.top, self.height), (self.left, self.width)):
            if not (start >= 0 < size and start + size <= 1 + ROUNDING):
                raise ValueError(f'{self} is no part of a picture: fractions in 0..1')

    def of(self, picture: Picture) -> Picture:
        """[h, w, 3] -> the part of it, its edges rounded to pixels."""
        high, wide = picture.shape[:2]
        rows = slice(round(self.top * high), round((self.top + self.height) * high))
        columns = slice(round(self.left * wide), round((self.left + self.width) * wide))
        return picture[rows, columns]


@dataclass(frozen=True)
class Tile:
    """Where one camera's picture lies in the mosaic [pixels], and what is done to it before.

    crop: the part that is used of it; turned: by 180 degrees, for a camera that hangs upside down;
    fit: `stretch` to the tile, or `crop`, in the middle, what its proportions leave over.
    """

    camera: str
    top: int
    left: int
    height: int
    width: int
    fit: str = STRETCH
    turned: bool = False
    crop: Cut | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for a tile without area or left of or above the mosaic."""
        if min(self.height, self.width) < 1 or min(self.top, self.left) < 0:
            raise ValueError(f'tile {self.camera!r}: {self} has no place in a picture')
        if self.fit not in FITS:
            raise ValueError(f'tile {self.camera!r}: fit {self.fit!r} is none of stretch, crop')

    @property
    def smallest(self) -> tuple[int, int]:
        """Height and width of a picture that fills the tile."""
        if self.crop is None:
            return self.height, self.width
        # One pixel more: the part's edges are rounded.
        return (
            ceil((self.height + 1) / self.crop.height),
            ceil((self.width + 1) / self.crop.width),
        )

    def of(self, picture: Picture) -> Picture:
        """RGB uint8 [h, w, 3] -> the tile's pixels [height, width, 3].

        Raises ValueError for a picture of another dtype or shape, or with less in it to be seen.
        """
        _check(picture, self)
        seen = self.crop.of(picture) if self.crop else picture
        if seen.shape[0] < self.height or seen.shape[1] < self.width:
            raise ValueError(
                f'{self.camera} picture is {seen.shape[0]} x {seen.shape[1]}, smaller than its '
                f'tile of {self.height} x {self.width}: check the resolution of the camera'
                f'{" and its crop in policy.yaml" if self.crop else ""}'
            )
        seen = seen[::-1, ::-1] if self.turned else seen
        return _stretched(seen, self) if self.fit == STRETCH else _cropped(seen, self)


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
            whole[_slices(tile)] = tile.of(pictures[tile.camera])
        return whole


def _slices(tile: Tile) -> tuple[slice, slice]:
    return slice(tile.top, tile.top + tile.height), slice(tile.left, tile.left + tile.width)


def _stretched(picture: Picture, tile: Tile) -> Picture:
    return _resized(picture, tile.height, tile.width)


def _cropped(picture: Picture, tile: Tile) -> Picture:
    """As large as fills the tile, and its middle; rounded as the released code does."""
    high, wide = picture.shape[:2]
    scale = max(tile.height / high, tile.width / wide)
    large = _resized(picture, round(high * scale), round(wide * scale))
    top, left = (large.shape[0] - tile.height) / 2, (large.shape[1] - tile.width) / 2
    return large[round(top) :, round(left) :][: tile.height, : tile.width]


def _resized(picture: Picture, height: int, width: int) -> Picture:
    if picture.shape[:2] == (height, width):
        return picture
    image = Image.fromarray(np.ascontiguousarray(picture))
    bilinear = Image.BILINEAR  # type: ignore[attr-defined]  # Pillow 9.0's only name for it
    return np.asarray(image.resize((width, height), bilinear))


def _check(picture: Picture, tile: Tile) -> None:
    dtype, shape = getattr(picture, 'dtype', type(picture).__name__), np.shape(picture)
    if dtype != np.uint8:
        raise ValueError(f'{tile.camera} picture is {dtype}, not uint8: decode it to 0..255 first')
    if len(shape) != 3 or shape[2] != 3:
        raise ValueError(
            f'{tile.camera} picture has shape {list(shape)}, not [height, width, 3]: RGB, '
            'channels last'
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
# The released LIBERO layout: the scene's camera beside the wrist's, both upside down.
SCENE_BESIDE_WRIST = Mosaic(
    224,
    448,
    (
        Tile('image', 0, 0, 224, 224, CROP, turned=True),
        Tile('wrist_image', 0, 224, 224, 224, CROP, turned=True),
    ),
)
