"""First contact with an R1 Lite: its topics, who commands it, and all findings together."""

from collections.abc import Iterable, Iterator, Mapping

from fastwam_ros.loop.contact import Finding, Heard, Severity, clock, presence, rate, stamps
from fastwam_ros.loop.contact_cameras import camera, pictures, skew
from fastwam_ros.loop.contact_joints import arm, gripper
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.topics import (
    ARM_FEEDBACK,
    ARM_TARGET,
    CAMERAS,
    FEEDBACK_RATE,
    GRIPPER_FEEDBACK,
    GRIPPER_TARGET,
    IMAGES,
    OLDER_IMAGES,
)

PICTURE, JOINTS = 'sensor_msgs/msg/CompressedImage', 'sensor_msgs/msg/JointState'
SILENCE = 0.1  # [s] without feedback after which the executor stops the arms
_TARGETS = (*ARM_TARGET.values(), *GRIPPER_TARGET.values())
TOPICS: dict[str, str] = {
    **dict.fromkeys((*IMAGES.values(), *OLDER_IMAGES.values()), PICTURE),
    **dict.fromkeys((*ARM_FEEDBACK.values(), *GRIPPER_FEEDBACK.values()), JOINTS),
    **dict.fromkeys(_TARGETS, JOINTS),
}
_TELEOP = 'end that stream: the boot profile starts the leader arms (session r1lite_teleop)'


def judge(heard: Mapping[str, Heard], executor: str) -> list[Finding]:
    """All findings on what was heard by topic, one of each in TOPICS.

    executor: full name of the only node that may command the arms.
    """
    found = told(heard)
    for names in (ARM_TARGET, GRIPPER_TARGET):
        for side in SIDES:
            found += _target(heard[names[side]], executor)
    return found


def told(heard: Mapping[str, Heard]) -> list[Finding]:
    """Findings on what the robot itself tells: cameras, arms and grippers."""
    found = [finding for name in CAMERAS for finding in camera(name, heard)]
    found += skew([pictures(name, heard) for name in CAMERAS])
    for side in SIDES:
        for stream, look in (
            (heard[ARM_FEEDBACK[side]], arm(side, heard[ARM_FEEDBACK[side]])),
            (heard[GRIPPER_FEEDBACK[side]], gripper(heard[GRIPPER_FEEDBACK[side]])),
        ):
            found += _feedback(stream, look)
    return [*found, *_offset(heard.values())]


def _feedback(heard: Heard, contents: Iterator[Finding]) -> Iterator[Finding]:
    yield from presence(heard, "start the robot's HDAS")
    if heard.received:
        yield from contents
        yield from rate(heard, FEEDBACK_RATE, FEEDBACK_RATE, SILENCE)
        yield from stamps(heard)
        yield from clock(heard)


def _offset(streams: Iterable[Heard]) -> Iterator[Finding]:
    """How far the robot's clock can be from this one, as the freshest of its readings tells."""
    least = [
        float(each.lags.min())
        for each in streams
        if each.received and min(each.stamps) > 0 and each.topic not in _TARGETS
    ]
    if least:
        fact = f'the freshest stamp is {min(least) * 1e3:.1f} ms old'
        how = "the robot's clock is behind by that, less the time of the way"
        yield Finding(Severity.OK, 'clock', f'{fact}: {how}')


def _target(heard: Heard, executor: str) -> Iterator[Finding]:
    """Who commands the robot: traffic counts, publishers that say nothing do not."""
    others = [end.node for end in heard.publishers if end.node != executor]
    ours = len(others) < len(heard.publishers)
    idle = f', {", ".join(others)} could' if others else ''
    if not heard.received:
        yield heard.finding(Severity.OK, f'nobody commands{idle}')
    elif not ours:
        who = ', '.join(others) or 'somebody'
        fact = f'{who} commands at {heard.rate:.0f} Hz'
        yield heard.finding(Severity.ERROR, fact, _TELEOP)
    elif others:
        fact = f'{executor} or {", ".join(others)} commands at {heard.rate:.0f} Hz'
        remedy = 'disengage the executor and look again: what still comes is foreign'
        yield heard.finding(Severity.WARN, fact, remedy)
    else:
        yield heard.finding(Severity.OK, f'{executor} commands at {heard.rate:.0f} Hz')
    yield from _listeners(heard)


def _listeners(heard: Heard) -> Iterator[Finding]:
    if not heard.listeners:
        remedy = "start the robot's joint tracker and gripper controller"
        yield heard.finding(Severity.WARN, 'nobody listens: nothing would move', remedy)
    for end in heard.listeners:
        if end.kind != heard.kind:
            fact = f'{end.node} listens for {end.kind}, we send {heard.kind}'
            yield heard.finding(Severity.ERROR, fact, 'another version of the robot?')
        elif end.latched:
            fact = f'{end} asks for latched commands, which are never sent'
            yield heard.finding(Severity.ERROR, fact, 'they would act on old commands: change it')
