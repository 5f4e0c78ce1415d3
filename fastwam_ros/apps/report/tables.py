"""The page's tables as rows of text: figures, joints, seams, refusals, requests, tasks.

It computes no figure of its own; a share is a part of its limit, 1 is the limit.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from fastwam_ros.apps.report.chunks import NOT_NAMED, WORDS, check_of, refused, requests
from fastwam_ros.apps.report.events import counted
from fastwam_ros.apps.report.figures import Figure, arm_motion, number, over
from fastwam_ros.apps.report.motion import Motion
from fastwam_ros.apps.report.outcome import outcomes
from fastwam_ros.apps.report.run import Run
from fastwam_ros.apps.report.seams import seams, sharpest
from fastwam_ros.bag.markers import DISCARD, FAILURE
from fastwam_ros.bag.streams import SECOND
from fastwam_ros.robot.joints import SIDES

Row = dict[str, Any]
NO_GOOD = (FAILURE, DISCARD)


def about(run: Run) -> list[tuple[str, str]]:
    """What the file says of itself."""
    facts = run.facts
    rows = [('robot', facts.robot), ('commands', f'{facts.rate:g} per second')]
    known = {**facts.others, **run.episode}
    return rows + [(key, value) for key, value in known.items() if value]


def missing(run: Run) -> list[str]:
    """What a page would show and the recording does not have, one sentence each."""
    found = [f'no pictures of the {c} camera' for c, s in run.images.items() if not len(s.stamps)]
    for what, streams in (
        ('commands to the {} arm', run.arms),
        ('readings of the {} arm', run.measured),
        ('commands to the {} gripper', run.grippers),
        ('readings of the {} gripper', run.measured_grippers),
    ):
        found += [f'no {what.format(side)}' for side, stream in streams.items() if not len(stream)]
    for heard, words in (
        (run.states, 'no states of the executor: no modes, verdicts, ages and seams'),
        (run.chunks, 'no chunks'),
        (run.requests, 'no requests to the executor'),
        (run.active, "nothing of the person's switch"),
    ):
        found += [] if heard else [words]
    return found


def rows(figures: Sequence[Figure]) -> list[Row]:
    """The figures of one section, as the printed table has them."""
    return [
        {
            'key': figure.key,
            'label': figure.label.strip(),
            'part': figure.label.startswith(' '),
            'text': isinstance(figure.value, str),
            'value': f'{number(figure.value)} {figure.unit}'.strip(),
            'limit': '' if figure.limit is None else f'{figure.limit:g}',
            'over': over(figure),
            'note': figure.note,
        }
        for figure in figures
    ]


def joints(run: Run) -> list[Row]:
    """Per joint: the worst shares of speed, acceleration and jerk, and what lies beyond [rad]."""
    return [row for side in SIDES for row in _joints(run, arm_motion(run, side))]


def _joints(run: Run, motion: Motion) -> Iterator[Row]:
    for index, name in enumerate(motion.names):
        one = motion.joint(index)
        shares = [one.over_plan_time(order) for order in (1, 2, 3)]
        yield {
            'name': name,
            'shares': [(w.ratio, run.seconds(w.at)) for w in shares],
            'beyond': one.beyond().ratio,
        }


def seam_rows(run: Run) -> list[Row]:
    """Per seam: the largest steps across it, in the order of time."""
    arms = [(arm_motion(run, side).names, seams(run, side)) for side in SIDES]
    return [
        {
            'at': run.seconds(one.start.first_tick),
            'sequence': int(one.start.state.message.chunk_sequence),
            'age': 1e3 * one.age,
            'steps': list(zip(one.joints, one.steps, one.shares, strict=True)),
        }
        for one in sorted(sharpest(arms), key=lambda one: one.start.first_tick)
    ]


def refusal_rows(run: Run) -> list[Row]:
    """Every refusal that a state names; a last row counts those that none names."""
    found = [
        {
            'at': run.seconds(told.received),
            'chunk': f'{told.sequence} of epoch {told.epoch}',
            'verdict': told.verdict,
            'words': words(check_of(told.verdict)),
        }
        for told in refused(run.states)
    ]
    unnamed = counted(run.states, 'refused') - len(found)
    if unnamed > 0:
        found.append({'at': None, 'chunk': f'{unnamed} more', 'verdict': NOT_NAMED, 'words': ''})
    return found


def words(check: str) -> str:
    """A check's meaning, '' where the verdict says it all."""
    return WORDS.get(check, '')


def request_rows(run: Run) -> list[Row]:
    """Every request with its answer."""
    return [
        {
            'at': run.seconds(one.received),
            'verb': one.verb,
            'who': one.requester,
            'id': one.id,
            'times': one.times,
            'answer': one.answer or 'no answer was told',
            'ok': one.answer == 'ok',
            'after': 1e-6 * (one.answered - one.received) if one.answered else None,
        }
        for one in requests(run.requests, run.states)
    ]


def marker_rows(run: Run) -> list[Row]:
    """Every marker, by time."""
    return [
        {'at': run.seconds(one.at), 'text': one.text, 'by': one.by, 'bad': one.text in NO_GOOD}
        for one in run.markers
    ]


def task_rows(run: Run) -> list[Row]:
    """Every simulated task: its last word, its figures, when success first held."""
    return [
        {
            'task': one.task,
            'holds': one.holds,
            'message': one.message,
            'values': one.values,
            'first': None if one.first is None else run.seconds(one.first),
            'held': sum(until - since for holds, since, until in one.spans if holds) / SECOND,
        }
        for one in outcomes(run.outcomes)
    ]
