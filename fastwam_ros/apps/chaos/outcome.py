"""Seeds as figures: one seed's outcome, and the table of many."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fastwam_ros.apps.chaos.bounds import ORDERS, Worst, broken, together
from fastwam_ros.apps.chaos.draw import Draw
from fastwam_ros.apps.chaos.run import LENGTH, play
from fastwam_ros.apps.chaos.stage import Stage
from fastwam_ros.motion.executor import Executor
from fastwam_ros.motion.status import ACCEPTED, SHADOW

COMMAND = 'python -m fastwam_ros.apps.chaos'
_COLUMNS = ('limits', 'bridge', 'hours', *ORDERS, 'outside', 'stops', 'accepted', 'refused')


@dataclass(frozen=True)
class Outcome:
    """What a seed came to. wrong: every bound or rule that was broken, in words.

    share, bridge: of its limits, and how its plans meet; words: all that it was made of.
    """

    seed: int
    share: float
    bridge: str
    words: str
    worst: dict[str, Worst]
    verdicts: Counter[str]
    modes: Counter[str]
    stops: int
    wrong: tuple[str, ...]

    @classmethod
    def of(cls, seed: int, length: float = LENGTH) -> 'Outcome':
        """Play a seed; where something is wrong, once more to see what was in force then."""
        draw = Draw.of(seed)
        played = play(draw, Executor(draw.settings, 1), length)
        worst = played.shares()
        ticks = {worst[order].tick for order in broken(worst)}
        force = in_force(draw, ticks, length) if ticks else {}
        words = [f'{o} {worst[o]}, {force[worst[o].tick]}' for o in broken(worst)]
        wrong = (*words, *played.rules)
        made = (seed, draw.share, draw.settings.bridge, str(draw))
        return cls(*made, worst, played.verdicts, played.modes, played.stops, wrong)

    def report(self) -> Iterator[str]:
        """Lines on what is wrong, and how to see it again."""
        if self.wrong:
            yield f'seed {self.seed}: {self.words}'
            yield from (f'  {words}' for words in self.wrong[:8])
            yield f'  again: {COMMAND} --seeds {self.seed}:{self.seed + 1}'


def in_force(draw: Draw, ticks: set[int], length: float) -> dict[int, str]:
    """What moved the arms at some ticks of a seed: the mode and the kind of segment."""
    found: dict[int, str] = {}

    def watch(tick: int, stage: Stage) -> None:
        if tick in ticks:
            found[tick] = f'{stage.executor.status.standing}, {segment(stage.executor)}'

    play(draw, Executor(draw.settings, 1), length, watch)
    return found


def segment(executor: Executor) -> str:
    """The kind of motion that the last command was taken from."""
    if executor.source == 'teleop':
        return 'a hand'
    plan, now = executor.drive.plan, executor.drive.now
    passed = (now - plan.start) / 1e9
    which = sum(end <= passed for end in plan.ends[:-1])
    return type(plan.segments[which]).__name__ if passed >= 0.0 else 'the plan before'


def table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Worst shares of the limits with their seeds, by limits and bridge, and over all."""
    yield '| ' + ' | '.join(_COLUMNS) + ' |'
    yield '|---' * len(_COLUMNS) + '|'
    kinds = sorted({(each.share, each.bridge) for each in outcomes})
    for share, bridge in kinds:
        own = [each for each in outcomes if (each.share, each.bridge) == (share, bridge)]
        yield _row(f'{share} x', bridge, own)
    yield _row('all', '', outcomes)


def _row(limits: str, bridge: str, outcomes: Sequence[Outcome]) -> str:
    hours = f'{len(outcomes) * LENGTH / 3600.0:.2f}'
    shares = (_worst(outcomes, order, lambda share: f'{share:.4f}') for order in ORDERS)
    outside = _worst(outcomes, 'position', lambda excess: f'{1e6 * excess:.0f} urad')
    verdicts = sum((each.verdicts for each in outcomes), Counter())
    refused = sum(n for name, n in verdicts.items() if name not in (ACCEPTED, SHADOW))
    stops = str(sum(each.stops for each in outcomes))
    cells = (limits, bridge, hours, *shares, outside, stops, str(verdicts[ACCEPTED]), str(refused))
    return '| ' + ' | '.join(cells) + ' |'


def _worst(outcomes: Sequence[Outcome], order: str, words: Callable[[float], str]) -> str:
    """The worst of an order with its seed."""
    most = together(each.worst for each in outcomes)[order]
    seed = next(each.seed for each in outcomes if each.worst[order] == most)
    return f'{words(most.share)} ({seed})'


def counts(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Chunks by verdict, and the share of the time in each mode."""
    verdicts = sum((each.verdicts for each in outcomes), Counter())
    modes = sum((each.modes for each in outcomes), Counter())
    yield 'chunks: ' + ', '.join(f'{n} {name}' for name, n in verdicts.most_common())
    total = sum(modes.values())
    yield 'time: ' + ', '.join(f'{100 * n / total:.1f} % {m}' for m, n in modes.most_common())
