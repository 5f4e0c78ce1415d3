"""Keys, shapes and units of the data: those of Galaxea's own LeRobot data of the R1 Lite.

Arms in rad and rad/s, grippers 0 closed to 100 open, twists in m/s and rad/s. Facts: OpenGalaxea's
GalaxeaLeRobotToolkit, feature_spec/feature.py.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from fastwam_ros.apps.learning.episodes import (
    ACTION,
    HEAD,
    INTERVENTION,
    PARTS,
    STAMP,
    STATE,
    Episode,
)
from fastwam_ros.apps.learning.recording import SPEEDS
from fastwam_ros.robot.joints import NAMES_OF, SIDES

IMAGES = {
    HEAD: 'observation.images.head_rgb',
    **{side: f'observation.images.{side}_wrist_rgb' for side in SIDES},
}
NEXT_SUCCESS = 'next.success'
_TWIST = [f'{part}.{axis}' for part in ('linear', 'angular') for axis in 'xyz']
_JOINTS = {
    **{f'{side}_arm': NAMES_OF[side] for side in SIDES},
    **{f'{side}_gripper': [f'{side}_gripper'] for side in SIDES},
    'torso': ['torso_joint1', 'torso_joint2', 'torso_joint3', 'unused'],
    'chassis': ['front_left', 'front_right', 'rear'],
}
_STATES = (*PARTS, *(f'{side}_arm{SPEEDS}' for side in SIDES), 'torso', f'torso{SPEEDS}')
_CHASSIS = ('chassis', f'chassis{SPEEDS}')
COLUMNS = {
    **{f'{STATE}{part}': _JOINTS[part.removesuffix(SPEEDS)] for part in (*_STATES, *_CHASSIS)},
    **{f'{ACTION}{part}': _JOINTS[part] for part in PARTS},
    **{f'{ACTION}{part}{SPEEDS}': _TWIST for part in ('torso', 'chassis')},
}
_FLAGS = {STAMP: 'int64', INTERVENTION: 'bool', NEXT_SUCCESS: 'bool'}
# What every LeRobot dataset has besides.
INDICES = {
    'timestamp': 'float32',
    **dict.fromkeys(('frame_index', 'episode_index', 'index', 'task_index'), 'int64'),
}


def shared(found: Iterable[Episode]) -> tuple[str, ...]:
    """Keys that all episodes have, in the order of the data."""
    have = [set(episode.columns) for episode in found]
    return tuple(key for key in (*COLUMNS, *_FLAGS) if all(key in own for own in have))


def dtype(key: str) -> str:
    """Of a key's numbers."""
    return _FLAGS.get(key) or INDICES.get(key) or 'float32'


def described(
    keys: Iterable[str], sizes: Mapping[str, tuple[int, int]], video: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """`features` of info.json. sizes: camera to height and width; video: facts of its coding."""
    found: dict[str, dict[str, Any]] = {}
    for camera, key in IMAGES.items():
        height, width = sizes[camera]
        own = {'video.height': height, 'video.width': width, **video}
        found[key] = {
            'dtype': 'video',
            'shape': [height, width, 3],
            'names': ['height', 'width', 'channels'],
            'info': own,
        }
    for key in (*keys, *INDICES):
        names = COLUMNS.get(key)
        found[key] = {'dtype': dtype(key), 'shape': [len(names) if names else 1], 'names': names}
    return found
