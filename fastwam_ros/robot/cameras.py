"""The R1 Lite's three policy cameras as pinholes: frame, size, field of view.

Fields of view are those of the vendor's simulator (GalaxeaManipSim `robots/r1_lite.py`); a real
unit is calibrated. This module does not know how a picture is made, sent or read.
"""

import math
from dataclasses import dataclass

from fastwam_ros.robot.topics import IMAGE_FRAMES, IMAGE_SIZES


@dataclass(frozen=True)
class Camera:
    """A pinhole with square pixels that looks along z of its optical frame, y pointing down.

    frame: the URDF link that is its optical frame. width, height [px]; fovy [rad], vertical.
    """

    name: str
    frame: str
    width: int
    height: int
    fovy: float

    @property
    def focal(self) -> float:
        """Focal length [px]."""
        return self.height / (2.0 * math.tan(self.fovy / 2.0))

    def project(self, x: float, y: float, z: float) -> tuple[float, float]:
        """Pixel (u to the right, v down) of a point [m] in the optical frame.

        Pixel centres lie at half numbers: the first one's at (0.5, 0.5). Raises ValueError for a
        point behind the camera.
        """
        if z <= 0.0:
            raise ValueError(
                f'the point lies {-z:.3f} m behind camera {self.name}: '
                'only points with z > 0 in the optical frame have a pixel'
            )
        return (
            self.width / 2.0 + self.focal * x / z,
            self.height / 2.0 + self.focal * y / z,
        )


_FOVY_DEG = {'head': 73.51, 'left': 58.0, 'right': 58.0}
CAMERAS: dict[str, Camera] = {
    name: Camera(name, IMAGE_FRAMES[name], width, height, math.radians(_FOVY_DEG[name]))
    for name, (height, width) in IMAGE_SIZES.items()
}
