"""Where a recording goes."""

from pathlib import Path

import pytest

from fastwam_ros.bag.place import place


def test_a_name_is_taken_as_it_is(tmp_path: Path) -> None:
    for name in ('run.mcap', 'run'):
        assert place(f'{tmp_path}/{name}', False, 'now') == tmp_path / name
    assert place(f'{tmp_path}/run', True, 'now') == tmp_path / 'run'


def test_a_folder_gets_a_recording_of_its_own(tmp_path: Path) -> None:
    assert place(str(tmp_path), False, 'now') == tmp_path / 'now.mcap'
    assert place(str(tmp_path), True, 'now') == tmp_path / 'now'
    assert place(f'{tmp_path}/new/', False, 'now') == tmp_path / 'new' / 'now.mcap'


def test_a_folder_is_not_called_like_a_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f'a folder: {tmp_path}/run$'):
        place(f'{tmp_path}/run.mcap', True, 'now')
