"""Loading a bundle of random weights in the released layout: how long, and how much memory.

The files are made and put together as those of a real checkpoint are. Anonymous memory counts:
what is mapped from a file the system takes back when it needs it.
"""

import gc
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from safetensors.torch import save_file

from fastwam_ros.apps.bench.models import JOINTS, PICTURE, TASK, WORDS, Size
from fastwam_ros.apps.bench.rows import Row
from fastwam_ros.apps.bench.variants import Place, tidy
from fastwam_ros.apps.bench.weights import drawn
from fastwam_ros.apps.bundle.create import Sources, Texts, create
from fastwam_ros.apps.bundle.profiles import PROFILES
from fastwam_ros.wam.bundle import Bundle
from fastwam_ros.wam.checkpoint import released_names
from fastwam_ros.wam.instruction import POSITIONS, TEMPLATE, sentence, write_cached
from fastwam_ros.wam.model import FastWAM
from fastwam_ros.wam.policy import Policy
from fastwam_ros.wam.vae_keys import vae_keys
from fastwam_ros.wam.vision import wan_vae

DECODER_WIDTH = 256  # of the released VAE, whose decoder a policy passes over
_STATE = 'proprio_encoder.'
_FILES = ('released.pt', 'vae.safetensors', 'stats.json')
_OFTEN = 0.01  # [s] between two looks at this process's memory


def loading(part: str, size: Size, place: Place, decoder: int = DECODER_WIDTH) -> Iterator[Row]:
    """Rows; the files are gone afterwards."""
    with TemporaryDirectory(prefix='fastwam_bench_') as name:
        folder, bundle = Path(name), Path(name) / 'bundle'
        begun = time.perf_counter()
        sources = released(folder, size, place, decoder)
        gc.collect()
        create(bundle, PROFILES['r1lite'], sources, 'random', head_dim=size.model.head_dim)
        took, bytes_ = time.perf_counter() - begun, _held(bundle)
        note = f'{bytes_ / 1e9:.3g} GB of random weights written, checked and summed'
        yield Row(part, 'a bundle made', took, 's', note=note)
        tidy()
        yield from _loaded(part, bundle, place)


def released(folder: Path, size: Size, place: Place, decoder: int = DECODER_WIDTH) -> Sources:
    """The files of a checkpoint with random weights."""
    with torch.device('meta'):
        model, vae = FastWAM(size.model, imagines=True), wan_vae(size.vae, decoder)
    made = drawn(released_names(model), place.device, torch.bfloat16)
    state = {key.removeprefix(_STATE): made.pop(key) for key in [*made] if key.startswith(_STATE)}
    torch.save({'mot': made, 'proprio_encoder': state, 'step': 0}, folder / 'released.pt')
    del made
    keys = vae_keys(size.vae.residual_blocks)
    names = {keys.released(key) or key: value for key, value in vae.state_dict().items()}
    save_file(drawn(names, place.device, torch.bfloat16), folder / 'vae.safetensors')
    figures = {'global_mean': [0.0] * JOINTS, 'global_std': [1.0] * JOINTS}
    tree = {group: {'default': figures} for group in ('state', 'action')}
    (folder / 'stats.json').write_text(json.dumps(tree))
    rows, mask = torch.randn(POSITIONS, size.model.text_width), torch.arange(POSITIONS) < WORDS
    write_cached(folder / 'prompts', sentence(TASK, TEMPLATE), rows, mask)
    texts = Texts((TASK,), prompts=folder / 'prompts')
    weights, vae_file, stats = (folder / file for file in _FILES)
    return Sources(weights, vae_file, stats, texts, link=True)


def _loaded(part: str, folder: Path, place: Place) -> Iterator[Row]:
    on_gpu = torch.device(place.device).type == 'cuda'
    before = torch.cuda.memory_allocated(place.device) if on_gpu else 0
    if on_gpu:
        torch.cuda.reset_peak_memory_stats(place.device)
    begun = time.perf_counter()
    with watched() as most:
        bundle = Bundle.read(folder)
        read = time.perf_counter() - begun
        policy = Policy.load(bundle, place.threads, place.device, kernels=place.kernels)
        took = time.perf_counter() - begun
    note = f'{policy.how}; of which files read and digested: {read:.3g} s'
    yield Row(part, 'a bundle loaded', took, 's', note=note)
    note = 'anonymous memory of the host beside what was there'
    yield Row(part, 'a bundle loaded, host', most() / 1e6, 'MB', note=note)
    if on_gpu:
        note = f'max_memory_allocated; {before / 1e6:.0f} MB were there before'
        most_there = torch.cuda.max_memory_allocated(place.device) / 1e6
        yield Row(part, 'a bundle loaded, device', most_there, 'MB', note=note)
    begun = time.perf_counter()
    policy.infer_mosaic(np.zeros((*PICTURE, 3), np.uint8), np.zeros(JOINTS), TASK)
    first = 1e3 * (time.perf_counter() - begun)
    yield Row(part, 'its first chunk', first, 'ms', note='everything was warmed up at load')


@contextmanager
def watched() -> Iterator[Callable[[], int]]:
    """Bytes that this process came to hold meanwhile at most, beyond what it held before."""
    begun, done, seen = _anonymous(), threading.Event(), [0]

    def look() -> None:
        while not done.wait(_OFTEN):
            seen[0] = max(seen[0], _anonymous() - begun)

    looker = threading.Thread(target=look, name='memory', daemon=True)
    looker.start()
    try:
        yield lambda: seen[0]
    finally:
        done.set()
        looker.join()


def _anonymous() -> int:
    lines: Sequence[str] = Path('/proc/self/status').read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith('RssAnon'))


def _held(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob('*') if file.is_file())
