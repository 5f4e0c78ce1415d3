"""The text encoder equals the recorded one of the released code; names and sizes in full."""

import json

import pytest
import torch

from fastwam_ros.wam.checkpoint import read_component
from fastwam_ros.wam.umt5 import KEYS, TextEncoder, TextSize, released

from .parity import FOLDER, arrays, close

TINY = TextSize(97, 32, 2, 4, 8, 48, 8, 128)
WEIGHTS, IO = arrays('tiny_t5'), arrays('tiny_t5_io')
IDS, MASK = IO['ids'].long(), IO['mask'].bool()


def encoder(tensors=WEIGHTS, dtype=torch.float32) -> TextEncoder:
    made = TextEncoder(TINY, dtype)
    made.load(tensors, 'tiny_t5')
    return made


def test_rows_are_the_recorded_ones_and_zero_behind_the_tokens():
    rows = encoder()(IDS, MASK)
    close(rows, IO['encode_prompt_output'])
    assert not rows[~MASK].any() and rows[MASK].abs().min() > 0
    close(rows[MASK], IO['raw_output'][MASK])


def test_padding_changes_nothing():
    made = encoder()
    count = int(MASK[0].sum())
    close(made(IDS[:1, :count], MASK[:1, :count])[0], made(IDS[:1], MASK[:1])[0, :count])


def test_bf16_is_near():
    rows = encoder(dtype=torch.bfloat16)(IDS, MASK)
    assert rows.dtype == torch.bfloat16
    assert (rows.float() - IO['encode_prompt_output']).abs().max() < 0.1


def test_transformers_own_layout_is_read_too(tmp_path):
    """Diffusers' folders hold it, with one name for the embedding that transformers has twice."""
    own = {KEYS.ours(key): value for key, value in WEIGHTS.items()}
    twice = {**own, 'encoder.embed_tokens.weight': own['shared.weight'].clone()}
    encoder().network.save_pretrained(tmp_path)
    for tensors in (own, twice, read_component(tmp_path)):
        made = encoder(released(tensors, 'tiny'))
        close(made(IDS, MASK), IO['encode_prompt_output'])
    with pytest.raises(ValueError, match=r"tiny holds \['decoder"):
        released({**own, 'decoder.final_layer_norm.weight': torch.zeros(1)}, 'tiny')


def test_sizes_are_read_off_the_tensors():
    assert TextSize.of(WEIGHTS) == TINY
    with pytest.raises(ValueError, match=r"'token_embedding\.weight' is missing: no UMT5 encoder"):
        TextSize.of({})


def test_the_embedding_is_in_memory_once():
    network = encoder().network
    assert network.shared.weight.data_ptr() == network.encoder.embed_tokens.weight.data_ptr()


def test_the_full_size_encoder_has_exactly_the_released_tensors():
    full = json.loads((FOLDER / 'full_state_dict_shapes.json').read_text())['text_encoder']
    state = TextEncoder(TextSize()).network.state_dict()
    shapes = {KEYS.released(key): list(value.shape) for key, value in state.items()}
    shapes.pop(None)  # the second name of the embedding
    assert shapes == full and len(full) == 242


@pytest.mark.parametrize('missing', ['token_embedding.weight', 'blocks.1.attn.k.weight'])
def test_a_missing_tensor_is_named_as_released(missing):
    less = {key: value for key, value in WEIGHTS.items() if key != missing}
    with pytest.raises(ValueError, match=rf'tiny_t5 lacks .*{missing}'):
        encoder(less)


def test_another_model_s_tensors_are_refused():
    with pytest.raises(ValueError, match='tensors that no key of ours stands for'):
        encoder({**WEIGHTS, 'decoder.block.0.weight': torch.zeros(1)})
