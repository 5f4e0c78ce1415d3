"""New instructions while a policy runs: encoded elsewhere, swapped in, the last one counts."""

import shutil
import sys
import threading
import time

import pytest
import torch
from safetensors.torch import save_file
from std_msgs.msg import String

from fastwam_ros.nodes import qos
from fastwam_ros.nodes.instructions import Encoder, Instructions
from fastwam_ros.robot import topics
from fastwam_ros.wam.umt5 import TextEncoder, TextSize
from test.nodes.test_policy_node import TINY, Robot
from test.wam import small_tokenizer

pytestmark = pytest.mark.torch


class Told(Encoder):
    """Encodes by a script: the task says how."""

    def command(self, task):
        return [sys.executable, '-c', self.files, task]


class Inference:
    """Knows what was encoded: files in a folder."""

    def __init__(self, folder) -> None:
        self.folder, self.task, self.had = folder, 'first', []

    def set_task(self, task: str) -> str:
        if not (self.folder / task).exists():
            return f'unknown task {task!r}'
        self.task = task
        self.had.append(task)
        return ''


SLOWLY = """
import sys, time, pathlib
task = sys.argv[1]
if task.startswith('long'):
    time.sleep(0.5)
if task == 'never':
    time.sleep(60)
if task == 'no words':
    sys.exit('loading\\nencode: the instruction is empty')
(pathlib.Path({folder!r}) / task).touch()
"""


class Words(list):
    def has(self, part: str, timeout: float = 20.0) -> bool:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if any(part in said for said in self):
                return True
            time.sleep(0.01)
        return False


@pytest.fixture
def stage(tmp_path):
    inference, told, warned = Inference(tmp_path), Words(), Words()
    encoder = Told('', SLOWLY.format(folder=str(tmp_path)), '')
    instructions = Instructions(inference, encoder, told.append, warned.append)
    yield instructions, inference, told, warned
    instructions.end()


def test_the_old_one_goes_on_until_the_new_one_is_there(stage):
    instructions, inference, told, warned = stage
    begun = time.monotonic()
    instructions.take('long way')
    assert time.monotonic() - begun < 0.4 and inference.task == 'first'
    assert told.has("'long way' from now on") and inference.task == 'long way'
    assert told[0] == "'long way' is encoded; until then: 'first'" and not warned


def test_of_several_that_come_meanwhile_the_last_one_counts(stage):
    instructions, inference, told, warned = stage
    for task in ('long one', 'long two', 'three'):
        instructions.take(task)
    assert told.has("'three' from now on")
    assert inference.had == ['three'] and not warned


def test_one_that_is_known_is_taken_at_once_and_overrules_what_is_being_encoded(stage):
    instructions, inference, told, _ = stage
    (inference.folder / 'known').touch()
    instructions.take('long way')
    assert told.has('is encoded')
    instructions.take('known')
    assert inference.task == 'known'
    instructions._thread.join(20.0)
    assert inference.task == 'known' and inference.had == ['known']


def test_what_cannot_be_encoded_says_why_and_the_next_is_tried(stage):
    instructions, inference, told, warned = stage
    instructions.take('no words')
    assert warned.has('encode: the instruction is empty')
    instructions.take('words')
    assert told.has("'words' from now on") and inference.task == 'words'


def test_an_end_does_not_wait_for_the_encoder(stage):
    instructions, _, told, _ = stage
    instructions.take('never')
    assert told.has('is encoded')
    while instructions._process is None:
        time.sleep(0.01)
    ended = threading.Thread(target=instructions.end)
    ended.start()
    ended.join(20.0)
    assert not ended.is_alive()
    assert instructions._process.returncode not in (None, 0)


def test_without_an_encoder_it_is_refused(tmp_path):
    warned = Words()
    inference = Inference(tmp_path)
    Instructions(inference, Encoder('', '', ''), print, warned.append).take('new')
    assert warned == ["unknown task 'new'"] and inference.task == 'first'


@pytest.fixture
def encoder(tmp_path):
    """A text encoder of the tiny bundle's width, with random weights."""
    torch.manual_seed(3)
    made = TextEncoder(TextSize(6, 64, 1, 2, 4, 12, 8, 128), torch.float32)
    network = made.network.to_empty(device='cpu')
    tensors = {k: torch.randn_like(v) * 0.3 for k, v in network.state_dict().items()}
    tensors.pop('encoder.embed_tokens.weight')
    (tmp_path / 'encoder').mkdir()
    save_file(tensors, tmp_path / 'encoder' / 'model.safetensors')
    return tmp_path / 'encoder'


def test_a_policy_learns_a_new_instruction_while_it_runs(probe, processes, encoder, tmp_path):
    bundle = shutil.copytree(TINY, tmp_path / 'bundle')
    contract = (bundle / 'policy.yaml').read_text()
    assert '  length: 16\n' in contract  # the template alone is longer
    (bundle / 'policy.yaml').write_text(contract.replace('  length: 16\n', '  length: 32\n'))
    (tmp_path / 'words').mkdir()
    tokenizer = small_tokenizer.write(tmp_path / 'words')
    given = (f'bundle:={bundle}', f'encoder:={encoder}', f'tokenizer:={tokenizer}')
    processes.start('policy', *given, 'max_rate:=5.0')
    robot, heard = Robot(probe), probe.heard[topics.CHUNK]
    assert probe.until(lambda: len(heard) > 2, 60.0, robot.play), processes.said('policy')
    publisher = probe.create_publisher(String, topics.TASK, qos.LATCHED)
    publisher.publish(String(data='fold the towel'))
    learnt = probe.until(lambda: heard[-1][1].task == 'fold the towel', 60.0, robot.play)
    assert learnt, processes.said('policy')
    tasks = [message.task for _, message in heard]
    changed = tasks.index('fold the towel')
    assert set(tasks[:changed]) == {'wave both arms'} and changed > 3
    assert len(list((bundle / 'prompts').iterdir())) == 1
