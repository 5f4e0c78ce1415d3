"""Pictures beside the physics: a thread that turns exposures into JPEGs.

It draws from positions that it is given, in its own copy of the world's state, so that the
physics never wait for it. This module does not know when a picture is due.
"""

import threading
from dataclasses import dataclass

import mujoco

from fastwam_ros.sim.eyes import Eyes
from fastwam_ros.sim.simulator import Exposure
from fastwam_ros.sim.stills import jpeg


@dataclass(frozen=True)
class Jpeg:
    """A camera's JPEG; stamp [ns]: that of its exposure."""

    camera: str
    stamp: int
    data: bytes


class CameraThread:
    """Draws exposures in the order they come; of one camera only the newest waits.

    Raises RenderError where there is no OpenGL. Close it when done.
    """

    def __init__(self, model: mujoco.MjModel) -> None:
        self.dropped = 0  # exposures that a newer one of the same camera replaced
        self._model = model
        self._lock = threading.Condition()
        self._waiting: dict[str, Exposure] = {}
        self._done: list[Jpeg] = []
        self._ready = self._stopping = False
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name='cameras', daemon=True)
        self._thread.start()
        with self._lock:
            self._lock.wait_for(lambda: self._ready or self._error)
        self._raise()

    def submit(self, exposure: Exposure) -> None:
        """Have an exposure drawn; returns at once."""
        with self._lock:
            self.dropped += self._waiting.pop(exposure.camera, None) is not None
            self._waiting[exposure.camera] = exposure
            self._lock.notify_all()

    def take(self) -> list[Jpeg]:
        """The pictures finished since the last call; raises what ended the thread, if it died."""
        self._raise()
        with self._lock:
            finished, self._done = self._done, []
        return finished

    def close(self) -> None:
        """End the thread after the picture in hand."""
        with self._lock:
            self._stopping = True
            self._lock.notify_all()
        self._thread.join()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            eyes = Eyes(self._model)  # made here: an OpenGL context belongs to its thread
            with self._lock:
                self._ready = True
                self._lock.notify_all()
            try:
                while (exposure := self._next()) is not None:
                    picture = jpeg(eyes.see(exposure.camera, exposure.qpos))
                    with self._lock:
                        self._done.append(Jpeg(exposure.camera, exposure.stamp, picture))
            finally:
                eyes.close()
        except Exception as error:  # handed to the owner, who has no other way to learn of it
            with self._lock:
                self._error = error
                self._lock.notify_all()

    def _next(self) -> Exposure | None:
        """The exposure that waits longest; None when the thread shall end."""
        with self._lock:
            self._lock.wait_for(lambda: self._waiting or self._stopping)
            if self._stopping:
                return None
            return self._waiting.pop(next(iter(self._waiting)))
