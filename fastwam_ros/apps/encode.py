"""Encode instructions for a bundle: `python -m fastwam_ros.apps.encode BUNDLE TASK...`.

The text encoder is as big as the policy and needed once per instruction, so it runs here, in a
process of its own, and leaves a small file in the bundle that a policy finds when it is asked for
the task. A policy that runs does not have to be started again.
"""

import argparse
import sys
from pathlib import Path

from fastwam_ros.wam.bundle import CONTRACT
from fastwam_ros.wam.checkpoint import read_component
from fastwam_ros.wam.contract import Contract
from fastwam_ros.wam.instruction import Tokenizer, cache_name, sentence, write_cached
from fastwam_ros.wam.reading import read_yaml
from fastwam_ros.wam.text import ENCODED
from fastwam_ros.wam.umt5 import TextEncoder, TextSize, released


def encode(
    bundle: Path, tasks: list[str], encoder: Path, tokenizer: Path, device: str = 'cpu'
) -> list[Path]:
    """Files of the tasks in the bundle's folder, new or already there.

    encoder: Wan's UMT5 file or Diffusers' `text_encoder` folder; tokenizer: the folder of
    google/umt5-xxl's. Raises FileNotFoundError, or ValueError naming what does not fit.
    """
    contract = read_yaml(bundle / CONTRACT, Contract)
    prompt, width = contract.prompt, contract.model.text_width
    prompts = [sentence(task, prompt.template) for task in tasks]
    folder = bundle / ENCODED
    paths = [folder / cache_name(words, prompt.length) for words in prompts]
    missing = [words for words, path in zip(prompts, paths, strict=True) if not path.is_file()]
    if not missing:
        return paths
    reader = Tokenizer(tokenizer, prompt.length)
    tokens = [reader.tokens(words) for words in missing]  # before minutes of loading
    tensors = released(read_component(encoder), str(encoder))
    size = TextSize.of(tensors)
    if size.width != width:
        raise ValueError(f'{encoder} makes rows of {size.width}, the bundle reads {width}')
    network = TextEncoder(size, next(iter(tensors.values())).dtype)
    network.load(tensors, str(encoder), device)
    for words, one in zip(missing, tokens, strict=True):
        rows = network(one.ids.to(device), one.mask.to(device))[0].cpu()
        write_cached(folder, words, rows, one.mask[0])
    return paths


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('bundle', type=Path)
    parser.add_argument('tasks', nargs='+', metavar='task')
    parser.add_argument('--encoder', type=Path, required=True, help="Wan's UMT5 file or folder")
    parser.add_argument('--tokenizer', type=Path, required=True, help="google/umt5-xxl's folder")
    parser.add_argument('--device', default='cpu', help='cpu, or cuda where 12 GB are free')
    given = parser.parse_args()
    try:
        made = encode(given.bundle, given.tasks, given.encoder, given.tokenizer, given.device)
    except (FileNotFoundError, ValueError) as error:
        sys.exit(f'encode: {error}')
    for task, path in zip(given.tasks, made, strict=True):
        print(f'{task!r}: {path}')


if __name__ == '__main__':
    main()
