"""What a bundle is, on one screen: as facts that a machine reads, and as lines made of them."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from fastwam_ros.apps.bundle.verify import span
from fastwam_ros.apps.files import sha256
from fastwam_ros.wam.bundle import STATISTICS, VAE, Bundle, read_statistics
from fastwam_ros.wam.contract import Columns
from fastwam_ros.wam.model import FastWAM
from fastwam_ros.wam.mosaic import CROP
from fastwam_ros.wam.sampling import SAMPLINGS, imagines
from fastwam_ros.wam.vision import ImageEncoder

_BYTES = {'cpu': 4, 'gpu': 2}  # of a parameter: fp32 and bf16
_TASKS = 8  # that are listed
Facts = Mapping[str, Any]


def facts(folder: Path) -> dict[str, Any]:
    """The contract, and what follows from the files. Raises as `Bundle.read` does."""
    bundle = Bundle.read(folder)
    contract, statistics = bundle.contract, read_statistics(folder / STATISTICS)
    counts = _parameters(bundle)
    return {
        'digest': bundle.digest,
        'modes': list(SAMPLINGS[contract.variant]),
        'parameters': counts,
        'memory': {place: sum(counts.values()) * size for place, size in _BYTES.items()},
        'columns': {
            'action': _columns(contract.joints, statistics['action']),
            'state': _columns(contract.state_columns, statistics['state']),
        },
        'files': _files(folder),
        'contract': asdict(contract),
    }


def lines(found: Facts) -> list[str]:
    """The screen."""
    said = {**_about_model(found), **_about_use(found['contract'])}
    files = found['files'].items()
    return [
        f'{found["contract"]["name"]}@{found["digest"]}',
        *(f'{key:<13} {value}' for key, value in said.items()),
        f'{"column":<24} {"unit":<9}{"in the data":>20}',
        *(line for group in ('action', 'state') for line in _table(group, found['columns'])),
        *(f'{name:<24} {entry["bytes"]:>15,} {entry["sha256"]}' for name, entry in files),
    ]


def _about_model(found: Facts) -> dict[str, str]:
    contract, memory = found['contract'], found['memory']
    size = contract['model']
    experts = ', '.join(
        f'{name} {size[name]["width"]}/{size[name]["ffn_width"]}' for name in ('video', 'action')
    )
    counts = [f'{name} {count / 1e6:,.2f} M' for name, count in found['parameters'].items()]
    return {
        'robot': f'{contract["robot"]}, rows are {contract["joints"]["representation"]}',
        'variant': f'{contract["variant"]}, modes {", ".join(found["modes"])}',
        'model': f'{size["layers"]} layers, {size["heads"]} heads x {size["head_dim"]}, '
        f'{experts}, text {size["text_width"]}',
        'parameters': ', '.join(counts),
        'memory': f'{_size(memory["cpu"])} on a CPU (fp32), {_size(memory["gpu"])} on a GPU '
        '(bf16), and beyond it what one inference needs',
    }


def _about_use(contract: Facts) -> dict[str, str]:
    timing, sampler, mosaic = contract['timing'], contract['sampler'], contract['mosaic']
    tasks, modes = contract['prompt']['tasks'], contract['normalisation']
    more = f' and {len(tasks) - _TASKS} more' if len(tasks) > _TASKS else ''
    return {
        'picture': f'{mosaic["height"]} x {mosaic["width"]}',
        **{f'  {tile["camera"]}': _tile(tile) for tile in mosaic['tiles']},
        'timing': f'{timing["horizon"]} rows, {timing["step"]:.4g} s each, row k due at the '
        f'picture + (k + {timing["offset"]:g}) steps',
        'normalised': f'state {modes["state"]}, action {modes["action"]}',
        'sampler': f'{sampler["steps"]} steps, shift {sampler["shift"]:g}, '
        f'{"rounded to bf16" if sampler["rounded"] else "exact"}, seed {sampler["seed"]}',
        'tasks': '; '.join(tasks[:_TASKS]) + more,
    }


def _tile(tile: Facts) -> str:
    cut = tile['crop']
    part = [f'{cut[key]:g}' for key in ('top', 'left', 'height', 'width')] if cut else []
    return ', '.join(
        [
            f'{tile["height"]} x {tile["width"]} at {tile["top"]}, {tile["left"]}',
            *([f'of its part {" ".join(part)}'] if cut else []),
            *(['turned by 180 degrees'] if tile['turned'] else []),
            *(['proportions kept'] if tile['fit'] == CROP else []),
        ]
    )


def _columns(columns: Columns, leaf: Facts) -> list[dict[str, Any]]:
    bounds = zip(*span(leaf, columns.names), strict=True)
    return [
        {'name': name, 'unit': unit, 'low': float(low), 'high': float(high)}
        for name, unit, (low, high) in zip(columns.names, columns.units, bounds, strict=True)
    ]


def _table(group: str, columns: Facts) -> list[str]:
    """One line per column; those of a state that has the action's names stay on the same line."""
    if group == 'state' and _named(columns['state']) == _named(columns['action']):
        return []
    return [
        f'{group} {c["name"]:<17} {c["unit"]:<9}{c["low"]:>9.3f} .. {c["high"]:.3f}'
        for c in columns[group]
    ]


def _named(columns: list[Facts]) -> list[tuple[str, str]]:
    return [(c['name'], c['unit']) for c in columns]


def _files(folder: Path) -> dict[str, dict[str, Any]]:
    found = sorted(path for path in folder.iterdir() if path.is_file())
    return {p.name: {'bytes': p.stat().st_size, 'sha256': sha256(p)} for p in found}


def _parameters(bundle: Bundle) -> dict[str, int]:
    """Of what is loaded to drive: no video head that nobody asks, and no decoder."""
    contract = bundle.contract
    with torch.device('meta'):
        model = FastWAM(contract.model, imagines(contract.variant))
    encoder = ImageEncoder(contract.vae)
    encoder.load(bundle.vae, VAE, 'meta')
    experts = {'video': _count(model.video), 'action': _count(model.action)}
    others = _count(model) - sum(experts.values())
    return {**experts, 'in and out': others, 'image encoder': _count(encoder)}


def _count(module: nn.Module) -> int:
    return sum(value.numel() for value in module.parameters())


def _size(count: int) -> str:
    return f'{count / 1e9:.2f} GB' if count >= 1e9 else f'{count / 1e6:.1f} MB'
