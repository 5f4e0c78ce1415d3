"""Recordings to one LeRobot dataset: put in place whole, or not at all.

Each recording is read twice: first its numbers, which say what the episodes are, then its
pictures, which go one by one from the file to the videos.
"""

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fastwam_ros.apps.files import writing
from fastwam_ros.apps.learning.episodes import STAMP, Episode, Found, episodes
from fastwam_ros.apps.learning.features import (
    IMAGES,
    INDICES,
    NEXT_SUCCESS,
    described,
    shared,
)
from fastwam_ros.apps.learning.figures import Figures, figures
from fastwam_ros.apps.learning.layouts import Entry, Layout, write_meta, write_rows
from fastwam_ros.apps.learning.pictures import shown
from fastwam_ros.apps.learning.recording import Recording
from fastwam_ros.apps.learning.video import Video, facts
from fastwam_ros.apps.learning.windows import FILE, dataset_stats
from fastwam_ros.bag.markers import SUCCESS
from fastwam_ros.bag.reader import Bag, BagError
from fastwam_ros.robot.joints import ROBOT

Say = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """layout and codec (one of `video.CODECS`) of the dataset; task: in place of the recorded.

    namespace: of the robot, where recordings have several.
    """

    layout: Layout
    codec: str
    task: str = ''
    namespace: str = ''


@dataclass(frozen=True)
class Exported:
    """What came of it. left_out: frames by reason; unlike: keys that not all recordings have."""

    episodes: int
    frames: int
    seconds: float
    left_out: Counter[str]
    unlike: tuple[str, ...]


def export(out: Path, bags: Sequence[Path], wanted: Wanted, say: Say = print) -> Exported:
    """Make the folder `out` of recordings.

    say: gets a line per episode, and what of a recording cannot be read.

    Raises FileExistsError where it is there already, BagError for a recording that gives no data
    and for recordings that do not go together, OSError for a disk that takes no more; then there
    is no folder.
    """
    if os.path.lexists(out):
        raise FileExistsError(f'{out} exists: data are exported anew or not at all')
    read = [Bag(path) for path in bags]
    found = [episodes(Recording.read(bag, wanted.namespace), wanted.task) for bag in read]
    for bag in read:
        if bag.problem:
            say(bag.problem)
    _check(bags, found)
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(prefix=f'.{out.name}.', dir=out.parent))
    try:
        half.chmod(0o755)
        made = _Dataset(half, wanted, found).write(say)
        half.rename(out)
    except BaseException:
        shutil.rmtree(half)
        raise
    return made


def _check(bags: Sequence[Path], found: Sequence[Found]) -> None:
    rates = {own.fps: bag for bag, own in zip(bags, found, strict=True)}
    if len(rates) > 1:
        each = ', '.join(f'{bag}: {fps}' for fps, bag in sorted(rates.items()))
        raise BagError(f'head cameras of several rates go into no one dataset: {each} fps')
    if not any(own.episodes for own in found):
        left = sum((own.left_out for own in found), Counter[str]())
        raise BagError(f'{bags[0]}: no episode is left: {told(left) or "no frames"}')


def told(left_out: Counter[str]) -> str:
    """Frames that were left out, in words."""
    return ', '.join(f'{n} frames {why}' for why, n in left_out.most_common() if n)


class _Dataset:
    """A dataset that grows by episodes."""

    def __init__(self, root: Path, wanted: Wanted, found: Sequence[Found]) -> None:
        self._root, self._wanted = root, wanted
        self._by_bag = [own.episodes for own in found if own.episodes]
        self._all = [episode for own in self._by_bag for episode in own]
        self._fps = found[0].fps
        self._left_out = sum((own.left_out for own in found), Counter[str]())
        self._keys = shared(self._all)
        self._judged = any(episode.outcome for episode in self._all)
        tasks = (task for episode in self._all for task in episode.tasks)
        self._tasks = {task: index for index, task in enumerate(dict.fromkeys(tasks))}
        self._sizes: dict[str, tuple[int, int]] = {}

    def write(self, say: Say) -> Exported:
        made: list[Entry] = []
        for own in self._by_bag:
            videos = self._film(own, len(made))
            for episode, colours in zip(own, videos, strict=True):
                first = made[-1].first + made[-1].length if made else 0
                made.append(self._enter(episode, len(made), first, colours))
                say(f'episode {len(made) - 1}: {len(episode)} frames of {episode.source}')
        self._end(made)
        frames = sum(entry.length for entry in made)
        every = {key for episode in self._all for key in episode.columns}
        unlike = tuple(sorted(every - set(self._keys)))
        return Exported(len(made), frames, frames / self._fps, self._left_out, unlike)

    def _film(self, own: Sequence[Episode], first: int) -> list[dict[str, Figures]]:
        """The videos of a recording's episodes, whose first has the index `first`; their colours.

        One pass over the file; the videos of one episode at a time are open for each camera.
        """
        colours: list[dict[str, Figures]] = [{} for _ in own]
        with ExitStack() as stack:
            open_now: dict[str, tuple[int, Video]] = {}
            for camera, index, picture, times in shown(own):
                at, video = open_now.get(camera, (-1, None))
                if video is None or at != index:
                    if video is not None:
                        self._close(video, camera, own[at], colours[at])
                    video = stack.enter_context(closing(self._open(camera, first + index)))
                    open_now[camera] = index, video
                self._add(video, camera, picture, times, own[index])
            for camera, (at, video) in open_now.items():
                self._close(video, camera, own[at], colours[at])
        return colours

    def _open(self, camera: str, index: int) -> Video:
        path = self._root / self._wanted.layout.video_path(index, IMAGES[camera])
        return Video(path, self._fps, self._wanted.codec)

    def _add(
        self, video: Video, camera: str, picture: NDArray, times: int, episode: Episode
    ) -> None:
        height, width = self._sizes.setdefault(camera, (picture.shape[0], picture.shape[1]))
        try:
            if picture.shape[:2] != (height, width):
                raise ValueError(
                    f'{picture.shape[0]} x {picture.shape[1]} after {height} x {width}'
                )
            video.add(picture, times)
        except ValueError as error:
            raise BagError(
                f'{episode.source}: pictures of the {camera} camera are no video: {error}'
            ) from None

    def _close(
        self, video: Video, camera: str, episode: Episode, colours: dict[str, Figures]
    ) -> None:
        video.close()
        if video.count != len(episode):
            raise BagError(
                f'{episode.source}: the {camera} camera gave {video.count} of {len(episode)} '
                'pictures at the second reading: is it being written to?'
            )
        colours[IMAGES[camera]] = video.figures()

    def _enter(
        self, episode: Episode, index: int, first: int, colours: Mapping[str, Figures]
    ) -> Entry:
        columns = {key: episode.columns[key] for key in self._keys}
        if self._judged:
            columns[NEXT_SUCCESS] = _success(episode)
        columns |= _indices(episode, index, first, self._fps, self._tasks)
        write_rows(self._root / self._wanted.layout.data_path(index), columns)
        own = {key: figures(rows) for key, rows in columns.items() if key != STAMP}
        tasks = tuple(dict.fromkeys(episode.tasks))
        source = episode.source.name
        return Entry(
            index, len(episode), first, tasks, source, episode.outcome, {**own, **colours}
        )

    def _end(self, made: list[Entry]) -> None:
        keys = [*self._keys, *[NEXT_SUCCESS] * self._judged]
        info = {
            'robot_type': ROBOT,
            'fps': self._fps,
            'features': described(keys, self._sizes, facts(self._wanted.codec, self._fps)),
        }
        write_meta(self._root, self._wanted.layout, info, list(self._tasks), made)
        stats = json.dumps(dataset_stats(self._all))
        (self._root / FILE).write_text(f'{stats}\n', encoding='utf-8')


def _success(episode: Episode) -> NDArray:
    """True in the last row of an episode that somebody marked so."""
    rows = np.zeros((len(episode), 1), bool)
    rows[-1] = episode.outcome == SUCCESS
    return rows


def _indices(
    episode: Episode, index: int, first: int, fps: float, tasks: Mapping[str, int]
) -> dict[str, NDArray]:
    frames = np.arange(len(episode))
    own = {
        'timestamp': frames / fps,
        'frame_index': frames,
        'episode_index': np.full(len(episode), index),
        'index': first + frames,
        'task_index': np.array([tasks[task] for task in episode.tasks]),
    }
    return {key: own[key][:, None] for key in INDICES}
