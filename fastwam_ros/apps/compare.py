"""Two runs' chunks, head stamp by head stamp: `python -m fastwam_ros.apps.compare A.mcap B.mcap`.

Says for how many pictures of the head both runs have a chunk, how many of those are equal to the
last bit, and where and by how much the others differ. Exit status 1 when any differs, 2 when there
is nothing to compare.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fastwam_ros.bag.reader import Bag, BagError
from fastwam_ros.bag.streams import SECOND, nanoseconds

_CHUNK = 'fastwam_ros/msg/ActionChunk'
_LABEL = 28  # column width


@dataclass(frozen=True)
class Answer:
    """A chunk as far as it is compared. positions: [rows, joints], rad or m.

    observation: hash of what it answers, '' in recordings from before there was one.
    """

    names: tuple[str, ...]
    timing: tuple[float, float]  # step [s], offset [steps]
    positions: NDArray[np.float64]
    task: str
    bundle: str
    observation: str


@dataclass(frozen=True)
class Difference:
    """Two answers of one head stamp [ns] that are not equal. size [rad or m]: of the largest."""

    stamp: int
    cause: str
    size: float
    where: str


def answers(bag: Bag) -> dict[int, Answer]:
    """Head stamp [ns] -> the chunk from it. Raises BagError for a recording without chunks."""
    topics = [topic for topic, kind in bag.topics.items() if kind == _CHUNK]
    found = {}
    for record in bag.records(topics):
        message = bag.decode(record)
        names = tuple(message.joint_names)
        found[nanoseconds(message.header.stamp)] = Answer(
            names,
            (message.step, message.offset),
            np.asarray(message.positions, np.float64).reshape(-1, max(len(names), 1)),
            message.task,
            message.bundle,
            getattr(message, 'observation', ''),
        )
    if not found:
        raise BagError(f'{bag.path} has no chunks in it: the policy did not infer')
    return found


def difference(stamp: int, one: Answer, other: Answer) -> Difference | None:
    """What sets two answers apart, None for equal ones."""
    if one.names != other.names or one.positions.shape != other.positions.shape:
        return Difference(stamp, 'another form', float('inf'), 'joints or rows')
    same = one.timing == other.timing
    if same and np.array_equal(one.positions, other.positions):
        return None
    apart = np.abs(one.positions - other.positions)
    row, column = np.unravel_index(int(apart.argmax()), apart.shape)
    where = f'{one.names[column]}, row {row}' if apart.any() else 'step or offset'
    return Difference(stamp, cause(one, other), float(apart[row, column]), where)


def cause(one: Answer, other: Answer) -> str:
    """Why two answers may differ, as far as they tell."""
    if one.task != other.task:
        return 'another task'
    if one.bundle != other.bundle:
        return 'another bundle'
    if not (one.observation and other.observation):
        return 'unknown'
    if one.observation != other.observation:
        return 'another observation: a picture or reading was lost in one run, or changed'
    return 'the same observation: other threads, libraries or hardware'


def differences(one: Mapping[int, Answer], other: Mapping[int, Answer]) -> list[Difference]:
    """Of the head stamps that both have, in time."""
    common = sorted(one.keys() & other.keys())
    found = (difference(stamp, one[stamp], other[stamp]) for stamp in common)
    return [each for each in found if each is not None]


def table(one: Mapping[int, Answer], other: Mapping[int, Answer]) -> Iterator[str]:
    """The comparison in lines."""
    common, found = one.keys() & other.keys(), differences(one, other)
    rows = {
        'chunks': f'{len(one)} and {len(other)}',
        'head stamps in common': len(common),
        'equal to the last bit': len(common) - len(found),
        'different': len(found),
    }
    yield from (f'{label:{_LABEL}}{value}' for label, value in rows.items())
    for why, count in Counter(each.cause for each in found).items():
        yield f'{"":{_LABEL}}{count} with {why}'
    if found:
        worst = max(found, key=lambda each: each.size)
        yield f'{"largest difference":{_LABEL}}{worst.size:.3g} ({worst.where}), {_at(worst)}'
        yield f'{"first":{_LABEL}}{_at(found[0])}'


def _at(each: Difference) -> str:
    return f'head stamp {each.stamp // SECOND}.{each.stamp % SECOND:09d}'


def main() -> None:
    """Compare; a file that is no recording of chunks ends it with one line."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument('one', type=Path)
    ask.add_argument('other', type=Path)
    given = ask.parse_args()
    try:
        one, other = answers(Bag(given.one)), answers(Bag(given.other))
    except BagError as error:
        print(f'compare: {error}', file=sys.stderr)
        sys.exit(2)
    print(*table(one, other), sep='\n')
    if not one.keys() & other.keys():
        print('compare: no head stamp in common: not of the same pictures', file=sys.stderr)
        sys.exit(2)
    sys.exit(1 if differences(one, other) else 0)


if __name__ == '__main__':
    main()
