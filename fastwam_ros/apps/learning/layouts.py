"""Where the files of a LeRobot dataset lie, and its tables: v2.1 and v3.0.

Both hold one table and one video per camera and episode here: what v3.0 may put together in larger
files, it also takes one by one. Facts: huggingface/lerobot 0.3.3 (v2.1) and 0.4.4 (v3.0).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from fastwam_ros.apps.learning.features import IMAGES, dtype
from fastwam_ros.apps.learning.figures import Figures, pooled

CHUNK = 1000  # episodes in one folder
INFO, STATS = Path('meta', 'info.json'), Path('meta', 'stats.json')
TASKS = {'v2.1': Path('meta', 'tasks.jsonl'), 'v3.0': Path('meta', 'tasks.parquet')}


@dataclass(frozen=True)
class Layout:
    """version: `codebase_version`; data, video: paths as info.json gives them."""

    version: str
    data: str
    video: str

    def data_path(self, episode: int) -> Path:
        """Of an episode's table, in the dataset."""
        return Path(self.data.format(**_numbers(episode)))

    def video_path(self, episode: int, key: str) -> Path:
        """Of one camera's video, in the dataset."""
        return Path(self.video.format(video_key=key, **_numbers(episode)))


def _numbers(episode: int) -> dict[str, int]:
    chunk, file = divmod(episode, CHUNK)
    return {
        'episode_chunk': chunk,
        'episode_index': episode,
        'chunk_index': chunk,
        'file_index': file,
    }


_V21, _V30 = 'chunk-{episode_chunk:03d}', 'chunk-{chunk_index:03d}/file-{file_index:03d}'
LAYOUTS = {
    'v2.1': Layout(
        'v2.1',
        f'data/{_V21}/episode_{{episode_index:06d}}.parquet',
        f'videos/{_V21}/{{video_key}}/episode_{{episode_index:06d}}.mp4',
    ),
    'v3.0': Layout('v3.0', f'data/{_V30}.parquet', f'videos/{{video_key}}/{_V30}.mp4'),
}


@dataclass(frozen=True)
class Entry:
    """What the tables say of one episode. source: its recording; figures: by key."""

    index: int
    length: int
    first: int
    tasks: tuple[str, ...]
    source: str
    outcome: str
    figures: Mapping[str, Figures]


def write_rows(path: Path, columns: Mapping[str, NDArray]) -> None:
    """One episode's table: columns [N, D] by key, a number instead of a list where D is 1."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({key: _column(key, rows) for key, rows in columns.items()}), path)


def _column(key: str, rows: NDArray) -> pa.Array:
    kind = pa.type_for_alias(dtype(key))
    flat = pa.array(np.ascontiguousarray(rows).ravel().astype(dtype(key)), kind)
    width = rows.shape[1]
    return flat if width == 1 else pa.FixedSizeListArray.from_arrays(flat, width)


def write_meta(
    root: Path, layout: Layout, info: Mapping[str, Any], tasks: Sequence[str], made: list[Entry]
) -> None:
    """Everything under meta/."""
    (root / 'meta').mkdir(parents=True, exist_ok=True)
    _write_json(root / INFO, _whole_info(layout, info, tasks, made))
    if layout.version == 'v2.1':
        _write_lines(root, tasks, made)
    else:
        _write_tables(root, layout, info['fps'], tasks, made)


def _whole_info(
    layout: Layout, info: Mapping[str, Any], tasks: Sequence[str], made: list[Entry]
) -> dict[str, Any]:
    count = len(made)
    whole = {
        'codebase_version': layout.version,
        **info,
        'total_episodes': count,
        'total_frames': sum(entry.length for entry in made),
        'total_tasks': len(tasks),
        'chunks_size': CHUNK,
        'splits': {'train': f'0:{count}'},
        'data_path': layout.data,
        'video_path': layout.video,
    }
    if layout.version == 'v2.1':
        chunks = (count + CHUNK - 1) // CHUNK
        return whole | {'total_videos': count * len(IMAGES), 'total_chunks': chunks}
    return whole | {'data_files_size_in_mb': 100, 'video_files_size_in_mb': 200}


def _write_lines(root: Path, tasks: Sequence[str], made: list[Entry]) -> None:
    _write_json_lines(
        root / TASKS['v2.1'],
        [{'task_index': index, 'task': task} for index, task in enumerate(tasks)],
    )
    _write_json_lines(root / 'meta' / 'episodes.jsonl', [_said(entry) for entry in made])
    _write_json_lines(
        root / 'meta' / 'episodes_stats.jsonl',
        [
            {
                'episode_index': entry.index,
                'stats': {k: _lists(v) for k, v in entry.figures.items()},
            }
            for entry in made
        ],
    )


def _write_tables(
    root: Path, layout: Layout, fps: float, tasks: Sequence[str], made: list[Entry]
) -> None:
    pq.write_table(_task_table(tasks), root / TASKS['v3.0'])
    keys = list(made[0].figures)
    every = {key: pooled([entry.figures[key] for entry in made]) for key in keys}
    _write_json(root / STATS, {key: _lists(own) for key, own in every.items()})
    path = root / 'meta' / 'episodes' / f'{_V30.format(**_numbers(0))}.parquet'
    path.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist([_row(entry, fps) for entry in made]), path)


def _said(entry: Entry) -> dict[str, Any]:
    """raw_file_name is Galaxea's name for the recording."""
    return {
        'episode_index': entry.index,
        'tasks': list(entry.tasks),
        'length': entry.length,
        'raw_file_name': entry.source,
        'outcome': entry.outcome,
    }


def _row(entry: Entry, fps: float) -> dict[str, Any]:
    """An episode in v3.0's table: where its rows and pictures are, and its figures."""
    chunk, file = divmod(entry.index, CHUNK)
    row = {
        **_said(entry),
        'data/chunk_index': chunk,
        'data/file_index': file,
        'dataset_from_index': entry.first,
        'dataset_to_index': entry.first + entry.length,
        'meta/episodes/chunk_index': 0,
        'meta/episodes/file_index': 0,
    }
    for key in IMAGES.values():
        row[f'videos/{key}/chunk_index'], row[f'videos/{key}/file_index'] = chunk, file
        row[f'videos/{key}/from_timestamp'] = 0.0
        row[f'videos/{key}/to_timestamp'] = entry.length / fps
    for key, own in entry.figures.items():
        row |= {f'stats/{key}/{name}': value for name, value in _lists(own).items()}
    return row


def _task_table(tasks: Sequence[str]) -> pa.Table:
    """Instructions are its index: pandas, which LeRobot reads it with, learns that from a note."""
    text = {'pandas_type': 'unicode', 'numpy_type': 'object', 'metadata': None}
    number = {'pandas_type': 'int64', 'numpy_type': 'int64', 'metadata': None}
    named = {'task_index': number, 'task': text}
    note = {
        'index_columns': ['task'],
        'column_indexes': [{'name': None, 'field_name': None, **text}],
        'columns': [{'name': name, 'field_name': name, **own} for name, own in named.items()],
        'pandas_version': '2.0.0',
    }
    table = pa.table({'task_index': pa.array(range(len(tasks)), pa.int64()), 'task': list(tasks)})
    return table.replace_schema_metadata({'pandas': json.dumps(note)})


def _lists(own: Figures) -> dict[str, Any]:
    return {name: value.tolist() for name, value in own.items()}


def _write_json(path: Path, tree: Mapping[str, Any]) -> None:
    text = json.dumps(tree, indent=4, ensure_ascii=False)
    path.write_text(f'{text}\n', encoding='utf-8')


def _write_json_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(''.join(f'{line}\n' for line in lines), encoding='utf-8')
