"""The scenes by name."""

from fastwam_ros.sim.bar import Bar
from fastwam_ros.sim.blocks import BlocksAndTray
from fastwam_ros.sim.scene import Scene
from fastwam_ros.sim.towel import Towel

SCENES: dict[str, type[Scene]] = {'blocks': BlocksAndTray, 'bar': Bar, 'towel': Towel}


def scene_named(name: str) -> Scene:
    """A new scene. Raises ValueError naming the valid ones."""
    if name not in SCENES:
        raise ValueError(f'no scene {name!r}: there are {", ".join(SCENES)}')
    return SCENES[name]()
