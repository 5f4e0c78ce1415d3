"""How a hand is followed: figures that mean what they say, and a page that is what is measured."""

from pathlib import Path

import numpy as np
import pytest

from fastwam_ros.apps.follow import __main__ as follow
from fastwam_ros.apps.follow.figures import TICK, figures, measured
from fastwam_ros.apps.follow.hands import BEGIN, ramp, reach, stop, stream, wave
from fastwam_ros.apps.follow.picture import draw
from fastwam_ros.loop.execution import LIMITS

PAGE = Path(__file__).resolve().parents[2] / 'docs' / 'follow.md'
TIMES = TICK * np.arange(2000)


def test_commands_that_are_the_hand_a_while_ago_have_that_lag_and_nothing_else():
    motion = wave(0.6, 0.3)
    found = figures(motion(TIMES - 0.05), motion)
    assert found.lag == pytest.approx(0.05)
    assert found.beyond < 1e-9
    assert found.push < 1e-3
    assert found.share == pytest.approx(0.6 / 1.5, abs=0.01)


def test_a_command_beyond_the_hand_and_one_that_trembles_are_told():
    motion = reach(0.3, 0.8)
    beyond = motion(TIMES)
    beyond[1500] += 0.2
    assert figures(beyond, motion).beyond > 0.1
    tremble = motion(TIMES) + 1e-5 * (-1.0) ** np.arange(len(TIMES))[:, None]
    assert figures(tremble, motion).push == pytest.approx(4e-5 / TICK**2, rel=0.01)


def test_a_hand_that_no_arm_could_follow_has_no_push():
    motion = ramp(0.5, BEGIN, 1.0)
    assert np.isnan(figures(motion(TIMES), motion).push)


@pytest.mark.parametrize(
    'motion', [wave(1.0, 0.7), reach(0.3, 0.8), ramp(0.75, BEGIN, 1.0), stop(0.9)]
)
def test_hands_have_room(motion):
    assert LIMITS.excess(motion(TIMES)).max() == 0.0


def test_a_stream_is_the_motion_late():
    motion = wave(0.6, 0.3)
    samples = stream(motion, 1.0, 50, 0.002)
    assert len(samples) == 50
    assert np.array_equal(samples[7][1], motion(np.array([7 / 50.0]))[0])
    arrived = np.array([at for at, _ in samples])
    assert (np.diff(arrived) >= 0).all()


@pytest.mark.parametrize('hand', ['wave, 0.3 Hz, 0.6 rad/s', 'key, 50 % of the speed'])
def test_the_page_is_what_is_measured_and_the_executor_is_the_nearer_one(hand):
    (line,) = (row for row in PAGE.read_text().splitlines() if row.startswith(f'| {hand} | 50 |'))
    cells = [float(cell.replace('-', 'nan')) for cell in line.strip('| ').split(' | ')[2:]]
    pair = [measured(way, follow.HANDS[hand], 50, follow.JITTER, follow.SECONDS)
            for way in ('last sample', 'executor')]  # fmt: skip
    for k, scale, field in (
        (0, 1e3, 'lag'),
        (2, 1e3, 'beyond'),
        (4, 1.0, 'push'),
        (8, 1.0, 'share'),
    ):
        want = [scale * getattr(found, field) for found in pair]
        assert cells[k : k + 2] == pytest.approx(
            want, rel=0.1, abs=3.0 if scale > 1 else 0.05, nan_ok=True
        )
    assert pair[1].lag < pair[0].lag
    assert max(found.share for found in pair) <= 0.975


def test_it_writes_a_page_and_a_picture(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(follow, 'RATES', (50,))
    monkeypatch.setattr(follow, 'HANDS', {k: follow.HANDS[k] for k in list(follow.HANDS)[:4]})
    monkeypatch.setattr('sys.argv', ['follow', '--out', str(tmp_path / 'new')])
    follow.main()
    text = (tmp_path / 'new' / 'follow.md').read_text()
    assert text.count('| 50 |') == 4
    assert (tmp_path / 'new' / 'follow.png').stat().st_size > 10_000
    assert 'us per tick' in capsys.readouterr().out


def test_a_picture_of_other_hands_can_be_drawn(tmp_path):
    draw(tmp_path / 'a.png', stop(0.5), ramp(0.3, BEGIN, 0.5))
    assert (tmp_path / 'a.png').read_bytes().startswith(b'\x89PNG')
