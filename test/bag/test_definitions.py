"""Definitions carry what they use, and are found wherever the package lies."""

import shutil
from pathlib import Path

import pytest

from fastwam_ros.bag import definitions
from fastwam_ros.bag.definitions import decoder, definition


def test_a_definition_brings_every_type_it_uses() -> None:
    text = definition('fastwam_ros/msg/ExecutorState')
    assert 'string last_verdict' in text
    assert 'MSG: std_msgs/Header' in text
    assert 'MSG: builtin_interfaces/Time' in text


def test_decodes_from_the_text_alone() -> None:
    name = 'fastwam_ros/msg/ExecutorRequest'
    store = decoder({name: 'string verb\nuint32 id\nstring requester\nbool added_later\n'})
    assert [key for key, _ in store.fielddefs[name][1]][-1] == 'added_later'


def test_an_unknown_type_lists_our_own() -> None:
    with pytest.raises(ValueError, match=r"'a/msg/B'.*fastwam_ros/msg/ActionChunk"):
        definition('a/msg/B')


def test_found_where_colcon_installs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Path(definitions.__file__).parents[2] / 'msg'
    prefix = tmp_path / 'install' / 'fastwam_ros'
    package = prefix / 'lib' / 'python3.10' / 'site-packages' / 'fastwam_ros'
    installed = package / 'bag' / 'definitions.py'
    monkeypatch.setattr(definitions, '__file__', str(installed))
    with pytest.raises(FileNotFoundError, match='messages of fastwam_ros are in none of'):
        definitions._messages(definitions._places())
    share = prefix / 'share' / 'fastwam_ros' / 'msg'
    shutil.copytree(source, share)
    assert definitions._messages(definitions._places()) == share
    other = tmp_path / 'other' / 'share' / 'fastwam_ros' / 'msg'
    shutil.copytree(source, other)
    monkeypatch.setenv('AMENT_PREFIX_PATH', f'/nowhere:{tmp_path / "other"}')
    assert definitions._messages(definitions._places()) == other
