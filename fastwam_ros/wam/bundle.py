"""A checkpoint bundle: a directory that holds weights and everything that says what they mean.

    policy.yaml            the contract
    <weights>              transformer weights under their released names
    vae.safetensors        image encoder under its released names
    prompts.safetensors    one embedding [tokens, text_width] per task
    dataset_stats.json     global statistics of state and action

Reading checks every part against the contract before any network is built.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from fastwam_ros.wam.checkpoint import read_weights
from fastwam_ros.wam.contract import Contract
from fastwam_ros.wam.normaliser import Normaliser
from fastwam_ros.wam.reading import read_yaml
from fastwam_ros.wam.text import CachedPrompts, check_rows

CONTRACT, STATISTICS = 'policy.yaml', 'dataset_stats.json'
VAE, PROMPTS = 'vae.safetensors', 'prompts.safetensors'


@dataclass(frozen=True)
class Bundle:
    """Everything in the directory, checked and in memory; `digest` names its exact content."""

    path: Path
    contract: Contract
    weights: Mapping[str, Tensor]
    vae: Mapping[str, Tensor]
    prompts: CachedPrompts
    state: Normaliser
    action: Normaliser
    digest: str

    @classmethod
    def read(cls, path: Path | str) -> 'Bundle':
        """Raises FileNotFoundError for a missing file, ValueError for a damaged or wrong one."""
        folder = Path(path)
        contract = read_yaml(folder / CONTRACT, Contract)
        rows = read_weights(folder / PROMPTS)
        prompt, columns = contract.prompt, contract.state_columns.names
        check_rows(rows, prompt.tasks, contract.model.text_width, prompt.length)
        statistics = read_statistics(folder / STATISTICS)
        modes = contract.normalisation
        return cls(
            path=folder,
            contract=contract,
            weights=read_weights(folder / contract.weights),
            vae=read_weights(folder / VAE),
            prompts=CachedPrompts(
                {task: rows[task] for task in prompt.tasks},
                prompt.length,
                contract.model.text_width,
                folder,
                prompt.template,
            ),
            state=Normaliser.from_statistics(statistics['state'], modes.state, columns, 'state'),
            action=Normaliser.from_statistics(
                statistics['action'], modes.action, contract.joints.names, 'action'
            ),
            digest=_digest(folder, (CONTRACT, contract.weights, VAE, PROMPTS, STATISTICS)),
        )


def read_statistics(path: Path) -> dict[str, dict[str, Any]]:
    """Figures of `state` and `action`. Raises FileNotFoundError, ValueError where they lack."""
    if not path.is_file():
        raise FileNotFoundError(f'{path} is missing: is the bundle complete?')
    try:
        tree = json.loads(path.read_text(encoding='utf-8'))
        return {group: dict(tree[group]['default']) for group in ('state', 'action')}
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f'{path} is no JSON ({error}): truncated?') from None
    except (KeyError, TypeError, ValueError):
        raise ValueError(f'{path} lacks `state` or `action` with `default` in it') from None


def _digest(folder: Path, names: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for name in names:
        with (folder / name).open('rb') as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    return digest.hexdigest()[:16]
