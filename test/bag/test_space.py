"""Room on the disk."""

from pathlib import Path

import pytest

from fastwam_ros.bag.space import NoRoomError, free, keep


def test_what_is_free_where_nothing_is_yet(tmp_path: Path) -> None:
    assert 0 < free(tmp_path / 'new' / 'run.mcap') < 10**18


def test_less_than_what_is_kept_is_said_with_both_figures(tmp_path: Path) -> None:
    assert keep(tmp_path, 0) > 0
    with pytest.raises(NoRoomError, match=rf'GB are free at {tmp_path}, min_free is 1e\+09 GB'):
        keep(tmp_path, 10**18)
