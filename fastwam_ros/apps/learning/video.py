"""Pictures of one camera as a video file, and the figures of their colours on the way."""

import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from fastwam_ros.apps.learning.figures import Figures, figures
from fastwam_ros.robot.pictures import Picture

# Encoder and its options. A key frame at every second picture: training reads at random, and what
# lies between has to be decoded (LeRobot's own choice, as is the quality).
CODECS = {
    'av1': ('libsvtav1', {'preset': '10', 'crf': '30', 'g': '2'}),
    'h264': ('libx264', {'preset': 'veryfast', 'crf': '23', 'g': '2', 'bf': '0'}),
}
FORMAT = 'yuv420p'
_EVERY, _GRID = 15, 8  # pictures and pixels of which one counts for the figures
_SILENT = {'SVT_LOG': '1'}  # that encoder tells its settings otherwise, for every file


def facts(codec: str, fps: float) -> dict[str, Any]:
    """What info.json says of a video besides its size."""
    return {
        'video.codec': codec,
        'video.pix_fmt': FORMAT,
        'video.fps': fps,
        'video.channels': 3,
        'video.is_depth_map': False,
        'has_audio': False,
    }


class Video:
    """A file that grows by RGB pictures of one size [h, w, 3], one every 1 / fps seconds.

    count: of them, so far.
    """

    def __init__(self, path: Path, fps: float, codec: str) -> None:
        """Raises OSError where nothing can be written, KeyError for a codec not in CODECS."""
        encoder, options = CODECS[codec]
        for name, value in _SILENT.items():
            os.environ.setdefault(name, value)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.count, self._closed = 0, False
        self._sampled: list[Picture] = []
        self._file = av.open(str(path), 'w')
        self._stream = self._file.add_stream(encoder, Fraction(fps), options=options)
        self._stream.pix_fmt = FORMAT
        self._begun = False

    def add(self, picture: Picture, times: int = 1) -> None:
        """Raises ValueError for a size that no video has."""
        if not self._begun:
            self._begin(picture)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), 'rgb24')
        for _ in range(times):
            if self.count % _EVERY == 0:
                self._sampled.append(picture[::_GRID, ::_GRID].reshape(-1, 3))
            frame.pts = self.count
            self._file.mux(self._stream.encode(frame))
            self.count += 1

    def _begin(self, picture: Picture) -> None:
        height, width = picture.shape[:2]
        if height % 2 or width % 2:
            raise ValueError(f'{height} x {width}, but a video has even sides')
        self._stream.height, self._stream.width, self._begun = height, width, True

    def close(self) -> None:
        """End the file; again is no matter. Raises OSError."""
        if self._closed:
            return
        self._closed = True
        if self._begun:
            self._file.mux(self._stream.encode())
        self._file.close()

    def figures(self) -> Figures:
        """Of its colours, 0..1, each [3, 1, 1], from a sample of pictures and pixels."""
        found = figures(np.concatenate(self._sampled) / 255.0, len(self._sampled))
        shaped = {k: v.reshape(3, 1, 1) for k, v in found.items() if k != 'count'}
        return shaped | {'count': found['count']}
