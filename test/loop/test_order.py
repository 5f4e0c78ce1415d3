"""The same streams in whatever order they arrive: the same pictures and state for a head stamp."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fastwam_ros.loop.inference import Inference, Job
from fastwam_ros.robot.joints import SIDES
from test.loop.test_inference import Echo

MS = 1_000_000
BASE = 10**18
LONG = 700  # [ms] of every stream


@st.composite
def streams(draw):
    """Name -> (stamp [ms], payload), in order: three cameras and four streams of readings."""
    period = draw(st.sampled_from([33, 66]))
    made = {}
    for camera in Echo.cameras:
        phase = draw(st.integers(0, period - 1))
        jitter = st.integers(-6, 6)
        grid = range(phase, LONG, period)
        made[camera] = [(ms + draw(jitter), f'{camera} {ms}'.encode()) for ms in grid]
    for side in SIDES:
        for kind in ('arm', 'gripper'):
            phase = draw(st.integers(0, 4))
            made[f'{kind} {side}'] = [(ms, np.sin(ms)) for ms in range(phase - 20, LONG, 5)]
    return made


@st.composite
def arrivals(draw, made):
    """The streams merged: each in its own order, delayed by what it draws; and who looks when."""
    timed = []
    for i, (name, items) in enumerate(made.items()):
        delay = draw(st.integers(0, 90))
        held = draw(st.integers(0, 60))  # now and then a stream stalls and catches up
        last = -(10**9)
        for k, (ms, payload) in enumerate(items):
            last = max(last, ms + delay + (held if k % 7 == 3 else 0))
            timed.append((last, i, k, name, ms, payload))
    return [entry[3:] for entry in sorted(timed)], draw(st.integers(1, 40))


def observations(order, every) -> dict[int, str]:
    """Head stamp -> hash of what is inferred from, when somebody looks after `every` arrivals."""
    inference = Inference(Echo(), 0.05, max_rate=1000.0, always=True, frame_interval=0.01)
    found = {}
    for count, (name, ms, payload) in enumerate(order):
        kind, _, side = name.partition(' ')
        if kind == 'arm':
            inference.joints.add_arm(side, BASE + ms * MS, payload * np.arange(6.0))
        elif kind == 'gripper':
            inference.joints.add_gripper(side, BASE + ms * MS, 50.0 + payload)
        else:
            inference.add_image(name, BASE + ms * MS, payload)
        if count % every == 0:
            while isinstance(job := inference.pick(), Job):
                found[job.frames.stamp] = job.digest
    return found


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_order_of_arrival_gives_the_same_observation_of_a_head_stamp(data):
    made = data.draw(streams())
    one, other = (observations(*data.draw(arrivals(made))) for _ in range(2))
    common = one.keys() & other.keys()
    assert {stamp: one[stamp] for stamp in common} == {stamp: other[stamp] for stamp in common}


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_streams_in_time_give_an_observation_of_nearly_every_head_picture(data):
    """The property above is not one of empty sets."""
    made = data.draw(streams())
    timed = [(ms, i, name, p) for i, (name, m) in enumerate(made.items()) for ms, p in m]
    order = [(name, ms, payload) for ms, _, name, payload in sorted(timed, key=lambda t: t[:2])]
    found = observations(order, 1)
    assert len(found) >= len(made['head']) - 5
