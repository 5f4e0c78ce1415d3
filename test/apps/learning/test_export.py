"""Exported data: files of either layout, their pictures and figures, and what is refused."""

import json
import sys

import av
import numpy as np
import pyarrow.parquet as pq
import pytest

from fastwam_ros.apps.bag.__main__ import main
from fastwam_ros.apps.learning.export import Wanted, export
from fastwam_ros.apps.learning.layouts import LAYOUTS
from fastwam_ros.bag.reader import BagError
from test.apps.learning.taught import SIZE, TASK, Taught, colour, marker, mode

HEAD = 'observation.images.head_rgb'
LEFT = 'observation.images.left_wrist_rgb'
GAP = [('image_left', 2.0, 2.5)]


@pytest.fixture(scope='module')
def bags(tmp_path_factory):
    """One recording in one piece; one in two, with a speed less, an intervention and a success."""
    folder = tmp_path_factory.mktemp('bags')
    extra = [mode(0.1, 'POLICY'), mode(3.0, 'TELEOP'), marker(4.5, 'success')]
    first = Taught(2.0).write(folder / 'first.mcap')
    second = Taught(5.0, lost=GAP, extra=extra, speeds=False, task='lift')
    return first, second.write(folder / 'second.mcap')


@pytest.fixture(scope='module', params=LAYOUTS)
def made(request, bags, tmp_path_factory):
    root = tmp_path_factory.mktemp('data') / 'data'
    codec = 'av1' if request.param == 'v2.1' else 'h264'
    return root, export(root, bags, Wanted(LAYOUTS[request.param], codec), lambda _: None)


def info(root):
    return json.loads((root / 'meta/info.json').read_text())


def path(root, kind, episode, **names):
    numbers = {'episode_chunk': 0, 'episode_index': episode, 'chunk_index': 0}
    return root / info(root)[f'{kind}_path'].format(file_index=episode, **numbers, **names)


def frames(root, episode, key):
    with av.open(str(path(root, 'video', episode, video_key=key))) as file:
        return [
            (float(frame.pts * frame.time_base), frame.to_ndarray(format='rgb24'))
            for frame in file.decode(video=0)
        ]


def test_three_episodes_whose_rows_are_counted_through(made):
    root, exported = made
    rows = [pq.read_table(path(root, 'data', k)) for k in range(3)]
    assert (exported.episodes, exported.frames) == (3, sum(len(table) for table in rows))
    assert info(root)['total_frames'] == exported.frames and info(root)['total_episodes'] == 3
    index = np.concatenate([table['index'].to_numpy() for table in rows])
    assert index.tolist() == list(range(exported.frames))
    for k, table in enumerate(rows):
        assert set(table['episode_index'].to_pylist()) == {k}
        assert table['timestamp'].to_numpy() == pytest.approx(np.arange(len(table)) / 15, abs=1e-5)


def test_every_column_is_described_as_it_is(made):
    root, _ = made
    table, features = pq.read_table(path(root, 'data', 0)), info(root)['features']
    described = {key: own for key, own in features.items() if own['dtype'] != 'video'}
    assert set(table.column_names) == set(described)
    for key, own in described.items():
        values = np.array(table[key].to_pylist())
        assert values.reshape(len(table), -1).shape[1:] == tuple(own['shape'])
        assert own['names'] is None or len(own['names']) == own['shape'][0]
        inner = table.schema.field(key).type
        assert str(getattr(inner, 'value_type', inner)).replace('float', 'float32') == own['dtype']


def test_keys_that_one_recording_lacks_are_left_out_and_said(made):
    root, exported = made
    assert exported.unlike == (
        'observation.state.left_arm.velocities',
        'observation.state.right_arm.velocities',
    )
    assert not set(exported.unlike) & set(info(root)['features'])


def test_videos_show_the_picture_of_each_row(made):
    root, _ = made
    for episode in range(3):
        table = pq.read_table(path(root, 'data', episode))
        shown = frames(root, episode, HEAD)
        assert [t for t, _ in shown] == pytest.approx(table['timestamp'].to_numpy(), abs=1e-4)
        of_bag = pq.read_table(path(root, 'data', min(episode, 1)))['stamp'][0].as_py()
        first = round((table['stamp'][0].as_py() - of_bag) * 15 / 1e9)
        for k, (_, pixels) in enumerate(shown):
            assert pixels.shape == (*SIZE, 3)
            assert np.abs(pixels.mean(axis=(0, 1)) - colour('head', first + k)).max() < 4.0
    red = frames(root, 0, LEFT)[0][1].mean(axis=(0, 1))
    assert np.abs(red - colour('left', 0)).max() < 6.0


def test_outcome_intervention_and_instructions(made):
    root, _ = made
    last = pq.read_table(path(root, 'data', 2))
    assert last['next.success'].to_pylist() == [False] * (len(last) - 1) + [True]
    assert not any(pq.read_table(path(root, 'data', 1))['next.success'].to_pylist())
    held = last['intervention'].to_numpy()
    assert held.any() and not held.all()
    assert info(root)['total_tasks'] == 2
    assert set(last['task_index'].to_pylist()) == {1}


def test_meta_of_v21(bags, tmp_path):
    root = tmp_path / 'data'
    export(root, bags, Wanted(LAYOUTS['v2.1'], 'h264'), lambda _: None)
    lines = {
        name: [json.loads(line) for line in (root / f'meta/{name}.jsonl').read_text().splitlines()]
        for name in ('tasks', 'episodes', 'episodes_stats')
    }
    assert lines['tasks'] == [{'task_index': 0, 'task': TASK}, {'task_index': 1, 'task': 'lift'}]
    assert [row['raw_file_name'] for row in lines['episodes']] == [
        'first.mcap',
        'second.mcap',
        'second.mcap',
    ]
    assert [row['outcome'] for row in lines['episodes']] == ['', '', 'success']
    arm = pq.read_table(path(root, 'data', 1))['action.left_arm']
    arm = np.array(arm.to_pylist())
    own = lines['episodes_stats'][1]['stats']['action.left_arm']
    assert own['mean'] == pytest.approx(arm.mean(axis=0), abs=1e-5)
    assert own['std'] == pytest.approx(arm.std(axis=0), abs=1e-5)
    assert own['max'] == pytest.approx(arm.max(axis=0), abs=1e-5) and own['count'] == [len(arm)]
    assert np.shape(lines['episodes_stats'][0]['stats'][HEAD]['mean']) == (3, 1, 1)


def test_meta_of_v30(bags, tmp_path):
    root = tmp_path / 'data'
    export(root, bags, Wanted(LAYOUTS['v3.0'], 'h264'), lambda _: None)
    episodes = pq.read_table(root / 'meta/episodes/chunk-000/file-000.parquet').to_pylist()
    for k, row in enumerate(episodes):
        assert row['dataset_to_index'] - row['dataset_from_index'] == row['length']
        assert row['data/file_index'] == row[f'videos/{HEAD}/file_index'] == k
        assert row[f'videos/{HEAD}/to_timestamp'] == pytest.approx(row['length'] / 15)
    tasks = pq.read_table(root / 'meta/tasks.parquet')
    assert tasks['task'].to_pylist() == [TASK, 'lift']
    assert json.loads(tasks.schema.metadata[b'pandas'])['index_columns'] == ['task']
    tables = [pq.read_table(path(root, 'data', k)) for k in range(3)]
    every = np.array([row for table in tables for row in table['action.left_arm'].to_pylist()])
    own = json.loads((root / 'meta/stats.json').read_text())['action.left_arm']
    assert own['mean'] == pytest.approx(every.mean(axis=0), abs=1e-5)
    assert own['std'] == pytest.approx(every.std(axis=0), abs=1e-5)


def test_nothing_is_overwritten_and_nothing_half_made_is_left(bags, tmp_path):
    wanted = Wanted(LAYOUTS['v2.1'], 'h264')
    (tmp_path / 'there').mkdir()
    with pytest.raises(FileExistsError, match='there exists'):
        export(tmp_path / 'there', bags, wanted)
    odd = Taught(2.0, fps=10.0).write(tmp_path / 'odd.mcap')
    with pytest.raises(BagError, match='several rates'):
        export(tmp_path / 'out', [bags[0], odd], wanted)
    gone = Taught(2.0, extra=[marker(1.0, 'discard')]).write(tmp_path / 'gone.mcap')
    with pytest.raises(BagError, match='no episode is left: 30 frames of a recording marked'):
        export(tmp_path / 'out', [gone], wanted)
    assert sorted(each.name for each in tmp_path.iterdir()) == ['gone.mcap', 'odd.mcap', 'there']


def test_a_picture_of_another_size_ends_it(tmp_path, monkeypatch):
    plain = Taught(2.0).write(tmp_path / 'plain.mcap')
    monkeypatch.setattr('test.apps.learning.taught.jpeg.__defaults__', ((66, 98),))
    other = Taught(2.0).write(tmp_path / 'other.mcap')
    with pytest.raises(BagError, match='head camera are no video: 66 x 98 after 64 x 96'):
        export(tmp_path / 'out', [plain, other], Wanted(LAYOUTS['v2.1'], 'h264'), lambda _: None)
    assert not (tmp_path / 'out').exists() and not list(tmp_path.glob('.out*'))


def test_a_picture_with_an_odd_side_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr('test.apps.learning.taught.jpeg.__defaults__', ((65, 96),))
    bag = Taught(2.0).write(tmp_path / 'odd.mcap')
    with pytest.raises(BagError, match='no video: 65 x 96, but a video has even sides'):
        export(tmp_path / 'out', [bag], Wanted(LAYOUTS['v3.0'], 'av1'), lambda _: None)
    assert not list(tmp_path.glob('.out*'))


def test_the_commands(bags, tmp_path, monkeypatch, capsys):
    def run(*words):
        monkeypatch.setattr(sys, 'argv', ['fastwam-bag', *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capsys.readouterr().out

    code, said = run('export', '--lerobot', tmp_path / 'out', '--video', 'h264', *bags)
    assert code == 0 and '3 episodes' in said and 'without a picture of the left camera' in said
    assert 'left_arm.velocities' in said
    code, _ = run('export', '--lerobot', tmp_path / 'out', *bags)
    assert f'{tmp_path / "out"} exists' in code
    code, _ = run('lag', tmp_path / 'out', bags[0], '--episode', 7)
    assert 'has episodes 0 to 2, not 7' in code
    code, _ = run('lag', tmp_path, bags[0])
    assert 'is a LeRobot dataset?' in code.replace(f'is {tmp_path} ', 'is ')
    whole = Taught(6.0).write(tmp_path / 'whole.mcap')
    run('export', '--lerobot', tmp_path / 'one', '--video', 'h264', whole)
    code, said = run('lag', tmp_path / 'one', whole, '--latency', 0.1)
    assert code == 0 and 'ticks' in said
