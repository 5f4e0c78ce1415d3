"""Recorded numbers of the released Fast-WAM classes on a tiny random model, and that model."""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from fastwam_ros.wam.blocks import ExpertSize, ModelSize
from fastwam_ros.wam.checkpoint import load_into
from fastwam_ros.wam.model import FastWAM

FOLDER = Path(__file__).parents[1] / 'fixtures' / 'parity'
CONFIG = json.loads((FOLDER / 'tiny_config.json').read_text())


def arrays(name: str) -> dict[str, torch.Tensor]:
    return load_file(FOLDER / f'{name}.safetensors')


def close(ours, recorded) -> None:
    np.testing.assert_allclose(np.asarray(ours), np.asarray(recorded), atol=2e-5, rtol=1e-4)


def tiny_size() -> ModelSize:
    video, action = CONFIG['video'], CONFIG['action']
    return ModelSize(
        layers=video['num_layers'],
        heads=video['num_heads'],
        head_dim=video['attn_head_dim'],
        text_width=video['text_dim'],
        frequency_width=video['freq_dim'],
        video=ExpertSize(video['hidden_dim'], video['ffn_dim']),
        action=ExpertSize(action['hidden_dim'], action['ffn_dim']),
        action_width=action['action_dim'],
        state_width=CONFIG['proprio_dim'],
    )


def tiny_weights() -> dict[str, torch.Tensor]:
    state = {f'proprio_encoder.{k}': v for k, v in arrays('tiny_proprio_encoder').items()}
    return {**arrays('tiny_mot'), **state}


def tiny_model(imagines: bool = False) -> FastWAM:
    model = FastWAM(tiny_size(), imagines)
    load_into(model, tiny_weights(), 'tiny_mot')
    return model.requires_grad_(False)


INPUTS_CONTEXT = arrays('tiny_inputs')['context']
