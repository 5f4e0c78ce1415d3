"""A replay: what was recorded goes by in its order; policy and executor make of it what they do.

Time is that of the recording: ticks of the executor fall into its receive times, and nothing waits
for anything. The same recording, bundle and latencies give the same output.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from fastwam_ros.apps.replay.judges import Judge
from fastwam_ros.apps.replay.output import TRUTH, Output
from fastwam_ros.apps.replay.policy import Giver
from fastwam_ros.apps.replay.source import Source
from fastwam_ros.bag.reader import Bag, BagError, Record
from fastwam_ros.loop.anchored import Recorded
from fastwam_ros.loop.telling import chunk_fields
from fastwam_ros.motion.limits import SECOND, Ns
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.roles import RECORDED

_FEEDBACK = ('arm_measured_', 'gripper_measured_')
_PASSED = ('image_', *_FEEDBACK, 'marker', RECORDED, TRUTH)


@dataclass(frozen=True)
class Parts:
    """Who takes part: the recording, who gives chunks, who judges them, and what is written."""

    source: Source
    giver: Giver
    judge: Judge
    recorded: Recorded
    output: Output


class Session:
    """One pass over a recording."""

    def __init__(self, parts: Parts, rate: float) -> None:
        """rate [Hz] of the executor."""
        self._parts, self._period = parts, round(SECOND / rate)
        self._bag: Bag = parts.source.bag
        self._handlers = self._heard()
        self.lasted = 0.0  # seconds of the recording so far
        self.unreadable = 0  # messages that are no messages of their type

    def run(self, progress: Callable[[float], None] | None = None) -> None:
        """From the first message to the last. progress: the part that was read, 0 to 1."""
        tick = begin = None
        for role, record in self._parts.source.records(progress):
            if tick is None or begin is None:
                tick = begin = record.received
            while tick + self._period <= record.received:
                tick += self._period
                self._tick(tick)
            self._take(role, record)
            self.lasted = (record.received - begin) / SECOND
        if tick is not None:
            self._tick(tick + self._period)  # for what came last

    def _tick(self, now: Ns) -> None:
        parts = self._parts
        parts.giver.set_authority(*parts.judge.authority)
        if (chunk := parts.giver.step(now)) is not None:
            parts.output.tell('chunk', now, chunk_fields(chunk))
            parts.judge.take(now, chunk)
        parts.judge.tick(now)

    def _take(self, role: str, record: Record) -> None:
        self._pass_on(role, record)
        if (handler := self._handlers.get(role)) is None:
            return
        try:
            message = self._bag.decode(record)
        except BagError:
            self.unreadable += 1
            return
        handler(record, message)

    def _pass_on(self, role: str, record: Record) -> None:
        """What was recorded stays what it was, unless the robot of the replay is another one."""
        if self._parts.judge.moves and role.startswith(_FEEDBACK):
            role = f'{RECORDED}_{role}'
        if role.startswith(_PASSED):
            topic, kind, now = record.topic, record.type, record.received
            self._parts.output.pass_on(role, topic, kind, now, record.data)

    def _heard(self) -> dict[str, Callable[[Record, Any], None]]:
        """Who listens to which role."""
        found: dict[str, Callable[[Record, Any], None]] = dict(self._parts.giver.handlers)
        for side in SIDES:
            found[f'arm_measured_{side}'] = partial(self._on_arm, side)
            found[f'gripper_measured_{side}'] = partial(self._on_gripper, side)
        return found

    def _on_arm(self, side: str, record: Record, message: Any) -> None:
        position = np.asarray(message.position, np.float64)
        self._parts.recorded.on_arm(record.received, side, position)
        self._parts.giver.on_arm(side, message, position)

    def _on_gripper(self, side: str, record: Record, message: Any) -> None:
        if len(message.position) == 1:
            wire = float(message.position[0])
            self._parts.recorded.on_gripper(side, wire)
            self._parts.giver.on_gripper(side, message, wire)
