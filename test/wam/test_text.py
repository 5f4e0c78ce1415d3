"""Cached prompts: padded with zero rows that take part, and nothing else is known."""

from pathlib import Path

import pytest
import torch

from fastwam_ros.wam.instruction import write_cached
from fastwam_ros.wam.text import ENCODED, CachedPrompts

from .parity import INPUTS_CONTEXT, close, tiny_model

ROWS = {'wipe': torch.ones(3, 4), 'stack': torch.full((5, 4), 2.0)}


def prompts(rows, length, folder=Path('nowhere')) -> CachedPrompts:
    return CachedPrompts(rows, length, 4, folder, 'do: {task}')


PROMPTS = prompts(ROWS, 6)


def test_rows_behind_the_prompt_are_zero():
    context = PROMPTS.context('wipe')
    assert context.shape == (1, 6, 4)
    assert (context[0, :3] == 1).all() and (context[0, 3:] == 0).all()


def test_half_precision_rows_come_out_as_fp32():
    half = prompts({'wipe': torch.ones(3, 4, dtype=torch.float16)}, 6)
    assert half.context('wipe').dtype == torch.float32


def test_an_unknown_task_lists_the_known():
    with pytest.raises(ValueError, match="unknown task 'Wipe': this bundle knows wipe, stack"):
        PROMPTS.context('Wipe')


def test_an_encoded_task_is_found_in_the_bundle_s_folder(tmp_path):
    known = prompts(ROWS, 6, tmp_path)
    rows, mask = torch.full((6, 4), 3.0), torch.arange(6) < 2
    write_cached(tmp_path / ENCODED, 'do: fold', rows, mask)
    assert known.context('叠@fold')[0, :, 0].tolist() == [3.0, 3.0, 0.0, 0.0, 0.0, 0.0]
    write_cached(tmp_path / ENCODED, 'do: fold', rows[:, :3], mask)
    with pytest.raises(ValueError, match=r'rows of shape \[2, 3\], want finite ones of 4'):
        known.context('fold')


def test_padding_takes_part_in_the_attention():
    """Dropping the zero rows is another context, not the same one cheaper."""
    model = tiny_model()
    full = prompts({'x': INPUTS_CONTEXT[0, :7]}, 12)
    close(full.context('x'), INPUTS_CONTEXT)
    query = torch.randn(1, 3, 2, 32, generator=torch.Generator().manual_seed(0))
    attention = model.action.layers[0].text_attention
    whole, bare = (
        attention.gather(query, model.action.read(context)[0])
        for context in (INPUTS_CONTEXT, INPUTS_CONTEXT[:, :7])
    )
    assert (whole - bare).abs().max() > 1e-3
