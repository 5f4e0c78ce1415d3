"""What a person at the keyboard sees: lines of text from a Keyboard and a time.

Which terminal shows them, and what `loud` looks like there, is somebody else's business.
"""

import textwrap
from dataclasses import dataclass

import numpy as np

from fastwam_ros.loop.jog import LIMIT, NAMES
from fastwam_ros.loop.keyboard import Keyboard, Request
from fastwam_ros.loop.keys import GRIPPER_KEYS, JOINT_KEYS
from fastwam_ros.robot.joints import ARM_SIZE, SIDES

HEIGHT, WIDTH = 24, 80
_TEXT = WIDTH - 1  # a terminal scrolls when its last cell is written
_INDENT = 9
_MM = 1000.0
_KEYS = (
    't take over  space let go  1 left 2 right 3 both 4 torso 5 chassis  + - speed',
    'e engage  r run  p pause  o disengage  u reset  k success  l failure  q quit',
)


@dataclass(frozen=True)
class Line:
    """One line; loud: what must not be overlooked."""

    text: str
    loud: bool = False


def lines(keyboard: Keyboard, now: float, height: int, width: int) -> list[Line]:
    """The screen at `now` [s] in a window of so many lines and columns."""
    if height < HEIGHT or width < WIDTH:
        small = f'window {width} x {height}, want {WIDTH} x {HEIGHT}; keys work'
        return [Line(small[: max(width - 1, 0)], loud=True)][:height]
    return [
        _title(keyboard, now),
        Line(''),
        *_executor(keyboard, now),
        _switch(keyboard),
        Line(''),
        *_joints(keyboard, now),
        Line(''),
        *(Line(row) for row in _KEYS),
        Line(''),
        *_words('', keyboard.notice, loud=True),
    ]


def _title(keyboard: Keyboard, now: float) -> Line:
    age = now - keyboard.told_at
    if keyboard.silence(now):
        return Line(f'no executor state for {age:.1f} s'.ljust(_TEXT), loud=True)
    return Line('R1 Lite by keyboard' + f'executor state {age:.1f} s old'.rjust(_TEXT - 19))


def _executor(keyboard: Keyboard, now: float) -> list[Line]:
    told = keyboard.told
    if told is None:
        return [Line(label) for label in ('mode', 'reason', '', 'request', '', 'limits')]
    run = ', run is pending' if told.pending else ''
    drives = 'dry run' if told.dry_run else ''
    mode = f'{told.standing}{run}'.ljust(34) + f'source {told.source}'.ljust(18) + drives
    slow = f'{", ".join(told.held_back)}: the chunk is slowed {told.time_scale:.1f} times'
    return [
        Line('mode'.ljust(_INDENT) + mode[: _TEXT - _INDENT]),
        *_words('reason', told.reason),
        *_words('request', _request(keyboard.request, now)),
        Line('limits'.ljust(_INDENT) + (slow if told.held_back else '-')[: _TEXT - _INDENT]),
    ]


def _request(request: Request | None, now: float) -> str:
    if request is None:
        return '-'
    return f'{request.verb}: {request.answer or f"no answer for {now - request.at:.0f} s"}'


def _switch(keyboard: Keyboard) -> Line:
    jog = keyboard.jog
    held = 'HELD' if keyboard.held else 'released'
    arm = 'both, as mirror images' if jog.arm == 'both' else jog.arm
    what = (keyboard.cruise.chosen or f'arm {arm}').ljust(28)
    share = f'{round(100 * jog.share)} % of the speed limits'
    return Line(f'switch   {held:10}{what}{share}', loud=keyboard.held)


def _joints(keyboard: Keyboard, now: float) -> list[Line]:
    heads = ''.join(f'{side:>10}{"target":>10}{"":8}' for side in SIDES)
    measured = keyboard.measured.fresh(now)
    rows = [Line(f'joint   keys  {heads}'.rstrip())]
    for axis, (up, down) in enumerate((*JOINT_KEYS, GRIPPER_KEYS)):
        name = str(axis + 1) if axis < ARM_SIZE else 'grip'
        cells = ''.join(_cell(keyboard, measured, side, axis) for side in SIDES)
        rows.append(Line(f'{name:8}{up} {down}   {cells}'.rstrip()))
    return rows


def _cell(keyboard: Keyboard, measured: np.ndarray, side: str, axis: int) -> str:
    grip = axis == ARM_SIZE
    name = f'{side}_gripper' if grip else f'{side}_arm_joint{axis + 1}'
    index = NAMES.index(name)
    jog = keyboard.jog
    mark = jog.held.get(index, LIMIT if name in jog.at_limit() else '')
    return f'{_number(measured[index], grip)}{_number(jog.targets[index], grip)} {mark:7}'


def _number(value: float, grip: bool) -> str:
    if np.isnan(value):
        return f'{"-":>10}'
    return f'{value * _MM:>7.1f} mm' if grip else f'{value:>+10.3f}'


def _words(label: str, text: str, loud: bool = False) -> list[Line]:
    """A text on two lines, cut where it is longer."""
    rows = textwrap.wrap(text, _TEXT - _INDENT, max_lines=2, placeholder=' ...') or ['']
    rows += [''] * (2 - len(rows))
    heads = (label.ljust(_INDENT), ' ' * _INDENT)
    both = zip(heads, rows, strict=True)
    return [Line((head + row).rstrip(), loud and bool(row)) for head, row in both]
