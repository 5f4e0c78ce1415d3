"""First contact: what is heard of a robot, and what is said of it."""

import json
import math
from dataclasses import replace

import pytest

from fastwam_ros.loop.contact import Endpoint, Finding, Heard, Joints, Severity
from fastwam_ros.loop.contact_page import lines, sound, tree
from fastwam_ros.loop.contact_robot import JOINTS, PICTURE, TOPICS, judge, told
from fastwam_ros.robot.joints import ARM_REST, SIDES
from fastwam_ros.robot.topics import (
    ARM_FEEDBACK,
    ARM_TARGET,
    CAMERAS,
    GRIPPER_FEEDBACK,
    IMAGE_SIZES,
    IMAGES,
    OLDER_IMAGES,
)

MS = 1_000_000
START = 1_700_000_000_000 * MS
EXECUTOR = '/executor'
ARM, GRIP = ARM_FEEDBACK['left'], GRIPPER_FEEDBACK['right']
HEAD, WRIST = IMAGES['head'], IMAGES['left']
TARGET = ARM_TARGET['right']
REST = Joints(ARM_REST, ARM_REST)


def came(topic, content, hertz=200.0, lag=2 * MS, seconds=2.0, phase=0):
    """A sound stream on a topic."""
    step, count = round(1e9 / hertz), round(seconds * hertz)
    stamps = tuple(START + phase + k * step for k in range(count))
    return Heard(
        topic,
        TOPICS[topic],
        (Endpoint('/hdas', TOPICS[topic], reliable=True, latched=True),),
        (),
        tuple(stamp + lag for stamp in stamps),
        stamps,
        (content,) * count,
    )


def robot(**changed):
    """All topics of a robot that is in order, nobody commanding; by topic."""
    heard = {topic: Heard(topic, kind) for topic, kind in TOPICS.items()}
    for phase, camera in enumerate(CAMERAS):
        topic = IMAGES[camera]
        heard[topic] = came(topic, IMAGE_SIZES[camera], 15.0, 40 * MS, phase=phase * 15 * MS)
    for side in SIDES:
        heard[ARM_FEEDBACK[side]] = came(ARM_FEEDBACK[side], REST)
        heard[GRIPPER_FEEDBACK[side]] = came(GRIPPER_FEEDBACK[side], Joints((101.7,)))
    tracker = (Endpoint('/tracker', JOINTS),)
    for topic in TOPICS:
        if topic.startswith('motion_target'):
            heard[topic] = replace(heard[topic], listeners=tracker)
    return heard


def found(topic, *, severity=None, **changes):
    """What is said where one stream differs, without what is in order unless asked for."""
    heard = robot()
    heard[topic] = replace(heard[topic], **changes)
    return said(heard, topic, severity)


def said(heard, subject, severity=None):
    wanted = (severity,) if severity else (Severity.WARN, Severity.ERROR)
    findings = judge(heard, EXECUTOR)
    return [f for f in findings if f.subject == subject and f.severity in wanted]


def only(findings, severity, *words):
    (finding,) = findings
    assert finding.severity is severity
    for word in words:
        assert word in str(finding)
    assert finding.remedy
    return True


def test_a_robot_that_is_in_order():
    findings = judge(robot(), EXECUTOR)
    assert sound(findings)
    assert {f.severity for f in findings} == {Severity.OK}
    assert len(findings) == 13  # three cameras, their skew, four streams, the clock, four targets
    page = '\n'.join(lines(findings))
    assert '200.0 Hz, 6 values, 2.0 ms old (2.0 at least), from /hdas (reliable, latched)' in page
    assert '15.0 Hz, 1280 x 720, 40.0 ms old' in page
    assert 'three pictures span 30 ms' in page
    assert 'the freshest stamp is 2.0 ms old' in page
    assert page.endswith('0 errors, 0 warnings, 13 in order')


def test_one_line_per_finding_and_json():
    findings = [
        Finding(Severity.ERROR, 'a', 'is missing', 'start it'),
        Finding(Severity.OK, 'b', 'x'),
    ]
    assert lines(findings) == [
        'error  a  is missing: start it',
        'ok     b  x',
        '1 errors, 0 warnings, 1 in order',
    ]
    assert not sound(findings)
    first = json.loads(json.dumps(tree(findings)))[0]
    assert first == {
        'severity': 'error',
        'subject': 'a',
        'fact': 'is missing',
        'remedy': 'start it',
    }


NOBODY = {'publishers': (), 'received': (), 'stamps': (), 'contents': ()}


@pytest.mark.parametrize('topic', [ARM, GRIP, HEAD, WRIST])
def test_a_missing_topic(topic):
    assert only(found(topic, **NOBODY), Severity.ERROR, 'nobody publishes it', 'start')


def test_published_and_nothing_arrives_is_the_middleware():
    silent = dict.fromkeys(('received', 'stamps', 'contents'), ())
    assert only(found(ARM, **silent), Severity.ERROR, '/hdas (reliable, latched)', 'shared memory')


def test_another_type():
    other = (Endpoint('/hdas', 'hdas_msg/msg/Arm'),)
    given = NOBODY | {'publishers': other}
    assert only(found(ARM, **given), Severity.ERROR, 'hdas_msg/msg/Arm, want sensor_msgs/msg/Join')


def test_two_publishers():
    two = (Endpoint('/hdas', JOINTS), Endpoint('/sim', JOINTS))
    assert only(found(ARM, publishers=two), Severity.WARN, '2 publish it', '/sim (best effort)')


def test_the_older_wrist_camera_is_taken_and_the_remap_is_told():
    heard = robot()
    old = OLDER_IMAGES['left']
    heard[old] = replace(came(old, (360, 640), 15.0, 40 * MS, phase=15 * MS))
    heard[WRIST] = Heard(WRIST, PICTURE)
    assert only(said(heard, old), Severity.WARN, f'-r {WRIST}:={old}')
    assert said(heard, WRIST) == []
    assert said(heard, 'skew', Severity.OK)


def test_a_slow_stream_and_a_fast_one():
    heard = robot()
    heard[ARM] = came(ARM, REST, 100.0)
    assert only(said(heard, ARM), Severity.WARN, '100.0 Hz, want 200 Hz')
    heard[ARM] = came(ARM, REST, 400.0)
    assert only(said(heard, ARM), Severity.WARN, '400.0 Hz, want 200 Hz at most')
    heard[HEAD] = came(HEAD, (720, 1280), 30.0, 40 * MS)
    assert said(heard, HEAD) == []  # a setting of the camera


def test_one_message_is_no_stream():
    heard = robot()
    heard[ARM] = came(ARM, REST, seconds=0.005)
    assert only(said(heard, ARM), Severity.WARN, '1 messages, nan Hz')


def test_a_gap_stops_the_arms():
    heard = robot()[ARM]
    late = tuple(at + (150 * MS if k >= 200 else 0) for k, at in enumerate(heard.received))
    stamps = tuple(at - 2 * MS for at in late)
    assert only(found(ARM, received=late, stamps=stamps), Severity.ERROR, '0.155 s, limit 0.1 s')


def test_stamps_that_are_none_stand_or_go_back():
    stamps = robot()[ARM].stamps
    none = found(ARM, stamps=(0,) * len(stamps))
    assert any('400 of 400 messages have no stamp' in f.fact for f in none)
    back = (*stamps[:100], stamps[80], *stamps[101:])
    assert only(found(ARM, stamps=back), Severity.ERROR, '1 of 400 stamps go back, by up to 0.095')
    twice = (*stamps[:100], stamps[99], *stamps[101:])
    assert only(found(ARM, stamps=twice), Severity.WARN, '1 of 400 stamps are equal')
    coarse = tuple(stamp // (100 * MS) * 100 * MS for stamp in stamps)
    assert found(ARM, stamps=coarse)[0].severity is Severity.ERROR


def test_a_clock_ahead_and_one_behind():
    received = robot()[HEAD].received
    ahead = tuple(at - 60 * MS for at in received)
    assert only(found(HEAD, received=ahead), Severity.ERROR, '0.020 s ahead', 'chrony')
    behind = tuple(at + 400 * MS for at in received)
    assert only(found(HEAD, received=behind), Severity.WARN, '0.440 s old, 0.440 s at least')


def test_cameras_that_are_far_apart():
    heard = robot()
    heard[WRIST] = came(WRIST, (360, 640), 5.0, 40 * MS, phase=100 * MS)
    words = 'three pictures span 37 ms, 95 % up to 100 ms, limit 50 ms'
    assert only(said(heard, 'skew'), Severity.WARN, words)
    heard[WRIST] = came(WRIST, (360, 640), 2.0, 40 * MS, phase=100 * MS)
    assert only(said(heard, 'skew'), Severity.ERROR, 'limit 50 ms')
    heard[WRIST] = came(WRIST, (360, 640), 15.0, 40 * MS, phase=60_000 * MS)
    assert only(said(heard, 'skew'), Severity.ERROR, 'no time in common')


def test_pictures_of_another_shape_and_no_pictures():
    assert found(WRIST, contents=((720, 1280),) * 30) == []  # the same shape
    square = found(WRIST, contents=((480, 640),) * 30)
    assert only(square, Severity.WARN, 'not of the shape of 640 x 360')
    bare = found(WRIST, contents=(None,) * 30)
    assert only(bare, Severity.ERROR, '30 of 30 messages hold neither a JPEG nor a PNG')
    mixed = found(WRIST, contents=((360, 640), (720, 1280)) * 15)
    assert only(mixed, Severity.ERROR, 'sizes change')


def joints(*rows):
    return (rows * 400)[:400]


def test_arms_of_six_or_seven_values():
    seven = Joints((*ARM_REST, 50.0), (0.0,) * 7)
    (finding,) = found(ARM, contents=joints(seven), severity=Severity.OK)
    assert '7 values, of which the last, a gripper, is left out' in finding.fact
    assert found(ARM, contents=joints(seven)) == []
    eight = Joints((0.0,) * 8)
    assert only(found(ARM, contents=joints(eight)), Severity.ERROR, 'have 8 positions, want 6')
    unfit = Joints(ARM_REST, (0.0,))
    assert only(found(ARM, contents=joints(unfit)), Severity.ERROR, 'not as many velocities')
    broken = Joints((math.nan, *ARM_REST[1:]), ARM_REST)
    mixed = joints(REST, broken)
    assert only(found(ARM, contents=mixed), Severity.ERROR, '200 of 400 messages are not finite')
    still = Joints(ARM_REST)
    assert only(found(ARM, contents=joints(still)), Severity.WARN, 'has no velocities')


def test_a_reading_that_leaps():
    """One that no joint can have got to is dropped by the executor: it is named here."""
    far = Joints((1.0, *ARM_REST[1:]), ARM_REST)
    contents = (*(REST,) * 200, far, *(REST,) * 199)
    (finding,) = found(ARM, contents=contents)
    only(
        [finding],
        Severity.ERROR,
        '1 of 400 readings would be dropped',
        'left_arm_joint1 reads 1.0',
    )


def test_of_a_recording_nothing_is_said_of_who_published():
    recorded = {
        topic: replace(each, publishers=(), recorded=True) for topic, each in robot().items()
    }
    good = [str(f) for f in told(recorded) if f.severity is Severity.OK]
    assert len(good) == 9 and not any('from' in words for words in good)
    recorded[ARM] = Heard(ARM, JOINTS, recorded=True)
    (missing,) = [f for f in told(recorded) if f.severity is Severity.ERROR]
    assert str(missing).startswith('is missing: not recorded, or nobody published it')
    kept = came(GRIP, Joints((50.0,)), hertz=200.0)
    received = (*kept.received[:100], *(time + 200 * MS for time in kept.received[100:]))
    gap = replace(kept, received=received, recorded=True)
    since = f'from receive time {kept.received[99] / 1e9:.3f} on'
    assert any(since in str(f) for f in told(recorded | {GRIP: gap}))


@pytest.mark.parametrize(
    ('second', 'severity'), [(-0.003, None), (-0.1, Severity.WARN), (-0.3, Severity.ERROR)]
)
def test_readings_beyond_a_limit(second, severity):
    """At rest joint 2 lies on its limit and reads a little below it: that is no fault."""
    row = Joints((0.0, second, -0.2, 0.0, 0.0, 0.0), ARM_REST)
    findings = found(ARM, contents=joints(row))
    if severity is None:
        assert findings == []
    else:
        words = f'left_arm_joint2 reads {second:.3f} to {second:.3f}, limits 0.000 to 3.142'
        assert only(findings, severity, words)


def test_grippers_in_other_units():
    assert only(found(GRIP, contents=joints(Joints((110.0,)))), Severity.ERROR, 'reads 110.00')
    assert only(found(GRIP, contents=joints(Joints((0.7,)))), Severity.WARN, 'never reads above')
    assert only(found(GRIP, contents=joints(Joints(()))), Severity.ERROR, 'not one position')
    nan = joints(Joints((50.0,)), Joints((math.nan,)), Joints((51.0,)))
    assert only(found(GRIP, contents=nan), Severity.ERROR, 'reads nan')


def commanded(*nodes):
    stream = came(TARGET, REST, 100.0)
    ends = tuple(Endpoint(node, JOINTS) for node in nodes)
    return replace(stream, publishers=ends, listeners=(Endpoint('/tracker', JOINTS),))


def test_who_commands():
    heard = robot()
    heard[TARGET] = commanded('/leader')
    words = '/leader commands at 100 Hz', 'r1lite_teleop'
    assert only(said(heard, TARGET), Severity.ERROR, *words)
    heard[TARGET] = commanded(EXECUTOR, '/leader')
    assert only(said(heard, TARGET), Severity.WARN, '/executor or /leader commands')
    heard[TARGET] = commanded(EXECUTOR)
    assert said(heard, TARGET) == []
    heard[TARGET] = replace(commanded('/leader'), received=(), stamps=(), contents=())
    (finding,) = said(heard, TARGET, Severity.OK)
    assert finding.fact == 'nobody commands, /leader could'


def test_who_listens_to_commands():
    assert only(found(TARGET, listeners=()), Severity.WARN, 'nobody listens')
    latched = (Endpoint('/tracker', JOINTS, reliable=True, latched=True),)
    assert only(found(TARGET, listeners=latched), Severity.ERROR, 'asks for latched commands')
    other = (Endpoint('/tracker', 'a/msg/B'),)
    assert only(found(TARGET, listeners=other), Severity.ERROR, 'listens for a/msg/B')
