"""The benchmark's bookkeeping; what it measures is nothing that a test could assert."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from fastwam_ros.apps.bench.page import draw, page, read_folder
from fastwam_ros.apps.bench.rows import ROOT, Results, Row
from fastwam_ros.apps.bench.run import measured, verdict_delays
from fastwam_ros.apps.report.run import Heard

ROWS = (
    Row.of('alone', 'tick', [3.0, 1.0, 2.0], 'us', beside=5.0, beside_is='period', note='idle'),
    Row('in the demo', 'processor, sim', 41.25, '% of a core'),
)


def results(machine: str = 'A & B') -> Results:
    return Results(machine, 2, '3.11', '2.13.0', 'abc', '2026-01-02', 'make bench', ROWS)


def test_a_row_keeps_median_tail_and_ratio():
    row = ROWS[0]
    assert (row.median, row.p99, row.worst, row.ratio) == (2.0, 3.0, 3.0, 0.4)
    assert ROWS[1].ratio is None
    with pytest.raises(ValueError, match='alone, tick: nothing was measured'):
        Row.of('alone', 'tick', [], 'us')


def test_results_survive_their_file(tmp_path):
    results().write(tmp_path / 'b' / 'a.json')
    assert read_folder(tmp_path / 'b') == [results()]


@pytest.mark.parametrize('text', ['', '[]', '{}', '{"rows": [{"wrong": 1}]}'])
def test_a_file_of_something_else_is_refused(tmp_path, text):
    (tmp_path / 'a.json').write_text(text)
    with pytest.raises(ValueError, match=r'a\.json holds no results of `make bench`'):
        read_folder(tmp_path)


def test_the_page_has_a_table_per_part_and_machine():
    text = page([results(), results('other')], 'p.png')
    assert text.count('### Alone') == text.count('### In the demo') == 2
    assert '| tick | 2 us | 3 | 3 | 0.4 x period | idle |' in text
    assert '| processor, sim | 41.2 % of a core |  |  |  |  |' in text
    assert '## other, 2 cores' in text
    assert '2026-01-02, revision abc' in text


def test_the_picture_is_drawn(tmp_path):
    draw(results(), tmp_path / 'p.png')
    with Image.open(tmp_path / 'p.png') as picture:
        assert np.asarray(picture).std() > 10.0


def test_a_chunk_is_joined_to_the_state_that_judges_it_first():
    def state(received, epoch, sequence, accepted=0):
        told = {'last_epoch': epoch, 'last_sequence': sequence, 'last_verdict': 'accepted'}
        return Heard(received, SimpleNamespace(**told, accepted=accepted))

    def chunk(received, epoch, sequence):
        return Heard(received, SimpleNamespace(epoch=epoch, sequence=sequence))

    chunks = [chunk(100, 7, 1), chunk(300, 7, 2), chunk(500, 8, 1), chunk(900, 8, 9)]
    states = [state(0, 0, 0), state(150, 7, 1, 1), state(290, 7, 2, 2), state(800, 8, 1, 3)]
    states.append(state(850, 8, 1, 3))
    delays = [delay * 1e9 for delay in verdict_delays(chunks, states)]
    assert delays == pytest.approx([50, 0, 300])


def test_what_a_node_says_in_words_is_no_figure():
    told = {'real-time': 'SCHED_FIFO 49, memory locked', 'tick us p50': '40.1', 'late ticks': '3'}
    assert measured(told) == {'tick us p50': 40.1}


def test_the_page_in_docs_is_the_one_of_the_results_beside_it():
    found = read_folder(ROOT / 'docs' / 'benchmarks')
    assert found
    assert (ROOT / 'docs' / 'benchmarks.md').read_text() == page(found, 'benchmarks.png')
