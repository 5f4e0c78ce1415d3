"""The benchmark measures, and says so as a table and as data."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from running import environment

pytestmark = pytest.mark.alone

BENCH = Path(__file__).parents[2] / 'rosless' / 'bench.py'


def bench(*words):
    """stdout of a short run."""
    ran = subprocess.run(
        [sys.executable, BENCH, *words],
        env=environment(38, BENCH_SECONDS='0.5'),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_figures_as_data():
    found = json.loads(bench('--json', '--only', 'call', 'with_all', 'start'))
    rows = {row['name'].strip(): row for row in found['figures']}
    call = rows['round trip of a service call p50']
    assert call['value'] > 1.0
    assert call['ratio'] == pytest.approx(call['value'] / call['recorded'])
    assert rows['age of an image p50']['value'] > 0.0
    assert 5.0 < rows['resident memory']['value'] < 500.0
    assert rows['messages lost']['ratio'] is None


def test_figures_as_a_table():
    load, head, *rows = bench('--only', 'start').splitlines()
    assert load.startswith('load average') and head.split() == ['here', 'rclpy', 'ratio']
    assert [row.split()[0] for row in rows] == ['import', 'init', 'resident']
