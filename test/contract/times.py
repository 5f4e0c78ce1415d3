"""Rows on timers, clocks, rates, logging, the graph and policies of quality.

Outcomes are in times_humble.txt.
"""

import threading
import time

import rclpy
import rclpy.logging
from rclpy._rclpy_pybind11 import NodeNameNonExistentError, RCLError
from rclpy.callback_groups import CallbackGroup, MutuallyExclusiveCallbackGroup
from rclpy.clock import Clock, ClockType, ROSClock
from rclpy.duration import Duration, Infinite
from rclpy.exceptions import ROSInterruptException
from rclpy.executors import Executor, MultiThreadedExecutor, SingleThreadedExecutor
from rclpy.guard_condition import GuardCondition
from rclpy.logging import LoggingSeverity
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import (
    DurabilityPolicy,
    HistoryPolicy,
    LivelinessPolicy,
    QoSProfile,
    ReliabilityPolicy,
    qos_profile_parameters,
    qos_profile_services_default,
    qos_profile_system_default,
)
from rclpy.time import Time
from rclpy.timer import Rate, Timer
from rosgraph_msgs.msg import Clock as ClockMsg
from rows import Rows, raised, within
from std_msgs.msg import String
from std_srvs.srv import Trigger

row = Rows()
COMMAND_LINE = '--ros-args -r __ns:=/a/b --log-level a.b.quiet:=ERROR'
STEADY = Clock(clock_type=ClockType.STEADY_TIME)


def spin(node, seconds=0.05):
    """At most one callback."""
    rclpy.spin_once(node, timeout_sec=seconds)


@row
def timer_states():
    node = Node('n')
    timer = node.create_timer(10.0, print)
    left = timer.time_until_next_call()
    first = timer.is_ready(), timer.is_canceled(), 9e9 < left <= 1e10, timer.timer_period_ns
    timer.cancel()
    second = timer.is_ready(), timer.is_canceled(), timer.time_until_next_call()
    timer.reset()
    third = timer.is_canceled(), 0 <= timer.time_since_last_call() < 10**9
    return first, second, third, timer.clock is node.get_clock(), isinstance(timer, Timer)


@row
def timer_of_no_period():
    node, ticks = Node('n'), []
    node.create_timer(0.0, lambda: ticks.append(1))
    for _ in range(3):
        spin(node)
    return (
        len(ticks),
        raised(lambda: node.create_timer(-1.0, print)),
        issubclass(RCLError, Exception),
    )


@row
def timer_new_period():
    """A new period counts from the next call on."""
    node, ticks = Node('n'), []
    timer = node.create_timer(0.1, lambda: ticks.append(1))
    timer.timer_period_ns = 10**10
    within(0.4, lambda: spin(node), lambda: False)
    return len(ticks), timer.timer_period_ns


@row
def timer_destroyed():
    node, ticks = Node('n'), []
    timer = node.create_timer(0.02, lambda: ticks.append(1))
    gone = node.destroy_timer(timer), node.destroy_timer(timer)
    spin(node, 0.1)
    return gone, len(ticks), raised(timer.cancel), len(list(node.timers))


@row
def timer_callback_cancels():
    node, ticks = Node('n'), []

    def once():
        ticks.append(1)
        timer.cancel()

    timer = node.create_timer(0.02, once)
    within(0.3, lambda: spin(node), lambda: False)
    return len(ticks)


@row
def timer_in_a_spin():
    """A timer that is made while another thread waits is served."""
    node, ticks = Node('n'), []
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    thread = threading.Thread(target=executor.spin, daemon=True)
    thread.start()
    time.sleep(0.1)
    node.create_timer(0.02, lambda: ticks.append(1))
    within(2, lambda: time.sleep(0.01), lambda: len(ticks) > 2)
    executor.shutdown()
    thread.join(1.0)
    return len(ticks) > 2, thread.is_alive()


@row
def timer_on_a_steady_clock():
    node, ticks = Node('n'), []
    timer = node.create_timer(0.02, lambda: ticks.append(1), clock=STEADY)
    within(2, lambda: spin(node), lambda: ticks)
    return len(ticks), timer.clock.clock_type.name


def simulated():
    """A node on simulated time, and a function that sets it and spins."""
    node = Node('n', parameter_overrides=[Parameter('use_sim_time', value=True)])
    publisher = node.create_publisher(ClockMsg, '/clock', 1)
    within(3, lambda: time.sleep(0.01), publisher.get_subscription_count)

    def at(seconds):
        message = ClockMsg()
        message.clock = Time(seconds=seconds).to_msg()
        nanoseconds = Time(seconds=seconds).nanoseconds

        def again():
            publisher.publish(message)
            spin(node)

        within(3, again, lambda: node.get_clock().now().nanoseconds == nanoseconds)
        within(0.1, lambda: spin(node, 0.02), lambda: False)

    return node, at


@row
def timer_on_simulated_time():
    """Due when /clock says so; a jump over periods is one call; back: a period from there."""
    node, at = simulated()
    ticks, counts = [], []
    at(10)
    node.create_timer(1.0, lambda: ticks.append(1))
    for seconds in (10.5, 11.0, 11.5, 12.0, 15.5, 15.75, 16.0, 5.0, 5.5, 6.0):
        at(seconds)
        counts.append(len(ticks))
    return counts


@row
def clock_switches():
    node, at = simulated()
    at(3)
    before = node.get_clock().now().nanoseconds, node.get_clock().ros_time_is_active
    node.set_parameters([Parameter('use_sim_time', value=False)])
    near = abs(node.get_clock().now().nanoseconds - time.time_ns()) < 10**9
    return (
        before,
        near,
        node.get_clock().ros_time_is_active,
        isinstance(node.get_clock(), ROSClock),
    )


@row
def clock_sleeps():
    node = Node('n')
    begun = time.monotonic()
    slept = node.get_clock().sleep_for(Duration(seconds=0.1))
    until = STEADY.sleep_until(STEADY.now() + Duration(seconds=0.1))
    wrong = raised(lambda: STEADY.sleep_until(node.get_clock().now()))
    return slept, until, 0.19 < time.monotonic() - begun < 1, wrong


@row
def rate():
    node, executor = Node('n'), MultiThreadedExecutor(2)
    executor.add_node(node)
    threading.Thread(target=executor.spin, daemon=True).start()
    made, begun = node.create_rate(20.0), time.monotonic()
    for _ in range(4):
        made.sleep()
    took = time.monotonic() - begun
    gone = node.destroy_rate(made)
    wrong = raised(made.sleep)
    executor.shutdown()
    known = isinstance(made, Rate), issubclass(ROSInterruptException, Exception)
    return 0.15 < took < 1, gone, wrong, raised(lambda: node.create_rate(0)), known


@row
def guard_conditions():
    node, calls = Node('n'), []
    guard = node.create_guard_condition(lambda: calls.append(1))
    spin(node)
    before = len(calls)
    guard.trigger()
    guard.trigger()
    within(0.2, lambda: spin(node, 0.02), lambda: False)
    kinds = isinstance(guard, GuardCondition), len(list(node.guards))
    return before, len(calls), node.destroy_guard_condition(guard), raised(guard.trigger), kinds


@row
def callback_groups():
    node, group = Node('n'), MutuallyExclusiveCallbackGroup()
    timer = node.create_timer(1.0, print, callback_group=group)
    heard = node.create_subscription(String, 't', print, 1)
    groups = timer.callback_group is group, heard.callback_group is node.default_callback_group
    taken = group.beginning_execution(timer), group.beginning_execution(timer)
    busy = group.can_execute(timer)
    group.ending_execution(timer)
    known = group.has_entity(timer), group.has_entity(heard), isinstance(group, CallbackGroup)
    return groups, taken, busy, group.can_execute(timer), known


@row
def one_timer_and_one_message_a_round():
    """Everything that is ready has one turn, timers first."""
    node, turns = Node('n'), []
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    node.create_subscription(String, 'r', lambda _: turns.append('heard'), 10)
    publisher = node.create_publisher(String, 'r', 10)
    within(3, lambda: time.sleep(0.01), publisher.get_subscription_count)
    timer = node.create_timer(0.01, lambda: turns.append('tick'))
    for _ in range(2):
        publisher.publish(String())
    time.sleep(0.2)
    for _ in range(2):
        executor.spin_once(timeout_sec=0.05)
    timer.cancel()
    executor.spin_once(timeout_sec=0.05)
    return turns, issubclass(SingleThreadedExecutor, Executor)


@row
def graph_of_topics():
    node = Node('n')
    node.create_publisher(String, 'p', 1)
    node.create_subscription(String, 's', print, 1)
    time.sleep(0.3)
    found = dict(node.get_topic_names_and_types())
    node.destroy_node()
    return found['/a/b/p'], found['/a/b/s'], '/rosout' in found, 'p' in found


@row
def graph_of_nodes():
    node, other = Node('n'), Node('other', start_parameter_services=False)
    other.create_publisher(String, 'p', 1)
    other.create_subscription(String, 's', print, 1)
    other.create_service(Trigger, 'srv', print)
    other.create_client(Trigger, 'called')
    time.sleep(0.3)
    both = {('n', '/a/b'), ('other', '/a/b')} <= set(node.get_node_names_and_namespaces())
    called = dict(node.get_service_names_and_types())['/a/b/srv']
    published = dict(node.get_publisher_names_and_types_by_node('other', '/a/b'))
    return (
        both,
        called,
        sorted(published),
        node.get_subscriber_names_and_types_by_node('other', '/a/b'),
        node.get_service_names_and_types_by_node('other', '/a/b'),
        node.get_client_names_and_types_by_node('other', '/a/b'),
        node.count_subscribers('s'),
        raised(lambda: node.get_service_names_and_types_by_node('nobody', '/')),
        issubclass(NodeNameNonExistentError, RCLError),
    )


@row
def destroyed_subscription():
    node, got = Node('n'), []
    heard = node.create_subscription(String, 'ds', got.append, 10)
    publisher = node.create_publisher(String, 'ds', 10)
    within(3, lambda: time.sleep(0.01), publisher.get_subscription_count)
    gone = node.destroy_subscription(heard), node.destroy_subscription(heard)
    publisher.publish(String())
    spin(node, 0.1)
    return gone, len(got), len(list(node.subscriptions))


@row
def logger_levels_change():
    node = Node('levels')
    logger = node.get_logger()
    before = logger.get_effective_level().name, logger.is_enabled_for(LoggingSeverity.DEBUG)
    logger.set_level(LoggingSeverity.ERROR)
    kept_back = logger.warning('x')
    child = logger.get_child('c')
    inherited = child.name, child.get_effective_level().name
    child.set_level(LoggingSeverity.DEBUG)
    own = child.get_effective_level().name, logger.get_effective_level().name
    Node('another')
    rclpy.logging.set_logger_level('a.b.levels', LoggingSeverity.UNSET)
    effective = rclpy.logging.get_logger_effective_level('a.b.levels').name
    parsed = rclpy.logging.get_logging_severity_from_string('warn').name
    given = Node('quiet').get_logger().get_effective_level().name
    return before, kept_back, inherited, own, effective, parsed, given


@row
def logger_filters():
    logger = rclpy.logging.get_logger('filters')
    shown = [logger.info('x', skip_first=True) for _ in range(3)]
    once = [logger.log('x', LoggingSeverity.INFO, once=True) for _ in range(3)]
    clock = Clock()
    throttled = [
        logger.info('x', throttle_duration_sec=60.0, throttle_time_source_type=clock)
        for _ in range(2)
    ]
    off = [logger.info('x', once=value) for value in (False, False)]
    return shown, once, throttled, off, raised(lambda: rclpy.logging.get_logger(''))


@row
def quality_of_time():
    profile = QoSProfile(
        depth=1,
        durability=DurabilityPolicy.TRANSIENT_LOCAL,
        lifespan=Duration(seconds=0.2),
        deadline=Duration(seconds=1),
        liveliness=LivelinessPolicy.AUTOMATIC,
        liveliness_lease_duration=Duration(seconds=2),
    )
    node, got = Node('n'), []
    node.create_publisher(String, 'short', profile).publish(String(data='old'))
    time.sleep(0.4)
    late = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    node.create_subscription(String, 'short', got.append, late)
    within(0.3, lambda: spin(node, 0.02), lambda: False)
    (seen,) = node.get_publishers_info_by_topic('short')
    policies = seen.qos_profile
    spans = policies.lifespan.nanoseconds, policies.deadline.nanoseconds
    lease = policies.liveliness_lease_duration.nanoseconds
    return (
        len(got),
        spans,
        policies.liveliness.name,
        lease,
        raised(lambda: QoSProfile(depth=1, lifespan=1)),
    )


@row
def quality_asked_in_vain():
    """A subscription that wants a deadline does not hear a publisher that offers none."""
    node = Node('n')
    wanted = QoSProfile(depth=1, deadline=Duration(seconds=1))
    node.create_subscription(String, 'vain', print, wanted)
    publisher = node.create_publisher(String, 'vain', 1)
    time.sleep(0.3)
    return publisher.get_subscription_count()


@row
def quality_defaults():
    system, services = qos_profile_system_default, qos_profile_services_default
    plain = QoSProfile(depth=1)
    names = system.history.name, system.depth, system.reliability.name, system.durability.name
    node = Node('n')
    node.create_publisher(String, 'sys', system)
    within(3, lambda: time.sleep(0.02), lambda: node.get_publishers_info_by_topic('sys'))
    (seen,) = node.get_publishers_info_by_topic('sys')
    offered = seen.qos_profile.reliability.name, seen.qos_profile.durability.name
    endless = seen.qos_profile.lifespan == Infinite, plain.lifespan.nanoseconds
    short = ReliabilityPolicy.short_keys(), HistoryPolicy.get_from_short_key('keep_last')
    return names, services.depth, qos_profile_parameters.depth, offered, endless, short


if __name__ == '__main__':
    rclpy.init(args=['x', *COMMAND_LINE.split()])
    row.print()
