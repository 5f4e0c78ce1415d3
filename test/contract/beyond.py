"""Rows for names that the nodes use beyond the first recordings. Outcomes: beyond_humble.txt."""

import os
import signal
import time

import rclpy
from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    ParameterType,
)
from rclpy._rclpy_pybind11 import RCLError
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.clock import Clock, ClockType
from rclpy.duration import Duration
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.publisher import Publisher
from rclpy.qos import (
    DurabilityPolicy,
    HistoryPolicy,
    InvalidQoSProfileException,
    QoSProfile,
    ReliabilityPolicy,
)
from rclpy.serialization import deserialize_message, serialize_message
from rclpy.signals import SignalHandlerOptions
from rclpy.time import Time
from rows import Rows, raised, within
from sensor_msgs.msg import JointState
from std_msgs.msg import String

row = Rows()
COMMAND_LINE = '--ros-args -r __ns:=/a/b -r old:=/new/name -p rate:=50.0 -p limits.speed:=1.5'
CORNER = QoSProfile(
    history=HistoryPolicy.KEEP_LAST,
    depth=1,
    reliability=ReliabilityPolicy.BEST_EFFORT,
    durability=DurabilityPolicy.VOLATILE,
)
RELIABLE = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE)


@row
def topic_names():
    node = Node('n')
    publisher = node.create_publisher(String, 'old', 1)
    return publisher.topic_name, node.resolve_topic_name('old'), node.resolve_topic_name('~/x')


@row
def declared_from_overrides():
    node = Node('n', automatically_declare_parameters_from_overrides=True)
    given = node.get_parameters_by_prefix('')
    again = raised(lambda: node.declare_parameter('rate', 1.0))
    speed = node.get_parameters_by_prefix('limits')['speed'].value
    return sorted(given), given['rate'].value, speed, again


@row
def qos_parts():
    two = [CORNER.history.name, CORNER.reliability.name]
    return (CORNER.depth, CORNER.durability.name, *two, RELIABLE.durability.name)


@row
def qos_without_depth():
    return raised(QoSProfile), issubclass(InvalidQoSProfileException, Exception)


@row
def qos_best_effort_hears_reliable():
    node, got = Node('n'), []
    node.create_subscription(String, 'q', got.append, CORNER)
    publisher = node.create_publisher(String, 'q', RELIABLE)

    def again():
        publisher.publish(String(data='x'))
        rclpy.spin_once(node, timeout_sec=0.05)

    return within(3, again, lambda: got)


@row
def raw_subscription():
    node, got = Node('n'), []
    node.create_subscription(JointState, 'raw', got.append, 1, raw=True)
    publisher = node.create_publisher(JointState, 'raw', 1)
    sent = JointState(name=['a', 'bc'], position=[1.0, 2.0])

    def again():
        publisher.publish(sent)
        rclpy.spin_once(node, timeout_sec=0.05)

    within(3, again, lambda: got)
    same = deserialize_message(got[0], JointState) == sent
    return type(got[0]).__name__, same, got[0] == serialize_message(sent)


@row
def publisher_type():
    return isinstance(Node('n').create_publisher(String, 'p', 1), Publisher)


@row
def executor_serves_nodes():
    node, executor = Node('n'), SingleThreadedExecutor()
    before = node.executor
    added = executor.add_node(node), executor.add_node(node)
    return before, added, node.executor is executor


@row
def one_callback_per_spin():
    """Two messages of two topics: one callback per call, so that a tick is never held up."""
    node, got = Node('n'), []
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    for topic in ('one', 'two'):
        node.create_subscription(String, topic, got.append, 10)
        publisher = node.create_publisher(String, topic, 10)
        within(3, lambda: time.sleep(0.01), publisher.get_subscription_count)
        publisher.publish(String())
    time.sleep(0.2)
    counts = []
    for _ in range(3):
        executor.spin_once(timeout_sec=0.0)
        counts.append(len(got))
    return counts


@row
def callback_error_subscription():
    node, executor = Node('n'), SingleThreadedExecutor()
    executor.add_node(node)
    node.create_subscription(String, 'err', lambda _: 1 / 0, 10)
    publisher = node.create_publisher(String, 'err', 10)

    def again():
        publisher.publish(String())
        executor.spin_once(timeout_sec=0.05)

    return raised(lambda: within(3, again, lambda: False))


@row
def log_options():
    logger, shown = Node('n').get_logger(), []
    for _ in range(3):
        shown.append(logger.warning('x', throttle_duration_sec=60.0))
    return shown, raised(lambda: logger.info('x', thottle_duration_sec=1.0))


@row
def integer_steps():
    node = Node('n')
    even = IntegerRange(from_value=0, to_value=10, step=2)
    node.declare_parameter('i', 2, ParameterDescriptor(integer_range=[even]))
    given = [node.set_parameters([Parameter('i', value=v)])[0].successful for v in (4, 5, 12)]
    return given, node.get_parameter('i').value


@row
def times_of_two_clocks():
    steady = Clock(clock_type=ClockType.STEADY_TIME).now()
    system = Time(seconds=1)
    return raised(lambda: steady - system), raised(lambda: system == steady)


@row
def init_twice():
    return raised(lambda: rclpy.init(args=[]))


@row
def own_signal_handler():
    """With SignalHandlerOptions.NO a signal does not end the context."""
    got = []
    signal.signal(signal.SIGTERM, lambda number, _: got.append(number))
    os.kill(os.getpid(), signal.SIGTERM)
    within(1, lambda: time.sleep(0.01), lambda: got)
    return len(got), rclpy.ok()


@row
def names_that_are_none():
    node = Node('n')
    asked = (
        lambda: node.resolve_topic_name('bad name'),
        lambda: node.resolve_service_name('bad name'),
        lambda: node.count_publishers('bad name'),
        lambda: node.count_subscribers('bad name'),
        lambda: node.get_publisher_names_and_types_by_node('bad name', '/'),
        lambda: node.get_service_names_and_types_by_node('bad name', '/'),
    )
    return [raised(one) for one in asked]


@row
def group_that_ended_twice():
    group = MutuallyExclusiveCallbackGroup()
    timer = Node('n').create_timer(1.0, print, callback_group=group)
    begun = group.beginning_execution(timer)
    group.ending_execution(timer)
    return begun, raised(lambda: group.ending_execution(timer))


@row
def texts_and_types():
    span = Duration(nanoseconds=5)
    smaller = raised(lambda: Parameter.Type.BOOL < 5)
    return str(span), repr(span), smaller, raised(lambda: serialize_message('x'))


@row
def described_afterwards():
    """Parameters that came with the node get their descriptors later."""
    node = Node('n', automatically_declare_parameters_from_overrides=True)
    ends = FloatingPointRange(from_value=1.0, to_value=60.0, step=0.0)
    double, text = ParameterType.PARAMETER_DOUBLE, ParameterType.PARAMETER_STRING
    kinds = ParameterType.PARAMETER_BOOL, ParameterType.PARAMETER_INTEGER
    lists = ParameterType.PARAMETER_STRING_ARRAY
    fixed = ParameterDescriptor(type=double, description='d', read_only=True)
    ranged = ParameterDescriptor(type=double, floating_point_range=[ends])
    node.set_descriptor('rate', ranged)
    too_much = node.set_parameters([Parameter('rate', value=70.0)])[0].successful
    node.set_descriptor('rate', fixed)
    said = node.describe_parameter('rate').description
    held = node.set_parameters([Parameter('rate', value=55.0)])[0].successful
    wrong = ParameterDescriptor(type=text)
    refused = raised(lambda: node.set_descriptor('limits.speed', wrong))
    untyped = raised(lambda: node.set_descriptor('limits.speed', ParameterDescriptor()))
    return too_much, said, held, refused, untyped, (*kinds, double, text, lists)


@row
def spin_after_shutdown():
    node, executor = Node('n'), SingleThreadedExecutor()
    executor.add_node(node)
    rclpy.shutdown()
    wrong = raised(lambda: executor.spin_once(timeout_sec=0.0))
    errors = (issubclass(RCLError, RuntimeError), issubclass(ExternalShutdownException, Exception))
    return (wrong, *errors)


if __name__ == '__main__':
    no = SignalHandlerOptions.NO
    rclpy.init(args=['x', *COMMAND_LINE.split()], signal_handler_options=no)
    row.print()
