"""Who gives chunks in a replay: a checkpoint that infers, or those that were recorded.

Both take what came from the recording, in its order, and give chunks when they would have been
there. While one is inferred nothing else is, as in the node, which has one worker; the recording
goes on meanwhile until the chunk is due, so that a model and what is around it share two cores.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from fastwam_ros.bag.reader import Record
from fastwam_ros.bag.streams import nanoseconds
from fastwam_ros.loop.inference import Inference, Job
from fastwam_ros.loop.telling import chunk_in
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.limits import SECOND, Array, Ns
from fastwam_ros.robot.pictures import Layout
from fastwam_ros.robot.topics import IMAGE_TOPICS, RAW, ImageTopic

Handler = Callable[[Record, Any], None]


class Giver(Protocol):
    """Who gives a replay's chunks. seconds: spent on it; problems: in words, how often."""

    seconds: float
    problems: Counter[str]

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Who hears what, by role."""

    def on_arm(self, side: str, message: Any, position: Array) -> None:
        """One arm's feedback."""

    def on_gripper(self, side: str, message: Any, wire: float) -> None:
        """One gripper's feedback, in wire units."""

    def set_authority(self, mode: str, epoch: int) -> None:
        """What the executor says of itself."""

    def step(self, now: Ns) -> Chunk | None:
        """The chunk that is there now [ns]."""

    def close(self) -> None:
        """End what works in the background."""


@dataclass(frozen=True)
class Coming:
    """A chunk, and when it is there [ns]."""

    due: Ns
    chunk: Chunk


@dataclass(frozen=True)
class Made:
    """What came of an inference: a chunk, or why it failed; seconds that it took here."""

    chunk: Chunk | None
    problem: str
    seconds: float


@dataclass(frozen=True)
class Awaited:
    """An inference that runs, when its chunk is there [ns], and how late that is [s]."""

    due: Ns
    late: float
    made: Future[Made]


class Inferring:
    """A checkpoint on the recorded pictures and readings. seconds: spent in it so far."""

    def __init__(
        self, inference: Inference, latencies: Iterator[float] | None, asked: str = ''
    ) -> None:
        """latencies: see `latency`. asked: the task; '': as the recording says."""
        self.inference, self._latencies, self._asked = inference, latencies, asked
        self._awaited: Awaited | None = None
        self._worker = ThreadPoolExecutor(1, 'inference')
        self.seconds, self.problems = 0.0, Counter[str]()

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """The cameras, and the task where none was asked for."""
        heard: dict[str, Handler] = {t.role: partial(self._on_image, t) for t in IMAGE_TOPICS}
        return heard if self._asked else {**heard, 'task': self._on_task}

    def on_arm(self, side: str, message: Any, position: Array) -> None:
        """Kept for the pictures around it."""
        stamp = nanoseconds(message.header.stamp)
        self._problem(self.inference.joints.add_arm(side, stamp, position))

    def on_gripper(self, side: str, message: Any, wire: float) -> None:
        """Kept for the pictures around it."""
        stamp = nanoseconds(message.header.stamp)
        self._problem(self.inference.joints.add_gripper(side, stamp, wire))

    def set_authority(self, mode: str, epoch: int) -> None:
        """Chunks are of this epoch from now on."""
        self.inference.set_authority(mode, epoch)

    def step(self, now: Ns) -> Chunk | None:
        """What is there now; begins what can be begun."""
        if self._awaited is not None:
            return self._awaited_at(now, self._awaited)
        job = self.inference.pick()
        if isinstance(job, Job):
            self._begin(now, job)
        elif job is not None:
            self._problem(job)
        return None

    def close(self) -> None:
        """Wait for an inference that nobody waits for any more."""
        self._worker.shutdown()

    def _begin(self, now: Ns, job: Job) -> None:
        made = self._worker.submit(self._infer, job)
        late = made.result().seconds if self._latencies is None else next(self._latencies)
        self._awaited = Awaited(now + round(late * SECOND), late, made)

    def _awaited_at(self, now: Ns, awaited: Awaited) -> Chunk | None:
        if now < awaited.due:
            return None
        self._awaited, made = None, awaited.made.result()
        self.seconds += made.seconds
        blind = self.inference.blind if made.chunk is None else None
        self._problem(made.problem or (f'{blind.camera} camera: {blind.fact}' if blind else ''))
        return made.chunk and replace(made.chunk, inference_time=awaited.late)

    def _infer(self, job: Job) -> Made:
        begun, chunk, problem = time.perf_counter(), None, ''
        try:
            chunk = self.inference.run(job)
        except (ValueError, RuntimeError) as error:
            problem = str(error)
        return Made(chunk, problem, time.perf_counter() - begun)

    def _on_image(self, topic: ImageTopic, record: Record, message: Any) -> None:
        stamp, data = nanoseconds(message.header.stamp), bytes(message.data)
        layout = Layout.of(message) if topic.transport == RAW else None
        self._problem(self.inference.add_image(topic.camera, stamp, data, layout))

    def _on_task(self, record: Record, message: Any) -> None:
        self._problem(self.inference.set_task(str(message.data)))

    def _problem(self, what: str) -> None:
        if what:
            self.problems[what] += 1


class Recalling:
    """The chunks that a recording has, when they came, or a latency after their images."""

    def __init__(self, latencies: Iterator[float] | None) -> None:
        """latencies: see `latency`; None: as recorded."""
        self._latencies = latencies
        self._coming: deque[Coming] = deque()
        self._epoch = self._sequence = 0
        self.seconds, self.problems = 0.0, Counter[str]()

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """The chunks."""
        return {'chunk': self._on_chunk}

    def on_arm(self, side: str, message: Any, position: Array) -> None:
        """Of no concern here."""

    def on_gripper(self, side: str, message: Any, wire: float) -> None:
        """Of no concern here."""

    def set_authority(self, mode: str, epoch: int) -> None:
        """Chunks are told as of this epoch from now on."""
        if epoch != self._epoch:
            self._epoch, self._sequence = epoch, 0

    def step(self, now: Ns) -> Chunk | None:
        """The next one that is due."""
        if not self._coming or now < self._coming[0].due:
            return None
        self._sequence += 1
        chunk = self._coming.popleft().chunk
        return replace(chunk, epoch=self._epoch, sequence=self._sequence)

    def close(self) -> None:
        """Nothing works in the background."""

    def _on_chunk(self, record: Record, message: Any) -> None:
        stamp, due = nanoseconds(message.header.stamp), record.received
        if self._latencies is not None:
            due = stamp + round(next(self._latencies) * SECOND)
        self._coming.append(Coming(due, chunk_in(message)))
