"""Executors beyond the rows of the contract: threads, fairness, idling, and what stays."""

import pytest
from running import Program

pytestmark = pytest.mark.alone

THREADS = """
import resource
import threading
import time
import rclpy
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup, ReentrantCallbackGroup
from rclpy.executors import MultiThreadedExecutor
from rclpy.node import Node
from rclpy.task import Future
from std_msgs.msg import String
from std_srvs.srv import SetBool

rclpy.init()
node, other = Node('busy'), Node('other')
got, gate = dict.fromkeys(('open', 'slow', 'beside', 'tick'), 0), Future()


def count(key, work=0.0):
    def callback(*_):
        got[key] += 1
        time.sleep(work)

    return callback


async def waits(request, response):
    await gate
    response.success = True
    return response


free = ReentrantCallbackGroup()
node.create_subscription(String, 'open', count('open'), 100, callback_group=free)
node.create_subscription(String, 'slow', count('slow', 0.03), 100)
node.create_subscription(String, 'beside', count('beside'), 100)
node.create_timer(0.01, count('tick'), callback_group=MutuallyExclusiveCallbackGroup())
node.create_service(SetBool, 'w', waits, callback_group=MutuallyExclusiveCallbackGroup())
client = node.create_client(SetBool, 'w', callback_group=ReentrantCallbackGroup())
sent = {topic: other.create_publisher(String, topic, 100) for topic in ('open', 'slow', 'beside')}
executor = MultiThreadedExecutor(3)
executor.add_node(node)
thread = threading.Thread(target=executor.spin)
thread.start()
client.wait_for_service(timeout_sec=5.0)
time.sleep(0.2)
for number in range(300):
    for topic in ('open', *(('slow', 'beside') if number % 5 == 0 else ())):
        sent[topic].publish(String(data='x'))
    time.sleep(0.003)
print('meanwhile', got['slow'] > 5, got['beside'] > 5, got['tick'] > 20)
end = time.monotonic() + 10
while (got['open'], got['slow'], got['beside']) != (300, 60, 60) and time.monotonic() < end:
    time.sleep(0.01)
print('heard', got['open'], got['slow'], got['beside'])
for timer in list(node.timers):
    node.destroy_timer(timer)
future = client.call_async(SetBool.Request())
behind = client.call_async(SetBool.Request())
time.sleep(0.3)
used, begun = time.process_time(), time.monotonic()
time.sleep(1.0)
print('idle', time.process_time() - used < 0.2, future.done())
gate.set_result(None)
sent['open'].publish(String())
while not (future.done() and behind.done()) and time.monotonic() < begun + 10:
    time.sleep(0.01)
print('answered', future.result().success, behind.result().success)
print('ended', executor.shutdown(timeout_sec=5.0))
thread.join(5.0)
print('thread', thread.is_alive())
"""


def test_threads_groups_and_a_coroutine_that_waits(tmp_path):
    """Who shares an exclusive group takes turns.

    A coroutine that waits costs nothing, nor does the request behind it.
    """
    with Program(tmp_path / 'threads.py', THREADS, 23) as program:
        assert program.end(60) == 0, program.said
    for line in ('meanwhile True True True', 'heard 300 60 60', 'idle True False',
                 'answered True True', 'ended True', 'thread False'):  # fmt: skip
        assert line in program.said, program.said


SIGNALS = """
import os
import signal
import threading
import rclpy
from rclpy.executors import ExternalShutdownException, MultiThreadedExecutor
from rclpy.node import Node

rclpy.init()
node, executor = Node('n'), MultiThreadedExecutor(2)
node.create_timer(0.01, lambda: None)
executor.add_node(node)
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
executor.spin()
print('spin returned', rclpy.ok())
"""


def test_a_signal_ends_the_spin_of_an_executor_with_threads_silently(tmp_path):
    with Program(tmp_path / 'signals.py', SIGNALS, 24) as program:
        assert program.end(20) == 0, program.said
    assert 'spin returned False' in program.said


FLAT = """
import gc
import resource
import time
import rclpy
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from std_srvs.srv import SetBool

rclpy.init()
node, answers = Node('flat'), [0]


def echo(request, response):
    response.success = request.data
    return response


async def later(request, response):
    response.success = (await inner.call_async(request)).success
    return response


def done(future):
    answers[0] += future.result().success


group = ReentrantCallbackGroup()
node.create_service(SetBool, 'inner', echo, callback_group=group)
inner = node.create_client(SetBool, 'inner', callback_group=group)
node.create_service(SetBool, 'outer', later, callback_group=group)
outer = node.create_client(SetBool, 'outer', callback_group=group)
outer.wait_for_service(timeout_sec=5.0)
inner.wait_for_service(timeout_sec=5.0)
node.create_timer(0.001, lambda: None)
guard = node.create_guard_condition(lambda: None)
executor = SingleThreadedExecutor()
executor.add_node(node)


def rounds(count):
    for _ in range(count):
        future = outer.call_async(SetBool.Request(data=True))
        future.add_done_callback(done)
        guard.trigger()
        executor.spin_until_future_complete(future, timeout_sec=5.0)
        rclpy.spin_once(node, timeout_sec=0.0)
        executor.add_node(node)
    gc.collect()
    return len(gc.get_objects()), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


before, after = rounds(300), rounds(1500)
print('objects', after[0] - before[0], 'kB', after[1] - before[1], 'answers', answers[0])
assert after[0] - before[0] < 100
assert after[1] - before[1] < 3000
assert answers[0] >= 1799
"""


def test_calls_timers_and_coroutines_leave_nothing_behind(tmp_path):
    with Program(tmp_path / 'flat.py', FLAT, 25) as program:
        assert program.end(60) == 0, program.said


TIME = """
import threading
import time
import rclpy
from rclpy.clock import Clock, ClockType
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.parameter import Parameter
from rosgraph_msgs.msg import Clock as ClockMsg

rclpy.init()
node, ticks = Node('n'), []
publisher = node.create_publisher(ClockMsg, '/clock', 1)
node.create_timer(0.07, lambda: ticks.append(node.get_clock().now().nanoseconds))


def spin(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        rclpy.spin_once(node, timeout_sec=0.01)


def at(seconds):
    message = ClockMsg()
    message.clock.sec = seconds
    end = time.monotonic() + 5
    while node.get_clock().now().nanoseconds != seconds * 10**9 and time.monotonic() < end:
        publisher.publish(message)
        spin(0.02)
    spin(0.1)


spin(0.3)
print('wall', len(ticks) >= 3)
node.set_parameters([Parameter('use_sim_time', value=True)])
ticks.clear()
spin(0.2)
print('stands', len(ticks))
at(100)
ticks.clear()
at(101)
at(102)
print('simulated', ticks)
woken = []


def sleeper():
    woken.append(node.get_clock().sleep_for(Duration(seconds=2)))


thread = threading.Thread(target=sleeper)
thread.start()
at(103)
print('asleep', woken)
at(104)
thread.join(2.0)
print('awake', woken)
thread = threading.Thread(target=sleeper)
thread.start()
time.sleep(0.2)
node.set_parameters([Parameter('use_sim_time', value=False)])
thread.join(2.0)
print('switched', woken)
ticks.clear()
spin(0.3)
print('wall again', len(ticks) >= 3)
"""


def test_a_timer_and_a_sleep_follow_use_sim_time(tmp_path):
    with Program(tmp_path / 'time.py', TIME, 28) as program:
        assert program.end(60) == 0, program.said
    for line in ('wall True', 'stands 0', 'simulated [101000000000, 102000000000]', 'asleep []',
                 'awake [True]', 'switched [True, False]', 'wall again True'):  # fmt: skip
        assert line in program.said, program.said


PEERS = """
import time
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rosless.graph import Graph, Member

rclpy.init()
node, executor = Node('stays'), SingleThreadedExecutor()
executor.add_node(node)
graph = node.context._graph
for number in range(210):
    other = Graph(29)
    other.enter(Member(f'comes{number}', '/'))
    end, before = time.monotonic() + 5, len(graph._heard)
    while len(graph._heard) == before and time.monotonic() < end:
        executor.spin_once(timeout_sec=0.01)
    if number == 0:
        print('quiet', executor._wait.wait(0) is None, len(graph._heard))
        print('there', sorted(node.get_node_names()))
    other.close()
print('kept', len(graph._heard) + len(graph._peers) <= 200)
"""


def test_what_comes_and_goes_elsewhere_is_taken_and_forgotten(tmp_path):
    """Nobody asks for the graph: it neither piles up nor keeps the executor awake."""
    with Program(tmp_path / 'peers.py', PEERS, 29) as program:
        assert program.end(60) == 0, program.said
    for line in ('quiet True 1', "there ['comes0', 'stays']", 'kept True'):
        assert line in program.said, program.said
