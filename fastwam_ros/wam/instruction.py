"""An instruction as the sentence that the text encoder was trained on, and its tokens.

Facts: the released Fast-WAM pipeline: a template around the task, text cleaned as in Wan, exactly
128 positions; Galaxea's data sets say a task in two languages, `zh@en`, of which English is used.
"""

import hashlib
import html
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

TEMPLATE = (
    "A video recorded from a robot's point of view executing the following instruction: {task}"
)
POSITIONS = 128
LONGEST = 2000  # characters of a task: more is no instruction
_UNREADABLE = (pickle.UnpicklingError, RuntimeError, EOFError)
_MODEL = 'wan22ti2v5b'  # in the released cache's file names


def sentence(task: str, template: str = TEMPLATE) -> str:
    """The template around the English of a task, white space collapsed, HTML entities resolved.

    Raises ValueError for an empty task, and for one that is longer than any instruction.
    """
    english = task.rpartition('@')[2]
    cleaned = ' '.join(html.unescape(html.unescape(english)).split())
    if not cleaned:
        raise ValueError(f'the instruction is empty: {task[:40]!r}')
    if len(cleaned) > LONGEST:
        raise ValueError(f'the instruction has {len(cleaned)} characters, limit {LONGEST}')
    return template.format(task=cleaned)


def cache_name(prompt: str, positions: int = POSITIONS) -> str:
    """The released name of the file with a sentence's rows."""
    digest = hashlib.sha256(prompt.encode()).hexdigest()
    return f'{digest}.t5_len{positions}.{_MODEL}.pt'


@dataclass(frozen=True)
class Tokens:
    """ids [1, L] and mask [1, L], true for real tokens, `</s>` included."""

    ids: Tensor
    mask: Tensor


class Tokenizer:
    """transformers' tokenizer in a folder, at a fixed number of positions.

    Raises FileNotFoundError without `tokenizer.json` or `spiece.model` there.
    """

    def __init__(self, folder: Path | str, positions: int = POSITIONS) -> None:
        from transformers import AutoTokenizer  # seconds, which a policy's start does not need

        self._folder, self._positions = Path(folder), positions
        if not any((self._folder / name).is_file() for name in ('tokenizer.json', 'spiece.model')):
            raise FileNotFoundError(
                f'{folder} has neither tokenizer.json nor spiece.model: is it the tokenizer of '
                'google/umt5-xxl?'
            )
        self._own: Any = AutoTokenizer.from_pretrained(self._folder, local_files_only=True)

    def tokens(self, prompt: str) -> Tokens:
        """Padded to the positions. Raises ValueError for a sentence that has more tokens."""
        count = len(self._own(prompt, add_special_tokens=True)['input_ids'])
        if count > self._positions:
            raise ValueError(
                f'the instruction has {count} tokens, the model reads {self._positions}: shorten '
                'it, what is cut off would change its meaning'
            )
        padded = self._own(
            prompt,
            add_special_tokens=True,
            padding='max_length',
            max_length=self._positions,
            return_tensors='pt',
        )
        return Tokens(padded['input_ids'], padded['attention_mask'].bool())


def read_cached(path: Path) -> Tensor:
    """Rows [tokens, width] of a released cache file, padding left out.

    Raises FileNotFoundError, or ValueError for a file that is none.
    """
    if not path.is_file():
        raise FileNotFoundError(f'{path} is missing: the instruction was not encoded')
    try:
        saved = torch.load(path, map_location='cpu', weights_only=True)
        context, mask = saved['context'], saved['mask'].bool()
        return context[: int(mask.sum())]
    except (*_UNREADABLE, KeyError, TypeError, AttributeError) as error:
        cause = str(error).partition('\n')[0]
        raise ValueError(f'{path} is no cached instruction ({cause})') from None


def write_cached(folder: Path, prompt: str, rows: Tensor, mask: Tensor) -> Path:
    """One sentence's rows [L, width] and mask [L], under the released name, or not at all."""
    path = folder / cache_name(prompt, len(mask))
    folder.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix('.half')
    torch.save({'context': rows.bfloat16().clone(), 'mask': mask.clone()}, half)
    half.replace(path)
    return path
