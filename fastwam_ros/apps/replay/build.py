"""A replay as it was asked for: put together, run, and what it says at the end."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from fastwam_ros.apps.memory import most_memory
from fastwam_ros.apps.replay.freed import Freed
from fastwam_ros.apps.replay.judges import ANCHORED, ByRecording, ByRobot, Count, Judge
from fastwam_ros.apps.replay.latency import latencies
from fastwam_ros.apps.replay.output import Output
from fastwam_ros.apps.replay.policy import Giver, Inferring, Recalling
from fastwam_ros.apps.replay.session import Parts, Session
from fastwam_ros.apps.replay.source import Source
from fastwam_ros.bag.reader import Bag, BagError
from fastwam_ros.loop.anchored import Recorded
from fastwam_ros.loop.inference import Inference
from fastwam_ros.robot.tracker import FAST

RATE = 200.0  # [Hz] of the executor
MAX_SKEW = 0.05  # [s] within one set of pictures
FRAME_INTERVAL = 0.02  # [s] between two pictures of one camera, as in config/replay.yaml
LATENCY = '190ms'  # what the paper reports of its desktop GPU
FILE = 'replay.mcap'
_LABEL = 34


@dataclass(frozen=True)
class Asked:
    """The command line's arguments, by name."""

    bag: Path
    bundle: str | None
    out: Path
    mode: str = ANCHORED
    latency: str = ''
    task: str = ''
    max_rate: float = 5.0
    namespace: str = ''
    start: float = 0.0
    duration: float = float('inf')
    threads: int = 1
    device: str = 'cpu'


@dataclass(frozen=True)
class Found:
    """What came of it. took: seconds here; lasted: seconds of the recording; memory: most [MB]."""

    path: Path
    lasted: float
    took: float
    inferred: float
    count: Count
    problems: Counter[str]
    damaged: str
    memory: float

    def lines(self) -> Iterator[str]:
        """For a person to read."""
        speed = self.lasted / self.took if self.took else float('nan')
        share = self.inferred / self.took if self.took else 0.0
        rows: dict[str, object] = {
            'written': self.path,
            'replayed': f'{self.lasted:.1f} s in {self.took:.1f} s: {speed:.1f} times as fast',
            'of it in the model': f'{share:.0%}',
            'most memory until here': f'{self.memory:.0f} MB',
        }
        rows |= {f'chunks {name}': n for name, n in sorted(self.count.verdicts.items())}
        if self.count.beyond:
            rows['met beyond our limits'] = self.count.beyond
        if self.count.stops:
            rows['stops that a person would end'] = len(self.count.stops)
        yield from (f'{label:{_LABEL}}{value}' for label, value in rows.items())
        for what, n in Counter(self.count.stops).most_common(5):
            yield f'{"":{_LABEL}}{n} x {what}'
        for what, n in self.problems.most_common(5):
            yield f'{"problem":{_LABEL}}{n} x {what}'
        if self.damaged:
            yield f'{"recording":{_LABEL}}{self.damaged}'


def replay(asked: Asked, progress: Callable[[float], None] | None = None) -> Found:
    """Raises BagError, ValueError or OSError for what cannot be replayed."""
    bag = Bag(asked.bag)
    source = Source(bag, asked.start, asked.duration, asked.namespace)
    late = latencies(asked.latency or LATENCY) if asked.bundle or asked.latency else None
    giver = _giver(asked, source, late)
    asked.out.mkdir(parents=True, exist_ok=True)
    path, recorded = asked.out / FILE, Recorded()
    others = {
        'mode': asked.mode,
        'latency': asked.latency or (LATENCY if asked.bundle else 'recorded'),
        'bundle': asked.bundle or 'recorded chunks',
        'source': asked.bag.name,
    }
    begun = time.perf_counter()
    with closing(giver), closing(Output(path, source.namespace, RATE, others)) as output:
        judge = _judge(asked, recorded, output)
        session = Session(Parts(source, giver, judge, recorded, output), RATE)
        session.run(progress)
    took = time.perf_counter() - begun
    problems = giver.problems + Counter(
        {'a message that is none of its type': session.unreadable} if session.unreadable else {}
    )
    return Found(
        path,
        session.lasted,
        took,
        giver.seconds,
        judge.count,
        problems,
        bag.problem,
        most_memory(),
    )


def _giver(asked: Asked, source: Source, late: Iterator[float] | None) -> Giver:
    if asked.bundle is None:
        if not source.has_chunks:
            raise BagError(f'{asked.bag} has no chunks in it: give a bundle that infers some')
        return Recalling(late)
    from fastwam_ros.wam.policy import Policy  # seconds of torch, for who infers

    model = Policy.load(asked.bundle, asked.threads, asked.device)
    inference = Inference(model, MAX_SKEW, asked.max_rate, asked.task, True, FRAME_INTERVAL)
    return Inferring(inference, late, asked.task)


def _judge(asked: Asked, recorded: Recorded, output: Output) -> Judge:
    if asked.mode == ANCHORED:
        return ByRecording(RATE, recorded, output)
    return ByRobot(Freed(RATE, 0, FAST), recorded, output)
