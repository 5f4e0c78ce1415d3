"""Instructions as the context rows the model reads.

A bundle brings the embeddings of the tasks that it lists; others are found in its folder of
encoded instructions, where `apps.encode` puts them. Knows no tokenizer. Facts: the released
Fast-WAM pipeline: a fixed number of positions, rows past the prompt's tokens set to zero, and a
mask that is nevertheless all true, so that those rows take part in every softmax.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from fastwam_ros.wam.instruction import cache_name, read_cached, sentence

ENCODED = 'prompts'  # the folder's name in a bundle
_QUOTED = 80  # characters of an unknown task that an error repeats


@dataclass(frozen=True)
class CachedPrompts:
    """Embeddings of known tasks.

    rows: task -> [tokens, text_width], real tokens only; length: positions the model was trained
    with (released: 128); width: of a row; folder: of the bundle; template: around a task.
    """

    rows: Mapping[str, Tensor]
    length: int
    width: int
    folder: Path
    template: str

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that the bundle lists."""
        return tuple(self.rows)

    def read(self, task: str) -> Tensor:
        """The prompt's own rows [tokens, text_width] fp32.

        Raises ValueError for a task that is neither listed nor encoded, with what is.
        """
        return (self.rows[task] if task in self.rows else self._encoded(task)).float()

    def context(self, task: str) -> Tensor:
        """[1, length, text_width] fp32, zero behind the prompt's tokens; raises as `read` does."""
        return padded(self.read(task), self.length)

    def _encoded(self, task: str) -> Tensor:
        path = self.folder / ENCODED / cache_name(sentence(task, self.template), self.length)
        if not path.is_file():
            asked = task if len(task) <= _QUOTED else f'{task[:_QUOTED]}...'
            raise ValueError(
                f'unknown task {asked!r}: this bundle knows {", ".join(self.rows)}, and `python '
                '-m fastwam_ros.apps.encode` adds others to it'
            )
        rows = read_cached(path)
        if not _fits(rows, self.width, self.length) or not torch.isfinite(rows).all():
            raise ValueError(
                f'{path}: rows of shape {list(rows.shape)}, want finite ones of {self.width}: '
                'encoded by another text encoder?'
            )
        return rows


def padded(rows: Tensor, length: int) -> Tensor:
    """Rows [n, width] as a context [1, length, width], zero behind them."""
    context = rows.new_zeros(1, length, rows.shape[-1])
    context[0, : len(rows)] = rows
    return context


def check_rows(
    rows: Mapping[str, Tensor], tasks: tuple[str, ...], width: int, length: int
) -> None:
    """Raises ValueError unless there is one finite [1..length, width] embedding per task."""
    if set(rows) != set(tasks):
        raise ValueError(
            f'prompts.safetensors embeds {sorted(rows)}, policy.yaml lists {sorted(tasks)}'
        )
    for task, embedding in rows.items():
        if not _fits(embedding, width, length):
            raise ValueError(
                f'prompts.safetensors: {task!r} has shape {list(embedding.shape)}, the model '
                f'reads up to {length} rows of {width}: check text_width in policy.yaml'
            )
        if not torch.isfinite(embedding).all():
            raise ValueError(f'prompts.safetensors: {task!r} is not finite')


def _fits(rows: Tensor, width: int, length: int) -> bool:
    """Whether rows [1..length, width] are what the model reads."""
    return rows.dim() == 2 and rows.shape[1] == width and 0 < len(rows) <= length
