"""Overview, doctor, parts and other names of recordings, as a user asks for them."""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fastwam_ros.apps.bag.doctor import examined
from fastwam_ros.apps.bag.hearing import Readings
from fastwam_ros.apps.bag.overview import Overview
from fastwam_ros.apps.bag.rewrite import Part, Renaming, rewritten
from fastwam_ros.bag.reader import Bag, BagError
from fastwam_ros.bag.run import Facts, robot_bounds
from fastwam_ros.bag.storage import Definition
from fastwam_ros.bag.writer import BagWriter, quality
from fastwam_ros.loop.contact import Joints, Severity
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.roles import ROLES
from fastwam_ros.robot.topics import (
    ARM_FEEDBACK,
    CAMERAS,
    GRIPPER_FEEDBACK,
    IMAGE_SIZES,
    IMAGES,
    OLDER_IMAGES,
)
from test.bag.foreign import SQLITE, Message, written
from test.bag.messages import SECOND, cdr, header, joint_state

START = 1_700_000_000 * SECOND
MS = 1_000_000
ARM, GRIP = ARM_FEEDBACK['left'], GRIPPER_FEEDBACK['right']
PRESENT = [(ARM_FEEDBACK[side], 6) for side in SIDES] + [(GRIPPER_FEEDBACK[s], 1) for s in SIDES]


def jpeg(size: tuple[int, int], seed: int = 0, grey: int | None = None) -> np.ndarray:
    """A picture of coarse noise, which is small, or of one grey."""
    few = np.random.default_rng(seed).integers(0, 256, (*(n // 20 for n in size), 3), np.uint8)
    if grey is not None:
        few = np.full_like(few, grey)
    file = io.BytesIO()
    Image.fromarray(few).resize(size[::-1]).save(file, 'JPEG', quality=30)
    return np.frombuffer(file.getvalue(), np.uint8)


PICTURES = {
    size: [jpeg(size, seed) for seed in range(4)] for size in {*IMAGE_SIZES.values(), (480, 640)}
}


def picture(camera: str, stamp: int, data: np.ndarray | None = None, count: int = 0) -> bytes:
    data = PICTURES[IMAGE_SIZES[camera]][count % 4] if data is None else data
    return cdr('CompressedImage', header=header(stamp), format='jpeg', data=data)


class Robot:
    """A robot in order for two seconds; a test spoils some of its messages."""

    def __init__(self, namespace: str = '') -> None:
        self.namespace = namespace
        self.messages: dict[str, list[tuple[int, int, bytes]]] = {}  # receipt, stamp, CDR
        for k in range(400):
            at = START + 5 * MS * k
            arm = [0.1 * np.sin(0.01 * k), 0.5, -0.5, 0.0, 0.0, 0.0]
            for topic, width in PRESENT:
                data = reading(at, arm if width == 6 else [50.0])
                self.messages.setdefault(topic, []).append((at + 2 * MS, at, data))
        for number, camera in enumerate(CAMERAS):
            for k in range(30):
                at = START + 66 * MS * k + 5 * MS * number
                data = picture(camera, at, count=k)
                self.messages.setdefault(IMAGES[camera], []).append((at + 40 * MS, at, data))

    def spoil(self, topic: str, change, which=slice(None)) -> None:
        """change: receipt, stamp, number -> the new message's receipt and CDR, or None."""
        messages = self.messages[topic]
        for k in range(*which.indices(len(messages))):
            received, stamp, _ = messages[k]
            received, data = change(received, stamp, k) or (0, b'')
            messages[k] = received, stamp, data
        self.messages[topic] = [each for each in messages if each[2]]

    def bag(self, path: Path) -> Bag:
        found: list[Message] = [
            (
                f'{self.namespace}/{topic}',
                'CompressedImage' if 'camera' in topic else 'JointState',
                received,
                data,
            )
            for topic, messages in self.messages.items()
            for received, _, data in messages
        ]
        return Bag(written(path, sorted(found, key=lambda each: each[2]), SQLITE))


def reading(stamp: int, position: list[float]) -> bytes:
    return cdr(
        'JointState',
        header=header(stamp),
        position=np.array(position),
        velocity=np.zeros(len(position)),
    )


def bad(bag: Bag, subject: str = '') -> list[str]:
    """What the doctor says is not in order, but for commands: a robot alone gives none."""
    return [
        f'{each.severity.value} {each.subject} {each}'
        for each in examined(bag)
        if each.severity is not Severity.OK
        and each.subject != 'commands'
        and subject in each.subject
    ]


def test_a_robot_in_order_has_no_findings_but_good_ones(tmp_path):
    bag = Robot('/lab').bag(tmp_path / 'run')
    found = examined(bag)
    assert bad(bag) == []
    facts = {each.subject: each.fact for each in reversed(found)}
    assert facts['robot'] == 'r1lite in namespace /lab'
    assert facts[ARM].startswith('200.0 Hz, 6 values')
    assert facts['left camera'] == '2 pictures were looked at: none is frozen or blank'
    (warned,) = [each for each in found if each.severity is Severity.WARN]
    assert 'no commands on motion_target' in warned.fact
    lags = [each.fact for each in found if 'after its stamps' in each.fact]
    assert 'received 2.0 ms after its stamps, 95 % up to 2.0 ms' in lags[3]


def leap(received, stamp, k):
    return received, reading(
        stamp, [1.5 if k == 200 else 0.1 * np.sin(0.01 * k), 0.5, -0.5, 0, 0, 0]
    )


SPOILT = {
    'a gap': (ARM, lambda r, s, k: None, slice(100, 160), ['error', 'nothing for 0.305 s']),
    'zero stamps': (
        GRIP,
        lambda r, s, k: (r, reading(0, [50.0])),
        slice(0, 5),
        ['error', '5 of 400 messages have no stamp'],
    ),
    'order': (
        ARM,
        lambda r, s, k: (r, reading(s - 50 * MS, [0.0, 0.5, -0.5, 0, 0, 0])),
        slice(390, 391),
        ['error', 'stamps go back, by up to 0.045 s'],
    ),
    'widths': (
        ARM,
        lambda r, s, k: (r, reading(s, [0.0] * 8)),
        slice(7, 9),
        ['error', '2 of 400 messages have 6 or 8 positions, want 6 or 7'],
    ),
    'a leap': (ARM, leap, slice(None), ['error', '1 of 400 readings would be dropped']),
    'limits': (
        ARM,
        lambda r, s, k: (r, reading(s, [0.0, -0.3, -0.5, 0, 0, 0])),
        slice(None),
        ['error', 'left_arm_joint2 reads -0.300 to -0.300'],
    ),
    'clock': (
        ARM,
        lambda r, s, k: (s - 20 * MS, reading(s, [0.0, 0.5, -0.5, 0, 0, 0])),
        slice(None),
        ['error', 'ahead of this clock'],
    ),
    'bytes': (ARM, lambda r, s, k: (r, b'\0\1\0\0'), slice(9, 10), ['error', 'cannot be decoded']),
    'sizes': (
        IMAGES['left'],
        lambda r, s, k: (r, picture('left', s, PICTURES[480, 640][k % 4])),
        slice(20, 30),
        ['error', 'sizes change'],
    ),
    'no picture': (
        IMAGES['left'],
        lambda r, s, k: (r, picture('left', s, np.arange(9, dtype=np.uint8))),
        slice(3, 4),
        ['error', '1 of 30 messages hold neither a JPEG nor a PNG'],
    ),
    'skew': (
        IMAGES['right'],
        lambda r, s, k: (r, picture('right', s + 10 * SECOND, count=k)),
        slice(None),
        ['error', 'ahead of this clock'],
    ),
}


@pytest.mark.parametrize('what', SPOILT)
def test_what_is_wrong_is_named(tmp_path, what):
    topic, change, which, words = SPOILT[what]
    robot = Robot()
    robot.spoil(topic, change, which)
    found = bad(robot.bag(tmp_path / 'run'), topic)
    assert any(all(word in line for word in words) for line in found), found


def test_a_camera_that_is_missing_and_one_of_the_former_name(tmp_path):
    robot = Robot()
    del robot.messages[IMAGES['head']]
    robot.messages[OLDER_IMAGES['left']] = robot.messages.pop(IMAGES['left'])
    found = bad(robot.bag(tmp_path / 'run'))
    missing = f'error {IMAGES["head"]} is missing: not recorded, or nobody published it'
    assert any(line.startswith(missing) for line in found)
    assert any('the older name of the wrist camera' in line for line in found)
    assert len(found) == 2


def test_a_black_and_a_frozen_camera(tmp_path):
    robot = Robot()
    black = jpeg(IMAGE_SIZES['right'], grey=2)
    robot.spoil(IMAGES['right'], lambda r, s, k: (r, picture('right', s, black)))
    robot.spoil(IMAGES['left'], lambda r, s, k: (r, picture('left', s)))
    robot.spoil(ARM, lambda r, s, k: (r, reading(s, [0.002 * k, 0.5, -0.5, 0, 0, 0])))
    bag = robot.bag(tmp_path / 'run')
    (frozen,) = bad(bag, 'left camera')
    assert 'left camera is frozen' in frozen and 'left_arm_joint1 moved by' in frozen
    assert '2 pictures of 2 looked at' in bad(bag, 'right camera')[0]
    assert 'right camera is black' in bad(bag, 'right camera')[0]
    assert bad(bag, 'head camera') == []


def test_raw_pictures_are_examined(tmp_path):
    height, width = IMAGE_SIZES['left']
    rows = np.random.default_rng(0).integers(0, 256, height * width * 3, np.uint8)
    name = f'/{ROLES["image_left_raw"].name}'
    sent = [
        (
            name,
            'Image',
            at + MS,
            cdr(
                'Image',
                header=header(at),
                height=height,
                width=width,
                encoding='rgb8',
                step=3 * width,
                data=rows,
            ),
        )
        for at in range(START, START + SECOND, SECOND // 15)
    ]
    found = examined(Bag(written(tmp_path / 'run', sent)))
    facts = [each.fact for each in found if each.subject == name[1:]]
    assert '640 x 360' in facts[0]
    assert 'left camera' in {each.subject for each in found}


def test_another_type_under_a_known_name(tmp_path):
    sent = [(f'/{ARM}', 'Bool', START, cdr('Bool'))]
    found = bad(Bag(written(tmp_path / 'run', sent)), ARM)
    assert 'is published as std_msgs/msg/Bool, want sensor_msgs/msg/JointState' in found[0]


def test_readings_are_packed():
    packed = Readings()
    packed.append([1.0, 2.0], [])
    packed.append([3.0], [4.0])
    assert list(packed) == [Joints((1.0, 2.0)), Joints((3.0,), (4.0,))]
    assert packed[1:] == [Joints((3.0,), (4.0,))]


def ours(path: Path) -> Bag:
    """Ten readings a second apart, a task told at once and a state told twice."""
    names = {'arm_measured_left': '/arm', 'task': '/fastwam/task', 'state': '/state'}
    with BagWriter(path) as bag:
        Facts('r1lite', 200.0, robot_bounds(), names).write(bag)
        arm = bag.channel('/arm', 'sensor_msgs/msg/JointState', quality(False, False, 5))
        task = bag.channel('/fastwam/task', 'std_msgs/msg/Bool', quality(True, False, 1))
        state = bag.channel('/state', 'std_msgs/msg/Bool', quality(True, True, 1))
        bag.write(task, START, cdr('Bool', data=True))
        for k in range(10):
            now = START + k * SECOND
            bag.write(arm, now, joint_state(now, [float(k)]))
            if k in (2, 4):
                bag.write(state, now + 1, cdr('Bool', data=k == 4))
    return Bag(path)


def test_a_part_begins_with_what_was_latched_before(tmp_path):
    bag, out = ours(tmp_path / 'run.mcap'), tmp_path / 'cut.mcap'
    before = bag.path.read_bytes()
    assert rewritten(bag, out, Part.of(bag, 5.0, 2.0)) == 5
    cut = Bag(out)
    since = START + 5 * SECOND
    told = [(record.topic, record.received) for record in cut.records()]
    assert told[:3] == [('/fastwam/task', since), ('/state', since), ('/arm', since)]
    assert [time for topic, time in told if topic == '/arm'] == [
        START + k * SECOND for k in (5, 6, 7)
    ]
    assert [cut.decode(r).data for r in cut.records(['/state'])] == [True]
    assert cut.metadata == bag.metadata and cut.offered == bag.offered
    assert cut.topics == bag.topics
    assert bag.path.read_bytes() == before


def test_nothing_is_overwritten_and_nothing_half_done_is_left(tmp_path):
    bag, out = ours(tmp_path / 'run.mcap'), tmp_path / 'cut.mcap'
    out.write_bytes(b'precious')
    with pytest.raises(OSError, match='exists: a recording is never overwritten'):
        rewritten(bag, out)
    assert out.read_bytes() == b'precious'
    with pytest.raises(BagError, match='has nothing in that part'):
        rewritten(bag, tmp_path / 'new.mcap', Part.of(bag, 100.0, 1.0))

    def interrupted(part: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rewritten(bag, tmp_path / 'new.mcap', progress=interrupted)
    assert not (tmp_path / 'new.mcap').exists()


def test_topics_get_other_names_in_the_metadata_too(tmp_path):
    bag, out = ours(tmp_path / 'run.mcap'), tmp_path / 'new.mcap'
    rewritten(bag, out, renaming=Renaming.checked(bag, {'/arm': '/one/arm'}))
    renamed = Bag(out)
    assert sorted(renamed.topics) == ['/fastwam/task', '/one/arm', '/state']
    assert Facts.read(renamed).topics['arm_measured_left'] == '/one/arm'
    assert [r.data for r in renamed.records()] == [r.data for r in bag.records()]
    for pairs, words in (
        ({'/none': '/a'}, 'has no topic /none'),
        ({'/arm': '/state'}, 'two topics would become /state'),
        ({'/arm': 'arm'}, "'arm' is no full topic name"),
    ):
        with pytest.raises(BagError, match=words):
            Renaming.checked(bag, pairs)


def test_the_wrists_former_names(tmp_path):
    sent = [(f'/one/{OLDER_IMAGES["left"]}', 'CompressedImage', START, picture('left', START))]
    bag = Bag(written(tmp_path / 'run', sent, SQLITE))
    rewritten(bag, tmp_path / 'new.mcap', renaming=Renaming(Renaming.of_former_wrists(bag)))
    new = Bag(tmp_path / 'new.mcap')
    assert list(new.topics) == [f'/one/{IMAGES["left"]}']
    with pytest.raises(BagError, match="none of the wrist cameras' former names"):
        Renaming.of_former_wrists(new)


def test_what_nobody_can_decode_goes_over_too(tmp_path):
    path = tmp_path / 'run.mcap'
    with BagWriter(path) as bag:
        channel = bag.copied('/x', 'other/msg/Thing', Definition('other', 'no text'), '')
        bag.write(channel, START, b'\0\1\0\0\5\0\0\0')
    one = Bag(path)
    rewritten(one, tmp_path / 'new.mcap')
    assert [r.data for r in Bag(tmp_path / 'new.mcap').records()] == [b'\0\1\0\0\5\0\0\0']
    tree = Overview.of(one).tree()
    assert tree['topics']['/x']['decodes'] is False and tree['robots'] == []


def command(*words: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, '-m', 'fastwam_ros.apps.bag', *map(str, words)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_command_line(tmp_path):
    bag = Robot('/lab').bag(tmp_path / 'run')
    told = command('info', bag.path, '--json', tmp_path / 'info.json')
    assert told.returncode == 0 and 'messages    1690\n' in told.stdout
    tree = json.loads((tmp_path / 'info.json').read_text())
    assert tree['topics'][f'/lab/{ARM}'] == {
        'type': 'sensor_msgs/msg/JointState',
        'count': 400,
        'rate_hz': 200.0,
        'bytes': tree['topics'][f'/lab/{ARM}']['bytes'],
        'decodes': True,
    }
    assert (tree['robots'], tree['problem'], len(tree['files'])) == (['/lab'], '', 1)
    assert command('check', bag.path).returncode == 0
    cut = command(
        'cut', bag.path, tmp_path / 'cut.mcap', '--from', '1700000001', '--to', '1700000001.5'
    )
    assert cut.returncode == 0 and cut.stderr == ''
    assert Overview.of(Bag(tmp_path / 'cut.mcap')).seconds == pytest.approx(0.5, abs=0.02)
    wrong = command('check', tmp_path / 'cut.mcap', '--namespace', '/other', '--json', '-')
    assert wrong.returncode == 1 and "has no robot '/other': it has /lab" in wrong.stderr
    assert len(wrong.stderr.splitlines()) == 1
    for words in (['cut', bag.path], ['rename-topics', bag.path, 'x', 'a=b'], ['cut']):
        mistaken = command(*words)
        assert mistaken.returncode == 2 and len(mistaken.stderr.splitlines()) == 1
