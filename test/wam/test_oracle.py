"""The video expert beside diffusers' own Wan transformer with the same weights.

Nobody of us wrote either the other implementation or its key names, so that a misreading of the
released code, which recorded numbers of that code cannot show, would show here.
"""

import pytest
import torch
from diffusers import WanTransformer3DModel

from fastwam_ros.wam.rotary import grid_rotary

from .parity import CONFIG, arrays, close, tiny_model

FRAMES, HEIGHT, WIDTH = 3, 4, 6
VIDEO = CONFIG['video']
# Released names to diffusers', longest first where one begins the other.
RENAMED = (
    ('head.modulation', 'scale_shift_table'),
    ('head.head', 'proj_out'),
    ('text_embedding.0', 'condition_embedder.text_embedder.linear_1'),
    ('text_embedding.2', 'condition_embedder.text_embedder.linear_2'),
    ('time_embedding.0', 'condition_embedder.time_embedder.linear_1'),
    ('time_embedding.2', 'condition_embedder.time_embedder.linear_2'),
    ('time_projection.1', 'condition_embedder.time_proj'),
    ('modulation', 'scale_shift_table'),
    ('self_attn', 'attn1'),
    ('cross_attn', 'attn2'),
    ('.q.', '.to_q.'),
    ('.k.', '.to_k.'),
    ('.v.', '.to_v.'),
    ('.o.', '.to_out.0.'),
    ('norm3', 'norm2'),
    ('ffn.0', 'ffn.net.0.proj'),
    ('ffn.2', 'ffn.net.2'),
)


def theirs() -> WanTransformer3DModel:
    model = WanTransformer3DModel(
        patch_size=(1, 2, 2),
        num_attention_heads=VIDEO['num_heads'],
        attention_head_dim=VIDEO['attn_head_dim'],
        in_channels=48,
        out_channels=48,
        text_dim=VIDEO['text_dim'],
        freq_dim=VIDEO['freq_dim'],
        ffn_dim=VIDEO['ffn_dim'],
        num_layers=VIDEO['num_layers'],
        cross_attn_norm=True,
        qk_norm='rms_norm_across_heads',
        eps=1e-6,
        rope_max_seq_len=64,
    )
    named = {}
    for key, value in arrays('tiny_mot').items():
        if key.startswith('mixtures.video.'):
            plain = key.removeprefix('mixtures.video.')
            for ours, other in RENAMED:
                plain = plain.replace(ours, other)
            named[plain] = value
    model.load_state_dict(named, strict=True)
    return model.eval().requires_grad_(False)


def ours(latents, times, context):
    """Every token sees every token, as in Wan, each with a time of its own."""
    model = tiny_model(imagines=True)
    modulations = model.video.token_modulations(times)
    rotary = grid_rotary(FRAMES, HEIGHT // 2, WIDTH // 2, VIDEO['attn_head_dim'])
    x, text = model.video_tokens(latents), model.video.read(context)
    for index, block in enumerate(model.video.layers):
        query, offered = block.offer(x, modulations[index], rotary)
        x = block.advance(x, modulations[index], query, offered, text[index])
    head = model.video_out.modulations(model.video.embed_time(times))
    return model.video_out(x, head, HEIGHT, WIDTH)


@pytest.mark.parametrize('first', [0.0, 700.0])
def test_the_video_expert_is_diffusers_wan(first):
    """With the first frame clean, as in Fast-WAM, and with one time for all."""
    generator = torch.Generator().manual_seed(7)
    latents = torch.randn(2, 48, FRAMES, HEIGHT, WIDTH, generator=generator)
    context = torch.randn(2, 9, VIDEO['text_dim'], generator=generator)
    tokens = HEIGHT * WIDTH // 4
    times = torch.full((2, FRAMES * tokens), 700.0)
    times[:, :tokens] = first
    with torch.no_grad():
        theirs_said = theirs()(latents, times, context, return_dict=False)[0]
        close(ours(latents, times, context), theirs_said)
        assert theirs_said.std() > 0.1
