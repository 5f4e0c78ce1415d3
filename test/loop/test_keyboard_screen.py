"""The page that a person sees, as golden lines."""

from pathlib import Path

import numpy as np
import pytest

from fastwam_ros.loop.cruise import Cruise
from fastwam_ros.loop.jog import NAMES, Jog
from fastwam_ros.loop.keyboard import Keyboard, Told
from fastwam_ros.loop.keyboard_screen import HEIGHT, WIDTH, lines
from fastwam_ros.loop.keys import KEYS
from fastwam_ros.robot.joints import ARM_NAMES

HOME = np.array([0.0, 1.2, -1.55, 0.9, 0.0, 0.0] * 2)

NOBODY = """
no executor state for 2.3 s

mode
reason

request

limits
switch   released  arm left                    20 % of the speed limits

joint   keys        left    target             right    target
1       a z            -         -                 -         -
2       s x            -         -                 -         -
3       d c            -         -                 -         -
4       f v            -         -                 -         -
5       g b            -         -                 -         -
6       h n            -         -                 -         -
grip    j m            -         -                 -         -

t take over  space let go  1 left 2 right 3 both 4 torso 5 chassis  + - speed
e engage  r run  p pause  o disengage  u reset  k success  l failure  q quit
"""

DRIVING = """
R1 Lite by keyboard                                    executor state 0.2 s old

mode     TELEOP                            source teleop
reason   a person took over

request  engage: ok

limits   left_arm_joint4, right_arm_joint1: the chunk is slowed 1.8 times
switch   HELD      arm both, as mirror images  20 % of the speed limits

joint   keys        left    target             right    target
1       a z       +0.000    +0.037            +0.000    -0.035
2       s x       +1.200    +1.201            +1.200    +1.201
3       d c       -1.550    -1.549            -1.550    -1.549
4       f v       +0.900    +0.901            +0.900    +0.901
5       g b       +0.000    +0.001            +0.000    +0.001
6       h n       +0.000    +0.001            +0.000    +0.001
grip    j m      60.0 mm   72.0 mm           95.0 mm  100.0 mm limit

t take over  space let go  1 left 2 right 3 both 4 torso 5 chassis  + - speed
e engage  r run  p pause  o disengage  u reset  k success  l failure  q quit

         the arms are yours
"""


def text(page) -> str:
    return '\n'.join(line.text.rstrip() for line in page)


def nobody() -> Keyboard:
    return Keyboard(Jog(0.2, 0.12), Cruise(0.12), 10.0, first_id=1)


def driving() -> Keyboard:
    """Both arms just after one press of `a` and one of `j`."""
    keyboard = nobody()
    now = 10.0
    keyboard.measured.take(now, NAMES, [*HOME, 0.06, 0.095])
    keyboard.on_state(now, Told('HOLD', 'HOLD'))
    for key in 'e3t':
        keyboard.press(now, key)
    told = Told(
        mode='TELEOP',
        next_mode='TELEOP',
        source='teleop',
        reason='a person took over',
        answered=1,
        answer='ok',
        held_back=('left_arm_joint4', 'right_arm_joint1'),
        time_scale=1.8,
        first_tick=1,
    )
    keyboard.on_state(now, told)
    keyboard.on_plan(1, ARM_NAMES, HOME + 0.001)
    keyboard.tick(now)
    keyboard.press(now, 'a')
    keyboard.press(now, 'j')
    keyboard.tick(now + 0.2)
    return keyboard


def test_nobody_is_there():
    page = lines(nobody(), 12.3, HEIGHT, WIDTH)
    assert text(page).rstrip() == NOBODY.strip()
    assert page[0].loud


def test_driving():
    page = lines(driving(), 10.2, HEIGHT, WIDTH)
    assert text(page).rstrip() == DRIVING.strip()
    assert [line.text.split()[0] for line in page if line.loud] == ['switch', 'the']


def test_an_executor_that_went_silent_is_the_first_thing_to_see():
    page = lines(driving(), 12.3, HEIGHT, WIDTH)
    assert page[0].text.startswith('no executor state for 2.3 s ')
    assert page[0].loud


def test_a_joint_that_waits_for_its_arm_is_marked():
    keyboard = driving()
    keyboard.jog.scale(up=True)
    for i in range(20):
        keyboard.press(10.2 + i * 0.05, 'a')
        keyboard.measured.take(10.2 + i * 0.05, NAMES, [*HOME, 0.06, 0.095])
        keyboard.on_state(10.2 + i * 0.05, keyboard.told)
        keyboard.tick(10.2 + i * 0.05)
    row = next(line.text for line in lines(keyboard, 11.2, HEIGHT, WIDTH) if line.text[0:1] == '1')
    assert row.count('waits') == 2


@pytest.mark.parametrize(
    ('told', 'row'),
    [
        (Told('STOPPING', 'HOLD', reason='paused'), 'mode     STOPPING>HOLD'),
        (Told('HOLD', 'HOLD', pending=True), 'mode     HOLD, run is pending'),
        (Told('HOLD', 'HOLD', dry_run=True), 'source none       dry run'),
    ],
)
def test_the_mode_says_what_is_under_way(told, row):
    keyboard = nobody()
    keyboard.on_state(10.0, told)
    assert row in text(lines(keyboard, 10.0, HEIGHT, WIDTH))


def test_a_request_without_an_answer_says_for_how_long():
    keyboard = nobody()
    keyboard.on_state(10.0, Told('HOLD', 'HOLD'))
    keyboard.press(10.0, 'r')
    assert 'request  run: no answer for 4 s' in text(lines(keyboard, 14.0, HEIGHT, WIDTH))


@pytest.mark.parametrize('length', [60, 100, 1000])
def test_long_words_stay_on_the_page(length):
    keyboard = nobody()
    words = ' '.join(f'word{i:03}' for i in range(length // 8))
    keyboard.on_state(10.0, Told('POLICY', 'POLICY', reason=words, held_back=(words,) * 4))
    keyboard.press(10.0, 'r')
    keyboard.on_state(10.0, Told('POLICY', 'POLICY', reason=words, answered=1, answer=words))
    page = lines(keyboard, 10.0, HEIGHT, WIDTH)
    assert len(page) <= HEIGHT
    assert max(len(line.text) for line in page) < WIDTH
    assert ('...' in text(page)) == (length == 1000)


@pytest.mark.parametrize(('height', 'width'), [(23, 80), (24, 79), (5, 20), (1, 1), (0, 0)])
def test_a_window_that_is_too_small_says_so_within_itself(height, width):
    page = lines(driving(), 10.2, height, width)
    assert len(page) <= height
    assert all(len(line.text) < max(width, 1) for line in page)
    if width >= 20:
        assert page[0].text.startswith(f'window {width} x {height}')


def test_every_key_is_on_the_page():
    words = text(lines(driving(), 10.2, HEIGHT, WIDTH)).split()
    shown = {' ': 'space', '=': '+'}
    assert not [key for key in KEYS if shown.get(key, key) not in words]


def test_every_key_is_in_the_manual():
    manual = (Path(__file__).parents[2] / 'docs' / 'teleop.md').read_text()
    shown = {' ': 'space |'}
    assert not [key for key in KEYS if shown.get(key, f'`{key}`') not in manual]
