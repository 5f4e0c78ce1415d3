"""The recorded small model as the files that a released checkpoint comes in, LIBERO's columns."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import copyfile

import torch
from safetensors.torch import save_file

from fastwam_ros.wam.checkpoint import released_names
from fastwam_ros.wam.instruction import POSITIONS, TEMPLATE, sentence, write_cached
from fastwam_ros.wam.model import FastWAM
from fastwam_ros.wam.sizes import model_size

from .parity import FOLDER, tiny_size, tiny_weights

TASK = 'fold the towel'
HEAD_DIM = str(tiny_size().head_dim)


def libero(folder: Path) -> list[str]:
    """The files, and the words of `create` that name them."""
    mot = {k: v for k, v in tiny_weights().items() if k.startswith('mixtures')}
    state = {k.split('.')[1]: v for k, v in tiny_weights().items() if k.startswith('proprio')}
    folder.mkdir(parents=True)
    torch.save({'mot': mot, 'proprio_encoder': state, 'step': 5}, folder / 'released.pt')
    copyfile(FOLDER / 'tiny_dataset_stats.json', folder / 'stats.json')
    return [*_words(folder, 'released.pt'), '--profile', 'libero']


def two_arms(folder: Path, statistics: Mapping[str, object] | None = None) -> list[str]:
    """A model of 14 columns with random weights; statistics: instead of fitting ones."""
    torch.manual_seed(7)
    size = model_size({**tiny_weights(), **_widened(14)}, tiny_size().head_dim)
    folder.mkdir(parents=True)
    save_file(released_names(FastWAM(size)), folder / 'released.safetensors')
    tree = statistics or {group: {'default': leaf(14)} for group in ('state', 'action')}
    (folder / 'stats.json').write_text(json.dumps(tree))
    return _words(folder, 'released.safetensors')


def full_size(folder: Path, shapes: Mapping[str, Mapping[str, Sequence[int]]]) -> list[str]:
    """A checkpoint of these shapes, each tensor one number that is seen everywhere."""
    saved = {
        part: {key: torch.zeros(()).expand(shape) for key, shape in shapes[part].items()}
        for part in ('mot', 'proprio_encoder')
    }
    folder.mkdir(parents=True)
    torch.save(saved, folder / 'released.pt')
    width, state = shapes['proprio_encoder']['weight']
    action = shapes['mot']['mixtures.action.head.bias'][0]
    tree = {'state': {'default': leaf(state)}, 'action': {'default': leaf(action)}}
    (folder / 'stats.json').write_text(json.dumps(tree))
    return _words(folder, 'released.pt', width)[:-2]


def leaf(count: int, largest: float = 1.0) -> dict[str, list[float]]:
    """Figures of so many columns: none like another, the largest being `largest`."""
    high = [largest * (1 - 0.01 * (count - 1 - n)) for n in range(count)]
    return {
        'global_min': [-h for h in high],
        'global_max': high,
        'global_mean': [0.1 * h for h in high],
        'global_std': [0.4 * h for h in high],
    }


def cached(folder: Path, tasks: Sequence[str], width: int, template: str, length: int) -> Path:
    """Rows of the tasks under their released names."""
    generator = torch.Generator().manual_seed(1)
    for task in tasks:
        rows = torch.randn(length, width, generator=generator)
        mask = torch.arange(length) < min(4, length)
        write_cached(folder, sentence(task, template), rows, mask)
    return folder


def _widened(columns: int) -> dict[str, torch.Tensor]:
    size = tiny_size()
    return {
        'mixtures.action.action_encoder.weight': torch.zeros(size.action.width, columns),
        'proprio_encoder.weight': torch.zeros(size.text_width, columns),
    }


def _words(folder: Path, weights: str, width: int = tiny_size().text_width) -> list[str]:
    vae, prompts = FOLDER / 'tiny_vae.safetensors', folder / 'prompts'
    cached(prompts, [TASK], width, TEMPLATE, POSITIONS)
    return [
        *('--weights', str(folder / weights), '--vae', str(vae)),
        *('--stats', str(folder / 'stats.json')),
        *('--task', TASK, '--prompts', str(prompts), '--head-dim', HEAD_DIM),
    ]
