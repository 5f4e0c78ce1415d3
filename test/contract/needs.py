"""Rows on what the nodes need besides: ranges, the graph, waiting, stamps, log options, signals.

The outcomes on ROS 2 Humble are in nodes_humble.txt, under the same names.
"""

import os
import signal
import threading
import time

import rclpy
from rcl_interfaces.msg import FloatingPointRange, ParameterDescriptor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import qos_profile_sensor_data
from rclpy.time import Time
from rows import Rows, raised, within
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import String

row = Rows()
COMMAND_LINE = '--ros-args -r __ns:=/a/b -p given:=7.5'
UP_TO_TWO = FloatingPointRange(from_value=0.0, to_value=2.0, step=0.0)


def up_to_two():
    """A descriptor: 0 to 2."""
    return ParameterDescriptor(floating_point_range=[UP_TO_TWO])


@row
def float_range():
    node = Node('n')
    node.declare_parameter('v', 1.0, up_to_two())
    result = node.set_parameters([Parameter('v', value=9.0)])[0]
    return result.successful, bool(result.reason), node.get_parameter('v').value


@row
def range_at_declare():
    node = Node('n')
    return raised(lambda: node.declare_parameter('v', 9.0, up_to_two()))


@row
def override_outside_range():
    node = Node('n')
    return raised(lambda: node.declare_parameter('given', 1.0, up_to_two()))


@row
def read_only_keeps():
    node = Node('n')
    node.declare_parameter('p', 'a', ParameterDescriptor(read_only=True, description='d'))
    result = node.set_parameters([Parameter('p', value='b')])[0]
    kept = node.get_parameter('p').value
    return result.successful, bool(result.reason), kept, node.describe_parameter('p').description


@row
def declare_many():
    node = Node('n')
    node.declare_parameters('', [('x.y', 1.0), ('x.z', [1.0, 2.0]), ('names', ['a'])])
    y, z, names = (node.get_parameter(name).value for name in ('x.y', 'x.z', 'names'))
    return y, list(z), names


@row
def publishers_of():
    node = Node('n')
    node.create_publisher(String, 'ep', qos_profile_sensor_data)
    node.create_publisher(String, 'ep', 1)

    def found():
        return node.get_publishers_info_by_topic('/a/b/ep')

    within(3, lambda: time.sleep(0.05), lambda: len(found()) == 2)
    infos = found()
    return (
        len(infos),
        sorted({info.node_name for info in infos}),
        sorted({info.node_namespace for info in infos}),
        sorted(info.qos_profile.reliability.name for info in infos),
        len(node.get_subscriptions_info_by_topic('/a/b/ep')),
    )


@row
def subscription_count():
    node = Node('n')
    publisher = node.create_publisher(String, 'sc', 1)
    before = publisher.get_subscription_count()
    node.create_subscription(String, 'sc', print, 1)
    within(3, lambda: time.sleep(0.05), publisher.get_subscription_count)
    return before, publisher.get_subscription_count()


@row
def destroyed_publisher_leaves():
    node = Node('n')
    node.destroy_publisher(node.create_publisher(String, 'dp', 1))
    time.sleep(0.5)
    return len(node.get_publishers_info_by_topic('/a/b/dp'))


@row
def spin_once_timeout():
    node, begun = Node('n'), time.monotonic()
    rclpy.spin_once(node, timeout_sec=0.2)
    return 0.15 < time.monotonic() - begun < 1


@row
def spin_once_zero():
    node, begun = Node('n'), time.monotonic()
    rclpy.spin_once(node, timeout_sec=0.0)
    return time.monotonic() - begun < 0.1


@row
def time_from_stamp():
    stamp = JointState().header.stamp
    stamp.sec, stamp.nanosec = 3, 5
    moment = Time.from_msg(stamp)
    return moment.nanoseconds, moment.to_msg().sec, moment.to_msg().nanosec


@row
def stamp_types():
    stamp = JointState().header.stamp
    wrong = raised(lambda: setattr(stamp, 'sec', 1.5))
    return wrong, raised(lambda: setattr(stamp, 'nanosec', -1))


@row
def bytes_into_uint8():
    image = Image()
    refused = raised(lambda: setattr(image, 'data', b'\x01\x02'))
    return refused, type(image.data).__name__, list(image.data)


@row
def logger_levels():
    logger = Node('n').get_logger()
    return [
        raised(lambda: logger.debug('x')),
        raised(lambda: logger.info('x')),
        raised(lambda: logger.warning('x')),
        raised(lambda: logger.error('x')),
        raised(lambda: logger.fatal('x')),
        raised(lambda: logger.info('x', throttle_duration_sec=1.0)),
        raised(lambda: logger.info('x', once=True)),
    ]


@row
def logger_two_levels_one_line():
    logger = Node('n').get_logger()
    return [raised(lambda level=level: getattr(logger, level)('x')) for level in ('info', 'error')]


@row
def sim_time():
    node = Node('n', parameter_overrides=[Parameter('use_sim_time', value=True)])
    return node.get_clock().now().nanoseconds, node.get_parameter('use_sim_time').value


@row
def sigterm_ends_spin():
    node = Node('n')
    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
    return raised(lambda: rclpy.spin(node)), rclpy.ok()


if __name__ == '__main__':
    rclpy.init(args=['x', *COMMAND_LINE.split()])
    row.print()
