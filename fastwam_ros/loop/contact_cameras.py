"""First contact with the cameras: names, sizes, rates, and how far apart their pictures are."""

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np

from fastwam_ros.loop.contact import (
    Finding,
    Heard,
    Joints,
    Severity,
    clock,
    presence,
    rate,
    stamps,
)
from fastwam_ros.motion.limits import SECOND, Array
from fastwam_ros.robot.topics import (
    IMAGE_RATES,
    IMAGE_SIZES,
    IMAGE_TOPICS,
    IMAGES,
    OLDER_IMAGES,
)

BLIND = 1.0  # [s] without a picture after which the policy says so
SKEW = 0.05  # [s] that the pictures of one observation may be apart (max_skew of the policy)


def pictures(camera: str, heard: Mapping[str, Heard]) -> Heard:
    """The camera's stream under the name that it has on this robot, of those listened to."""
    names = [topic.name for topic in IMAGE_TOPICS if topic.camera == camera]
    there = [heard[name] for name in names if name in heard]
    return next((stream for stream in there if stream.received), there[0])


def camera(name: str, heard: Mapping[str, Heard]) -> Iterator[Finding]:
    """Findings on one camera, from what was heard by topic."""
    stream = pictures(name, heard)
    yield from presence(stream, "start the camera's driver, with its compressed transport")
    if not stream.received:
        return
    if stream.topic == OLDER_IMAGES.get(name):
        remedy = f'start the policy with -r {IMAGES[name]}:={stream.topic}'
        yield stream.finding(Severity.WARN, 'the older name of the wrist camera', remedy)
    sizes = Counter(stream.contents)
    what = ' and '.join(
        f'{size[1]} x {size[0]}' for size in sizes if size and not isinstance(size, Joints)
    )
    yield stream.sound(what or 'no pictures')
    yield from rate(stream, *IMAGE_RATES, BLIND)
    yield from stamps(stream)
    yield from clock(stream)
    yield from _size(name, stream, sizes)


def _size(camera: str, heard: Heard, sizes: Counter) -> Iterator[Finding]:
    if broken := sizes.pop(None, 0):
        fact = f'{broken} of {len(heard.contents)} messages hold neither a JPEG nor a PNG'
        yield heard.finding(Severity.ERROR, fact, 'set the transport to jpeg')
    height, width = IMAGE_SIZES[camera]
    if len(sizes) > 1:
        yield heard.finding(Severity.ERROR, 'sizes change', 'does more than one driver run?')
    elif any(size[0] * width != size[1] * height for size in sizes):
        remedy = "check the profile's crop: the policy was trained on the other shape"
        fact = f'not of the shape of {width} x {height}'
        yield heard.finding(Severity.WARN, fact, remedy)


def skew(cameras: list[Heard]) -> Iterator[Finding]:
    """How far apart the pictures are that would make one observation."""
    if not all(camera.received and min(camera.stamps) > 0 for camera in cameras):
        return
    head, *others = (np.sort(camera.stamps) for camera in cameras)
    inside = head[(head >= max(o[0] for o in others)) & (head <= min(o[-1] for o in others))]
    if not len(inside):
        yield Finding(
            Severity.ERROR, 'skew', 'the cameras have no time in common', 'set one clock for all'
        )
        return
    spans = _spans(inside, others)
    usual, worst = (float(x) for x in np.quantile(spans, (0.5, 0.95)))
    fact = f'three pictures span {usual * 1e3:.0f} ms, 95 % up to {worst * 1e3:.0f} ms'
    if worst <= SKEW:
        yield Finding(Severity.OK, 'skew', fact)
    else:
        severity = Severity.ERROR if usual > SKEW else Severity.WARN
        remedy = 'compare the rates and clocks of the cameras; max_skew of the policy may be set'
        yield Finding(severity, 'skew', f'{fact}, limit {SKEW * 1e3:.0f} ms', remedy)


def _spans(head: np.ndarray, others: list[np.ndarray]) -> Array:
    """[N, s] of the tightest set around each head stamp [N, ns]: of frames before or after it."""
    after = [np.searchsorted(stream, head) for stream in others]
    near = [
        (stream[np.maximum(k - 1, 0)], stream[k]) for stream, k in zip(others, after, strict=True)
    ]
    sets = [(head, left, right) for left in near[0] for right in near[1]]
    spans = [np.max(each, axis=0) - np.min(each, axis=0) for each in sets]
    return np.min(spans, axis=0) / SECOND
