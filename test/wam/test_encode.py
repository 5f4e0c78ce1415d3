"""Instructions are encoded into a bundle, and a policy that runs learns them."""

import sys

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from fastwam_ros.apps.encode import encode, main
from fastwam_ros.wam.instruction import read_cached
from fastwam_ros.wam.policy import Policy
from fastwam_ros.wam.text import ENCODED
from fastwam_ros.wam.umt5 import TextEncoder, TextSize

from . import small_bundle, small_tokenizer
from .bundle_tool import tool
from .test_policy import STATE, images

SIZE = TextSize(6, 8, 1, 2, 4, 12, 8, 128)


@pytest.fixture(scope='module')
def encoder(tmp_path_factory):
    """A text encoder of the small bundle's width, with random weights, in Diffusers' layout."""
    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp('encoder')
    made = TextEncoder(SIZE, torch.float32).network.to_empty(device='cpu')
    tensors = {k: torch.randn_like(v) * 0.3 for k, v in made.state_dict().items()}
    tensors.pop('encoder.embed_tokens.weight')
    save_file(tensors, folder / 'model.safetensors')
    return folder


@pytest.fixture(scope='module')
def tokenizer(tmp_path_factory):
    return small_tokenizer.write(tmp_path_factory.mktemp('tokenizer'))


@pytest.fixture
def bundle(tmp_path):
    return small_bundle.write(tmp_path / 'bundle')


def test_a_running_policy_learns_what_was_encoded(bundle, encoder, tokenizer):
    policy = Policy.load(bundle)
    with pytest.raises(ValueError, match="unknown task 'fold': this bundle knows reach, rest"):
        policy.learn('fold')
    (path,) = encode(bundle, ['fold'], encoder, tokenizer)
    assert read_cached(path).shape == (4, 8)  # do : fold </s>
    before = policy.infer(images(), STATE, 'reach')
    policy.learn('fold')
    assert policy.tasks == ('reach', 'rest', 'fold')
    assert np.abs(policy.infer(images(), STATE, 'fold') - before).max() > 1e-6
    np.testing.assert_array_equal(policy.infer(images(), STATE, 'reach'), before)


def test_what_is_encoded_already_needs_no_encoder(bundle, encoder, tokenizer, tmp_path):
    first = encode(bundle, ['fold', 'the towel'], encoder, tokenizer)
    again = encode(bundle, ['the  towel'], tmp_path / 'gone', tmp_path / 'gone')
    assert again == first[1:]


def test_rows_of_another_width_are_refused(bundle, encoder, tokenizer):
    small_bundle.edit_contract(bundle, 'model.text_width', 16)
    with pytest.raises(ValueError, match='makes rows of 8, the bundle reads 16'):
        encode(bundle, ['fold'], encoder, tokenizer)


def test_the_command_line(bundle, encoder, tokenizer, monkeypatch, capsys):
    words = [str(bundle), 'fold', '--encoder', str(encoder), '--tokenizer', str(tokenizer)]
    monkeypatch.setattr(sys, 'argv', ['encode', *words])
    main()
    assert capsys.readouterr().out.startswith("'fold': ")
    monkeypatch.setattr(sys, 'argv', ['encode', *words[:1], 'x' * 2001, *words[2:]])
    with pytest.raises(SystemExit, match='encode: the instruction has 2001 characters'):
        main()


def test_a_bundle_is_made_with_rows_that_are_encoded_on_the_way(
    bundle, encoder, tokenizer, tmp_path
):
    made = tmp_path / 'made'
    code, _, err = tool(
        *('create', made, '--profile', bundle / 'policy.yaml', '--head-dim', 32),
        *('--weights', bundle / 'weights.safetensors', '--vae', bundle / 'vae.safetensors'),
        *('--stats', bundle / 'dataset_stats.json', '--task', 'fold', '--task', 'the towel'),
        *('--encoder', encoder, '--tokenizer', tokenizer),
    )
    assert (code, err) == (0, '')
    assert not (made / ENCODED).exists()
    encode(bundle, ['fold'], encoder, tokenizer)
    policy, other = Policy.load(made), Policy.load(bundle)
    assert policy.tasks == ('fold', 'the towel')
    other.learn('fold')
    np.testing.assert_array_equal(
        policy.infer(images(), STATE, 'fold'), other.infer(images(), STATE, 'fold')
    )
