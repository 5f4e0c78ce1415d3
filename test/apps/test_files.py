"""Files that commands cannot write: one line that names the file, before work is done for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from fastwam_ros.apps.files import writing
from test.apps.recording import known

ROOT = Path(__file__).resolve().parents[2]


def command(name: str, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, '-m', f'fastwam_ros.apps.{name}', *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_an_error_without_a_name_gets_it():
    full = Path('/dev/full')
    with pytest.raises(OSError, match=r'^/dev/full: No space left on device$'), writing(full):
        full.write_text('x')


def test_an_error_keeps_its_own_name(tmp_path):
    inside = tmp_path / 'a'
    with pytest.raises(OSError, match=f'^{inside}: No such file') as caught, writing(tmp_path):
        inside.open()
    assert '[Errno' not in str(caught.value)


def test_a_report_on_a_full_disk_prints_its_table_and_one_line(tmp_path):
    ended = command('report', str(known().write(tmp_path / 'a.mcap')), '--json', '/dev/full')
    assert ended.returncode == 1
    assert ended.stderr == 'report: /dev/full: No space left on device\n'
    assert 'value' in ended.stdout


def test_a_demo_that_has_no_folder_starts_nothing(tmp_path):
    (tmp_path / 'file').touch()
    ended = command('demo', '--out', str(tmp_path / 'file'))
    assert ended.returncode == 1
    assert ended.stderr == f'demo: {tmp_path}/file: File exists\n'


def test_a_demo_keeps_a_folder_that_is_in_its_way(tmp_path):
    (tmp_path / 'run.mcap').mkdir()
    ended = command('demo', '--out', str(tmp_path))
    assert ended.returncode == 1
    assert ended.stderr == f'demo: {tmp_path}/run.mcap: Is a directory\n'
