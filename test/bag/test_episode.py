"""What an episode was: as its end says, and the same from its messages."""

from pathlib import Path

import pytest

from fastwam_ros.bag.episode import END, Episode, Hearsay
from fastwam_ros.bag.reader import Bag
from fastwam_ros.bag.run import Facts, robot_bounds
from fastwam_ros.bag.writer import BagWriter, quality
from test.bag.messages import cdr

TYPES = {
    'task': 'std_msgs/msg/String',
    'chunk': 'fastwam_ros/msg/ActionChunk',
    'marker': 'std_msgs/msg/String',
}
SAID = (
    ('task', cdr('String', data='fold')),
    ('chunk', cdr('ActionChunk', bundle='b@0', task='fold')),
    ('marker', cdr('String', data='failure')),
    ('task', cdr('String', data='unfold')),
    ('chunk', cdr('ActionChunk', bundle='b@1', task='fold')),
    ('marker', cdr('String', data='success')),
    ('marker', cdr('String', data='note:second try')),
)
KNOWN = {'instruction': 'unfold', 'bundle': 'b@1', 'outcome': 'success'}


def write(path: Path, end: dict[str, str] | None, *more: tuple[str, bytes], **given: str) -> Bag:
    """A recording of what was said."""
    facts = Facts('r1lite', 200.0, robot_bounds(), {r: f'/n/{r}' for r in TYPES}, given)
    with BagWriter(path) as bag:
        facts.write(bag)
        ids = {
            r: bag.channel(f'/n/{r}', name, quality(True, False, 1)) for r, name in TYPES.items()
        }
        for at, (role, data) in enumerate(more, 1):
            bag.write(ids[role], at, data)
        if end is not None:
            bag.metadata(END, end)
    return Bag(path)


def test_what_is_heard_live() -> None:
    hearsay = Hearsay.live()
    assert hearsay.end() == {}
    for role, data in SAID:
        hearsay.take(role, data)
    with pytest.raises(ValueError, match="marker 'sucess' is unknown"):
        hearsay.take('marker', cdr('String', data='sucess'))
    assert hearsay.end() == KNOWN


def test_the_end_is_found_without_it(tmp_path: Path) -> None:
    unknown = ('marker', cdr('String', data='sucess'))
    given = {'operator': 'Zoë', 'instruction': 'of the start', 'host': 'lab', 'bundle': 'out/b'}
    whole = Episode.read(write(tmp_path / 'a.mcap', KNOWN, *SAID, **given))
    broken = Episode.read(write(tmp_path / 'b.mcap', None, *SAID, unknown, **given))
    assert (whole.complete, broken.complete) == (True, False)
    assert (whole.outcome, whole.instruction, whole.bundle) == ('success', 'unfold', 'b@1')
    assert (whole.operator, whole.host) == ('Zoë', 'lab')
    assert broken == Episode(**vars(whole) | {'complete': False})


def test_what_nobody_said_is_what_was_given(tmp_path: Path) -> None:
    given = {'instruction': 'fold', 'bundle': 'out/b'}
    found = Episode.read(write(tmp_path / 'a.mcap', {}, **given))
    assert (found.instruction, found.bundle, found.outcome) == ('fold', 'out/b', '')


def test_a_chunk_says_the_task_where_nobody_else_did(tmp_path: Path) -> None:
    found = Episode.read(write(tmp_path / 'a.mcap', None, SAID[1]))
    assert found.instruction == 'fold'
