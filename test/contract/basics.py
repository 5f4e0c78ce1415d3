"""Rows on names, parameters, messages, topics, timers, services, clocks, logging and shutdown.

The outcomes on ROS 2 Humble are in humble.txt, under the same names.
"""

import array
import time

import numpy as np
import rclpy
from geometry_msgs.msg import Pose, Quaternion
from rcl_interfaces.msg import SetParametersResult
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from rows import Rows, raised, within
from sensor_msgs.msg import CompressedImage, Image, JointState
from std_msgs.msg import Empty, String
from trajectory_msgs.msg import JointTrajectory

row = Rows()
COMMAND_LINE = (
    '--ros-args -p i:=3 -p d:=2 -p s:=true '
    '-r old:=/new/name -r ~/priv:=other -r srv:=srv2 -r __ns:=/a/b'
)


def topic_name(node, topic):
    """The full name of a new publisher's topic."""
    return node.create_publisher(String, topic, 1).topic_name


def spin(node, seconds=0.05):
    """At most one callback."""
    rclpy.spin_once(node, timeout_sec=seconds)


@row
def names():
    from std_srvs.srv import Trigger

    node = Node('n')
    topics = [topic_name(node, topic) for topic in ('old', '~/priv', 'x/y')]
    service = node.create_service(Trigger, 'srv', lambda request, response: response)
    identity = (node.get_name(), node.get_namespace(), node.get_fully_qualified_name())
    return (*identity, *topics, service.srv_name)


@row
def param_int():
    node = Node('n')
    return node.declare_parameter('i', 1).value, node.get_parameter('i').type_.name


@row
def param_double_from_int():
    node = Node('n')
    return raised(lambda: node.declare_parameter('d', 1.0))


@row
def param_string_from_bool():
    node = Node('n')
    return raised(lambda: node.declare_parameter('s', 'x'))


@row
def param_undeclared():
    node = Node('n')
    return raised(lambda: node.get_parameter('nope'))


@row
def param_twice():
    node = Node('n')
    node.declare_parameter('p', 1)
    return raised(lambda: node.declare_parameter('p', 1))


@row
def param_no_default():
    node = Node('n')
    node.declare_parameter('q', Parameter.Type.DOUBLE)
    return raised(lambda: node.get_parameter('q').value)


@row
def param_set_type():
    node = Node('n')
    node.declare_parameter('p', 1)
    result = node.set_parameters([Parameter('p', Parameter.Type.STRING, 'x')])[0]
    return result.successful, node.get_parameter('p').value


@row
def param_set_undeclared():
    node = Node('n')
    return raised(lambda: node.set_parameters([Parameter('zz', Parameter.Type.INTEGER, 1)]))


@row
def param_callback():
    node = Node('n')
    node.declare_parameter('p', 1)

    def judge(parameters):
        return SetParametersResult(successful=parameters[0].value < 5, reason='big')

    node.add_on_set_parameters_callback(judge)
    reasons = [node.set_parameters([Parameter('p', value=v)])[0].reason for v in (3, 9)]
    return reasons, node.get_parameter('p').value


@row
def param_arrays():
    node = Node('n')
    given = {'a': [1, 2], 'b': [1.5], 'c': ['x'], 'e': [True]}
    return [list(node.declare_parameter(name, value).value) for name, value in given.items()]


@row
def msg_defaults():
    empty = JointState()
    rotations = (Quaternion().w, Pose().orientation.w)
    return (*rotations, empty.name, len(empty.position), JointTrajectory().points)


@row
def msg_ndarray_to_sequence():
    made = raised(lambda: JointState(position=np.zeros(2)))
    return made, raised(lambda: setattr(Image(), 'data', np.zeros(2, np.uint8)))


@row
def msg_float32_array():
    return raised(lambda: JointState(position=array.array('f', [1])))


@row
def msg_int_to_float():
    return raised(lambda: JointState(position=[1, 2]))


@row
def msg_npfloat_to_scalar():
    point = Pose().position
    return tuple(
        raised(lambda value=value: setattr(point, 'x', value))
        for value in (np.float64(1), 1, np.float32(1))
    )


@row
def msg_wrong_field():
    wrong = raised(lambda: setattr(JointState(), 'positions', []))
    return wrong, raised(lambda: JointState(nope=1))


@row
def msg_type_str():
    return (
        raised(lambda: setattr(JointState(), 'name', 'abc')),
        raised(lambda: setattr(CompressedImage(), 'format', 3)),
        raised(lambda: setattr(Image(), 'height', -1)),
        raised(lambda: setattr(Image(), 'height', 1.5)),
    )


@row
def msg_sequence_reads():
    state = JointState(position=[1.0])
    state.position.append(2.0)
    return type(state.position).__name__, list(state.position), bool(JointState().position)


@row
def msg_eq():
    a, b = JointState(name=['a']), JointState(name=['b'])
    return a == JointState(name=['a']), JointState() == b


@row
def pub_wrong_type():
    publisher = Node('n').create_publisher(String, 'x', 1)
    return raised(lambda: publisher.publish(JointState()))


@row
def pubsub_roundtrip():
    node, got = Node('n'), []
    node.create_subscription(JointState, 't', got.append, 10)
    publisher = node.create_publisher(JointState, 't', 10)
    sent = JointState(name=['ä', ''], position=[1.5, -2.0])

    def again():
        publisher.publish(sent)
        spin(node)

    within(3, again, lambda: got)
    return got[0] == sent, type(got[0].position).__name__


@row
def transient_local():
    node, got = Node('n'), []
    latched = QoSProfile(depth=2, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    publisher = node.create_publisher(String, 'tl', latched)
    for number in range(4):
        publisher.publish(String(data=str(number)))
    node.create_subscription(String, 'tl', lambda msg: got.append(msg.data), latched)
    within(0.7, lambda: spin(node), lambda: False)
    return got


@row
def qos_mismatch():
    node, got = Node('n'), []
    node.create_subscription(String, 'qm', got.append, 10)
    publisher = node.create_publisher(String, 'qm', qos_profile_sensor_data)

    def again():
        publisher.publish(String())
        spin(node)

    within(0.5, again, lambda: False)
    return len(got), publisher.get_subscription_count()


@row
def empty_msg():
    node, got = Node('n'), []
    node.create_subscription(Empty, 'em', got.append, 10)
    publisher = node.create_publisher(Empty, 'em', 10)

    def again():
        publisher.publish(Empty())
        spin(node)

    within(3, again, lambda: got)
    return len(got) > 0


@row
def timer_counts():
    node, ticks = Node('n'), []
    timer = node.create_timer(0.05, lambda: ticks.append(1))
    within(0.53, lambda: spin(node, 0.02), lambda: False)
    timer.cancel()
    count = len(ticks)
    spin(node, 0.12)
    return count, len(ticks) == count, timer.is_canceled()


@row
def timer_catch_up():
    """A callback that blocks 0.3 s: how many of the 0.05 s ticks follow?"""
    node, ticks = Node('n'), []

    def tick():
        ticks.append(1)
        if len(ticks) == 1:
            time.sleep(0.3)

    node.create_timer(0.05, tick)
    within(0.6, lambda: spin(node, 0.02), lambda: False)
    return 5 <= len(ticks) <= 7


@row
def service_sync_from_callback():
    from rclpy.callback_groups import ReentrantCallbackGroup
    from rclpy.executors import MultiThreadedExecutor
    from std_srvs.srv import SetBool

    node, group, answers = Node('n'), ReentrantCallbackGroup(), []

    def serve(request, response):
        response.success = request.data
        return response

    node.create_service(SetBool, 'sb', serve, callback_group=group)
    client = node.create_client(SetBool, 'sb', callback_group=group)

    def ask():
        timer.cancel()
        answers.append(client.call(SetBool.Request(data=True)).success)

    timer = node.create_timer(0.1, ask, callback_group=group)
    executor = MultiThreadedExecutor(3)
    executor.add_node(node)
    within(3, lambda: executor.spin_once(timeout_sec=0.05), lambda: answers)
    executor.shutdown()
    return answers


def most_at_once(groups, seconds, work):
    """How many of three timers' callbacks ran at the same time, at most."""
    from rclpy.executors import MultiThreadedExecutor

    node, running, most = Node('n'), [0], [0]

    def busy():
        running[0] += 1
        most[0] = max(most[0], running[0])
        time.sleep(work)
        running[0] -= 1

    for group in groups:
        node.create_timer(0.01, busy, callback_group=group)
    executor = MultiThreadedExecutor(4)
    executor.add_node(node)
    within(seconds, lambda: executor.spin_once(timeout_sec=0.05), lambda: False)
    executor.shutdown()
    return most[0]


@row
def exclusive_group():
    from rclpy.callback_groups import MutuallyExclusiveCallbackGroup

    return most_at_once([MutuallyExclusiveCallbackGroup()] * 3, 0.5, 0.03)


@row
def parallel_groups():
    from rclpy.callback_groups import MutuallyExclusiveCallbackGroup

    return most_at_once([MutuallyExclusiveCallbackGroup() for _ in range(3)], 0.6, 0.05)


def error_of_timer(make_executor):
    """What an executor raises when a timer's callback divides by zero."""
    node = Node('n')
    node.create_timer(0.01, lambda: 1 / 0)
    executor = make_executor()
    executor.add_node(node)
    return raised(lambda: within(1, lambda: executor.spin_once(timeout_sec=0.05), lambda: False))


@row
def callback_error_single():
    return error_of_timer(SingleThreadedExecutor)


@row
def callback_error_multi():
    from rclpy.executors import MultiThreadedExecutor

    return error_of_timer(lambda: MultiThreadedExecutor(2))


@row
def clock():
    now = Node('n').get_clock().now()
    msg = now.to_msg()
    close = abs(now.nanoseconds - time.time_ns()) < 10**8
    back = rclpy.time.Time.from_msg(msg) - now
    return close, msg.sec == now.nanoseconds // 10**9, back.nanoseconds


@row
def node_lists():
    node = Node('lister')
    time.sleep(0.3)
    return 'lister' in node.get_node_names(), node.count_publishers('/rosout') > 0


@row
def bad_names():
    node = Node('n')
    return (
        raised(lambda: Node('bad name')),
        raised(lambda: node.create_publisher(String, 'bad topic', 1)),
        raised(lambda: node.create_publisher(String, '1x', 1)),
    )


@row
def logger():
    return Node('n').get_logger().name


@row
def spin_until_timeout():
    from rclpy.task import Future

    node, future, begun = Node('n'), Future(), time.monotonic()
    rclpy.spin_until_future_complete(node, future, timeout_sec=0.2)
    return 0.15 < time.monotonic() - begun < 0.4, future.done()


@row
def guard_destroyed():
    node = Node('n')
    node.destroy_node()
    return raised(lambda: node.create_publisher(String, 'x', 1)) is not None


@row
def after_shutdown():
    rclpy.shutdown()
    return rclpy.ok(), raised(rclpy.shutdown), raised(rclpy.try_shutdown)


if __name__ == '__main__':
    rclpy.init(args=['x', *COMMAND_LINE.split()])
    row.print()
