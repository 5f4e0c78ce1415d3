"""Names in the released Wan 2.2 VAE file and diffusers' names for the same tensors.

Both halves of the VAE. Facts: the released Wan2.2_VAE file (names without their optional leading
`model.`) and diffusers' AutoencoderKLWan in its residual form, which diffusers' own converter does
not cover. Knows no module: only names.
"""

from collections.abc import Mapping

from torch import Tensor

from fastwam_ros.wam.keys import KeyTable, parameters

_NORMS = (('residual.0', 'norm1'), ('residual.3', 'norm2'))
_CONVOLUTIONS = (('residual.2', 'conv1'), ('residual.6', 'conv2'), ('shortcut', 'conv_shortcut'))


def vae_keys(residual_blocks: int) -> KeyTable:
    """The table for a VAE with that many residual blocks per encoder stage (released: 2).

    The number matters because the released names count a stage's sampler as its next block; the
    decoder has one block more per stage.
    """
    rows = parameters('conv1', 'quant_conv') + parameters('conv2', 'post_quant_conv')
    rows += parameters('{side}.conv1', '{side}.conv_in')
    rows += _middle('{side}.middle', '{side}.mid_block')
    rows += parameters('{side}.head.0', '{side}.norm_out', 'gamma')
    rows += parameters('{side}.head.2', '{side}.conv_out')
    down, up = 'encoder.downsamples.{n}.downsamples', 'decoder.upsamples.{n}.upsamples'
    rows += _residual(down + '.{m}', 'encoder.down_blocks.{n}.resnets.{m}')
    rows += _residual(up + '.{m}', 'decoder.up_blocks.{n}.resnets.{m}')
    rows += _sampler(f'{down}.{residual_blocks}', 'encoder.down_blocks.{n}.downsampler')
    rows += _sampler(f'{up}.{residual_blocks + 1}', 'decoder.up_blocks.{n}.upsampler')
    return KeyTable(rows)


def in_our_names(tensors: Mapping[str, Tensor], keys: KeyTable, what: str) -> dict[str, Tensor]:
    """Tensors of a VAE file by our names, which are diffusers'.

    From Wan's own names, with or without their leading `model.`, or from Diffusers' layout. Raises
    ValueError naming tensors that neither has.
    """
    if 'quant_conv.weight' in tensors:
        return dict(tensors)
    plain = {key.removeprefix('model.'): value for key, value in tensors.items()}
    return keys.rename(plain, what)


def _middle(released: str, ours: str) -> list[tuple[str, str]]:
    rows = _residual(f'{released}.0', f'{ours}.resnets.0')
    rows += _residual(f'{released}.2', f'{ours}.resnets.1')
    rows += parameters(f'{released}.1.norm', f'{ours}.attentions.0.norm', 'gamma')
    for name in ('to_qkv', 'proj'):
        rows += parameters(f'{released}.1.{name}', f'{ours}.attentions.0.{name}')
    return rows


def _residual(released: str, ours: str) -> list[tuple[str, str]]:
    rows = []
    for a, b in _NORMS:
        rows += parameters(f'{released}.{a}', f'{ours}.{b}', 'gamma')
    for a, b in _CONVOLUTIONS:
        rows += parameters(f'{released}.{a}', f'{ours}.{b}')
    return rows


def _sampler(released: str, ours: str) -> list[tuple[str, str]]:
    rows = parameters(f'{released}.resample.1', f'{ours}.resample.1')
    return rows + parameters(f'{released}.time_conv', f'{ours}.time_conv')
