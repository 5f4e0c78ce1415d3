"""A recording in words: rates, and what never came."""

import re

from fastwam_ros.bag.tally import Listed, Tally
from fastwam_ros.robot.topics import IMAGES

LISTED = [
    Listed('image_head', '/head'),
    Listed('image_left', '/left'),
    Listed('image_left_rect', '/left_rect'),
    Listed('arm_measured_left', '/arm_left'),
    Listed('state', '/state'),
    Listed('', '/scale'),
]


def test_a_line_is_since_the_line_before() -> None:
    tally = Tally(LISTED, 100.0)
    first = tally.line(102.0, [30, 0, 60, 400, 20, 0], 8_000_000, 7 * 10**9)
    assert re.sub(' +', ' ', first).strip() == (
        '2.0 s 8.0 MB 4.0 MB/s 7.0 GB free '
        'Hz: head 15 left 30 right - arms 200 - commands - - chunks - state 10'
    )
    second = tally.line(103.0, [30, 0, 60, 500, 20, 0], 8_500_000, 7 * 10**9)
    assert 'head -  left -' in second
    assert 'arms 100 -' in second
    assert '0.5 MB/s' in second


def test_what_never_came_is_named() -> None:
    missing = Tally(LISTED, 0.0).missing([0, 0, 5, 1, 1, 0])
    assert missing[0] == 'no pictures of the head camera, on /head'
    assert not [line for line in missing if 'left camera' in line or 'left arm' in line]
    assert 'no readings of the right arm' in missing
    assert 'nothing on /scale' in missing
    assert 'no states of the executor' not in missing


def test_nothing_is_missing_where_all_came() -> None:
    roles = [f'image_{camera}' for camera in IMAGES]
    roles += [f'{what}_measured_{s}' for what in ('arm', 'gripper') for s in ('left', 'right')]
    listed = [Listed(role, f'/{role}') for role in (*roles, 'state', 'chunk')]
    assert Tally(listed, 0.0).missing([1] * (len(listed) - 1) + [0]) == []
