"""Message definitions as text and as decoders: ROS 2 Humble's by rosbags, our own, the vendor's.

Refuses to know topics and files: it maps a type name to what its bytes mean.
"""

import functools
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from rosbags.interfaces.typing import Typesdict
from rosbags.typesys import Stores, get_types_from_idl, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

from fastwam_ros.bag.vendor import DEFINITIONS

PACKAGE = 'fastwam_ros'


@functools.cache
def definition(type_name: str) -> str:
    """The text of a type such as 'sensor_msgs/msg/JointState', with every type that it uses.

    Raises ValueError for a type that neither ROS 2 Humble nor this package nor, as far as it is
    public, the vendor defines.
    """
    store = known_types()
    if type_name not in store.fielddefs:
        own = ', '.join(sorted(name for name in store.fielddefs if name.startswith(PACKAGE)))
        raise ValueError(
            f"no definition of {type_name!r}: known are ROS 2 Humble's messages, "
            f"{len(DEFINITIONS)} of the vendor's hdas_msg, and {own}"
        )
    return store.generate_msgdef(type_name, ros_version=2)[0]


def decoder(definitions: Mapping[str, str]) -> Typestore:
    """A store that decodes exactly these types: type name to text, as `definition` returns it.

    A recording is read by the definitions that it carries, so that it stays readable when a
    message changes. Raises rosbags' TypesysError for a text that is no definition.
    """
    store = get_typestore(Stores.EMPTY)
    for name, text in definitions.items():
        types = get_types_from_msg(text, name)
        store.register({key: kind for key, kind in types.items() if key not in store.fielddefs})
    return store


def parsed(name: str, encoding: str, text: str) -> Typesdict:
    """The types in a definition. encoding: 'ros2msg' or 'ros2idl'.

    Raises ValueError for another encoding, rosbags' TypesysError for a text that is none.
    """
    if encoding == 'ros2msg':
        return get_types_from_msg(text, name)
    if encoding == 'ros2idl':
        return get_types_from_idl(text)
    raise ValueError(f'{name} is defined in {encoding!r}: ros2msg and ros2idl can be read')


@functools.cache
def known_types() -> Typestore:
    """The messages of ROS 2 Humble and this package's own, by rosbags."""
    store = get_typestore(Stores.ROS2_HUMBLE)
    for file in sorted(_messages(_places()).glob('*.msg')):
        store.register(get_types_from_msg(file.read_text(), f'{PACKAGE}/msg/{file.stem}'))
    for name, text in DEFINITIONS.items():
        store.register(get_types_from_msg(text, name))
    return store


def _messages(places: Iterable[Path]) -> Path:
    looked = []
    for place in places:
        if next(place.glob('*.msg'), None) is not None:
            return place
        looked.append(str(place))
    raise FileNotFoundError(f'the messages of {PACKAGE} are in none of {", ".join(looked)}')


def _places() -> Iterator[Path]:
    """A source checkout, then wherever colcon may have installed them."""
    package = Path(__file__).resolve().parents[1]
    yield package.parent / 'msg'
    share = Path('share', PACKAGE, 'msg')
    for prefix in filter(None, os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)):
        yield Path(prefix, share)
    yield from (prefix / share for prefix in package.parents)
