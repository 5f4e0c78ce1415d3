"""Whole replays of small recordings: what goes in, what comes out, and the same twice."""

import io
import sys

import numpy as np
import pytest
from PIL import Image

from fastwam_ros.apps.replay.__main__ import main
from fastwam_ros.apps.replay.build import FILE, Asked, replay
from fastwam_ros.apps.replay.judges import ANCHORED, FREE, MODES
from fastwam_ros.bag.reader import Bag
from fastwam_ros.bag.run import Facts
from fastwam_ros.bag.streams import JointStream, nanoseconds
from test.apps.replay.bags import Wave, waving
from test.loop.test_inference import Echo
from test.motion.robot import PERIOD, START, wave


@pytest.fixture(scope='module')
def recording(tmp_path_factory):
    return waving(tmp_path_factory.mktemp('bag') / 'wave.mcap')


def run(recording, out, **asked):
    return replay(Asked(recording, **{'bundle': None, 'out': out, **asked}))


def said(bag: Bag, role: str) -> list:
    topic = Facts.read(bag).topics[role]
    return [bag.decode(record) for record in bag.records([topic])]


def everything(path) -> list:
    return list(Bag(path).records())


def test_anchored_gives_a_plan_for_every_chunk_and_no_commands(recording, tmp_path):
    found = run(recording, tmp_path, mode=ANCHORED)
    bag = Bag(found.path)
    chunks, plans, states = (said(bag, role) for role in ('chunk', 'trajectory', 'state'))
    assert found.count.verdicts == {'accepted': len(chunks)} and len(chunks) == 7
    assert len(plans) == len(chunks)
    assert [state.plan_id for state in states] == list(range(8))
    assert [state.accepted for state in states] == list(range(8))
    assert 'arm_command_left' not in Facts.read(bag).topics
    for plan in plans:
        begin = (nanoseconds(plan.header.stamp) - START) / 1e9
        first = np.array(plan.points[0].positions)
        assert np.abs(first - wave(begin)).max() < 0.005  # where the human's arms were


def test_free_the_robot_follows_the_commands_and_the_recorded_word_stays(recording, tmp_path):
    found = run(recording, tmp_path, mode=FREE)
    bag = Bag(found.path)
    topics = Facts.read(bag).topics
    assert topics['recorded_arm_measured_left'] == '/recorded/hdas/feedback_arm_left'
    assert topics['recorded_arm_command_left'].startswith('/recorded/motion_target/')
    streams = {
        role: JointStream.of(bag, bag.records([topics[role]]), 6)
        for role in ('arm_command_left', 'arm_measured_left', 'recorded_arm_measured_left')
    }
    commands, model = streams['arm_command_left'], streams['arm_measured_left']
    assert (np.diff(commands.stamps) == PERIOD).all() and len(commands) > 500
    # 70 ms after a command the robot's tracker is about there; it swings over after a bridge.
    shared = np.intersect1d(commands.stamps + 70_000_000, model.stamps)
    then = commands.position[np.isin(commands.stamps + 70_000_000, shared)]
    assert np.abs(then - model.position[np.isin(model.stamps, shared)]).max() < 0.15
    recorded = streams['recorded_arm_measured_left'].position
    assert not np.array_equal(model.position[: len(recorded)], recorded)
    assert found.count.verdicts['accepted'] >= 5 and not found.count.stops


def test_a_chunk_that_leaps_is_refused_free_and_judged_anchored(tmp_path):
    far = waving(tmp_path / 'far.mcap', shift=0.4)
    anchored = run(far, tmp_path / 'a', mode=ANCHORED)
    free = run(far, tmp_path / 'f', mode=FREE)
    assert set(anchored.count.verdicts) == {'accepted'}
    assert free.count.verdicts['jump'] >= 5 and 'accepted' not in free.count.verdicts


@pytest.mark.parametrize('mode', MODES)
def test_the_same_recording_gives_the_same_messages(recording, tmp_path, mode):
    one, other = (run(recording, tmp_path / name, mode=mode) for name in 'ab')
    assert everything(one.path) == everything(other.path)


def test_a_latency_is_when_a_chunk_is_there(recording, tmp_path):
    found = run(recording, tmp_path, latency='300ms')
    bag = Bag(found.path)
    topic = Facts.read(bag).topics['chunk']
    late = [
        record.received - nanoseconds(bag.decode(record).header.stamp)
        for record in bag.records([topic])
    ]
    assert len(late) == 7 and all(300e6 <= each < 300e6 + 2 * PERIOD for each in late)


def test_a_part_of_it(recording, tmp_path):
    found = run(recording, tmp_path, start=1.0, duration=1.0)
    times = [record.received for record in everything(found.path)]
    assert min(times) >= START + 10**9 and max(times) <= START + 2 * 10**9 + PERIOD
    assert found.lasted == pytest.approx(1.0, abs=0.01)


def test_another_namespace_and_no_facts_of_ours(tmp_path):
    plain = waving(tmp_path / 'plain.mcap', namespace='/robot7', ours=False)
    found = run(plain, tmp_path / 'out')
    topics = Facts.read(Bag(found.path)).topics
    assert topics['chunk'] == '/robot7/fastwam/chunk'
    assert topics['recorded_arm_command_left'].startswith('/robot7/recorded/motion_target/')
    assert found.count.verdicts == {'accepted': 7}


def picture(level: int) -> bytes:
    out = io.BytesIO()
    shades = np.add.outer(np.arange(36), np.arange(64)) + level
    Image.fromarray((shades % 256).astype(np.uint8)).convert('RGB').save(out, 'JPEG')
    return out.getvalue()


@pytest.fixture
def seen(tmp_path, monkeypatch):
    """A recording with pictures, and a bundle that knows only to stay where the arms are."""
    bag = Wave(tmp_path / 'seen.mcap')
    for n, now in enumerate(range(START, START + 2 * 10**9, PERIOD)):
        bag.arms(now)
        if n % 14 == 0:  # 14 Hz
            for camera in ('head', 'left', 'right'):
                fields = {'header': {'stamp': now}, 'format': 'jpeg'}
                data = np.frombuffer(picture(n), np.uint8)
                bag.say(f'image_{camera}', now, fields | {'data': data})
    monkeypatch.setattr('fastwam_ros.wam.policy.Policy.load', lambda *given: Echo())
    return bag.close()


def test_a_bundle_infers_from_the_recorded_pictures(seen, tmp_path):
    found = run(seen, tmp_path / 'out', bundle='echo', task='wave', max_rate=5.0)
    bag = Bag(found.path)
    chunks = said(bag, 'chunk')
    # Four rows are no motion: past, or too short to stop in.
    assert len(chunks) >= 8 and set(found.count.verdicts) <= {'too_short', 'stamp'}
    assert {chunk.task for chunk in chunks} == {'wave'}
    for chunk in chunks:
        rows = np.array(chunk.positions).reshape(-1, 14)
        stamp = (nanoseconds(chunk.header.stamp) - START) / 1e9
        arms = [list(chunk.joint_names).index(f'left_arm_joint{k}') for k in range(1, 7)]
        assert np.abs(rows[0, arms] - wave(stamp)[:6]).max() < 1e-3  # of that instant
    stamps = [nanoseconds(chunk.header.stamp) for chunk in chunks]
    assert (np.diff(stamps) > 0).all() and np.diff(stamps).max() < 0.45e9


def test_while_one_is_inferred_nothing_else_is(seen, tmp_path):
    found = run(seen, tmp_path / 'out', bundle='echo', latency='600ms', max_rate=30.0)
    assert len(said(Bag(found.path), 'chunk')) == 3  # in two seconds


@pytest.mark.parametrize(
    ('given', 'words'),
    [
        (['none.mcap'], 'none.mcap: No such file'),
        (['{recording}', '--bundle', 'nowhere'], 'nowhere'),
        (['{recording}', '--latency', 'soon'], 'latency is soon: want 190ms'),
        (['{recording}', '--mode', 'loose'], 'invalid choice'),
    ],
)
def test_what_cannot_be_replayed_ends_in_one_line(
    recording, tmp_path, monkeypatch, capsys, given, words
):
    given = [each.format(recording=recording) for each in given]
    monkeypatch.setattr(sys, 'argv', ['fastwam-replay', *given, '--out', str(tmp_path / 'out')])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert told.startswith('fastwam-replay: ') and words in told and told.count('\n') == 1
    assert not (tmp_path / 'out' / FILE).exists()


def test_a_recording_without_chunks_asks_for_a_bundle(seen, tmp_path):
    with pytest.raises(ValueError, match='has no chunks in it: give a bundle'):
        run(seen, tmp_path / 'out')


def test_what_was_written_is_not_overwritten(recording, tmp_path):
    run(recording, tmp_path)
    with pytest.raises(FileExistsError, match='never overwritten'):
        run(recording, tmp_path)
