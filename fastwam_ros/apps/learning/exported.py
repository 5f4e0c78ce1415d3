"""An exported dataset read again: one episode's rows, whichever of the two layouts it has."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from fastwam_ros.apps.learning.episodes import ACTION, PARTS, STAMP
from fastwam_ros.apps.learning.layouts import INFO, LAYOUTS, TASKS
from fastwam_ros.bag.streams import Array, Times
from fastwam_ros.robot.joints import JOINT_NAMES
from fastwam_ros.robot.units import opening


@dataclass(frozen=True)
class EpisodeRows:
    """stamps [N] ns of the head's pictures; actions [N, 14] in rad and m, as JOINT_NAMES are."""

    fps: float
    stamps: Times
    actions: Array
    task: str


def read_episode(root: Path, index: int) -> EpisodeRows:
    """Raises FileNotFoundError for no dataset, ValueError for one of others or without it."""
    info = _info(root)
    if not 0 <= index < info['total_episodes']:
        raise ValueError(f'{root} has episodes 0 to {info["total_episodes"] - 1}, not {index}')
    table = pq.read_table(root / LAYOUTS[info['codebase_version']].data_path(index))
    wanted = [STAMP, 'task_index', *(f'{ACTION}{part}' for part in PARTS)]
    if missing := [key for key in wanted if key not in table.column_names]:
        raise ValueError(f'{root} has no {", ".join(missing)}: it was not exported here')
    return EpisodeRows(
        info['fps'],
        table[STAMP].to_numpy(),
        _actions(table),
        _tasks(root, info['codebase_version'])[table['task_index'][0].as_py()],
    )


def _info(root: Path) -> Any:
    path = root / INFO
    if not path.is_file():
        raise FileNotFoundError(f'{path} is missing: is {root} a LeRobot dataset?')
    info = json.loads(path.read_text(encoding='utf-8'))
    if info.get('codebase_version') not in LAYOUTS:
        known = ', '.join(LAYOUTS)
        raise ValueError(f'{root} is of {info.get("codebase_version")}: read are {known}')
    return info


def _actions(table: pa.Table) -> Array:
    """Columns by name, grippers from 0..100 to metres."""
    parts = {part: _rows(table[f'{ACTION}{part}']) for part in PARTS}
    for part, rows in parts.items():
        if part.endswith('gripper'):
            parts[part] = rows * opening(1.0)
    joined = np.concatenate([parts[part] for part in PARTS], axis=1)
    assert joined.shape[1] == len(JOINT_NAMES)
    return joined


def _rows(column: pa.ChunkedArray) -> NDArray[np.float64]:
    return np.array(column.to_pylist(), np.float64).reshape(len(column), -1)


def _tasks(root: Path, version: str) -> dict[int, str]:
    path = root / TASKS[version]
    if version == 'v3.0':
        rows = pq.read_table(path).to_pylist()
    else:
        rows = [json.loads(line) for line in path.read_text(encoding='utf-8').splitlines()]
    return {row['task_index']: row['task'] for row in rows}
