"""A bundle is read whole or refused in one sentence that names the fault."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import yaml

from fastwam_ros.apps.tiny_bundle.files import CONTRACT_OF_TINY
from fastwam_ros.wam.bundle import Bundle
from fastwam_ros.wam.contract import Columns, Contract
from fastwam_ros.wam.mosaic import Cut
from fastwam_ros.wam.policy import Policy
from fastwam_ros.wam.reading import read_yaml, write_yaml

from . import small_bundle
from .small_bundle import NAMES, edit_contract, edit_tensors


@pytest.fixture
def folder(tmp_path):
    return small_bundle.write(tmp_path / 'bundle')


def refused(folder, match, error=ValueError):
    with pytest.raises(error, match=match) as caught:
        Policy.load(folder)
    assert '\n' not in str(caught.value)


def test_a_sound_one_loads_and_speaks_for_itself(folder):
    policy = Policy.load(folder)
    assert (policy.name, policy.robot, policy.joint_names) == ('small', 'testbot', tuple(NAMES))
    assert (policy.step, policy.offset, policy.horizon) == (0.05, 1.0, 6)
    assert policy.units == ('rad', 'rad', 'm')
    assert policy.tasks == ('reach', 'rest')
    assert policy.cameras == ('head', 'wrist')


def test_the_digest_names_the_content(folder, tmp_path):
    first = Bundle.read(folder).digest
    assert first == Bundle.read(small_bundle.write(tmp_path / 'again')).digest
    edit_tensors(folder / 'prompts.safetensors', lambda t: t['reach'].mul_(1.001))
    assert first != Bundle.read(folder).digest


@pytest.mark.parametrize(
    'name',
    [
        'policy.yaml',
        'weights.safetensors',
        'vae.safetensors',
        'prompts.safetensors',
        'dataset_stats.json',
    ],
)
def test_a_missing_file(folder, name):
    (folder / name).unlink()
    refused(folder, f'{name} is missing', FileNotFoundError)


@pytest.mark.parametrize(
    'name', ['weights.safetensors', 'vae.safetensors', 'prompts.safetensors', 'dataset_stats.json']
)
@pytest.mark.parametrize('keep', [0, 7, 0.5, -1])
def test_a_truncated_file(folder, name, keep):
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[: len(data) // 2 if keep == 0.5 else keep])
    refused(folder, f'{name} .*truncated')


def test_a_torch_file_that_is_cut_or_is_no_model(folder):
    edit_contract(folder, 'weights', 'weights.pt')
    torch.save({'dit': {}}, folder / 'weights.pt')
    refused(folder, r"\['dit'\], not `mot`")
    (folder / 'weights.pt').write_bytes((folder / 'weights.pt').read_bytes()[:100])
    refused(folder, 'weights.pt cannot be read')


def test_a_torch_file_that_would_run_code(folder):
    edit_contract(folder, 'weights', 'weights.pt')
    torch.save({'mot': {}, 'proprio_encoder': print}, folder / 'weights.pt')
    refused(folder, 'weights.pt cannot be read')


def test_the_released_layout_gives_the_same_chunk(folder, tmp_path):
    """A `torch.save` dict with `mot` and `proprio_encoder`, and a video head nobody asks."""
    other = small_bundle.write(tmp_path / 'released')
    tensors = dict(Bundle.read(folder).weights)
    state = {k.split('.')[1]: v for k, v in tensors.items() if k.startswith('proprio')}
    mot = {k: v for k, v in tensors.items() if k.startswith('mixtures')}
    mot['mixtures.video.head.head.weight'] = torch.zeros(3, 3)
    saved = {'mot': mot, 'proprio_encoder': state, 'step': 5, 'torch_dtype': 'torch.float32'}
    torch.save(saved, other / 'weights.pt')
    edit_contract(other, 'weights', 'weights.pt')
    mosaic, q = torch.full((64, 32, 3), 99, dtype=torch.uint8).numpy(), [0.0, 0.5, 0.05]
    first, second = (Policy.load(f).infer_mosaic(mosaic, q, 'rest') for f in (folder, other))
    assert (first == second).all()


@pytest.mark.parametrize(
    ('path', 'value', 'match'),
    [
        ('robott', 'x', r"unknown key 'robott'; valid keys: format, name, robot, variant"),
        ('model.layrs', 2, r"policy.yaml: model: unknown key 'layrs'; valid keys: layers, heads"),
        ('mosaic.tiles.1.hieght', 3, r"mosaic: tiles\[1\]: unknown key 'hieght'.*height, width"),
        ('timing.step', None, r"timing: key 'step' is missing; valid keys: step, horizon"),
        ('timing.step', 'fast', r"timing: step: 'fast' is str, expected float"),
        ('timing.step', True, r'timing: step: True is bool, expected float'),
        ('timing.step', float('nan'), r'timing: step nan s must lie in'),
        ('timing.step', -0.05, r'step -0.05 s must lie in'),
        ('timing.horizon', 0, r'horizon 0 must lie in'),
        ('timing.horizon', 6.5, r'horizon: 6.5 is float, expected int'),
        ('timing.offset', float('inf'), r'offset inf'),
        ('format', 2, r'format 2: this release reads format 1'),
        (
            'variant',
            'jiont',
            r"variant 'jiont' is not built; valid: fastwam, joint, idm, optional_idm",
        ),
        (
            'joints.representation',
            'joint_delta',
            r"'joint_delta' is not built; valid: absolute, relative, end_effector_delta",
        ),
        ('joints.units', ['rad', 'rad'], r'joints: 2 units for 3 joint names'),
        ('joints.units', ['rad', 'deg', 'm'], r"unit 'deg' is none of rad, m, percent, fraction"),
        ('state', {'names': ['x'], 'units': ['m']}, r'state_width is 3, but state names 1: check'),
        ('state', {'names': NAMES, 'units': ['m']}, r'state: 1 units for 3 joint names'),
        ('state', {'names': NAMES}, r"state: key 'units' is missing; valid keys: names, units"),
        ('state', [], r'state: \[\] should hold the keys names, units'),
        ('mosaic.tiles.1.fit', 'fill', r"'wrist': fit 'fill' is none of stretch, crop"),
        ('mosaic.tiles.1.turned', 1, r'turned: 1 is int, expected bool'),
        ('mosaic.tiles.1.crop', {'top': 0}, r"crop: key 'left' is missing"),
        (
            'mosaic.tiles.1.crop',
            {'top': 0.5, 'left': 0, 'height': 0.6, 'width': 1},
            r'crop: .*is no part of a picture',
        ),
        ('joints.names', ['a', 'a', 'b'], r'joint names must be distinct'),
        ('joints.names', 'abc', r"joints: names: 'abc' should be a list"),
        ('model', 7, r'model: 7 should hold the keys layers'),
        ('model.head_dim', 31, r'head_dim 31'),
        ('model.frequency_width', 15, r'frequency_width 15 must be even'),
        ('model.action_width', 7, r'action_width is 7, but joints names 3: check joints'),
        ('model.layers', 1, r'holds \d+ tensors .* no place .*blocks\.1\.'),
        ('model.layers', 3, r'lacks \d+ of \d+ tensors, first .*blocks\.2\.'),
        ('model.video.width', 20, r'has shape .* the model wants .* check the widths'),
        ('vae.base_width', 16, r'vae\.safetensors: .* has shape .* wants'),
        ('vae.residual_blocks', 2, r'vae\.safetensors (lacks|holds)'),
        ('mosaic.height', 65, r'tiles cover 98% of the 65 x 32 mosaic'),
        ('mosaic.tiles.1.top', 31, r'tiles cover 98% .* overlap on 2%'),
        ('mosaic.tiles.1.camera', 'head', r'names a camera twice'),
        ('mosaic.tiles.1.left', 9, r'leaves the 64 x 32 mosaic'),
        ('normalisation.state', 'zscore', r"normalisation 'zscore' is not built; valid: min/max"),
        ('sampler.steps', 0, r'steps 0: the sampler needs at least 1'),
        ('sampler.shift', 0.0, r'shift 0.0 must be positive'),
        ('prompt.tasks', ['reach'], r"embeds \['reach', 'rest'\], policy.yaml lists \['reach'\]"),
        ('prompt.tasks', [], r'tasks must be 1..64'),
        ('prompt.length', 2, r"prompts.safetensors: 'rest' has shape \[3, 8\]"),
        ('prompt.template', 'do it', r'has no \{task\}'),
    ],
)
def test_a_mistake_in_the_contract(folder, path, value, match):
    edit_contract(folder, path, value)
    refused(folder, match)


@pytest.mark.parametrize('text', ['', '[1, 2', '- a list', 'name: {', '\x00'])
def test_a_contract_that_is_none(folder, text):
    (folder / 'policy.yaml').write_text(text)
    refused(folder, 'policy.yaml')


def test_a_folder_that_is_no_bundle(tmp_path):
    refused(tmp_path / 'nothing', 'is .* a checkpoint bundle', FileNotFoundError)


def _statistics(folder, change):
    tree = json.loads((folder / 'dataset_stats.json').read_text())
    change(tree)
    (folder / 'dataset_stats.json').write_text(json.dumps(tree))


@pytest.mark.parametrize(
    ('change', 'match'),
    [
        (lambda t: t.pop('action'), 'lacks `state` or `action`'),
        (lambda t: t['state'].clear(), 'lacks `state` or `action`'),
        (lambda t: t['state'].update(default=3), 'lacks `state` or `action`'),
        (lambda t: t['state'].update(default='text'), 'lacks `state` or `action`'),
        (lambda t: t['state']['default'].pop('global_std'), 'state lacks global_std'),
        (
            lambda t: t['action']['default']['global_max'].pop(),
            r'action global_max has shape \[2\], but policy.yaml names 3 joints',
        ),
        (
            lambda t: t['state']['default'].update(global_mean=[0, float('nan'), 0]),
            r"global_mean is not finite for \['elbow'\]",
        ),
        (
            lambda t: t['state']['default'].update(global_mean=[0, 'x', 0]),
            r'state global_mean is no list of numbers',
        ),
        (
            lambda t: t['state']['default'].update(global_std=[0.1, -0.1, 0.1]),
            r"state global_std is negative for \['elbow'\]",
        ),
    ],
)
def test_statistics_that_do_not_fit(folder, change, match):
    _statistics(folder, change)
    refused(folder, match)


@pytest.mark.parametrize(
    ('file', 'change', 'match'),
    [
        (
            'weights',
            lambda t: t.pop('mixtures.action.head.bias'),
            r"lacks 1 of .* \['mixtures.action.head.bias'\]",
        ),
        (
            'weights',
            lambda t: t.update({'mixtures.action.tail.bias': torch.zeros(1)}),
            r'no key of ours .*mixtures.action.tail.bias',
        ),
        (
            'weights',
            lambda t: t.update({'mixtures.action.head.bias': torch.zeros(4)}),
            r'mixtures.action.head.bias has shape \[4\], the model wants \[3\]',
        ),
        (
            'weights',
            lambda t: t['mixtures.action.head.bias'].fill_(float('nan')),
            'a chunk that is not finite',
        ),
        ('prompts', lambda t: t.update(rest=torch.zeros(2, 9)), r"'rest' has shape \[2, 9\]"),
        ('prompts', lambda t: t.update(rest=torch.zeros(0, 8)), r"'rest' has shape \[0, 8\]"),
        ('prompts', lambda t: t['rest'].fill_(float('inf')), r"'rest' is not finite"),
        ('prompts', lambda t: t.update(more=torch.zeros(2, 8)), r'embeds .*more.* lists'),
    ],
)
def test_tensors_that_do_not_fit(folder, file, change, match):
    edit_tensors(folder / f'{file}.safetensors', change)
    refused(folder, match)


def test_no_threads(folder):
    with pytest.raises(ValueError, match='at least 1'):
        Policy.load(folder, threads=0)


def test_a_contract_is_read_as_it_was_written(folder, tmp_path):
    read = Bundle.read(folder).contract
    first, *others = read.mosaic.tiles
    looking = replace(first, fit='crop', turned=True, crop=Cut(0.0, 0.25, 1.0, 0.5))
    state = Columns(('x', 'y', 'grip'), ('m', 'm', 'fraction'))
    full = replace(read, mosaic=replace(read.mosaic, tiles=(looking, *others)), state=state)
    for contract in (read, full):
        write_yaml(tmp_path / 'policy.yaml', contract)
        assert read_yaml(tmp_path / 'policy.yaml', Contract) == contract


def test_what_is_left_at_its_default_is_not_written(folder, tmp_path):
    """So that contracts of before these keys, and their digests, are made as they were."""
    write_yaml(tmp_path / 'policy.yaml', Bundle.read(folder).contract)
    assert yaml.safe_load((tmp_path / 'policy.yaml').read_text()) == small_bundle.CONTRACT
    write_yaml(tmp_path / 'tiny.yaml', CONTRACT_OF_TINY)
    tiny = Path(__file__).parents[2] / 'bundles' / 'tiny_r1lite' / 'policy.yaml'
    assert (tmp_path / 'tiny.yaml').read_bytes() == tiny.read_bytes()
