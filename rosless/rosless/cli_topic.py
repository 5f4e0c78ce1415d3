"""`rosless topic list|info|hz|echo`. Knows the form in which ros2topic (Humble) prints them."""

import argparse
import math
import time
from collections import deque
from typing import Any

from rosless.message_text import ARRAYS, LONGEST, to_yaml
from rosless.observer import Observer, echo, fail, message_class, observer, take_spin_time

WINDOW = 10_000  # messages


def add(verbs: Any) -> None:
    """Adds the verbs to the command line."""
    _add_list(verbs)
    _add_info(verbs)
    _add_hz(verbs)
    _add_echo(verbs)


def _add_list(verbs: Any) -> None:
    verb = verbs.add_parser('list', help='the topics there are')
    verb.add_argument('-t', '--show-types', action='store_true', help='with their types')
    verb.add_argument(
        '--include-hidden-topics', action='store_true', help='with those that begin with _'
    )
    take_spin_time(verb)
    verb.set_defaults(call=_list)


def _list(given: argparse.Namespace) -> None:
    with observer() as look:
        look.settle(given.spin_time)
        for name, types in look.topics(given.include_hidden_topics).items():
            echo(f'{name} [{", ".join(types)}]' if given.show_types else name)


def _add_info(verbs: Any) -> None:
    verb = verbs.add_parser('info', help='type and endpoints of a topic')
    verb.add_argument('topic', help='its name, e.g. /robot/joints')
    verb.add_argument('-v', '--verbose', action='store_true', help='with nodes and QoS')
    verb.set_defaults(call=_info)


def _info(given: argparse.Namespace) -> None:
    with observer() as look:
        topic = _await_topic(look, given.topic)
        look.settle()
        types = look.topics(True)[topic]
        ends = (
            ('Publisher', look.node.get_publishers_info_by_topic(topic)),
            ('Subscription', look.node.get_subscriptions_info_by_topic(topic)),
        )
        gap = '\n' if given.verbose else ''
        echo(f'Type: {types[0] if len(types) == 1 else types}{gap}')
        for kind, found in ends:
            echo(f'{kind} count: {len(found)}{gap}')
            for info in found if given.verbose else []:
                echo(f'{_told(info)}\n')


def _told(info: Any) -> str:
    """Node, type and QoS; how much history an endpoint keeps is not told to others."""
    profile = info.qos_profile
    return '\n'.join(
        [
            f'Node name: {info.node_name}',
            f'Node namespace: {info.node_namespace}',
            f'Topic type: {info.topic_type}',
            f'Endpoint type: {info.endpoint_type.name}',
            f'GID: {".".join(format(byte, "02x") for byte in info.endpoint_gid)}',
            'QoS profile:',
            f'  Reliability: {profile.reliability.name}',
            f'  History (Depth): {profile.history.name}',
            f'  Durability: {profile.durability.name}',
            f'  Lifespan: {_span(profile.lifespan)}',
            f'  Deadline: {_span(profile.deadline)}',
            f'  Liveliness: {profile.liveliness.name}',
            f'  Liveliness lease duration: {_span(profile.liveliness_lease_duration)}',
        ]
    )


def _span(duration: Any) -> str:
    forever = duration.nanoseconds == 2**63 - 1
    return 'Infinite' if forever else f'{duration.nanoseconds} nanoseconds'


def _await_topic(look: Observer, given: str) -> str:
    return look.await_name(given, 'topic', lambda: list(look.topics(True)))


def _type_of(look: Observer, topic: str) -> Any:
    types = look.topics(True)[topic]
    if len(types) > 1:
        fail(f'{topic} has more than one type', 'types', types)
    return message_class(types[0])


def _add_hz(verbs: Any) -> None:
    verb = verbs.add_parser('hz', help='how often messages arrive on a topic')
    verb.add_argument('topic', help='its name, e.g. /robot/joints')
    verb.add_argument(
        '-w', '--window', type=_positive, default=WINDOW, help=f'messages to count ({WINDOW})'
    )
    verb.set_defaults(call=_hz)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f'{text!r} is not a positive number')
    return int(text)


class Rate:
    """The periods between the last messages. Times in seconds, given from outside."""

    def __init__(self, window: int) -> None:
        self._periods: deque[float] = deque(maxlen=window)
        self._last: float | None = None
        self.count = 0

    def came(self, now: float) -> None:
        """A message came."""
        self.count += 1
        if self._last is not None:
            self._periods.append(now - self._last)
        self._last = now

    def told(self) -> str | None:
        """The two lines of ros2 topic hz; None before the second message."""
        if not self._periods:
            return None
        count, total = len(self._periods), sum(self._periods)
        mean = total / count
        spread = math.sqrt(sum((p - mean) ** 2 for p in self._periods) / count)
        low, high = min(self._periods), max(self._periods)
        rate = count / total if total else 0.0
        return (
            f'average rate: {rate:.3f}\n'
            f'\tmin: {low:.3f}s max: {high:.3f}s std dev: {spread:.5f}s window: {count}'
        )


def _hz(given: argparse.Namespace) -> None:
    with observer() as look:
        from rclpy.qos import qos_profile_sensor_data

        topic = _await_topic(look, given.topic)
        kind, rate = _type_of(look, topic), Rate(given.window)

        def note(_: bytes) -> None:
            rate.came(time.monotonic())

        look.node.create_subscription(kind, topic, note, qos_profile_sensor_data, raw=True)
        due, had = time.monotonic() + 1.0, 0
        while True:
            look.spin_once(max(0.0, due - time.monotonic()))
            if time.monotonic() >= due:
                if rate.count > had and (told := rate.told()):
                    echo(told)
                due, had = time.monotonic() + 1.0, rate.count


def _add_echo(verbs: Any) -> None:
    verb = verbs.add_parser('echo', help='the messages on a topic')
    verb.add_argument('topic', help='its name, e.g. /robot/joints')
    verb.add_argument('--once', action='store_true', help='end after the first message')
    verb.add_argument('--field', help='only this part of each message, e.g. header.stamp')
    verb.add_argument('--no-arr', action='store_true', help='arrays by type and length only')
    verb.add_argument(
        '-f', '--full-length', action='store_true', help=f'longer than {LONGEST} elements, too'
    )
    verb.set_defaults(call=_echo)


def _echo(given: argparse.Namespace) -> None:
    with observer() as look:
        topic = _await_topic(look, given.topic)
        look.settle()  # all its publishers decide the quality
        shown = []

        def show(message: Any) -> None:
            echo(_text(_part(message, given.field), given) + '---')
            if given.once:
                shown.append(message)

        kind, profile = _type_of(look, topic), _profile(look, topic)
        look.node.create_subscription(kind, topic, show, profile)
        while not shown:
            look.spin_once()


def _text(part: Any, given: argparse.Namespace) -> str:
    if hasattr(part, 'get_fields_and_field_types'):
        return to_yaml(part, None if given.full_length else LONGEST, not given.no_arr)
    return f'{part}\n'


def _part(message: Any, path: str | None) -> Any:
    for name in filter(None, (path or '').split('.')):
        fields: dict[str, str] = getattr(message, 'get_fields_and_field_types', dict)()
        if name not in fields:
            kind = 'elements' if isinstance(message, ARRAYS) else 'fields'
            fail(f'no field {name} in {type(message).__name__}', kind, list(fields))
        message = getattr(message, name)
    return message


def _profile(look: Observer, topic: str) -> Any:
    """What all publishers offer, as ros2 topic echo chooses it: the weaker where they differ."""
    from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

    offered = [info.qos_profile for info in look.node.get_publishers_info_by_topic(topic)]
    reliable = [p.reliability == ReliabilityPolicy.RELIABLE for p in offered] or [False]
    latched = [p.durability == DurabilityPolicy.TRANSIENT_LOCAL for p in offered] or [False]
    return QoSProfile(
        depth=10,
        reliability=ReliabilityPolicy.RELIABLE if all(reliable) else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if all(latched) else DurabilityPolicy.VOLATILE,
    )
