"""The page of a run: what is in it equals the figures, nothing is loaded, nothing is executed."""

import base64
import gzip
import html
import io
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fastwam_ros.apps.report import __main__ as report
from fastwam_ros.apps.report.chunks import REFUSED, Judged
from fastwam_ros.apps.report.figures import plain, sections
from fastwam_ros.apps.report.html import page, pictured
from fastwam_ros.apps.report.run import Run
from fastwam_ros.bag.reader import Bag
from test.apps.recording import COLOURS, FOLD, HOSTILE, LOST, TICKS, Recording, empty, known


def recorded(recording: Recording, folder: Path) -> Run:
    return Run.read(Bag(recording.write(folder / 'run.mcap')))


class Page(HTMLParser):
    """A page taken apart: tags with their attributes, scripts by id, visible text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.styles: list[str] = []
        self.text = ''
        self._inside = ''
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag if tag in ('script', 'style') else ''
        if tag == 'script':
            self.scripts.append((dict(attrs), ''))

    def handle_endtag(self, tag: str) -> None:
        self._inside = ''

    def handle_data(self, data: str) -> None:
        if self._inside == 'script':
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        elif self._inside == 'style':
            self.styles.append(data)
        else:
            self.text += data

    def data(self, name: str) -> Any:
        return json.loads(next(text for given, text in self.scripts if given.get('id') == name))

    def plots(self) -> dict[str, Any]:
        """Bokeh's own payload, which it unescapes as this does."""
        found = [
            text
            for given, text in self.scripts
            if given.get('type') == 'application/json' and given.get('id') not in DATA
        ]
        (document,) = json.loads(html.unescape(found[0])).values()
        return document


DATA = ('figures', 'chunks')


def models(node: Any, kind: str) -> list[dict[str, Any]]:
    """Every model of a kind in Bokeh's payload, wherever it is defined."""
    found = []
    if isinstance(node, dict):
        if node.get('name') == kind and 'attributes' in node:
            found.append(node)
        for value in node.values():
            found += models(value, kind)
    elif isinstance(node, list):
        for value in node:
            found += models(value, kind)
    return found


def columns(source: dict[str, Any]) -> dict[str, Any]:
    """A data source's columns as arrays or lists."""
    return {name: decoded(value) for name, value in source['attributes']['data']['entries']}


def decoded(value: Any) -> Any:
    if isinstance(value, dict) and value.get('type') == 'ndarray':
        raw = gzip.decompress(base64.b64decode(value['array']['data']))
        return np.frombuffer(raw, value['dtype']).reshape(value['shape'])
    return value


@pytest.fixture(scope='module')
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return recorded(known(), tmp_path_factory.mktemp('run'))


@pytest.fixture(scope='module')
def shown(run: Run) -> Page:
    return Page(page(run))


def test_the_figures_are_those_of_the_table(run: Run, shown: Page) -> None:
    assert shown.data('figures') == plain(sections(run))
    assert {'velocity_ratio', 'age_p50_ms', 'outcome'} <= set(shown.data('figures'))
    for line in report.table(run).splitlines():
        if 'worst |v| / limit' in line and 'received' not in line:
            assert line.split()[4] in shown.text


def test_all_commands_are_drawn_to_seven_digits(run: Run, shown: Page) -> None:
    sources = [columns(one) for one in models(shown.plots(), 'ColumnDataSource')]
    wanted = run.arms['left'].position
    lines = [one for one in sources if 'y6' in one and len(one['t']) == len(wanted) + 2]
    command = next(one for one in lines if np.nanmax(one['y1']) > 1.0)
    for joint in range(6):
        drawn = command[f'y{joint + 1}']
        assert np.allclose(drawn[~np.isnan(drawn)], wanted[:, joint], atol=1e-6)
    assert np.isnan(command['y1']).sum() == 2  # after each of two engagements
    assert len(wanted) == TICKS - 1 and LOST < TICKS


def test_every_panel_has_the_same_time_axis(shown: Page) -> None:
    panels = models(shown.plots(), 'Figure')
    axes = {json.dumps(one['attributes']['x_range'].get('id')) for one in panels}
    assert len(panels) == 10
    assert len(axes) == 1


def test_joints_and_kinds_of_lines_can_be_chosen(shown: Page) -> None:
    boxes = {given['data-tag'] for _, given in shown.tags if 'data-tag' in given}
    tags = [one['attributes'].get('tags', []) for one in models(shown.plots(), 'GlyphRenderer')]
    used = {tag for one in tags for tag in one}
    grippers = {'left_gripper', 'right_gripper'}
    assert boxes == used - grippers
    assert sum(one == ['joint3', 'modelled'] for one in tags) == 2  # of two arms


def test_nothing_is_loaded_from_anywhere(shown: Page) -> None:
    for tag, given in shown.tags:
        assert tag not in ('link', 'iframe', 'object', 'embed', 'base'), tag
        for name in ('src', 'href', 'srcset', 'data', 'action', 'poster'):
            value = given.get(name)
            assert not value or value.startswith('data:'), (tag, name, value)
    assert not re.search(r'url\(\s*[\'"]?\s*(https?:)?//|@import', ' '.join(shown.styles))
    ours = [text for given, text in shown.scripts if 'getElementById' in text]
    assert ours and not any('http' in text for text in ours if len(text) < 10_000)


def test_a_refused_chunk_says_why_and_does_nothing(shown: Page) -> None:
    assert f'jump: {HOSTILE}' in shown.text
    assert 'it begins too far from what is commanded at that instant' in shown.text
    assert not any(given.get('onerror') or given.get('src') == 'x' for _, given in shown.tags)
    last = shown.data('chunks')[2]
    assert (last['kind'], dict(last['facts'])['verdict']) == (REFUSED, f'jump: {HOSTILE}')
    assert 'not named' in shown.text and '2 more' in shown.text


def test_chunks_carry_what_the_policy_saw(shown: Page) -> None:
    chunks = shown.data('chunks')
    assert [one['kind'] for one in chunks] == ['accepted', 'refused', 'refused']
    assert dict(chunks[0]['facts'])['after the head picture'] == 'left +10 ms, right -12 ms'
    prefix, data = chunks[0]['picture'].split(',')
    assert prefix == 'data:image/jpeg;base64'
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))
    assert pixels.shape == (384, 320, 3)
    for camera, place in {'head': (100, 100), 'left': (300, 80), 'right': (300, 240)}.items():
        assert np.abs(pixels[place].astype(int) - COLOURS[camera]).max() < 12
    assert '3 of 3 chunks carry their picture' in shown.text


def test_no_more_pictures_than_the_page_can_bear() -> None:
    def chunk(verdict: str) -> Judged:
        return Judged(0, 0, 0, 0, 0.0, verdict, 0)

    chunks = [chunk('jump: far' if k == 501 else 'accepted') for k in range(1000)]
    found = pictured(chunks, most=10)
    assert len(found) == 10 and 501 in found
    assert found[0] == 0 and found[-1] == 999
    assert pictured(chunks[:7], most=10) == list(range(7))


def test_requests_have_their_answers(shown: Page) -> None:
    assert 'pause (2 times)' in shown.text
    assert 'run is refused: no chunk' in shown.text
    assert 'no answer was told' in shown.text


def test_the_outcome_of_a_task_is_told(shown: Page) -> None:
    text = ' '.join(shown.text.split())
    assert f'{FOLD}: success at the end (folded); first held at 0.52 s' in text
    assert 'height 0.031 m' in text


@pytest.mark.parametrize(
    ('recording', 'words'),
    [
        (empty(), ('no pictures of the head camera', 'no chunks', 'no commands to the left arm')),
        (Recording(states=known().states, chunks=known().chunks), ('no pictures of the left',)),
        (Recording(pictures=known().pictures), ('no states of the executor', 'no chunks')),
    ],
    ids=['nothing', 'no pictures', 'no executor'],
)
def test_what_is_missing_is_said(recording: Recording, words: tuple, tmp_path: Path) -> None:
    shown = Page(page(recorded(recording, tmp_path)))
    for word in words:
        assert word in shown.text
    assert len(models(shown.plots(), 'Figure')) == 10


def test_a_broken_off_file_becomes_a_page(tmp_path: Path) -> None:
    whole = known().write(tmp_path / 'run.mcap').read_bytes()
    cut = tmp_path / 'cut.mcap'
    cut.write_bytes(whole[: int(0.7 * len(whole))])
    assert 'cut.mcap breaks off' in Page(page(Run.read(Bag(cut)))).text


def test_the_command_line(run: Run, tmp_path: Path) -> None:
    out = tmp_path / 'report.html'
    command = [sys.executable, '-m', 'fastwam_ros.apps.report', str(run.bag.path)]
    done = subprocess.run([*command, '--html', str(out)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, '')
    assert Page(out.read_text()).data('figures')['refused_jump'] == 2
    away = subprocess.run(
        [*command, '--html', str(tmp_path / 'none' / 'report.html')],
        capture_output=True, text=True,
    )  # fmt: skip
    assert away.returncode == 1 and len(away.stderr.splitlines()) == 1


def test_without_what_draws_it_one_line_says_so(run: Run, tmp_path: Path) -> None:
    code = (
        'import sys; sys.modules["bokeh"] = None; '
        'from fastwam_ros.apps.report import __main__ as report; '
        f'sys.argv[1:] = [{str(run.bag.path)!r}, "--html", {str(tmp_path / "r.html")!r}]; '
        'report.main()'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.endswith("install this package with its extra, '.[bag]'\n")
    assert len(done.stderr.splitlines()) == 1
