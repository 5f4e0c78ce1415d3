"""fastwam-bundle: released files become a bundle that gives the rows of its weights."""

import json
import re
import subprocess
import sys
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file

from fastwam_ros.apps.bundle.__main__ import main
from fastwam_ros.apps.bundle.profiles import ORDERS, PROFILES
from fastwam_ros.loop.inference import check_model, from_model, to_model
from fastwam_ros.robot.joints import ARM_NAMES, GRIPPER_NAMES, JOINT_NAMES
from fastwam_ros.wam.bundle import Bundle
from fastwam_ros.wam.checkpoint import load_into
from fastwam_ros.wam.contract import VARIANTS, Sampler, Timing
from fastwam_ros.wam.engine import Engine
from fastwam_ros.wam.instruction import write_cached
from fastwam_ros.wam.model import FastWAM
from fastwam_ros.wam.plain import Plain
from fastwam_ros.wam.policy import Policy
from fastwam_ros.wam.schedule import Schedule
from fastwam_ros.wam.vision import ImageEncoder, VaeSize

from . import released_files, small_bundle
from .bundle_tool import tool
from .parity import arrays, tiny_size, tiny_weights
from .released_files import TASK
from .test_checkpoint import FULL

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope='module')
def libero(tmp_path_factory):
    """A bundle of the recorded small model: its folder, which no test changes."""
    folder = tmp_path_factory.mktemp('libero')
    words = released_files.libero(folder / 'files')
    command = [sys.executable, '-m', 'fastwam_ros.apps.bundle', 'create', folder / 'b', *words]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, '')
    assert 'made for libero' in done.stdout
    return folder / 'b'


def frames():
    rng = np.random.default_rng(8)
    names = ('image', 'wrist_image')
    return {name: rng.integers(0, 256, (256, 256, 3)).astype(np.uint8) for name in names}


def test_a_released_checkpoint_gives_the_rows_of_its_engine(libero):
    policy, bundle = Policy.load(libero), Bundle.read(libero)
    model, encoder = FastWAM(tiny_size()), ImageEncoder(VaeSize(8, 2))
    load_into(model, tiny_weights(), 'tiny')
    encoder.load(arrays('tiny_vae'), 'tiny')
    schedule = Schedule.shifted(10, 5.0, True)
    engine = Engine(model, Plain(model), encoder, bundle.prompts, schedule, (224, 448), 32)
    leaves = json.loads((released_files.FOLDER / 'tiny_dataset_stats.json').read_text())
    least, most = (
        np.array(leaves['action']['default'][key]) for key in ('global_min', 'global_max')
    )
    state = np.array(leaves['state']['default']['global_mean'])
    mosaic = torch.tensor(policy.tile(frames()))[None]
    normalised = torch.tensor(bundle.state.forward(state))[None]
    chunk = engine.sample(mosaic, normalised, [TASK]).actions[0].double().numpy()
    expected = (chunk + 1) / 2 * (most - least) + least
    np.testing.assert_allclose(policy.infer(frames(), state, TASK), expected, atol=1e-5)


def test_a_created_bundle_says_all_that_its_profile_knows(libero):
    policy = Policy.load(libero)
    assert (policy.robot, policy.representation) == ('libero', 'end_effector_delta')
    assert len(policy.joint_names) == 7 and len(policy.state_names) == 8
    assert policy.cameras == ('image', 'wrist_image')
    with pytest.raises(ValueError, match='bundle b gives rows of end_effector_delta'):
        check_model(policy)


def test_it_is_sound_and_sha256sum_agrees(libero):
    assert tool('verify', libero) == (0, f'{libero}: sound\n', '')
    listed = (libero / 'SHA256SUMS').read_text().splitlines()
    assert sorted(line.split()[1] for line in listed) == sorted(
        path.name for path in libero.iterdir() if path.name != 'SHA256SUMS'
    )
    for line in listed:
        digits, name = line.split()
        assert sha256((libero / name).read_bytes()).hexdigest() == digits


def test_inspect_shows_it_on_one_screen(libero):
    code, out, _ = tool('inspect', libero)
    assert code == 0 and len(out.splitlines()) <= 45
    assert max(map(len, out.splitlines())) < 120
    for words in (
        f'b@{Bundle.read(libero).digest}',
        'libero, rows are end_effector_delta',
        '3 layers, 3 heads x 32, video 96/160, action 40/72, text 56',
        '224 x 224 at 0, 224, turned by 180 degrees, proportions kept',
        '32 rows, 0.05 s each',
        'state min/max, action min/max',
        TASK,
        'action gripper',
        'state finger2',
        sha256((libero / 'weights.pt').read_bytes()).hexdigest(),
    ):
        assert words in out
    code, out, _ = tool('inspect', libero, '--json')
    found = json.loads(out)
    encoder = ImageEncoder(VaeSize(8, 2))
    encoder.load(arrays('tiny_vae'), 'tiny')
    own = sum(p.numel() for part in (FastWAM(tiny_size()), encoder) for p in part.parameters())
    assert sum(found['parameters'].values()) == own
    assert found['memory'] == {'cpu': 4 * own, 'gpu': 2 * own}
    assert found['columns']['state'][7]['name'] == 'finger2'


def test_a_bundle_is_a_profile_for_its_next_weights(tmp_path):
    """Remade from its own files it has the same content, and gives the same rows."""
    small = small_bundle.write(tmp_path / 'small')
    rows = {
        task: tensor.bfloat16()
        for task, tensor in load_file(small / 'prompts.safetensors').items()
    }
    prompts = tmp_path / 'prompts'
    for task, tensor in rows.items():
        padded, mask = torch.zeros(5, 8), torch.arange(5) < len(tensor)
        padded[: len(tensor)] = tensor
        write_cached(prompts, f'do: {task}', padded, mask)
    small_bundle.edit_tensors(small / 'prompts.safetensors', lambda t: t.update(rows))
    tasks = [word for task in small_bundle.TASKS for word in ('--task', task)]
    code, _, err = tool(
        *('create', tmp_path / 'again', '--profile', small / 'policy.yaml', '--name', 'small'),
        *('--weights', small / 'weights.safetensors', '--vae', small / 'vae.safetensors'),
        *('--stats', small / 'dataset_stats.json', '--prompts', prompts, *tasks, '--link'),
        *('--head-dim', '32'),
    )
    assert (code, err) == (0, '')
    assert (
        yaml.safe_load((tmp_path / 'again' / 'policy.yaml').read_text()) == small_bundle.CONTRACT
    )
    linked = (tmp_path / 'again' / 'weights.safetensors').stat()
    assert linked.st_ino == (small / 'weights.safetensors').stat().st_ino
    assert tool('verify', tmp_path / 'again')[0] == 0
    seen = {name: np.full((48, 64, 3), 90, np.uint8) for name in ('head', 'wrist')}
    first, second = (
        Policy.load(folder).infer(seen, [0.3, -0.5, 0.06], 'rest')
        for folder in (small, tmp_path / 'again')
    )
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize('gripper', ['percent', 'm', 'fraction'])
@pytest.mark.parametrize('order', ORDERS)
def test_both_orders_and_all_units_arrive_at_the_joints(tmp_path, order, gripper):
    """Relative rows less absolute ones are the state: each arm's at its own joints, in rad."""
    largest = {'percent': 100.0, 'm': 0.1, 'fraction': 1.0}[gripper]
    figures = {
        group: {'default': released_files.leaf(14, largest)} for group in ('state', 'action')
    }
    words = [*released_files.two_arms(tmp_path / 'files', figures), '--profile', 'r1lite']
    chosen = ['--order', order, '--gripper', gripper]
    state = {name: 0.001 * (n + 1) for n, name in enumerate(JOINT_NAMES)}
    said = {}
    for way in ('absolute', 'relative'):
        assert tool('create', tmp_path / way, *words, *chosen, '--representation', way)[0] == 0
        policy = Policy.load(tmp_path / way)
        check_model(policy)
        theirs = to_model(policy, state)
        column = policy.state_names.index('left_gripper')
        assert theirs[column] == pytest.approx(state['left_gripper'] / 0.1 * largest)
        rows = from_model(policy, policy.infer(grey(), theirs, TASK))
        said[way] = dict(zip(policy.joint_names, rows.T, strict=True))
        assert policy.joint_names == ORDERS[order]
    for name in ARM_NAMES:
        np.testing.assert_allclose(said['relative'][name] - said['absolute'][name], state[name])
    for name in GRIPPER_NAMES:
        np.testing.assert_array_equal(said['relative'][name], said['absolute'][name])


def grey():
    return {name: np.full((360, 640, 3), 128, np.uint8) for name in ('head', 'left', 'right')}


def test_parts_of_statistics_become_one(tmp_path):
    parts = {'left_arm': 6, 'left_gripper': 1, 'right_arm': 6, 'right_gripper': 1}
    tree = {
        group: {
            part: released_files.leaf(count, 1 + n)
            for n, (part, count) in enumerate(parts.items())
        }
        for group in ('state', 'action')
    }
    words = [*released_files.two_arms(tmp_path / 'files', tree), '--profile', 'r1lite']
    assert tool('create', tmp_path / 'b', *words)[0] == 0
    found = json.loads((tmp_path / 'b' / 'dataset_stats.json').read_text())['action']['default']
    assert found['global_max'][5:8] == [1.0, 2.0, pytest.approx(3 * 0.95)]
    code, _, err = tool('create', tmp_path / 'c', *words, '--order', 'arms_first')
    assert code == 1 and 'left_arm, left_gripper, right_arm, right_gripper, which' in err
    assert '--order by_side?' in err


@pytest.mark.parametrize('variant', VARIANTS)
def test_every_variant_is_made_and_run(tmp_path, variant):
    words = released_files.libero(tmp_path / 'files')
    chosen = ['--variant', variant, '--shift', '1', '--steps', '4', '--step', '0.1']
    assert tool('create', tmp_path / 'b', *words, *chosen, '--offset', '1')[0] == 0
    assert tool('verify', tmp_path / 'b')[0] == 0
    made = Bundle.read(tmp_path / 'b').contract
    assert (made.variant, made.sampler) == (variant, Sampler(4, 1.0, True, 42))
    assert made.timing == Timing(0.1, 32, 1.0)


@pytest.mark.parametrize('link', [[], ['--link']])
def test_a_downloads_cache_holds_symbolic_links_and_a_bundle_does_not(tmp_path, link):
    words = released_files.libero(tmp_path / 'files')
    shown, blob = tmp_path / 'files' / 'released.pt', tmp_path / 'files' / 'blob'
    shown.rename(blob)
    shown.symlink_to(blob)
    assert tool('create', tmp_path / 'b', *words, *link)[0] == 0
    weights = tmp_path / 'b' / 'weights.pt'
    assert not weights.is_symlink()
    assert (weights.stat().st_ino == blob.stat().st_ino) == bool(link)


def test_the_installed_command_is_this_one():
    named = re.search(r"'fastwam-bundle = ([\w.]+):(\w+)'", (ROOT / 'setup.py').read_text())
    assert getattr(import_module(named[1]), named[2]) is main


@pytest.mark.parametrize(
    ('released', 'words', 'counted'),
    [
        ('libero_2cam224', ['--profile', 'libero'], (4_999_787_712, 1_020_886_023)),
        (
            'robotwin_3cam_384',
            ['--profile', 'robotwin', '--step', '0.04'],
            (4_999_787_712, 1_020_900_366),
        ),
    ],
)
def test_the_released_sizes_need_no_words(tmp_path, released, words, counted):
    """Files of the full size's names and shapes, every tensor being one number in memory."""
    files = released_files.full_size(tmp_path / 'files', FULL[released])
    assert tool('create', tmp_path / 'b', *files, *words)[0] == 0
    found = json.loads(tool('inspect', tmp_path / 'b', '--json')[1])
    size = found['contract']['model']
    assert (size['layers'], size['heads'], size['head_dim']) == (30, 24, 128)
    video, action, others, _ = found['parameters'].values()
    # The counts of the released experts include what leads in and out; here the head is not.
    head = 192 * 3072 + 192 + 2 * 3072
    state = (size['state_width'] + 1) * 4096
    assert video + action + others == sum(counted) - head + state
    assert len(tool('inspect', tmp_path / 'b')[1].splitlines()) <= 45


def test_a_device_that_is_not_there_is_one_line(libero):
    code, out, err = tool('verify', libero, '--device', 'cuda:99')
    assert (code, out) == (1, '') and len(err.splitlines()) == 1
    assert err.startswith("fastwam-bundle: device 'cuda:99': ")


def test_every_profile_says_what_it_is_for():
    assert [p.name for p in PROFILES.values()] == list(PROFILES)
    assert PROFILES['r1lite'].robot == 'r1lite' and PROFILES['r1lite'].step == 1 / 15
    assert PROFILES['robotwin'].offset == 1.0 and 'verify' in PROFILES['robotwin'].verify
    assert PROFILES['libero'].normalisation.action == 'min/max'
