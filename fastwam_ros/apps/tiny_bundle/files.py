"""Writing the tiny bundle's directory: contract, weights, encoder, prompts, statistics, README.

Half-precision storage, sizes and seeds live here; what was learnt does not.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor

from fastwam_ros.apps.tiny_bundle.motion import HORIZON, PERIOD, STEP, TASKS
from fastwam_ros.robot.joints import GRIPPER_NAMES, JOINT_NAMES, ROBOT
from fastwam_ros.wam.blocks import ExpertSize, ModelSize
from fastwam_ros.wam.bundle import CONTRACT, PROMPTS, STATISTICS, VAE
from fastwam_ros.wam.checkpoint import released_names
from fastwam_ros.wam.contract import (
    FORMAT,
    Contract,
    Joints,
    Normalisation,
    Prompt,
    Sampler,
    Timing,
)
from fastwam_ros.wam.model import FastWAM
from fastwam_ros.wam.mosaic import HEAD_ABOVE_WRISTS
from fastwam_ros.wam.reading import write_yaml
from fastwam_ros.wam.vae_keys import vae_keys
from fastwam_ros.wam.vision import VaeSize, wan_vae

WEIGHTS, README = 'weights.safetensors', 'README.md'
TEXT_LENGTH = 16

SIZE = ModelSize(
    layers=4,
    heads=3,
    head_dim=32,
    text_width=64,
    frequency_width=64,
    video=ExpertSize(64, 128),
    action=ExpertSize(96, 384),
    action_width=len(JOINT_NAMES),
    state_width=len(JOINT_NAMES),
)
CONTRACT_OF_TINY = Contract(
    format=FORMAT,
    name='tiny_r1lite',
    robot=ROBOT,
    variant='fastwam',
    weights=WEIGHTS,
    model=SIZE,
    vae=VaeSize(base_width=8, residual_blocks=1),
    mosaic=HEAD_ABOVE_WRISTS,
    joints=Joints(
        JOINT_NAMES,
        tuple('m' if name in GRIPPER_NAMES else 'rad' for name in JOINT_NAMES),
        'absolute',
    ),
    timing=Timing(STEP, HORIZON, 0.0),
    normalisation=Normalisation('z-score', 'z-score'),
    sampler=Sampler(steps=10, shift=5.0, rounded=True, seed=42),
    prompt=Prompt(
        "A video recorded from a robot's point of view executing the following instruction: "
        '{task}',
        TEXT_LENGTH,
        TASKS,
    ),
)

_TEXT = """# tiny_r1lite

A Fast-WAM of {million:.2f} million parameters, overfitted on one scripted motion so that the whole
loop can be run without trained weights. It knows nothing else: no object, no goal, no contact.

- `wave both arms`, `wave the left arm`: a slow loop of {period:g} s through the demo's start pose;
  the phase is read off the joints, so a chunk continues from wherever the arms are.
- `rest at home`: both arms return to the start pose and stay there. (The right arm does so, too,
  while the left one waves alone.)
- The one thing it reads from the pictures is how bright they are: in the dark joint 6 swings less.

The image encoder is untrained (random features of the released structure), the prompt embeddings
are random rows, and training ended by propagating through the ten sampler steps from the one noise
that inference uses (seed 42). Chunks from other seeds are rough.

Made by `python -m fastwam_ros.apps.tiny_bundle bundles/tiny_r1lite`. Its figures, over situations
and a placement of the blocks that it was not taught (rms distance to the taught rows after the
filter [1 2 1]/4, what is white in it before the filter, largest distance of row 0 to the state,
largest speed and acceleration after the filter):

```
{table}
```
"""


def encoder_weights(seed: int) -> dict[str, Tensor]:
    """A random encoder half by its released names, fp16."""
    torch.manual_seed(seed)
    size = CONTRACT_OF_TINY.vae
    keys = vae_keys(size.residual_blocks)
    return {
        keys.released(key) or key: value.half()
        for key, value in wan_vae(size).state_dict().items()
        if key.startswith(('encoder.', 'quant_conv.'))
    }


def prompt_rows(seed: int) -> dict[str, Tensor]:
    """One random embedding per task, a row per word and one for the end, fp16."""
    generator = torch.Generator().manual_seed(seed)
    shapes = {task: (len(task.split()) + 1, SIZE.text_width) for task in TASKS}
    return {t: torch.randn(shape, generator=generator).half() for t, shape in shapes.items()}


def statistics(values: NDArray[np.float64]) -> dict[str, Any]:
    """One leaf of dataset_stats.json: the global figures of rows [N, 14]."""
    low, high = np.quantile(values, (0.01, 0.99), axis=0)
    figures = {
        'min': values.min(0),
        'max': values.max(0),
        'mean': values.mean(0),
        'std': values.std(0),
        'q01': low,
        'q99': high,
    }
    return {f'global_{name}': column.round(6).tolist() for name, column in figures.items()}


def write_fixed_parts(
    folder: Path, seed: int, state: NDArray[np.float64], action: NDArray[np.float64]
) -> None:
    """All but the weights: what training itself reads. state, action: samples [N, 14]."""
    folder.mkdir(parents=True, exist_ok=True)
    write_yaml(folder / CONTRACT, CONTRACT_OF_TINY)
    save_file(encoder_weights(seed), folder / VAE)
    save_file(prompt_rows(seed), folder / PROMPTS)
    leaves = {'state': {'default': statistics(state)}, 'action': {'default': statistics(action)}}
    counts = {'num_episodes': 1, 'num_transition': len(state)}
    (folder / STATISTICS).write_text(json.dumps({**leaves, **counts}, indent=1) + '\n')


def write_weights(folder: Path, model: FastWAM) -> None:
    """The transformer in fp16 under its released names."""
    tensors = {key: value.half().contiguous() for key, value in released_names(model).items()}
    save_file(tensors, folder / WEIGHTS)


def write_readme(folder: Path, table: str) -> None:
    """What the bundle is and is not, with the table of its figures."""
    million = sum(value.numel() for value in load_file(folder / WEIGHTS).values()) / 1e6
    (folder / README).write_text(_TEXT.format(million=million, period=PERIOD, table=table))
