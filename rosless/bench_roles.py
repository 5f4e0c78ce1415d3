"""What bench.py measures, each figure in a process of its own, and what it is measured against.

Roles that measure return figures by name; the others run until they are ended. Knows the nodes of
bench_nodes.py. Refuses to know how figures are shown.
"""

import contextlib
import itertools
import json
import os
import resource
import sys
import time
from pathlib import Path

from bench_nodes import (
    CAMERAS,
    FEEDBACK,
    JPEG,
    PERIOD,
    SENSOR,
    CompressedImage,
    Control,
    ExternalShutdownException,
    Feed,
    JointState,
    Node,
    Pong,
    Trigger,
    executor_of,
    image,
    joint_state,
    rclpy,
    spin,
)

SECONDS = float(os.environ.get('BENCH_SECONDS', '5'))
SETTLE = 2.0  # [s] for discovery


def cpu():
    """CPU seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def quantile(values, share):
    """The value that a share of the values stays below; 0.0 of none."""
    return sorted(values)[int(share * (len(values) - 1))] if values else 0.0


def bare():
    """The jitter of a plain loop at 200 Hz: what the machine allows, without any middleware."""
    ticks, start = [], time.perf_counter()
    for count in range(int(SECONDS / PERIOD)):
        time.sleep(max(0.0, start + count * PERIOD - time.perf_counter()))
        ticks.append(time.perf_counter())
    return jitter_figures(jitter(ticks))


def jitter(ticks):
    """How far from 5 ms each period was, in ms."""
    pairs = itertools.pairwise(ticks)
    return [1e3 * abs(after - before - PERIOD) for before, after in pairs]


def jitter_figures(late):
    """Quantiles of a jitter in ms."""
    shares = {'jitter_p50': 0.5, 'jitter_p99': 0.99, 'jitter_max': 1.0}
    return {name: quantile(late, share) for name, share in shares.items()}


def control(cameras, feedback):
    """The figures of a Control node."""
    node = Control(cameras, feedback)
    executor = executor_of(node)
    spin(executor, SETTLE)
    node.clear()
    used, start = cpu(), time.perf_counter()
    spin(executor, SECONDS)
    passed = time.perf_counter() - start
    return jitter_figures(jitter(node.ticks)) | {
        'cpu': 100 * (cpu() - used) / passed,
        'rate': len(node.ticks) / passed,
        'age_p50': 1e3 * quantile(node.ages, 0.5),
        'age_p99': 1e3 * quantile(node.ages, 0.99),
        'images': sum(node.came[t] for t in CAMERAS) / passed,
        'feedback': node.came[FEEDBACK] / passed,
        'lost': node.lost,
    }


def feeding(cameras, feedback):
    """The other side of control()."""
    rclpy.spin(Feed(cameras, feedback))


def ping():
    """Round trip of a JointState of 14 joints through another process."""
    node, came = Node('ping'), []
    publisher = node.create_publisher(JointState, 'ping', 10)
    node.create_subscription(JointState, 'pong', came.append, 10)
    executor = executor_of(node)
    while not publisher.get_subscription_count():
        executor.spin_once(timeout_sec=0.1)
    spin(executor, SETTLE)
    trips, used, start = [], cpu(), time.perf_counter()
    while time.perf_counter() < start + SECONDS:
        sent, had = time.perf_counter(), len(came)
        publisher.publish(joint_state())
        while len(came) == had and time.perf_counter() < sent + 0.5:
            executor.spin_once(timeout_sec=0.1)
        trips.append(1e6 * (time.perf_counter() - sent))
    return trip_figures(trips, used, start)


def call():
    """Round trip of a service call to another process."""
    node = Node('caller')
    client = node.create_client(Trigger, 'answer')
    executor = executor_of(node)
    client.wait_for_service(timeout_sec=10.0)
    spin(executor, SETTLE)
    trips, used, start = [], cpu(), time.perf_counter()
    while time.perf_counter() < start + SECONDS:
        sent = time.perf_counter()
        executor.spin_until_future_complete(client.call_async(Trigger.Request()), 0.5)
        trips.append(1e6 * (time.perf_counter() - sent))
    return trip_figures(trips, used, start)


def trip_figures(trips, used, start):
    """Quantiles and the CPU per trip in us since `start` [s], when `used` [s] were used."""
    shares = {'p50': 0.5, 'p95': 0.95, 'p99': 0.99}
    figures = {name: quantile(trips, share) for name, share in shares.items()}
    spent = 1e6 * (cpu() - used) / len(trips)
    rate = len(trips) / (time.perf_counter() - start)
    return figures | {'max': max(trips), 'rate': rate, 'cpu': spent}


def publishing():
    """What building and sending a 100 KB image takes, and the CPU of three cameras at 30 Hz."""
    node, jpeg = Node('camera'), os.urandom(JPEG)
    publishers = [node.create_publisher(CompressedImage, topic, SENSOR) for topic in CAMERAS]
    time.sleep(SETTLE)
    took, used, start = [], cpu(), time.perf_counter()
    for frame in range(int(30 * SECONDS)):
        time.sleep(max(0.0, start + frame / 30 - time.perf_counter()))
        for publisher in publishers:
            begin = time.perf_counter()
            publisher.publish(image(jpeg))
            took.append(1e3 * (time.perf_counter() - begin))
    share = 100 * (cpu() - used) / (time.perf_counter() - start)
    return {'image': quantile(took, 0.5), 'cpu': share}


ROLES = {
    'ping': ping,
    'pong': lambda: rclpy.spin(Pong()),
    'call': call,
    'publishing': publishing,
    'feed': lambda: feeding(cameras=True, feedback=True),
    'cameras': lambda: feeding(cameras=True, feedback=False),
    'bare': bare,
    'alone': lambda: control(cameras=False, feedback=False),
    'with_cameras': lambda: control(cameras=True, feedback=False),
    'with_all': lambda: control(cameras=True, feedback=True),
}


def join():
    """Joins the domain; what keeps it out ends the process with one line."""
    try:
        rclpy.init(args=[])
    except RuntimeError as problem:
        raise SystemExit(f'{Path(sys.argv[0]).stem}: {problem}') from None


def main():
    """Runs the role in sys.argv and prints its figures as one line of JSON."""
    join()
    with contextlib.suppress(KeyboardInterrupt, ExternalShutdownException):
        print(json.dumps(ROLES[sys.argv[1]]()), flush=True)
    rclpy.try_shutdown()


if __name__ == '__main__':
    main()
