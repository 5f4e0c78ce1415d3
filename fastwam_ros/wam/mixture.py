"""Both experts through every layer under one mask: the model as it is trained.

Nothing is kept or skipped, so it is also the plain form that the samplers are held to and compared
with. Facts: the released Fast-WAM training forward.
"""

from dataclasses import dataclass

from torch import Tensor

from fastwam_ros.wam.blocks import Expert, KeysValues, Read, join
from fastwam_ros.wam.model import FastWAM


@dataclass(frozen=True)
class Stream:
    """One expert's tokens [B, S, width], modulations per layer, positions, and text per layer."""

    tokens: Tensor
    modulations: Tensor
    rotary: Tensor
    text: Read


def mixed(model: FastWAM, video: Stream, action: Stream, mask: Tensor) -> tuple[Tensor, Tensor]:
    """The tokens of both after the last layer.

    mask: bool, video and action tokens squared, true where a row sees a column.
    """
    x, y, count = video.tokens, action.tokens, video.tokens.shape[1]
    for index in range(model.size.layers):
        asked, offered = _offer(model.video, index, x, video)
        own_asked, own_offered = _offer(model.action, index, y, action)
        seen = join(offered, own_offered)
        x = _advance(model.video, index, x, video, asked, seen, mask[:count])
        y = _advance(model.action, index, y, action, own_asked, seen, mask[count:])
    return x, y


def _offer(expert: Expert, index: int, x: Tensor, stream: Stream) -> tuple[Tensor, KeysValues]:
    return expert.layers[index].offer(x, stream.modulations[index], stream.rotary)


def _advance(
    expert: Expert,
    index: int,
    x: Tensor,
    stream: Stream,
    asked: Tensor,
    seen: KeysValues,
    mask: Tensor,
) -> Tensor:
    modulation, text = stream.modulations[index], stream.text[index]
    return expert.layers[index].advance(x, modulation, asked, seen, text, mask)
