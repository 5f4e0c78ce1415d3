"""The output of a small replay whose errors are known by construction.

The person moves every joint at its own constant speed; commands come every 10 ms, and every row is
due when one does. Chunks are the person's way with a fault, plans follow the chunks.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from fastwam_ros.bag.composed import cdr
from fastwam_ros.bag.run import Facts, robot_bounds
from fastwam_ros.bag.writer import BagWriter, quality
from fastwam_ros.robot.joints import ARM_NAMES, JOINT_NAMES

START = 1_700_000_000_000_000_000  # [ns]
MS = 1_000_000
SIDES = ('left', 'right')
LASTS = 6_000  # [ms]
EVERY, LATENCY = 200, 150  # [ms] between chunks, and from head stamp to receipt
STEP, ROWS = 50, 20  # [ms] between rows
FIRST, CHUNKS = 500, 15
SPEEDS = np.array([0.10, 0.05, -0.04, 0.03, -0.06, 0.08, 0.005] * 2)  # rad/s, m/s of opening
BEGIN = np.array([0.1, 1.2, -1.3, 0.2, 0.1, 0.0, 0.03] * 2)
ARMS = [JOINT_NAMES.index(name) for name in ARM_NAMES]
Way = Callable[[np.ndarray], np.ndarray]  # times [N] ms -> positions [N, 14]


def human(ms: np.ndarray) -> np.ndarray:
    """Where the person has the joints."""
    return BEGIN + np.asarray(ms)[:, None] / 1e3 * SPEEDS


def rows(head: int) -> np.ndarray:
    """When rows are due [ms]."""
    return head + STEP * np.arange(ROWS)


@dataclass
class Replay:
    """What the file holds; tests change what they are about. wanted: rows from their due times."""

    wanted: Callable[[np.ndarray], np.ndarray] = human
    way: Way = human
    mode: str = 'anchored'
    roles: tuple[str, ...] = ('recorded', 'measured')
    verdicts: tuple[str, ...] = ('accepted',) * CHUNKS
    lasts: int = LASTS
    silent: tuple[int, int] = (0, 0)  # [ms] between which commands and readings are lost
    seen: bool = True
    names: tuple[str, ...] = JOINT_NAMES
    commanded: Way | None = None
    others: dict[str, str] = field(default_factory=dict)

    def write(self, path: Path) -> Path:
        """Into an mcap, by receive time."""
        messages = sorted(self._messages(), key=lambda row: row[0])
        kinds = {role: kind for _, role, kind, _ in messages}
        facts = {'mode': self.mode, 'latency': f'{LATENCY}ms', 'bundle': 'b@1'} | self.others
        topics = {role: f'/{role}' for role in kinds}
        with BagWriter(path) as bag:
            Facts('r1lite', 200.0, robot_bounds(), topics, facts).write(bag)
            channels = {
                role: bag.channel(topics[role], kind, quality(True, False, 1))
                for role, kind in kinds.items()
            }
            for received, role, _, data in messages:
                bag.write(channels[role], received, data)
        return path

    def _messages(self) -> Iterator[tuple[int, str, str, bytes]]:
        yield from self._streams()
        for n in range(CHUNKS):
            head = FIRST + n * EVERY
            yield from self._pictures(head)
            yield self._at(head + LATENCY, 'chunk', 'fastwam_ros/msg/ActionChunk', self._chunk(n))
            yield from self._answer(n, head)

    def _streams(self) -> Iterator[tuple[int, str, str, bytes]]:
        kind = 'sensor_msgs/msg/JointState'
        begin, end = self.silent
        for ms in range(0, self.lasts, 10):
            if begin < ms < end:
                continue
            (values,) = self.way(np.array([ms]))
            for side, q in zip(SIDES, (values[:7], values[7:]), strict=True):
                for role, part in self._named():
                    position = q[:6] if part == 'arm' else 1e3 * q[6:]
                    fields = {'header': _header(ms), 'position': position}
                    yield self._at(ms, f'{role}_{side}', kind, fields)
        for ms in range(FIRST + LATENCY, self.lasts, 5) if self.commanded else ():
            (values,) = self.commanded(np.array([ms]))
            for side, q in zip(SIDES, (values[:7], values[7:]), strict=True):
                fields = {'header': _header(ms), 'position': q[:6]}
                yield self._at(ms, f'arm_command_{side}', kind, fields)

    def _named(self) -> Iterator[tuple[str, str]]:
        for part in ('arm', 'gripper'):
            every = {
                'recorded': f'recorded_{part}_command',
                'measured': f'{part}_measured',
                'truth': f'truth_{part}',
                'then': f'recorded_{part}_measured',
            }
            yield from ((every[role], part) for role in self.roles)

    def _pictures(self, head: int) -> Iterator[tuple[int, str, str, bytes]]:
        kind = 'sensor_msgs/msg/CompressedImage'
        for camera, by in (('head', 0), ('left', 8), ('right', -4)) if self.seen else ():
            fields = {'header': _header(head + by), 'format': 'jpeg', 'data': _JPEG}
            yield self._at(head + by + 2, f'image_{camera}', kind, fields)

    def _chunk(self, n: int) -> dict[str, Any]:
        head = FIRST + n * EVERY
        columns = [JOINT_NAMES.index(name) for name in self.names]
        return {
            'header': _header(head),
            'robot': 'r1lite',
            'epoch': 3,
            'sequence': n + 1,
            'joint_names': list(self.names),
            'step': STEP / 1e3,
            'positions': self.wanted(rows(head))[:, columns].ravel(),
            'inference_time': 0.1,
            'disagreement': 0.01 * n,
        }

    def _answer(self, n: int, head: int) -> Iterator[tuple[int, str, str, bytes]]:
        """The executor's word, and its plan if it took the chunk."""
        told = self.verdicts[: n + 1]
        good = sum(one == 'accepted' for one in told)
        shadow = sum(one == 'shadow' for one in told)
        first, taken = head + LATENCY + 5, self.verdicts[n] == 'accepted'
        state = {
            'header': _header(first),
            'tick': (first - FIRST) // 5,
            'mode': 'POLICY',
            'time_scale': 1.0,
            'plan_id': n + 1,
            'last_epoch': 3,
            'last_sequence': n + 1,
            'last_verdict': self.verdicts[n],
            'accepted': good,
            'shadowed': shadow,
            'refused': n + 1 - good - shadow,
        }
        if taken:
            state |= {'chunk_stamp': _ns(head), 'plan_first_tick': _ns(first)}
            plan = {'header': _header(first), 'joint_names': list(ARM_NAMES)}
            plan['points'] = list(self._points(first, head + STEP * (ROWS - 1)))
            yield self._at(first, 'trajectory', 'trajectory_msgs/msg/JointTrajectory', plan)
        yield self._at(first + 1, 'state', 'fastwam_ros/msg/ExecutorState', state)

    def _points(self, first: int, last: int) -> Iterator[dict[str, Any]]:
        for ms in range(first, last + 1, 20):
            (q,) = self.wanted(np.array([ms]))
            yield {
                'positions': q[ARMS],
                'velocities': SPEEDS[ARMS],
                'accelerations': np.zeros(len(ARMS)),
                'time_from_start': (ms - first) * MS,
            }

    @staticmethod
    def _at(ms: int, role: str, kind: str, fields: dict[str, Any]) -> tuple[int, str, str, bytes]:
        return _ns(ms), role, kind, cdr(kind, fields)


def _ns(ms: int) -> int:
    return START + ms * MS


def _header(ms: int) -> dict[str, Any]:
    return {'stamp': _ns(ms)}


def _picture() -> np.ndarray:
    out = io.BytesIO()
    Image.new('RGB', (320, 256), (40, 90, 160)).save(out, 'JPEG')
    return np.frombuffer(out.getvalue(), np.uint8)


_JPEG = _picture()
