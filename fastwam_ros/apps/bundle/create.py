"""A bundle made of released files: held to a profile, and put in place whole or not at all.

Everything is written into a hidden folder beside the new one, read back as a policy reads it, and
renamed. What a file cannot show (units, order, offset) comes from the profile.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from fastwam_ros.apps.bundle.profiles import PROFILES, Profile
from fastwam_ros.apps.bundle.statistics import read_statistics
from fastwam_ros.apps.bundle.sums import write_sums
from fastwam_ros.apps.encode import encode
from fastwam_ros.apps.files import writing
from fastwam_ros.wam.blocks import ModelSize
from fastwam_ros.wam.bundle import CONTRACT, PROMPTS, STATISTICS, VAE, Bundle
from fastwam_ros.wam.checkpoint import load_into, read_component, read_weights
from fastwam_ros.wam.contract import FORMAT, VARIANTS, Contract, Prompt, Timing
from fastwam_ros.wam.instruction import cache_name, read_cached, sentence
from fastwam_ros.wam.model import FastWAM
from fastwam_ros.wam.reading import write_yaml
from fastwam_ros.wam.sampling import imagines
from fastwam_ros.wam.sizes import HEAD_DIM, has_video_head, model_size, vae_size
from fastwam_ros.wam.text import ENCODED
from fastwam_ros.wam.vision import ImageEncoder

PLAIN = VARIANTS[0]
SAFETENSORS = '.safetensors'


@dataclass(frozen=True)
class Texts:
    """Tasks, and where their rows are: a folder of released cache files, or what encodes them."""

    tasks: tuple[str, ...]
    prompts: Path | None = None
    encoder: Path | None = None
    tokenizer: Path | None = None

    def __post_init__(self) -> None:
        """Raises ValueError unless there is a task and one way to its rows."""
        encodes = self.encoder is not None, self.tokenizer is not None
        if not self.tasks or encodes[0] != encodes[1] or encodes[0] == (self.prompts is not None):
            raise ValueError(
                'tasks need rows: give --task at least once, and either --prompts with a folder '
                'of cached ones or both --encoder and --tokenizer'
            )


@dataclass(frozen=True)
class Sources:
    """The released files. vae: a file or Diffusers' folder; link: hard links instead of copies."""

    weights: Path
    vae: Path
    stats: Path
    texts: Texts
    link: bool = False


def create(
    out: Path,
    profile: Profile,
    sources: Sources,
    name: str,
    variant: str = PLAIN,
    head_dim: int = HEAD_DIM,
) -> str:
    """Make the folder `out`; returns the bundle's digest.

    Raises FileExistsError where it is there already, FileNotFoundError for a missing source,
    OSError for a disk that takes no more, ValueError for what does not fit; then there is none.
    """
    if os.path.lexists(out):
        raise FileExistsError(
            f'{out} exists: a bundle is made anew or not at all, remove it first'
        )
    _check_files(sources)
    contract = _contract(profile, sources, name, variant, head_dim)
    statistics = read_statistics(sources.stats, profile)
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(prefix=f'.{out.name}.', dir=out.parent))
    try:
        half.chmod(0o755)
        _write(half, contract, statistics, sources)
        digest = Bundle.read(half).digest
        write_sums(half)
        half.rename(out)
    except BaseException:
        shutil.rmtree(half)
        raise
    return digest


def _check_files(sources: Sources) -> None:
    for option, path in (('weights', sources.weights), ('vae', sources.vae)):
        if not path.exists():
            raise FileNotFoundError(f'{path} is missing: check --{option}')
    if sources.weights.is_dir():
        raise ValueError(
            f"{sources.weights} is a folder, --weights takes a file: LeRobot's is the "
            'model.safetensors in it'
        )


def _contract(
    profile: Profile, sources: Sources, name: str, variant: str, head_dim: int
) -> Contract:
    """Sizes from the files, all tensors held to them, the rest from the profile."""
    if profile.step is None:
        raise ValueError(
            f'profile {profile.name} knows no time step: give --step, 1 / fps of the data '
            '(meta/info.json says it)'
        )
    tensors = read_weights(sources.weights)
    size = model_size(tensors, head_dim)
    _check_columns(profile, size, sources.weights)
    _check_model(tensors, size, variant, sources.weights)
    vae = read_component(sources.vae)
    encoder = vae_size(vae, str(sources.vae))
    ImageEncoder(encoder).load(vae, str(sources.vae), 'meta')
    return Contract(
        format=FORMAT,
        name=name,
        robot=profile.robot,
        variant=variant,
        weights=f'weights{sources.weights.suffix}',
        model=size,
        vae=encoder,
        mosaic=profile.mosaic,
        joints=profile.joints,
        timing=Timing(profile.step, profile.horizon, profile.offset),
        normalisation=profile.normalisation,
        sampler=profile.sampler,
        prompt=Prompt(profile.template, profile.length, sources.texts.tasks),
        state=profile.state,
    )


def _check_columns(profile: Profile, size: ModelSize, weights: Path) -> None:
    have = size.action_width, size.state_width
    want = _widths(profile)
    if have != want:
        fitting = [other.name for other in PROFILES.values() if _widths(other) == have]
        raise ValueError(
            f'{weights} has {have[0]} columns of action and {have[1]} of state, profile '
            f'{profile.name} for robot {profile.robot!r} has {want[0]} and {want[1]}: of another '
            f'robot{f", such as --profile {fitting[0]}" if fitting else ""}?'
        )


def _widths(profile: Profile) -> tuple[int, int]:
    return len(profile.joints.names), len(profile.state_columns.names)


def _check_model(
    tensors: Mapping[str, Tensor], size: ModelSize, variant: str, weights: Path
) -> None:
    """Every tensor has its place and shape. A network on the meta device has no memory."""
    if imagines(variant) and not has_video_head(tensors):
        raise ValueError(
            f'{weights} has no video head, which variant {variant} imagines with: '
            f'is it a checkpoint of {PLAIN} without it?'
        )
    with torch.device('meta'):
        model = FastWAM(size, imagines(variant))
    load_into(model, tensors, str(weights), 'meta')


def _write(
    folder: Path, contract: Contract, statistics: Mapping[str, object], sources: Sources
) -> None:
    write_yaml(folder / CONTRACT, contract)
    save_file(_rows(folder, contract.prompt, sources.texts), folder / PROMPTS)
    (folder / STATISTICS).write_text(json.dumps(statistics) + '\n', encoding='utf-8')
    _take(sources.weights, folder / contract.weights, sources.link)
    if sources.vae.suffix == SAFETENSORS:
        _take(sources.vae, folder / VAE, sources.link)
    else:
        tensors = read_component(sources.vae)
        save_file({key: value.contiguous() for key, value in tensors.items()}, folder / VAE)


def _rows(folder: Path, prompt: Prompt, texts: Texts) -> dict[str, Tensor]:
    """Rows of the tasks, real tokens only."""
    if texts.prompts is not None:
        return {task: _cached(texts.prompts, task, prompt) for task in texts.tasks}
    assert texts.encoder is not None and texts.tokenizer is not None
    encode(folder, list(texts.tasks), texts.encoder, texts.tokenizer)
    rows = {task: _cached(folder / ENCODED, task, prompt) for task in texts.tasks}
    shutil.rmtree(folder / ENCODED)  # they are in one file now
    return rows


def _cached(folder: Path, task: str, prompt: Prompt) -> Tensor:
    path = folder / cache_name(sentence(task, prompt.template), prompt.length)
    if not path.is_file():
        raise FileNotFoundError(
            f'{path} is missing: nobody encoded {task!r} for this template and {prompt.length} '
            'positions; --encoder and --tokenizer do'
        )
    return read_cached(path).clone()


def _take(source: Path, target: Path, link: bool) -> None:
    """A download's cache holds symbolic links: the file itself is meant."""
    with writing(target):
        if link:
            os.link(source.resolve(), target)
        else:
            shutil.copyfile(source, target)
