"""What fastwam-bundle does not take, and what it finds: one line each, and nothing half made."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from fastwam_ros.wam.contract import Contract
from fastwam_ros.wam.reading import read_yaml

from . import released_files, small_bundle
from .bundle_tool import tool
from .released_files import TASK, leaf
from .small_bundle import edit_contract, edit_tensors


@pytest.fixture
def released(tmp_path):
    """LIBERO-like files, and the words that name them."""
    return tmp_path / 'files', released_files.libero(tmp_path / 'files')


@pytest.fixture
def two_arms(tmp_path):
    return tmp_path / 'files', released_files.two_arms(tmp_path / 'files')


@pytest.fixture
def refused(tmp_path):
    """`create` with these words ends with one line and leaves nothing behind."""

    def run(words, match, code=1):
        out = tmp_path / 'new' / 'bundle'
        got, said, err = tool('create', out, *words)
        assert (got, said) == (code, '')
        assert len(err.splitlines()) == 1
        assert match in err
        assert not out.parent.exists() or not list(out.parent.iterdir())

    return run


def changed(words, name, value):
    """The words with another value of an option."""
    at = list(words).index(name)
    return [*words[: at + 1], str(value), *words[at + 2 :]]


@pytest.mark.parametrize(
    ('name', 'match'),
    [
        ('--weights', 'nothing.pt is missing: check --weights'),
        ('--vae', 'nothing.pt is missing: check --vae'),
        ('--stats', 'nothing.pt is missing: the statistics lie beside'),
        ('--prompts', ".pt is missing: nobody encoded 'fold the towel' for this template and 128"),
    ],
)
def test_a_missing_file(released, refused, name, match):
    folder, words = released
    refused(changed(words, name, folder / 'nothing.pt'), match)


def test_a_folder_in_a_files_place(released, refused):
    folder, words = released
    refused(changed(words, '--weights', folder), 'is a folder, --weights takes a file: LeRobot')
    refused(changed(words, '--vae', folder), 'has no .safetensors file in it')


def test_a_place_that_cannot_be(released, tmp_path):
    (tmp_path / 'file').touch()
    code, _, err = tool('create', tmp_path / 'file' / 'b', *released[1])
    assert code == 1 and len(err.splitlines()) == 1 and str(tmp_path / 'file') in err


@pytest.mark.parametrize('keep', [0, 100, 0.5, -1])
def test_truncated_weights(two_arms, refused, keep):
    folder, words = two_arms
    path = folder / 'released.safetensors'
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2 if keep == 0.5 else keep])
    refused([*words, '--profile', 'r1lite'], 'released.safetensors cannot be read')


@pytest.mark.parametrize('keep', [0, 0.5, -1])
def test_a_truncated_released_checkpoint(released, refused, keep):
    folder, words = released
    data = (folder / 'released.pt').read_bytes()
    (folder / 'released.pt').write_bytes(data[: len(data) // 2 if keep == 0.5 else keep])
    refused(words, 'released.pt cannot be read')


def test_a_truncated_statistics_file(released, refused):
    folder, words = released
    (folder / 'stats.json').write_text((folder / 'stats.json').read_text()[:-9])
    refused(words, 'stats.json is no JSON')


def test_a_truncated_cached_instruction(released, refused):
    folder, words = released
    (path,) = (folder / 'prompts').iterdir()
    path.write_bytes(path.read_bytes()[:500])
    refused(words, 'is no cached instruction')


def test_rows_of_another_text_encoder(released, refused):
    folder, words = released
    shutil.rmtree(folder / 'prompts')
    released_files.cached(folder / 'prompts', [TASK], 57, released_files.TEMPLATE, 128)
    refused(words, "'fold the towel' has shape [4, 57], the model reads up to 128 rows of 56")


def test_a_checkpoint_of_another_robot(released, refused):
    refused(
        changed(released[1], '--profile', 'r1lite'),
        "released.pt has 7 columns of action and 8 of state, profile r1lite for robot 'r1lite' "
        'has 14 and 14: of another robot, such as --profile libero?',
    )


def test_a_variant_that_the_weights_cannot_be(released, refused):
    folder, words = released
    saved = torch.load(folder / 'released.pt')
    for key in [key for key in saved['mot'] if key.startswith('mixtures.video.head.')]:
        del saved['mot'][key]
    torch.save(saved, folder / 'released.pt')
    refused([*words, '--variant', 'idm'], 'no video head, which variant idm imagines with')


def test_weights_that_are_no_whole_model(two_arms, refused):
    folder, words = two_arms
    words += ['--profile', 'r1lite']
    path = folder / 'released.safetensors'
    edit_tensors(path, lambda t: t.pop('mixtures.action.blocks.1.ffn.0.bias'))
    refused(words, "['mixtures.action.blocks.1.ffn.0.bias']")
    edit_tensors(path, lambda t: t.pop('proprio_encoder.weight'))
    refused(words, 'the weights lack proprio_encoder.weight: is it a checkpoint of Fast-WAM')


def test_weights_of_the_video_expert_alone(released, refused):
    folder, words = released
    torch.save({'dit': {}}, folder / 'released.pt')
    refused(words, "holds ['dit'], not `mot` and `proprio_encoder`")


@pytest.mark.parametrize('mot', [3, {}, {'x': 3}])
def test_a_checkpoint_without_tensors(released, refused, mot):
    folder, words = released
    state = {'weight': torch.zeros(56, 8), 'bias': torch.zeros(56)}
    torch.save({'mot': mot, 'proprio_encoder': state}, folder / 'released.pt')
    refused(words, '`mot` or `proprio_encoder` holds no tensors by name')


def test_a_vae_that_is_none(released, refused):
    folder, words = released
    refused(changed(words, '--vae', folder / 'released.pt'), 'holds no tensors by name')
    save_file({'encoder.conv1.weight': torch.zeros(8, 12, 3, 3, 3)}, folder / 'v.safetensors')
    refused(changed(words, '--vae', folder / 'v.safetensors'), 'v.safetensors lacks')


def test_a_head_dim_that_cannot_be(released, refused):
    refused(changed(released[1], '--head-dim', 128), 'attention is 96 wide')


def parts(**counts):
    return {
        group: {part: leaf(count) for part, count in counts.items()}
        for group in ('state', 'action')
    }


def with_figures(key, value):
    """Statistics with one list replaced; None: left out."""
    tree = parts(default=14)
    if value is None:
        del tree['state']['default'][key]
    else:
        tree['state']['default'][key] = value
    return tree


@pytest.mark.parametrize(
    ('tree', 'match'),
    [
        (parts(default=13), 'shape [13], but policy.yaml names 14 joints: statistics of another'),
        (
            parts(left_arm=6, left_gripper=1, right_arm=6),
            "state has left_arm, left_gripper, right_arm, but no ['right_gripper']: of another",
        ),
        (
            parts(left_arm=5, left_gripper=1, right_arm=6, right_gripper=1),
            'want 6 numbers: left_a',
        ),
        (parts(torso=4, left_arm=6), "has a part 'torso', which none of left_arm_joint1"),
        (
            parts(left_arm=6, right_arm=6, left_gripper=1, right_gripper=1),
            'is not that of the profile: --order arms_first?',
        ),
        (parts(right_arm=6, left_arm=6, left_gripper=1, right_gripper=1), 'no known order'),
        ({'state': {'default': leaf(14)}}, "lacks 'action' with figures in it"),
        ([], 'holds no groups: no dataset_stats.json?'),
        (
            {'state': {'default': {}}, 'action': {'default': leaf(14)}},
            "'state' with figures in it",
        ),
        ({'state': {'default': 3}, 'action': {'default': leaf(14)}}, "'state' with figures in it"),
        ({'state': [1], 'action': {'default': leaf(14)}}, "'state' with figures in it"),
        (with_figures('global_mean', None), 'state lacks global_mean; it holds'),
        (with_figures('global_max', [1.0] * 13), 'state global_max has shape [13], but policy'),
        (with_figures('global_std', ['x'] * 14), 'state global_std is no list of numbers'),
        (
            with_figures('global_mean', [float('nan')] + [0.0] * 13),
            "state global_mean is not finite for ['left_arm_joint1']",
        ),
    ],
)
def test_statistics_that_do_not_fit(tmp_path, refused, tree, match):
    words = released_files.two_arms(tmp_path / 'files')
    (tmp_path / 'files' / 'stats.json').write_text(json.dumps(tree))
    refused([*words, '--profile', 'r1lite'], match)


def test_grippers_beyond_their_unit(tmp_path, refused):
    tree = {group: {'default': leaf(14, 98.0)} for group in ('state', 'action')}
    words = released_files.two_arms(tmp_path / 'files', tree)
    refused(
        [*words, '--profile', 'robotwin', '--step', '0.04'],
        'state of left_gripper reaches 91.14, but fraction ends at 1: --gripper percent?',
    )
    refused([*words, '--profile', 'r1lite', '--gripper', 'm'], '--gripper percent?')


def test_an_instruction_that_is_none(released, refused):
    words = released[1]
    refused(changed(words, '--task', 'word ' * 2000), 'the instruction has 9999 characters, limit')
    refused(changed(words, '--task', ' '), 'the instruction is empty')
    refused([*words, '--task', TASK], 'tasks must be 1..64 distinct sentences')
    refused([*words, '--task', 'wave'], "nobody encoded 'wave'")


def test_a_folder_that_is_there_is_left_as_it_is(released, tmp_path):
    (tmp_path / 'b').mkdir()
    (tmp_path / 'b' / 'mine').write_text('kept')
    code, _, err = tool('create', tmp_path / 'b', *released[1])
    assert code == 1 and f'{tmp_path / "b"} exists: a bundle is made anew' in err
    assert [path.name for path in (tmp_path / 'b').iterdir()] == ['mine']


def test_a_disk_that_takes_no_more(released, refused, monkeypatch):
    def full(source, target):
        raise OSError(28, 'No space left on device', str(target))

    monkeypatch.setattr('shutil.copyfile', full)
    refused(released[1], 'weights.pt: No space left on device')


def test_a_time_step_that_nobody_knows(two_arms, refused):
    words = [*two_arms[1], '--profile', 'robotwin']
    refused(words, 'profile robotwin knows no time step: give --step, 1 / fps of the data')
    refused([*words, '--step', '0'], 'step 0.0 s must lie in (0, 1]')


@pytest.mark.parametrize(
    ('more', 'match'),
    [
        (['--profile', 'aloha'], "'aloha' is none of r1lite, robotwin, libero, and no bundle's"),
        (['--order', 'arms_first'], 'profile libero has no order to choose'),
        (['--gripper', 'm'], 'profile libero has no unit of grippers to choose'),
        (['--representation', 'relative'], 'profile libero has no representation to choose'),
        (['--gripper', 'inch'], "invalid choice: 'inch' (choose from"),
        (['--variant', 'jiont'], "invalid choice: 'jiont' (choose from"),
        (['--steps', '0'], 'steps 0: the sampler needs at least 1'),
        (['--shift', 'x'], "invalid float value: 'x'"),
        (['--encoder', 'e'], 'both --encoder and --tokenizer'),
        (['--encoder', 'e', '--tokenizer', 't'], 'either --prompts'),
        (['--hurry'], 'unrecognized arguments: --hurry'),
    ],
)
def test_a_command_that_is_none(released, refused, more, match):
    refused([*released[1], *more], match, code=2)


def test_tasks_without_rows(released, refused):
    words = released[1]
    at = words.index('--task')
    refused([*words[:at], *words[at + 2 :]], 'give --task at least once', code=2)


def test_no_command_at_all():
    assert tool()[0] == 2


# Bundles that went bad.


@pytest.fixture
def bundle(tmp_path):
    words = released_files.libero(tmp_path / 'files')
    assert tool('create', tmp_path / 'b', *words)[0] == 0
    return tmp_path / 'b'


@pytest.fixture
def found():
    """The lines of `verify`, without the program's name."""

    def run(folder):
        code, out, err = tool('verify', folder)
        assert (code, out) == (1, '')
        return [line.removeprefix('fastwam-bundle: ') for line in err.splitlines()]

    return run


def test_a_file_that_was_changed_or_is_gone(bundle, found):
    edit_contract(bundle, 'timing.offset', 1.0)
    assert found(bundle) == [
        'policy.yaml was changed since the bundle was made: its sha256 differs'
    ]
    (bundle / 'vae.safetensors').unlink()
    lines = found(bundle)
    assert lines[1].startswith('vae.safetensors is missing, but SHA256SUMS lists it')
    assert lines[2].endswith('vae.safetensors is missing: is the bundle complete?')
    assert len(lines) == 3


def test_sums_that_are_none(bundle, found):
    (bundle / 'SHA256SUMS').write_text('nonsense\n')
    assert found(bundle) == ["SHA256SUMS has a line that is none: 'nonsense'"]


@pytest.fixture
def small(tmp_path):
    """One without sums: what follows is found from the content."""
    return small_bundle.write(tmp_path / 'small')


def test_without_sums_it_says_so(small):
    assert tool('verify', small) == (
        0,
        f'{small}: sound, but has no SHA256SUMS to be held to\n',
        '',
    )


@pytest.mark.parametrize(
    ('file', 'key'),
    [
        ('weights.safetensors', 'mixtures.video.blocks.1.ffn.0.weight'),
        ('vae.safetensors', 'encoder.conv1.weight'),
    ],
)
def test_a_tensor_that_is_not_finite(small, found, file, key):
    edit_tensors(small / file, lambda t: t[key].view(-1)[0].fill_(float('nan')))
    assert found(small) == [f'{file} is not finite in {key}: damaged, or overflown']


def test_many_tensors_that_are_not_finite(small, found):
    edit_tensors(
        small / 'weights.safetensors', lambda t: [v.fill_(float('inf')) for v in t.values()]
    )
    (line,) = found(small)
    count = len(load_file(small / 'weights.safetensors'))
    assert line.endswith(f'and {count - 3} more: damaged, or overflown')


def _stats(folder, change):
    tree = json.loads((folder / 'dataset_stats.json').read_text())
    change(tree['action']['default'])
    (folder / 'dataset_stats.json').write_text(json.dumps(tree))


def test_a_missing_figure(small, found):
    _stats(small, lambda figures: figures.pop('global_max'))
    (line,) = found(small)
    assert line.startswith('dataset_stats.json: action lacks global_max; it holds')


def test_a_figure_that_only_the_check_reads(small, found):
    edit_contract(small, 'normalisation.action', 'z-score')
    _stats(small, lambda figures: figures['global_max'].pop())
    assert found(small) == [
        'dataset_stats.json: global_max has shape [2], but there are 3 columns: '
        'statistics of another robot?'
    ]


def test_a_tensor_of_another_shape(small, found):
    edit_tensors(
        small / 'weights.safetensors',
        lambda t: t.update({'mixtures.action.head.bias': torch.zeros(4)}),
    )
    (line,) = found(small)
    assert 'mixtures.action.head.bias has shape [4], the model wants [3]' in line


def test_rows_away_from_the_data(small, found):
    """As weights of one model give under the statistics and the mode of another."""
    edit_contract(small, 'normalisation.action', 'z-score')
    _stats(small, lambda figures: figures.update(global_std=[0.5, 1.0, 0.5]))
    (line,) = found(small)
    assert line.startswith('mode first_frame: rows of gripper reach ')
    assert line.endswith(
        ' m, the data 0..0.1 (margin 0.2): weights, statistics or sampler of another model?'
    )


def test_a_column_that_stood_still_has_no_span_to_leave(small):
    edit_contract(small, 'normalisation.action', 'z-score')
    for key, value in (('mean', 0.3), ('std', 0.0), ('min', 0.3), ('max', 0.3)):
        _stats(small, lambda figures, k=key, v=value: figures[f'global_{k}'].__setitem__(1, v))
    assert tool('verify', small)[0] == 0


def test_relative_rows_are_held_to_the_range_of_relative_ones(small):
    """However far from it the state is that they count from."""
    edit_contract(small, 'joints.representation', 'relative')
    tree = json.loads((small / 'dataset_stats.json').read_text())
    for key in ('global_min', 'global_max', 'global_mean'):
        tree['state']['default'][key] = [500.0, 500.0, 0.05]
    (small / 'dataset_stats.json').write_text(json.dumps(tree))
    assert tool('verify', small)[0] == 0


def test_every_way_of_sampling_is_run(tmp_path, found):
    folder = small_bundle.write(tmp_path / 'o', 'optional_idm')
    edit_contract(folder, 'normalisation.action', 'z-score')
    _stats(folder, lambda figures: figures.update(global_std=[0.5, 1.0, 0.5]))
    assert [line.partition(':')[0] for line in found(folder)] == ['mode idm', 'mode first_frame']


@pytest.mark.parametrize('verb', ['verify', 'inspect'])
def test_what_is_no_bundle(tmp_path, verb):
    code, out, err = tool(verb, tmp_path / 'nothing')
    assert (code, out) == (1, '') and 'checkpoint bundle?' in err
    code, out, err = tool(verb, tmp_path)
    assert (code, out) == (1, '') and 'policy.yaml is missing: is' in err


@pytest.mark.parametrize('kind', ['folder', 'pth'])
def test_a_vae_in_another_kind_of_file_becomes_one(released, tmp_path, kind):
    folder, words = released
    tensors = load_file(words[words.index('--vae') + 1])
    path = folder / f'vae.{kind}'
    if kind == 'folder':
        path.mkdir()
        save_file(tensors, path / 'diffusion_pytorch_model.safetensors')
    else:
        torch.save({'model_state': tensors}, path)
    code, _, err = tool('create', tmp_path / 'b', *changed(words, '--vae', path))
    assert (code, err) == (0, '')
    assert tool('verify', tmp_path / 'b')[0] == 0
    assert read_yaml(tmp_path / 'b' / 'policy.yaml', Contract).vae.base_width == 8
