"""A minute of a robot's load: nothing grows, every call is answered."""

import json
import subprocess
import sys
from pathlib import Path

from running import environment

SOAK = Path(__file__).parents[2] / 'rosless' / 'soak.py'
SECONDS = 40


def risen(samples: list[dict], side: str) -> float:
    """Bytes by which the later half's most is above the earlier half's.

    What is freed and taken again goes up and down by megabytes, and a line through that says
    nothing.
    """
    half = len(samples) // 2
    early, late = (max(s[side] for s in part) for part in (samples[:half], samples[half:]))
    return 1e6 * (late - early)


def test_a_while_of_load_leaves_nothing_behind():
    """One object or 60 bytes kept per message would be seen."""
    ran = subprocess.run(
        [sys.executable, SOAK, '--seconds', str(SECONDS), '--every', '3', '--json'],
        env=environment(35),
        capture_output=True,
        text=True,
        timeout=3 * SECONDS,
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    samples, growth = found['samples'], found['growth_per_hour']
    warm = [s for s in samples if s['seconds'] > SECONDS / 4]
    messages = sum(s['received'] for s in warm)
    assert messages > 100 * SECONDS, ran.stderr
    assert sum(s['answered'] for s in samples) > SECONDS / 2
    per_message = len(warm) * 3 / 3600 / messages
    assert growth['objects'] * per_message < 0.05, ran.stderr
    for side in ('rss', 'feed_rss'):
        assert risen(warm, side) / (messages / 2) < 60, (side, ran.stderr)
    assert {s['descriptors'] for s in warm} == {warm[0]['descriptors']}, ran.stderr
