"""Instructions as sentences and tokens; cache files under their released names."""

import json

import pytest
import torch

from fastwam_ros.wam.instruction import (
    TEMPLATE,
    Tokenizer,
    cache_name,
    read_cached,
    sentence,
    write_cached,
)

from . import small_tokenizer
from .parity import FOLDER

RECORDED = json.loads((FOLDER / 'text.json').read_text())


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return small_tokenizer.write(tmp_path_factory.mktemp('tokenizer'))


def test_the_template_is_the_recorded_one():
    assert RECORDED['prompt_template'] == TEMPLATE


def test_cache_files_have_their_recorded_names():
    for prompt, name in RECORDED['cache_file_names'].items():
        assert cache_name(prompt) == name
    prompt = sentence('fold the towel')
    assert prompt in RECORDED['cache_file_names']


@pytest.mark.parametrize(
    ('task', 'said'),
    [
        ('叠毛巾@fold the towel', 'fold the towel'),
        ('  fold \n the\ttowel ', 'fold the towel'),
        ('salt &amp;amp; pepper', 'salt & pepper'),
    ],
)
def test_a_task_is_cleaned_and_said_in_english(task, said):
    assert sentence(task, 'do: {task}') == f'do: {said}'


@pytest.mark.parametrize(
    ('task', 'words'),
    [
        ('', 'the instruction is empty'),
        ('叠毛巾@ ', 'the instruction is empty'),
        ('x' * 2001, 'the instruction has 2001 characters, limit 2000'),
    ],
)
def test_what_is_no_instruction_is_refused(task, words):
    with pytest.raises(ValueError, match=words):
        sentence(task)


def test_tokens_are_padded_to_the_positions(folder):
    tokens = Tokenizer(folder, 8).tokens('fold the towel')
    assert tokens.ids.tolist() == [[3, 4, 5, 1, 0, 0, 0, 0]]
    assert tokens.mask.tolist() == [[True] * 4 + [False] * 4]


def test_a_sentence_that_is_too_long_is_refused_and_not_cut(folder):
    with pytest.raises(ValueError, match='has 9 tokens, the model reads 8'):
        Tokenizer(folder, 8).tokens(' '.join(['fold'] * 8))
    assert Tokenizer(folder, 8).tokens(' '.join(['fold'] * 7)).mask.all()


def test_a_folder_without_a_tokenizer_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'neither tokenizer\.json nor spiece\.model'):
        Tokenizer(tmp_path)


def test_what_is_cached_reads_back_without_padding(tmp_path):
    rows, mask = torch.randn(6, 4), torch.arange(6) < 3
    path = write_cached(tmp_path, 'a sentence', rows, mask)
    assert path.name == cache_name('a sentence', 6)
    assert torch.equal(read_cached(path), rows[:3].bfloat16())
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_what_is_no_cache_file_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match='was not encoded'):
        read_cached(tmp_path / 'none.pt')
    (tmp_path / 'bad.pt').write_bytes(b'no')
    with pytest.raises(ValueError, match='is no cached instruction'):
        read_cached(tmp_path / 'bad.pt')
