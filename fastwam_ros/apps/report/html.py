"""One run as one page: every panel, table and picture in a single file that opens offline.

Bokeh draws, Jinja fills the template beside this module and escapes what comes from the recording.
Nothing is loaded from anywhere: scripts, styles, data and pictures are inside.
"""

import base64
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from bokeh.embed import file_html
from bokeh.resources import INLINE
from jinja2 import Environment, FileSystemLoader
from PIL import Image

from fastwam_ros.apps.report import tables
from fastwam_ros.apps.report.axis import TimeAxis
from fastwam_ros.apps.report.chunks import KINDS, REFUSED, Judged, check_of, judged
from fastwam_ros.apps.report.colours import CHUNKS, JOINTS
from fastwam_ros.apps.report.delays import delays
from fastwam_ros.apps.report.figures import plain, sections
from fastwam_ros.apps.report.human import HumanPanels
from fastwam_ros.apps.report.mosaics import NONE, picture_sets, tiled
from fastwam_ros.apps.report.panels import JointPanels
from fastwam_ros.apps.report.reach import reach
from fastwam_ros.apps.report.run import Run
from fastwam_ros.apps.report.timeline import timeline
from fastwam_ros.robot.topics import CAMERAS
from fastwam_ros.wam.mosaic import Picture

PICTURES = 120  # embedded mosaics at most: about 3 MB
_QUALITY = 82  # of their JPEGs
_TEMPLATE = 'page.html'


def write(run: Run, path: Path) -> None:
    """Write the page. Raises OSError, BagError."""
    path.write_text(page(run), encoding='utf-8')


def page(run: Run) -> str:
    """The page as text."""
    chunks = judged(run.chunks, run.states)
    axis = TimeAxis(*reach(run), run.seconds(run.until))
    panels = JointPanels(run, axis)
    human = HumanPanels(run, axis)
    drawn = [timeline(run, axis, chunks), *panels.all(), delays(run, axis, chunks), *human.all()]
    facts = _context(run, chunks) | {'human': human, 'shown': reach(run)}
    facts['notes'] = panels.notes | human.notes
    return file_html(
        drawn, resources=INLINE, title=run.bag.path.name, template=_template(),
        template_variables=facts, suppress_callback_warning=True,
    )  # fmt: skip


def _template() -> Any:
    here = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=here, autoescape=True).get_template(_TEMPLATE)


def _context(run: Run, chunks: Sequence[Judged]) -> dict[str, Any]:
    found = list(sections(run))
    shown = pictured(chunks)
    return {
        'recording': run.bag.path.name,
        'lasts': run.seconds(run.until),
        'about': tables.about(run),
        'problem': run.bag.problem,
        'missing': tables.missing(run),
        'sections': [(title, tables.rows(figures)) for title, figures in found],
        'figures': plain(found),
        'joints': tables.joints(run),
        'seams': tables.seam_rows(run),
        'refusals': tables.refusal_rows(run),
        'requests': tables.request_rows(run),
        'markers': tables.marker_rows(run),
        'tasks': tables.task_rows(run),
        'chunks': list(details(run, chunks, _embedded(run, shown))),
        'pictures': (len(shown), len(chunks)),
        'colours': {'joints': JOINTS, 'chunks': {kind: CHUNKS[kind] for kind in KINDS}},
    }


def pictured(chunks: Sequence[Judged], most: int = PICTURES) -> list[int]:
    """Which chunks come with their picture: all, or the refused first and then evenly spread."""
    if len(chunks) <= most:
        return list(range(len(chunks)))
    refused = [i for i, one in enumerate(chunks) if one.kind == REFUSED][:most]
    others = sorted(set(range(len(chunks))) - set(refused))
    left = most - len(refused)
    at = np.linspace(0, len(others) - 1, left).round().astype(int) if left else []
    return sorted({*refused, *(others[i] for i in at)})


def _embedded(run: Run, shown: Sequence[int]) -> dict[int, tuple[str, str]]:
    """By chunk: the mosaic as a data URI, and where its pictures were taken from."""
    if not any(len(run.images[camera].stamps) for camera in CAMERAS):
        return {}
    sets = picture_sets(run)[list(shown)] if shown else np.zeros((0, len(CAMERAS)), np.int64)
    pictures = zip(shown, tiled(run, sets.tolist()), sets.tolist(), strict=True)
    return {i: (_uri(picture), _taken(stamps)) for i, picture, stamps in pictures}


def _uri(picture: Picture) -> str:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, 'JPEG', quality=_QUALITY)
    return 'data:image/jpeg;base64,' + base64.b64encode(out.getvalue()).decode()


def _taken(stamps: Sequence[int]) -> str:
    """Of each camera, how long after the head's picture its own was taken."""
    head = stamps[0]
    return ', '.join(
        f'{camera} ' + ('none' if NONE in (stamp, head) else f'{(stamp - head) / 1e6:+.0f} ms')
        for camera, stamp in zip(CAMERAS[1:], stamps[1:], strict=True)
    )


def details(
    run: Run, chunks: Sequence[Judged], pictures: Mapping[int, tuple[str, str]]
) -> Iterator[dict[str, Any]]:
    """What the page shows of each chunk when its mark is clicked."""
    for index, (one, heard) in enumerate(zip(chunks, run.chunks, strict=True)):
        message = heard.message
        picture, taken = pictures.get(index, ('', ''))
        command = f'{(one.first_tick - one.stamp) / 1e6:.0f} ms' if one.first_tick else 'none'
        yield {
            'title': f'chunk {one.sequence} of epoch {one.epoch}',
            'kind': one.kind,
            'facts': [
                ('verdict', one.verdict or one.kind),
                ('in words', tables.words(check_of(one.verdict))),
                ('received at', f'{run.seconds(one.received):.2f} s'),
                ('head stamp to receipt', f'{(one.received - one.stamp) / 1e6:.0f} ms'),
                ('inference', f'{1e3 * one.inference:.0f} ms'),
                ('head stamp to first command', command),
                ('task', message.task),
                ('after the head picture', taken),
            ],
            'picture': picture,
        }
