"""A bundle small enough to be written, broken and read in a blink: two cameras, three joints."""

import json
from pathlib import Path

import torch
import yaml
from safetensors.torch import load_file, save_file

from fastwam_ros.wam.blocks import ExpertSize, ModelSize
from fastwam_ros.wam.checkpoint import released_names
from fastwam_ros.wam.model import FastWAM
from fastwam_ros.wam.vae_keys import vae_keys
from fastwam_ros.wam.vision import VaeSize, wan_vae

NAMES = ['shoulder', 'elbow', 'gripper']
TASKS = ['reach', 'rest']
CONTRACT = {
    'format': 1,
    'name': 'small',
    'robot': 'testbot',
    'variant': 'fastwam',
    'weights': 'weights.safetensors',
    'model': {
        'layers': 2,
        'heads': 1,
        'head_dim': 32,
        'text_width': 8,
        'frequency_width': 16,
        'video': {'width': 16, 'ffn_width': 24},
        'action': {'width': 12, 'ffn_width': 20},
        'action_width': 3,
        'state_width': 3,
    },
    'vae': {'base_width': 8, 'residual_blocks': 1},
    'mosaic': {
        'height': 64,
        'width': 32,
        'tiles': [
            {'camera': 'head', 'top': 0, 'left': 0, 'height': 32, 'width': 32},
            {'camera': 'wrist', 'top': 32, 'left': 0, 'height': 32, 'width': 32},
        ],
    },
    'joints': {'names': NAMES, 'units': ['rad', 'rad', 'm'], 'representation': 'absolute'},
    'timing': {'step': 0.05, 'horizon': 6, 'offset': 1.0},
    'normalisation': {'state': 'z-score', 'action': 'min/max'},
    'sampler': {'steps': 3, 'shift': 5.0, 'rounded': True, 'seed': 42},
    'prompt': {'template': 'do: {task}', 'length': 5, 'tasks': TASKS},
}
LEAF = {
    'global_min': [-1.0, -2.0, 0.0],
    'global_max': [1.0, 2.0, 0.1],
    'global_mean': [0.1, 0.2, 0.05],
    'global_std': [0.5, 1.0, 0.02],
    'global_q01': [-0.9, -1.9, 0.01],
    'global_q99': [0.9, 1.9, 0.09],
}
STATISTICS = {'state': {'default': LEAF}, 'action': {'default': LEAF}}


def write(folder: Path, variant: str = 'fastwam', decoder: bool = False) -> Path:
    """A sound bundle with random weights; decoder: its VAE is whole."""
    torch.manual_seed(0)
    model = FastWAM(
        ModelSize(2, 1, 32, 8, 16, ExpertSize(16, 24), ExpertSize(12, 20), 3, 3),
        imagines=variant != 'fastwam',
    ).requires_grad_(False)
    for expert in (model.video, model.action):
        for block in expert.layers:
            block.modulation[:, [2, 5]] = 1.0
    folder.mkdir(exist_ok=True)
    (folder / 'policy.yaml').write_text(yaml.safe_dump({**CONTRACT, 'variant': variant}))
    (folder / 'dataset_stats.json').write_text(json.dumps(STATISTICS))
    save_file(released_names(model), folder / 'weights.safetensors')
    save_file(_vae(decoder), folder / 'vae.safetensors')
    rows = {task: torch.randn(2 + n, 8) for n, task in enumerate(TASKS)}
    save_file(rows, folder / 'prompts.safetensors')
    return folder


def edit_contract(folder: Path, path: str, value) -> None:
    """Set the key at a dotted path of policy.yaml; None removes it."""
    tree = yaml.safe_load((folder / 'policy.yaml').read_text())
    *parents, last = path.split('.')
    place = tree
    for key in parents:
        place = place[int(key)] if isinstance(place, list) else place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    (folder / 'policy.yaml').write_text(yaml.safe_dump(tree))


def edit_tensors(file: Path, change) -> None:
    """Apply `change` to the file's dictionary of tensors."""
    tensors = dict(load_file(file))
    change(tensors)
    save_file(tensors, file)


def _vae(decoder: bool) -> dict[str, torch.Tensor]:
    keys = vae_keys(1)
    state = wan_vae(VaeSize(8, 1)).state_dict()
    return {
        keys.released(key): value
        for key, value in state.items()
        if decoder or key.startswith(('encoder.', 'quant_conv.'))
    }
