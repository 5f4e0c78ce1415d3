"""The policy's process with cameras, bundles and parameters that are none: words, and no chunk."""

import array
import io
import math
import shutil

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from fastwam_ros.msg import ExecutorState
from PIL import Image
from sensor_msgs.msg import CompressedImage

from fastwam_ros.nodes import qos
from fastwam_ros.nodes.messages import time_message
from fastwam_ros.robot import topics
from fastwam_ros.robot.topics import IMAGES
from test.nodes.conftest import ROOT

pytestmark = pytest.mark.torch

TINY = ROOT / 'bundles' / 'tiny_r1lite'


CELL = 1 / 15  # [s] between pictures
LOW = (0.0, 1.9, -1.8, 0.9, 0.0, 0.0)  # both hands in the head camera's picture


def encoded(pixels) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, 'JPEG')
    return out.getvalue()


class Robot:
    """What the probe plays: an executor, arms that swing, and cameras.

    None repeats itself unless told. under: a namespace and its slash.
    """

    def __init__(self, probe, under='', epoch=3) -> None:
        self._probe, self._begun, self._due = probe, probe.now(), 0
        self._under, self._epoch = under, epoch
        self._states = probe.create_publisher(ExecutorState, under + topics.STATE, qos.LATCHED)
        self._noise = np.random.default_rng(0)

    def picture(self) -> bytes:
        small = self._noise.integers(0, 255, (9, 16, 3), np.uint8)
        return encoded(np.kron(small, np.ones((40, 40, 1), np.uint8)))

    def swing(self, now: int) -> None:
        """Feedback of arms that move."""
        angle = 0.3 * math.sin((now - self._begun) * 2e-9)
        self._probe.feedback((angle, *LOW[1:]), under=self._under)

    def state(self) -> ExecutorState:
        return ExecutorState(mode='HOLD', next_mode='HOLD', epoch=self._epoch)

    def play(self, **instead) -> None:
        """Feedback, and pictures as they are due; instead: a camera's data, None for silence."""
        now = self._probe.now()
        self.swing(now)
        if now < self._due:
            return
        self._due = now + round(CELL * 1e9)
        self._states.publish(self.state())
        self.show(now, instead)

    def show(self, now: int, instead: dict) -> None:
        """A picture of each camera."""
        for camera in IMAGES:
            data = instead[camera] if camera in instead else self.picture()
            if data is not None:
                message = CompressedImage(format='jpeg', data=array.array('B', data))
                message.header.stamp = time_message(now)
                self._probe.speak(CompressedImage, self._under + IMAGES[camera]).publish(message)


@pytest.fixture(scope='module')
def robot(probe, processes):
    """With a policy that infers for it."""
    processes.start('policy', f'bundle:={TINY}', 'max_rate:=5.0')
    probe.hear(DiagnosticArray, '/diagnostics', qos.REQUESTS)
    ready = probe.until(lambda: 'bundle tiny_r1lite' in processes.said('policy'), 60.0)
    assert ready, processes.said('policy')
    return Robot(probe)


def chunks(probe) -> int:
    return len(probe.heard[topics.CHUNK])


def health(probe) -> str:
    """What the policy's last word on /diagnostics was."""
    told = [m.status[0] for _, m in probe.heard['/diagnostics'] if m.status[0].name == 'policy']
    return told[-1].message if told else ''


def test_sound_pictures_give_chunks_of_the_epoch_in_force(robot, probe):
    assert probe.until(lambda: chunks(probe), 20.0, robot.play)
    chunk = probe.heard[topics.CHUNK][-1][1]
    assert chunk.epoch == 3
    assert chunk.robot == 'r1lite'
    assert chunk.inference_time > 0.0


def no_chunks(robot, probe, said, **instead) -> None:
    """What is said at last; and that there are no chunks from then on."""
    found = probe.until(lambda: said in health(probe), 20.0, lambda: robot.play(**instead))
    assert found, health(probe)
    before = chunks(probe)
    probe.listen(2.0, lambda: robot.play(**instead))
    assert chunks(probe) == before
    assert said in health(probe)


def test_garbage_from_a_camera_names_it_and_yields_no_chunk(robot, probe):
    no_chunks(
        robot, probe, 'left camera sent 13 bytes that are no picture', left=b'\xff\xd8 no picture'
    )


def test_a_camera_that_stops_is_named_and_yields_no_chunk(robot, probe):
    """Also where it was found wrong before: there is no newer word on what it sees."""
    no_chunks(robot, probe, 'left camera sends nothing for', left=None)


def goes_on(robot, probe) -> None:
    before = chunks(probe)
    assert probe.until(lambda: chunks(probe) > before + 1, 20.0, robot.play)
    assert probe.until(lambda: health(probe) == 'ok', 20.0, robot.play)


def test_it_recovers(robot, probe):
    goes_on(robot, probe)


BLACK = encoded(np.zeros((360, 640, 3), np.uint8))


@pytest.mark.parametrize(
    ('camera', 'data', 'words'),
    [
        ('head', 'its last', 'head camera is frozen: '),
        ('right', 'its last', 'right camera is frozen: '),
        ('left', BLACK, 'left camera is black: mean 0.0 of 255, limit 8: a covered lens'),
    ],
)
def test_a_camera_that_sees_nothing_is_told_once_until_it_sees_again(
    robot, probe, processes, camera, data, words
):
    goes_on(robot, probe)
    earlier = processes.said('policy')
    no_chunks(
        robot,
        probe,
        f'no new chunks: {words}',
        **{camera: robot.picture() if data == 'its last' else data},
    )
    goes_on(robot, probe)
    said = processes.said('policy').removeprefix(earlier).splitlines()
    said = [line for line in said if 'chunks' in line]  # a busy machine leaves gaps in feedback
    assert len(said) == 2, said
    assert f'no new chunks: {words}' in said[0]
    assert f'{camera} camera sees again: chunks go on' in said[1]


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
    assert "unknown parameter 'thread' for policy: it has " in last
    assert 'bundle, task, threads' in last


def test_a_task_that_the_bundle_lacks_is_refused_with_the_list(processes):
    processes.start(
        'policy', f'bundle:={TINY}', 'task:=fold the towel', label='broken', apart=True
    )
    assert processes.wait('broken') == 1
    last = processes.said('broken').splitlines()[-1]
    assert "bundle tiny_r1lite: unknown task 'fold the towel': this bundle knows wave both" in last
