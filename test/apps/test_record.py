"""The line of options that becomes a recorder."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from fastwam_ros.apps.record import __main__ as record


def given(monkeypatch: pytest.MonkeyPatch, *words: str) -> dict[str, object]:
    """The node's parameters as ROS reads them."""
    found: list[dict[str, str]] = []
    monkeypatch.setattr(sys, 'argv', [record.PROGRAM, *words])
    monkeypatch.setattr(record, 'become', lambda *arguments: found.append(arguments[2]))
    record.main()
    return {name: yaml.safe_load(text) for name, text in found[0].items()}


def test_texts_stay_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ['7', '--instruction', 'fold: the "towel"', '--operator', 'Zoë 🙂', '--note', 'off']
    assert given(monkeypatch, *words) == {
        'output': '7',
        'instruction': 'fold: the "towel"',
        'operator': 'Zoë 🙂',
        'note': 'off',
        'status': True,
    }


def test_numbers_and_topics(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ['out', '--split-size', '500', '--min-free', '0', '--quiet']
    words += ['--topics', 'scale', '/tf', '--topics', 'imu']
    assert given(monkeypatch, *words) == {
        'output': 'out',
        'split_size': 500.0,
        'min_free': 0.0,
        'topics': 'scale /tf imu',
    }


def test_what_follows_goes_to_ros(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[object] = []
    words = [record.PROGRAM, 'out', '--note', 'x', '--', '-r', '__ns:=/one']
    monkeypatch.setattr(sys, 'argv', words)
    monkeypatch.setattr(record, 'become', lambda *arguments: found.append(arguments[3]))
    record.main()
    assert found == [['-r', '__ns:=/one']]


@pytest.mark.parametrize(
    ('words', 'said'),
    [
        ([], 'fastwam-record: the following arguments are required: output'),
        (['out', '--split-size', 'big'], 'fastwam-record: argument --split-size: invalid float'),
    ],
)
def test_a_mistake_is_one_line(words: list[str], said: str) -> None:
    command = [sys.executable, '-m', 'fastwam_ros.apps.record', *words]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count('\n')) == (2, 1)
    assert done.stderr.startswith(said)
