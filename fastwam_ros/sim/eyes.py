"""The three cameras' pictures of one state: off-screen OpenGL, no window, no GPU needed.

MuJoCo's classic renderer through EGL, with shadows, reflections and multisampling off: a picture
costs 5 to 14 ms of one core that way. This module does not know time, threads or JPEG.
"""

import importlib
import os
import warnings
from typing import Any

import mujoco
import numpy as np

from fastwam_ros.robot.cameras import CAMERAS

_BACKENDS = ('egl', 'glfw', 'osmesa', 'cgl')
_PACKAGES = 'libegl1 libgl1-mesa-dri libopengl0'
_OFF = (mujoco.mjtRndFlag.mjRND_SHADOW, mujoco.mjtRndFlag.mjRND_REFLECTION)


class RenderError(RuntimeError):
    """This machine cannot draw; the message says which packages are missing."""


def _context(model: mujoco.MjModel) -> tuple[Any, mujoco.MjrContext]:
    """A current GL context and MuJoCo's; EGL unless the user chose another in MUJOCO_GL."""
    os.environ.setdefault('LP_NUM_THREADS', '1')  # Mesa's threads would take the physics' core
    width = max(camera.width for camera in CAMERAS.values())
    height = max(camera.height for camera in CAMERAS.values())
    backend = os.environ.get('MUJOCO_GL') or 'egl'
    if backend not in _BACKENDS:
        raise RenderError(f'MUJOCO_GL is {backend!r}: use {", ".join(_BACKENDS)}, or unset it')
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # GLFW's, of no screen: the error follows
            # Imported here: without its library the import itself fails.
            context = importlib.import_module(f'mujoco.{backend}').GLContext(width, height)
        context.make_current()
        return context, mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100)
    except Exception as error:  # the bindings raise whatever the missing library broke
        raise RenderError(
            f'no off-screen OpenGL through {backend} ({type(error).__name__}: {error}): '
            f'{_hint(backend)}apt-get install --no-install-recommends {_PACKAGES}'
        ) from error


def _hint(backend: str) -> str:
    return '' if backend == 'egl' else 'unset MUJOCO_GL, EGL needs no screen: '


class Eyes:
    """Draws what a camera sees for given positions of all joints.

    Belongs to the thread that made it. Raises RenderError where there is no OpenGL.
    """

    def __init__(self, model: mujoco.MjModel) -> None:
        self._model = model
        self._data = mujoco.MjData(model)  # its own: the physics go on while a picture is drawn
        self._gl, self._mjr = _context(model)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._mjr)
        self._option = mujoco.MjvOption()
        self._scene = mujoco.MjvScene(model, maxgeom=2 * model.ngeom + 100)
        for flag in _OFF:
            self._scene.flags[flag] = 0
        self._views = {name: _view(model, name) for name in CAMERAS}

    def see(self, camera: str, qpos: np.ndarray) -> np.ndarray:
        """RGB uint8 [height, width, 3] from `camera` (head, left, right) at qpos [nq]."""
        if camera not in self._views:
            raise ValueError(f'no camera {camera!r}: there are {", ".join(self._views)}')
        self._pose(qpos)
        size = CAMERAS[camera]
        mujoco.mjv_updateScene(
            self._model,
            self._data,
            self._option,
            None,
            self._views[camera],
            mujoco.mjtCatBit.mjCAT_ALL,
            self._scene,
        )
        area = mujoco.MjrRect(0, 0, size.width, size.height)
        pixels = np.empty((size.height, size.width, 3), np.uint8)
        mujoco.mjr_render(area, self._scene, self._mjr)
        mujoco.mjr_readPixels(pixels, None, area, self._mjr)
        return pixels[::-1].copy()  # OpenGL's first row is the lowest

    def _pose(self, qpos: np.ndarray) -> None:
        self._data.qpos[:] = qpos
        mujoco.mj_kinematics(self._model, self._data)
        mujoco.mj_comPos(self._model, self._data)  # lights and cameras are placed from it
        mujoco.mj_camlight(self._model, self._data)
        mujoco.mj_flex(self._model, self._data)  # cloth is drawn from its vertices

    def close(self) -> None:
        """Give the GL context back; call it in the thread that made the object."""
        self._mjr.free()
        self._gl.free()


def _view(model: mujoco.MjModel, name: str) -> mujoco.MjvCamera:
    view = mujoco.MjvCamera()
    view.type = mujoco.mjtCamera.mjCAMERA_FIXED
    view.fixedcamid = model.camera(name).id
    return view
