"""Instructions as the context rows the model reads.

For now a bundle brings the embeddings of the tasks it knows, and any other task is refused. Knows
no tokenizer. Facts: the released Fast-WAM pipeline: a fixed number of positions, rows past the
prompt's tokens set to zero, and a mask that is nevertheless all true, so that those rows take part
in every softmax.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

_QUOTED = 80  # characters of an unknown task that an error repeats


@dataclass(frozen=True)
class CachedPrompts:
    """Embeddings of known tasks.

    rows: task -> [tokens, text_width], real tokens only; length: positions the model was trained
    with (released: 128).
    """

    rows: Mapping[str, Tensor]
    length: int

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that can be asked for."""
        return tuple(self.rows)

    def check(self, task: str) -> None:
        """Raises ValueError, with the known tasks, for one that is not in the cache."""
        if task not in self.rows:
            asked = task if len(task) <= _QUOTED else f'{task[:_QUOTED]}...'
            raise ValueError(f'unknown task {asked!r}: this bundle knows {", ".join(self.rows)}')

    def context(self, task: str) -> Tensor:
        """[1, length, text_width] fp32, zero behind the prompt's tokens.

        Raises ValueError for a task that is not in the cache.
        """
        self.check(task)
        rows = self.rows[task].float()
        padded = rows.new_zeros(1, self.length, rows.shape[-1])
        padded[0, : len(rows)] = rows
        return padded


def check_rows(
    rows: Mapping[str, Tensor], tasks: tuple[str, ...], width: int, length: int
) -> None:
    """Raises ValueError unless there is one finite [1..length, width] embedding per task."""
    if set(rows) != set(tasks):
        raise ValueError(
            f'prompts.safetensors embeds {sorted(rows)}, policy.yaml lists {sorted(tasks)}'
        )
    for task, embedding in rows.items():
        if embedding.dim() != 2 or embedding.shape[1] != width or not 0 < len(embedding) <= length:
            raise ValueError(
                f'prompts.safetensors: {task!r} has shape {list(embedding.shape)}, the model '
                f'reads up to {length} rows of {width}: check text_width in policy.yaml'
            )
        if not torch.isfinite(embedding).all():
            raise ValueError(f'prompts.safetensors: {task!r} is not finite')
