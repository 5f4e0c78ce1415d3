"""What is wrong with a recording: by the same words and limits as first contact with a robot.

Beside what a robot may do wrong there is what a recording may: parts that are lost, receive times
out of order, clocks that drift apart.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from fastwam_ros.apps.bag.hearing import Hearing
from fastwam_ros.bag.reader import Bag
from fastwam_ros.bag.roles import Roles
from fastwam_ros.bag.storage import Progress
from fastwam_ros.loop.contact import Finding, Heard, Severity
from fastwam_ros.loop.contact_robot import told
from fastwam_ros.motion.limits import SECOND
from fastwam_ros.robot.joints import ROBOT
from fastwam_ros.robot.topics import ARM_TARGET, GRIPPER_TARGET

DRIFT = 1e-3  # [s/s] of receive times against stamps: a millisecond in a second is no quartz
LONG = 60.0  # [s] of recording that a drift is told from: in less, queues look like one
_PART = 5  # the first fifth against the last one


def examined(bag: Bag, namespace: str = '', progress: Progress | None = None) -> list[Finding]:
    """All findings. namespace: see Roles. Raises BagError for what cannot be examined at all."""
    roles = Roles.of(bag, namespace)
    if roles.robot != ROBOT:
        return [Finding(Severity.ERROR, 'robot', f'is {roles.robot!r}, want {ROBOT!r}')]
    hearing = Hearing(bag, roles)
    hearing.listen(progress)
    heard = hearing.heard()
    found = [*_file(bag, roles), *told(heard), *_commands(heard)]
    for stream in heard.values():
        found += offset(stream)
    return [*found, *hearing.findings()]


def _file(bag: Bag, roles: Roles) -> Iterator[Finding]:
    if bag.problem:
        yield Finding(Severity.WARN, 'file', bag.problem, 'what is left was examined')
    where = roles.namespace or '/'
    if roles.topics:
        yield Finding(Severity.OK, 'robot', f'{ROBOT} in namespace {where}')
    else:
        remedy = 'fastwam-bag info lists its topics, rename-topics gives them the names'
        yield Finding(Severity.ERROR, 'robot', f"no topic has an {ROBOT}'s name", remedy)


def _commands(heard: Mapping[str, Heard]) -> Iterator[Finding]:
    targets = [heard[name] for names in (ARM_TARGET, GRIPPER_TARGET) for name in names.values()]
    for target in targets:
        if target.received:
            yield target.finding(Severity.OK, f'commands at {target.rate:.0f} Hz')
    silent = [target.topic for target in targets if not target.received]
    if silent:
        remedy = 'nothing can be learnt from it; a replay needs none'
        fact = f'no commands on {", ".join(silent)}'
        yield Finding(Severity.WARN, 'commands', fact, remedy)


def offset(heard: Heard) -> Iterator[Finding]:
    """How much later than stamped it was received, and whether that changes."""
    if not heard.received or min(heard.stamps) <= 0:
        return
    lags = heard.lags
    usual, most = np.quantile(lags, (0.5, 0.95)) * 1e3
    fact = f'received {usual:.1f} ms after its stamps, 95 % up to {most:.1f} ms'
    drift, seconds = _drift(lags, np.asarray(heard.received))
    if seconds < LONG:
        yield heard.finding(Severity.OK, fact)
    elif abs(drift) <= DRIFT:
        yield heard.finding(Severity.OK, f'{fact}, drifting by {drift * 6e4:+.2f} ms a minute')
    else:
        fact = f'{fact}, drifting by {drift * 6e4:+.0f} ms a minute, limit {DRIFT * 6e4:g}'
        yield heard.finding(Severity.WARN, fact, 'two clocks, or a queue that fills: look at both')


def _drift(lags: np.ndarray, received: np.ndarray) -> tuple[float, float]:
    """Change of the least lag [s/s] from the first part to the last, and the time between [s]."""
    part = max(len(lags) // _PART, 1)
    seconds = float(np.median(received[-part:]) - np.median(received[:part])) / SECOND
    if seconds <= 0.0:
        return 0.0, 0.0
    return float(lags[-part:].min() - lags[:part].min()) / seconds, seconds
