"""The keyboard as a table: what each key of a teleoperating person means.

The home row and the row below it move the joints (`a` joint 1 up, `z` joint 1 down); the top row
asks: of its neighbours of joint keys the executor refuses each while a person drives. Knows no
terminal and no robot.
"""

from dataclasses import dataclass
from enum import Enum

from fastwam_ros.loop.cruise import CARRIER_NAMES

GRIPPER = 6  # the axis after the six joints
JOINT_KEYS = (('a', 'z'), ('s', 'x'), ('d', 'c'), ('f', 'v'), ('g', 'b'), ('h', 'n'))
GRIPPER_KEYS = ('j', 'm')  # open, close
ARMS = ('left', 'right', 'both')


@dataclass(frozen=True)
class Move:
    """Joint axis 0-5 up (+1) or down (-1); axis 6, the gripper: open or close."""

    axis: int
    sign: int


@dataclass(frozen=True)
class Choose:
    """What the joint keys move: the left or right arm, both as mirror images, or a carrier."""

    what: str


@dataclass(frozen=True)
class Ask:
    """A request to the executor."""

    verb: str


@dataclass(frozen=True)
class Mark:
    """A word on how the episode went, for its recording."""

    word: str


class Do(Enum):
    """What concerns the person's own hold on the arms."""

    TAKE = 'take over'
    RELEASE = 'release and stop'
    FASTER = 'faster'
    SLOWER = 'slower'
    QUIT = 'release and quit'


Meaning = Move | Choose | Ask | Mark | Do

VERB_KEYS = {'e': 'engage', 'r': 'run', 'p': 'pause', 'o': 'disengage', 'u': 'reset'}
MARK_KEYS = {'k': 'success', 'l': 'failure'}  # words of bag/markers.py
DO_KEYS = {
    't': Do.TAKE,
    ' ': Do.RELEASE,
    '+': Do.FASTER,
    '=': Do.FASTER,  # the same key without Shift
    '-': Do.SLOWER,
    'q': Do.QUIT,
}
KEYS: dict[str, Meaning] = {
    **{
        key: Move(axis, sign)
        for axis, pair in enumerate((*JOINT_KEYS, GRIPPER_KEYS))
        for key, sign in zip(pair, (1, -1), strict=True)
    },
    **{str(number): Choose(what) for number, what in enumerate((*ARMS, *CARRIER_NAMES), 1)},
    **{key: Ask(verb) for key, verb in VERB_KEYS.items()},
    **{key: Mark(word) for key, word in MARK_KEYS.items()},
    **DO_KEYS,
}


def meaning(key: str) -> Meaning:
    """What a key means. Raises ValueError for a key that means nothing."""
    if key in KEYS:
        return KEYS[key]
    if key.lower() in KEYS:
        raise ValueError(f'no key {key!r}: keys are lower case, Caps Lock may be on')
    raise ValueError(f'no key {key!r}: the keys are on the screen')
