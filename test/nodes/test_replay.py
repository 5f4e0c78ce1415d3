"""A run, and the same run from its recording: the same pictures give the same chunks, bit by bit.

And the other way round: one pixel or one joint reading that is changed in the recording changes
the chunk from it, and no other.
"""

import array
import io
import os
import signal
import subprocess
import time

import numpy as np
import pytest
import rclpy
from PIL import Image
from rclpy.node import Node
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import CompressedImage, JointState

from fastwam_ros.apps.compare import answers, differences
from fastwam_ros.bag.reader import Bag
from fastwam_ros.bag.run import Facts
from fastwam_ros.bag.streams import stamp_of
from fastwam_ros.bag.writer import BagWriter, quality
from fastwam_ros.nodes import qos
from fastwam_ros.robot.roles import is_sensor
from fastwam_ros.robot.topics import ARM_FEEDBACK, ARM_TARGET
from test.bag.foreign import SQLITE, written
from test.nodes import runner
from test.nodes.conftest import ROOT

pytestmark = [pytest.mark.torch, pytest.mark.alone]

BUNDLE = f'bundle:={ROOT / "bundles" / "tiny_r1lite"}'
SIM = str(ROOT / 'config' / 'sim.yaml')
# Slow, so that a busy machine keeps up: where it does not, the two runs take other pictures.
CHUNKS = 'max_rate:=1.0'
LIVE = 11.0  # [s]
SCRIPT = "script:=['engage', 'run', 'watch 2', 'takeover 2', 'disengage']"


@pytest.fixture(scope='module', autouse=True)
def own_domain():
    """Away from the probes of other tests, which listen to everything."""
    before, os.environ['ROS_DOMAIN_ID'] = os.environ['ROS_DOMAIN_ID'], '85'
    yield
    os.environ['ROS_DOMAIN_ID'] = before


def until(wanted, timeout, otherwise):
    """Wait for something; fails with what `otherwise` returns."""
    end = time.monotonic() + timeout
    while not wanted():
        assert time.monotonic() < end, otherwise()
        time.sleep(0.1)


def until_said(processes, name, words):
    """Wait for words in what a node prints."""
    until(lambda: words in processes.said(name), 90.0, lambda: processes.said(name))


def end(processes, *names):
    for name in names:
        if name in processes.running:
            processes.kill(name, signal.SIGINT)


@pytest.fixture(scope='module')
def live(processes, tmp_path_factory):
    """The recording of a simulated run with a policy that infers all the time."""
    path = tmp_path_factory.mktemp('runs') / 'live.mcap'
    processes.start('policy', SIM, BUNDLE, CHUNKS, 'always:=true')
    until_said(processes, 'policy', 'bundle tiny_r1lite')
    processes.start('executor', SIM)
    processes.start('recorder', f'output:={path}')
    until_said(processes, 'recorder', 'records to')
    processes.start('sim', SIM)
    processes.start('person', SCRIPT)
    time.sleep(LIVE)
    end(processes, 'person', 'policy', 'sim', 'executor', 'recorder')
    return path


def replay(bag, output, rate, seconds=0.0):
    """A recording through the launch file, as its user does it; the recording of that.

    seconds: of it, from its beginning; 0: all.
    """
    command = runner.launch('replay.launch.yaml')
    given = [f'bag:={bag}', f'output:={output}', f'rate:={rate}', f'duration:={seconds}', CHUNKS]
    log = output.with_suffix('.log')
    with log.open('w') as said:
        process = subprocess.Popen([*command, *given], cwd=ROOT, stdout=said, stderr=said)
    try:
        good, bad = runner.endings('player-4')
        until(lambda: good in log.read_text() or bad in log.read_text(), 240.0, log.read_text)
        assert good in log.read_text(), log.read_text()
        time.sleep(1.0)  # for the last chunk
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30.0)
    return Bag(output)


def until_chunk(bag, number):
    """Seconds of a recording up to what a chunk was inferred from, and a little more."""
    begin = next(iter(bag.records())).received
    return (sorted(answers(bag))[number] - begin) / 1e9 + 0.5


@pytest.fixture(scope='module')
def again(live):
    return replay(live, live.with_name('again.mcap'), 1.0)


def test_chunks_of_the_same_pictures_are_equal_to_the_last_bit(live, again):
    one, other = answers(Bag(live)), answers(again)
    assert len(one.keys() & other.keys()) >= 3, (sorted(one), sorted(other))
    assert differences(one, other) == []
    assert len({answer.positions.tobytes() for answer in one.values()}) >= 3


def test_a_bag_of_the_robot_gives_the_same_chunks(live, tmp_path):
    """Cameras and feedback alone, under a namespace, as ros2 bag writes them in sqlite3."""
    bag, kinds = (
        Bag(live),
        {topic: kind.rsplit('/', 1)[1] for topic, kind in Bag(live).topics.items()},
    )
    sensors = [topic for role, topic in Facts.read(bag).topics.items() if is_sensor(role)]
    told = ((f'/lab{r.topic}', kinds[r.topic], r.received, r.data) for r in bag.records(sensors))
    foreign = written(tmp_path / 'episode_RAW', told, SQLITE)
    one = answers(bag)
    other = answers(replay(foreign, tmp_path / 'again.mcap', 1.0, until_chunk(bag, 3)))
    assert len(one.keys() & other.keys()) >= 3, (sorted(one), sorted(other))
    assert differences(one, other) == []


def test_the_executor_hears_what_people_said_and_time_is_that_of_the_recording(live, again):
    states = [again.decode(r) for r in again.records([Facts.read(again).topics['state']])]
    modes = {state.mode for state in states}
    assert {'DISARMED', 'HOLD'} <= modes
    assert all(state.dry_run and not state.late_ticks for state in states)
    recorded = [record.received for record in Bag(live).records()]
    stamps = [stamp_of(r.data) for r in again.records([Facts.read(again).topics['state']])]
    assert min(recorded) <= min(stamps) < max(stamps) <= max(recorded) + 10_000_000


def perturbed(live, output, pixel_at, joint_at):
    """The recording with one pixel of one head picture and one later joint reading changed."""
    bag = Bag(live)
    roles = {topic: role for role, topic in Facts.read(bag).topics.items()}
    changed = {'pixel': 0, 'joint': 0}
    with BagWriter(output) as writer:
        Facts.read(bag).write(writer)
        channels = {
            t: writer.channel(t, kind, quality(True, False, 10)) for t, kind in bag.topics.items()
        }
        for record in bag.records():
            role, data = roles.get(record.topic, ''), record.data
            if role == 'image_head' and stamp_of(data) == pixel_at:
                data, changed['pixel'] = one_pixel(data), changed['pixel'] + 1
            elif role == 'arm_measured_left' and stamp_of(data) >= joint_at > 0:
                data, changed['joint'], joint_at = one_joint(data), changed['joint'] + 1, 0
            writer.write(channels[record.topic], record.received, data)
    assert changed == {'pixel': 1, 'joint': 1}


def one_pixel(data):
    message = deserialize_message(data, CompressedImage)
    picture = np.array(Image.open(io.BytesIO(bytes(message.data))).convert('RGB'))
    picture[300, 640] = 255 - picture[300, 640]
    out = io.BytesIO()
    Image.fromarray(picture).save(out, 'PNG')  # every other pixel stays what it was
    message.data = array.array('B', out.getvalue())
    return serialize_message(message)


def one_joint(data):
    message = deserialize_message(data, JointState)
    message.position[2] += 1e-3
    return serialize_message(message)


def test_at_half_the_rate_a_pixel_and_a_joint_change_their_chunks_and_no_other(live, again):
    one = answers(Bag(live))
    common = sorted(one.keys() & answers(again).keys())
    changed = [common[0], common[2]]
    bag = live.with_name('perturbed.mcap')
    perturbed(live, bag, *changed)
    other = answers(replay(bag, live.with_name('half.mcap'), 0.5, until_chunk(Bag(live), 3)))
    assert set(changed) <= other.keys()
    assert len(one.keys() & other.keys()) >= 3
    found = differences(one, other)
    assert [each.stamp for each in found] == changed
    assert all(each.cause.startswith('another observation') for each in found)
    assert all(each.size > 0.0 for each in found)


def test_what_was_commanded_then_is_shown_beside_and_obeyed_by_nobody(processes, live):
    topic, heard = ARM_TARGET['left'], []
    rclpy.init(args=[])
    node = Node('watcher')
    try:
        node.create_subscription(JointState, ARM_FEEDBACK['left'], lambda _: None, qos.SENSOR)
        node.create_subscription(JointState, f'recorded/{topic}', heard.append, qos.REQUESTS)
        processes.start('player', f'bag:={live}', 'rate:=4.0', label='shows')
        finish = time.monotonic() + 60.0
        while len(heard) < 100 and time.monotonic() < finish:
            rclpy.spin_once(node, timeout_sec=0.1)
            assert not node.get_publishers_info_by_topic(f'/{topic}')
        assert len(heard) >= 100, processes.said('shows')
    finally:
        end(processes, 'shows')
        node.destroy_node()
        rclpy.shutdown()


def test_nothing_is_played_while_somebody_listens_for_commands(processes, live, tmp_path):
    processes.start('recorder', f'output:={tmp_path / "run.mcap"}')
    until_said(processes, 'recorder', 'records to')
    processes.start('player', f'bag:={live}')
    assert processes.wait('player') == 1
    last = processes.said('player').splitlines()[-1]
    assert 'recorder listens to /motion_target/' in last
    end(processes, 'recorder')


def test_nothing_is_played_beside_a_robot(processes, live):
    processes.start('sim', SIM)
    processes.start('player', f'bag:={live}')
    assert processes.wait('player') == 1
    assert 'sim ' in processes.said('player').splitlines()[-1]
    end(processes, 'sim')
