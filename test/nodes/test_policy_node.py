"""The policy's process with cameras, bundles and parameters that are none: words, and no chunk."""

import array
import shutil

import pytest
from fastwam_ros.msg import ExecutorState
from sensor_msgs.msg import CompressedImage

from fastwam_ros.nodes import qos, topics
from fastwam_ros.nodes.messages import time_message
from fastwam_ros.robot.topics import IMAGES
from test.nodes.conftest import ROOT

pytestmark = pytest.mark.torch

TINY = ROOT / 'bundles' / 'tiny_r1lite'


@pytest.fixture(scope='module')
def policy(probe, processes):
    """A policy that infers for an executor which the probe plays."""
    processes.start('policy', f'bundle:={TINY}', 'max_rate:=5.0', 'frame_interval:=0.0')
    states = probe.create_publisher(ExecutorState, topics.STATE, qos.LATCHED)

    def play(pictures) -> None:
        states.publish(ExecutorState(mode='HOLD', next_mode='HOLD', epoch=3))
        probe.feedback()
        for camera, data in pictures.items():
            message = CompressedImage(format='jpeg', data=array.array('B', data))
            message.header.stamp = time_message(probe.now())
            probe.speak(CompressedImage, IMAGES[camera]).publish(message)

    ready = probe.until(lambda: 'bundle tiny_r1lite' in processes.said('policy'), 60.0)
    assert ready, processes.said('policy')
    return play


@pytest.fixture(scope='module')
def picture():
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new('RGB', (640, 360), (90, 90, 90)).save(out, 'JPEG')
    return out.getvalue()


def test_sound_pictures_give_chunks_of_the_epoch_in_force(policy, probe, picture):
    every = dict.fromkeys(IMAGES, picture)
    assert probe.until(lambda: probe.heard[topics.CHUNK], 20.0, lambda: policy(every))
    chunk = probe.heard[topics.CHUNK][-1][1]
    assert chunk.epoch == 3
    assert chunk.robot == 'r1lite'
    assert chunk.inference_time > 0.0


def test_garbage_from_a_camera_names_it_and_yields_no_chunk(policy, probe, processes, picture):
    bad = {**dict.fromkeys(IMAGES, picture), 'left': b'\xff\xd8 no picture'}
    probe.listen(1.0, lambda: policy(bad))
    before = len(probe.heard[topics.CHUNK])
    probe.listen(2.0, lambda: policy(bad))
    assert len(probe.heard[topics.CHUNK]) == before
    assert 'left camera sent 13 bytes that are no picture' in processes.said('policy')


def test_a_camera_that_stops_is_named_and_yields_no_chunk(policy, probe, processes, picture):
    two = {'head': picture, 'right': picture}
    probe.listen(1.0, lambda: policy(two))
    before = len(probe.heard[topics.CHUNK])
    probe.listen(2.5, lambda: policy(two))
    assert len(probe.heard[topics.CHUNK]) == before
    assert 'left camera sends nothing for' in processes.said('policy')


def test_it_recovers(policy, probe, picture):
    before = len(probe.heard[topics.CHUNK])
    every = dict.fromkeys(IMAGES, picture)
    assert probe.until(
        lambda: len(probe.heard[topics.CHUNK]) > before, 20.0, lambda: policy(every)
    )


def truncated(folder):
    weights = folder / 'weights.safetensors'
    weights.write_bytes(weights.read_bytes()[:1000])
    return 'weights.safetensors'


def mistyped(folder):
    contract = folder / 'policy.yaml'
    contract.write_text(contract.read_text().replace('robot:', 'robbot:'))
    return 'robbot'


def for_another(folder):
    contract = folder / 'policy.yaml'
    contract.write_text(contract.read_text().replace('r1lite', 'aloha'))
    return 'aloha'


def gone(folder):
    shutil.rmtree(folder)
    return str(folder.name)


@pytest.mark.parametrize('damage', [truncated, mistyped, for_another, gone])
def test_a_bundle_that_is_none_ends_the_start_with_one_line(processes, tmp_path, damage):
    folder = tmp_path / 'bundle'
    shutil.copytree(TINY, folder)
    word = damage(folder)
    processes.start('policy', f'bundle:={folder}', label='broken', apart=True)
    assert processes.wait('broken') == 1
    said = processes.said('broken')
    assert word in said.splitlines()[-1]
    assert 'Traceback' not in said


def test_a_mistyped_yaml_key_names_the_valid_ones(processes, tmp_path):
    file = tmp_path / 'params.yaml'
    file.write_text(f'policy:\n  ros__parameters:\n    bundle: {TINY}\n    thread: 1\n')
    processes.start('policy', str(file), label='broken')
    assert processes.wait('broken') == 1
    last = processes.said('broken').splitlines()[-1]
    assert "unknown parameter 'thread' for policy: it has bundle, task, threads" in last


def test_a_task_that_the_bundle_lacks_is_refused_with_the_list(processes):
    processes.start(
        'policy', f'bundle:={TINY}', 'task:=fold the towel', label='broken', apart=True
    )
    assert processes.wait('broken') == 1
    last = processes.said('broken').splitlines()[-1]
    assert "'fold the towel' is not in bundle" in last
    assert 'it knows' in last
