"""A small recording with figures that are known by construction, for the report's tests.

Plan time in ticks of 5 ms. Joint 1 of the left arm is driven by a known jerk; stamps and receipts
are bent here and there, as a late tick, a lost message and a held-up recorder bend them.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from fastwam_ros.bag.run import Facts, robot_bounds
from fastwam_ros.bag.writer import BagWriter, quality
from test.bag.messages import cdr, header, joint_state, made, time

START = 1_700_000_000_000_000_000  # [ns]
TICK = 5_000_000
MS = 1_000_000
SIDES = ('left', 'right')
COLOURS = {'head': (200, 0, 0), 'left': (0, 200, 0), 'right': (0, 0, 200)}

LATE, BURST, LOST = 90, 120, 160  # ticks in constant speed at which things happen
LATE_BY = 7_345_678  # [ns]
SILENT_FROM, SILENT_FOR = 300, 2_000 * MS
TICKS = 500
OFF = np.array([0.0, 0.01, 0.0, 0.0, 0.0, 0.0])  # measured less commanded [rad]


def driven() -> np.ndarray:
    """Joint 1 [TICKS]: jerk +40 for 20 ticks, 0 for 20, -40 for 20, then 0.8 rad/s, then back.

    Third differences are exact, so a = 4 rad/s2 and v = 0.8 rad/s at most.
    """
    jerk = np.zeros(TICKS)
    for first, value in ((10, 40.0), (50, -40.0), (220, -40.0), (260, 40.0)):
        jerk[first : first + 20] = value
    step = TICK / 1e9
    return np.cumsum(np.cumsum(np.cumsum(jerk) * step) * step) * step


@dataclass
class Command:
    """One tick's command: stamp, receipt [ns]; arms [6] rad; grippers in wire units."""

    stamp: int
    received: int
    arms: dict[str, np.ndarray]
    gripper: float


def commands() -> list[Command]:
    """Two engagements; the second begins elsewhere, which is no motion."""
    found, late = [], 0
    joint1 = driven()
    for tick in range(TICKS):
        late += LATE_BY * (tick == LATE) + SILENT_FOR * (tick == SILENT_FROM)
        stamp = START + tick * TICK + late
        left, right = np.zeros(6), np.full(6, 0.5)
        left[0] = joint1[tick] + (1.0 if tick >= SILENT_FROM else 0.0)
        right[2] = 0.004  # its upper limit is 0
        gripper = 50.0 + np.clip(tick - 400, 0, 30)  # 0.2 m/s
        arms = {'left': left, 'right': right}
        found.append(Command(stamp, stamp + MS // 2, arms, gripper))
    end = found[BURST + 20].received
    for k in range(20):  # held up for 100 ms, then 20 messages in 10 ms
        found[BURST + k].received = end - (20 - k) * MS // 2
    return found


@dataclass
class Told:
    """One ExecutorState at `at` [ns], received `after` ns later."""

    at: int
    fields: dict[str, Any]
    after: int = MS


@dataclass
class Recording:
    """Everything in the file; tests change what they are about."""

    commands: list[Command] = field(default_factory=commands)
    states: list[Told] = field(default_factory=list)
    chunks: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    active: list[tuple[int, bool]] = field(default_factory=list)
    requests: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    outcomes: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    markers: list[tuple[int, str]] = field(default_factory=list)
    pictures: list[tuple[str, int]] = field(default_factory=list)
    facts: Facts = field(default_factory=lambda: FACTS)
    jpeg: bytes | None = None  # in place of a picture
    raw: bool = False  # wrist pictures without compression, under their former names

    def write(self, path: Path) -> Path:
        """Into an mcap, by receive time."""
        with BagWriter(path) as bag:
            self.facts.write(bag)
            channels = {
                role: bag.channel(topic, TYPES[role], quality(True, False, 1))
                for role, topic in self.facts.topics.items()
            }
            for received, role, data in sorted(self._messages(), key=lambda row: row[0]):
                bag.write(channels[role], received, data)
        return path

    def _messages(self) -> Iterator[tuple[int, str, bytes]]:
        for n, one in enumerate(self.commands):
            for side in SIDES:
                arm, grip = one.arms[side], [one.gripper]
                measured = arm + OFF
                after = one.stamp + MS
                yield after, f'arm_measured_{side}', joint_state(one.stamp, measured)
                yield after, f'gripper_measured_{side}', joint_state(one.stamp, grip)
                if side == 'left' and n == LOST:
                    continue
                yield one.received, f'arm_command_{side}', joint_state(one.stamp, arm)
                yield one.received, f'gripper_command_{side}', joint_state(one.stamp, grip)
        for told in self.states:
            stamp = header(told.at)
            yield told.at + told.after, 'state', cdr('ExecutorState', header=stamp, **told.fields)
        for received, fields in self.chunks:
            yield received, 'chunk', cdr('ActionChunk', **fields)
        for received, fields in self.requests:
            yield received, 'request', cdr('ExecutorRequest', **fields)
        for received, fields in self.outcomes:
            yield received, 'outcome', cdr('DiagnosticStatus', **fields)
        for received, text in self.markers:
            yield received, 'marker', cdr('String', data=text)
        for received, data in self.active:
            yield received, 'teleop_active', cdr('Bool', data=data)
        for camera, stamp in self.pictures:
            if self.raw and camera != 'head':
                yield stamp + 2 * MS, f'image_{camera}_rect_raw', _raw(camera, stamp)
                continue
            data = np.frombuffer(self.jpeg or _picture(camera), np.uint8)
            image = cdr('CompressedImage', header=header(stamp), format='jpeg', data=data)
            yield stamp + 2 * MS, f'image_{camera}', image


def _picture(camera: str) -> bytes:
    out = io.BytesIO()
    Image.new('RGB', (640, 360), COLOURS[camera]).save(out, 'JPEG')
    return out.getvalue()


def _raw(camera: str, stamp: int) -> bytes:
    pixels = np.full((360, 640, 3), COLOURS[camera][::-1], np.uint8)
    layout = {'encoding': 'bgr8', 'height': 360, 'width': 640, 'step': 640 * 3}
    return cdr('Image', header=header(stamp), is_bigendian=0, data=pixels.ravel(), **layout)


TYPES = {
    **{f'image_{camera}': 'sensor_msgs/msg/CompressedImage' for camera in COLOURS},
    **{f'image_{side}_rect_raw': 'sensor_msgs/msg/Image' for side in SIDES},
    **{
        f'{role}_{side}': 'sensor_msgs/msg/JointState'
        for role in ('arm_measured', 'gripper_measured', 'arm_command', 'gripper_command')
        for side in SIDES
    },
    'state': 'fastwam_ros/msg/ExecutorState',
    'chunk': 'fastwam_ros/msg/ActionChunk',
    'teleop_active': 'std_msgs/msg/Bool',
    'request': 'fastwam_ros/msg/ExecutorRequest',
    'outcome': 'diagnostic_msgs/msg/DiagnosticStatus',
    'marker': 'std_msgs/msg/String',
}
FACTS = Facts('r1lite', 200.0, robot_bounds(), {role: f'/robot7/{role}' for role in TYPES})

# Plans from chunks: tick of the first command, age in ms. The last one's command is not recorded.
PLANS = ((20, 300), (60, 310), (140, 320), (200, 430))
UNRECORDED = (LOST, 999)
EPOCH = 5  # of the recorded chunks, whose sequences are 1, 2 and 3
HOSTILE = '</script><img src=x onerror=alert(1)>'  # in a verdict
FOLD = 'fold the towel'


def told() -> list[Told]:
    """HOLD, POLICY with four plans of which one is slowed, TELEOP, STOPPING, HOLD, DISARMED."""
    at = [one.stamp for one in commands()]
    state: dict[str, Any] = {'mode': 'HOLD', 'time_scale': 1.0, 'accepted': 7, 'refused': 1}
    state |= {'late_ticks': 3, 'last_verdict': 'epoch: of before', 'plan_id': 1}
    found = [Told(at[0], state | {'tick': 1})]

    def tell(tick: int, after: int = MS, **changes: Any) -> None:
        found.append(Told(at[tick], found[-1].fields | {'tick': tick + 1} | changes, after))

    tell(10, shadowed=3, last_verdict='shadow')
    for number, (tick, age) in enumerate(sorted((*PLANS, UNRECORDED))):
        slow = 1.25 if number == 1 else 1.0
        tell(
            tick,
            mode='POLICY',
            plan_id=2 + number,
            accepted=8 + number,
            last_verdict='accepted',
            chunk_stamp=time(at[tick] - age * MS),
            plan_first_tick=time(at[tick]),
            time_scale=slow,
            held_back=['left_arm_joint4'] if slow > 1.0 else [],
            **({'last_epoch': EPOCH, 'last_sequence': 1} if tick == 140 else {}),
        )
    none = {'chunk_stamp': time(0), 'time_scale': 1.0}
    tell(205, refused=2, last_verdict='jump: 0.4 rad at left_arm_joint1', last_sequence=2)
    tell(206, refused=3, last_verdict=f'jump: {HOSTILE}', late_ticks=4, last_sequence=3)
    tell(207, refused=6, last_verdict='position: 9 rad', last_sequence=99)
    tell(220, 4 * MS, mode='TELEOP', plan_id=9, plan_first_tick=time(at[220]), **none)
    tell(250, mode='STOPPING', plan_id=10)
    tell(290, mode='HOLD', request_id=71, request_answer='ok')
    tell(295, request_id=72, request_answer='run is refused: no chunk')
    tell(299, mode='DISARMED')
    tell(300, mode='HOLD')
    tell(499, mode='DISARMED')
    before = [one for one in found if one.at < at[LATE]][-1]  # a new grid of stamps is told
    found.append(Told(at[LATE], before.fields | {'tick': LATE + 1}))
    return sorted(found, key=lambda one: one.at)


def known() -> Recording:
    """The recording whose figures the tests know."""
    at = [one.stamp for one in commands()]
    heads = [START + k * 66 * MS for k in range(40)]
    chunks = [
        (
            head + 400 * MS,
            {
                'header': header(head),
                'inference_time': 0.1 + 0.1 * (k % 3),
                'bundle': 'b@1',
                'epoch': EPOCH,
                'sequence': k + 1,
            },
        )
        for k, head in enumerate(heads[:3])
    ]
    values = [made('KeyValue', key='height', value='0.031 m')]
    shift = {'head': 0, 'left': 10 * MS, 'right': -12 * MS}
    return Recording(
        states=told(),
        chunks=chunks,
        # Pressed 5 ms before the state says TELEOP; released 300 ms before it says HOLD.
        active=[
            (START, False),
            (at[220] - MS, True),
            (at[230], True),
            (at[290] + MS - 300 * MS, False),
        ],
        requests=[
            (at[288], {'verb': 'pause', 'id': 71, 'requester': 'panel'}),
            (at[289], {'verb': 'pause', 'id': 71, 'requester': 'panel'}),
            (at[294], {'verb': 'run', 'id': 72, 'requester': 'panel'}),
            (at[480], {'verb': 'reset', 'id': 73, 'requester': 'panel'}),
        ],
        outcomes=[
            (at[tick], {'level': 1 - holds, 'name': FOLD, 'message': words, 'values': values})
            for tick, holds, words in ((10, 0, 'flat'), (100, 1, 'folded'), (400, 1, 'folded'))
        ],
        pictures=[(c, head + by) for c, by in shift.items() for head in heads],
    )


def empty() -> Recording:
    """A recorder that was alone."""
    return Recording(commands=[])


def at_rate(rate: float) -> Recording:
    """The same, recorded with a wrong rate."""
    return replace(known(), facts=replace(FACTS, rate=rate))
