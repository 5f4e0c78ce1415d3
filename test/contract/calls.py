"""Rows on services, clients, tasks, coroutines and parameters over the wire.

Outcomes are in calls_humble.txt.
"""

import threading
import time

import rclpy
from rcl_interfaces.msg import FloatingPointRange, ParameterDescriptor, ParameterEvent
from rcl_interfaces.srv import (
    DescribeParameters,
    GetParameters,
    GetParameterTypes,
    ListParameters,
    SetParameters,
    SetParametersAtomically,
)
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup, ReentrantCallbackGroup
from rclpy.client import Client
from rclpy.exceptions import (
    InvalidHandle,
    InvalidServiceNameException,
    ParameterImmutableException,
    ParameterNotDeclaredException,
)
from rclpy.executors import MultiThreadedExecutor, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter, parameter_value_to_python
from rclpy.service import Service
from rclpy.task import Future, Task
from rows import Rows, raised, within
from std_msgs.msg import String
from std_srvs.srv import Empty, SetBool, Trigger

row = Rows()
COMMAND_LINE = '--ros-args -r __ns:=/a/b -r srv:=renamed'


def echo(request, response):
    """A service callback: success is what was asked for."""
    response.success = request.data
    return response


def pair(callback=echo, name='sb', **options):
    """A node with a service and its client."""
    node = Node('n')
    node.create_service(SetBool, name, callback, **options)
    client = node.create_client(SetBool, name, **options)
    assert client.wait_for_service(timeout_sec=3.0)
    return node, client


@row
def service_names():
    node = Node('n')
    made = node.create_service(SetBool, 'srv', echo), node.create_client(SetBool, 'srv')
    kinds = isinstance(made[0], Service), isinstance(made[1], Client)
    full = node.resolve_service_name('srv'), node.resolve_service_name('srv', only_expand=True)
    return [m.srv_name for m in made], [m.srv_type is SetBool for m in made], kinds, full


@row
def call_async_and_spin():
    node, client = pair()
    futures = [client.call_async(SetBool.Request(data=value)) for value in (True, False)]
    for future in futures:
        rclpy.spin_until_future_complete(node, future, timeout_sec=3.0)
    return [(f.done(), f.cancelled(), f.exception(), f.result().success) for f in futures]


@row
def calls_of_two_clients():
    """Each hears the responses to its own requests only."""
    node, first = pair()
    second = node.create_client(SetBool, 'sb')
    second.wait_for_service(timeout_sec=3.0)
    asked = [(first, True), (second, False), (first, False), (second, True)]
    futures = [client.call_async(SetBool.Request(data=value)) for client, value in asked]
    for future in futures:
        rclpy.spin_until_future_complete(node, future, timeout_sec=3.0)
    return [f.result().success for f in futures]


@row
def call_from_another_thread():
    node, client = pair()
    executor, answers = SingleThreadedExecutor(), []
    executor.add_node(node)
    ask = threading.Thread(target=lambda: answers.append(client.call(SetBool.Request(data=True))))
    ask.start()
    within(3, lambda: executor.spin_once(timeout_sec=0.05), lambda: answers)
    return answers[0].success


@row
def service_absent():
    client = Node('n').create_client(Trigger, 'nobody')
    begun = time.monotonic()
    found = client.wait_for_service(timeout_sec=0.3)
    return found, client.service_is_ready(), 0.25 < time.monotonic() - begun < 1.0


@row
def service_gone():
    node = Node('n')
    service, client = node.create_service(Trigger, 'sg', echo), node.create_client(Trigger, 'sg')
    before = client.wait_for_service(timeout_sec=3.0)
    destroyed = node.destroy_service(service), node.destroy_service(service)
    within(3, lambda: time.sleep(0.02), lambda: not client.service_is_ready())
    return before, destroyed, client.service_is_ready()


@row
def request_of_another_type():
    _, client = pair()
    return (
        raised(lambda: client.call_async(Trigger.Request())),
        raised(lambda: client.call(SetBool.Response())),
        raised(SetBool),
        raised(lambda: SetBool.Request(nope=1)),
    )


@row
def service_callback_returns_nothing():
    node, client = pair(lambda request, response: None)
    client.call_async(SetBool.Request())
    return raised(lambda: within(1, lambda: rclpy.spin_once(node, timeout_sec=0.05)))


@row
def service_callback_raises():
    node, client = pair(lambda request, response: 1 / 0)
    client.call_async(SetBool.Request())
    return raised(lambda: within(1, lambda: rclpy.spin_once(node, timeout_sec=0.05)))


@row
def service_of_a_message():
    node = Node('n')
    return (
        raised(lambda: node.create_service(String, 's', echo)),
        raised(lambda: node.create_client(String, 's')),
        raised(lambda: node.create_publisher(SetBool, 's', 1)),
        raised(lambda: node.create_client(3, 's')),
    )


@row
def bad_service_names():
    node = Node('n')
    wrong = raised(lambda: node.create_service(SetBool, 'bad name', echo))
    known = issubclass(InvalidServiceNameException, Exception)
    return wrong, raised(lambda: node.create_client(SetBool, '1x')), known


@row
def destroyed_client():
    node, client = pair()
    gone = node.destroy_client(client), node.destroy_client(client)
    wrong = raised(lambda: client.call_async(SetBool.Request()))
    return gone, wrong, issubclass(InvalidHandle, RuntimeError)


@row
def empty_service():
    node = Node('n')
    node.create_service(Empty, 'e', lambda request, response: response)
    client = node.create_client(Empty, 'e')
    client.wait_for_service(timeout_sec=3.0)
    future = client.call_async(Empty.Request())
    rclpy.spin_until_future_complete(node, future, timeout_sec=3.0)
    return future.result()


@row
def coroutine_callbacks():
    """A service that waits for another one, in a group that may run again meanwhile."""
    node, group, seen = Node('n'), ReentrantCallbackGroup(), []
    client = node.create_client(SetBool, 'inner', callback_group=group)

    async def outer(request, response):
        answer = await client.call_async(request)
        response.success = not answer.success
        return response

    async def listen(msg):
        seen.append(msg.data)

    node.create_service(SetBool, 'inner', echo, callback_group=group)
    node.create_service(SetBool, 'outer', outer, callback_group=group)
    node.create_subscription(String, 'heard', listen, 1)
    publisher = node.create_publisher(String, 'heard', 1)
    asking = node.create_client(SetBool, 'outer', callback_group=group)
    client.wait_for_service(timeout_sec=3.0)
    asking.wait_for_service(timeout_sec=3.0)
    future = asking.call_async(SetBool.Request(data=True))
    rclpy.spin_until_future_complete(node, future, timeout_sec=3.0)

    def again():
        publisher.publish(String(data='x'))
        rclpy.spin_once(node, timeout_sec=0.05)

    within(3, again, lambda: seen)
    return future.done(), future.result().success, seen[:1]


@row
def coroutine_keeps_its_group():
    """While a coroutine waits, nothing else of an exclusive group runs."""
    node, gate, ticks = Node('n'), Future(), []
    group = MutuallyExclusiveCallbackGroup()

    async def first():
        waiting.cancel()
        await gate

    waiting = node.create_timer(0.01, first, callback_group=group)
    node.create_timer(0.02, lambda: ticks.append(1), callback_group=group)
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    within(0.3, lambda: executor.spin_once(timeout_sec=0.02), lambda: False)
    held = len(ticks)
    gate.set_result(None)
    within(1, lambda: executor.spin_once(timeout_sec=0.02), lambda: ticks)
    return held, len(ticks) > 0


@row
def future_states():
    got, future, cancelled = [], Future(), Future()
    future.add_done_callback(got.append)
    cancelled.cancel()
    before = future.done(), future.result()
    future.set_result(3)
    future.add_done_callback(got.append)
    return before, future.result(), len(got), cancelled.cancelled(), cancelled.done()


@row
def future_exception():
    future = Future()
    future.set_exception(KeyError('x'))
    return raised(future.result), type(future.exception()).__name__, future.done()


@row
def executor_tasks():
    executor = SingleThreadedExecutor()

    async def later(value):
        return value + 1

    tasks = executor.create_task(later, 1), executor.create_task(lambda value: value * 2, value=4)
    for task in tasks:
        executor.spin_until_future_complete(task, timeout_sec=1.0)
    failing = executor.create_task(lambda: 1 / 0)
    wrong = raised(lambda: executor.spin_until_future_complete(failing, timeout_sec=1.0))
    kinds = all(isinstance(task, Task) for task in tasks)
    return [task.result() for task in tasks], kinds, wrong, tasks[0].executing()


@row
def executor_nodes():
    executor, node = MultiThreadedExecutor(num_threads=2), Node('n')
    executor.add_node(node)
    names = [n.get_name() for n in executor.get_nodes()]
    executor.remove_node(node)
    return names, executor.get_nodes(), executor.shutdown(timeout_sec=1.0)


@row
def publish_from_other_threads():
    node, got = Node('n'), []
    node.create_subscription(String, 'many', lambda m: got.append(m.data), 100)
    publisher = node.create_publisher(String, 'many', 100)
    within(3, lambda: time.sleep(0.02), publisher.get_subscription_count)

    def talk(start):
        for number in range(start, start + 20):
            publisher.publish(String(data=str(number)))

    threads = [threading.Thread(target=talk, args=(20 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    within(3, lambda: rclpy.spin_once(node, timeout_sec=0.05), lambda: len(got) == 80)
    return len(got), len(set(got))


def ask(kind, name, **fields):
    """One call of a parameter service of node 'served'."""
    node = Node('asking')
    client = node.create_client(kind, f'served/{name}')
    assert client.wait_for_service(timeout_sec=3.0)
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    executor.add_node(SERVED[0])
    future = client.call_async(kind.Request(**fields))
    executor.spin_until_future_complete(future, timeout_sec=3.0)
    executor.shutdown()
    node.destroy_node()
    return future.result()


SERVED = []


def given(name, value):
    """A parameter as a message."""
    return Parameter(name, value=value).to_parameter_msg()


@row
def parameters_are_listed():
    node = Node('served')
    SERVED.append(node)
    upper = FloatingPointRange(from_value=0.0, to_value=2.0, step=0.0)
    node.declare_parameter('plain', 1)
    node.declare_parameter('a.b', [1.0])
    node.declare_parameter('a.c.d', 'x', ParameterDescriptor(read_only=True))
    node.declare_parameter('v', 1.0, ParameterDescriptor(floating_point_range=[upper]))
    found = [ask(ListParameters, 'list_parameters').result]
    found.append(ask(ListParameters, 'list_parameters', depth=2).result)
    found.append(ask(ListParameters, 'list_parameters', depth=1).result)
    found.append(ask(ListParameters, 'list_parameters', prefixes=['a']).result)
    return [(result.names, result.prefixes) for result in found]


@row
def parameters_are_read():
    values = ask(GetParameters, 'get_parameters', names=['plain', 'a.b']).values
    types = ask(GetParameterTypes, 'get_parameter_types', names=['plain', 'a.b', 'v']).types
    (described,) = ask(DescribeParameters, 'describe_parameters', names=['v']).descriptors
    missing = ask(GetParameters, 'get_parameters', names=['plain', 'nope']).values
    no_types = ask(GetParameterTypes, 'get_parameter_types', names=['nope']).types
    undescribed = ask(DescribeParameters, 'describe_parameters', names=['nope']).descriptors
    shown = described.name, described.type, described.floating_point_range[0].to_value
    read = values[0].integer_value, list(values[1].double_array_value), list(types)
    return read, shown, missing, list(no_types), undescribed


@row
def parameters_are_set():
    wanted = [('plain', 5), ('plain', 'x'), ('v', 9.0), ('a.c.d', 'y'), ('nope', 1)]
    messages = [given(*entry) for entry in wanted]
    results = ask(SetParameters, 'set_parameters', parameters=messages).results
    both = [given('plain', 6), given('v', 9.0)]
    result = ask(SetParametersAtomically, 'set_parameters_atomically', parameters=both).result
    fine = [given('plain', 7), given('v', 2.0)]
    second = ask(SetParametersAtomically, 'set_parameters_atomically', parameters=fine).result
    values = [p.value for p in SERVED[0].get_parameters(['plain', 'v', 'a.c.d'])]
    reasons = [(r.successful, bool(r.reason)) for r in results]
    return reasons, result.successful, second.successful, values


@row
def parameter_events():
    node, got = Node('n'), []
    node.create_subscription(ParameterEvent, '/parameter_events', got.append, 100)
    time.sleep(0.2)
    other = Node('other')
    other.declare_parameter('p', 1)
    other.set_parameters([Parameter('p', value=2)])

    def named(parameters):
        return [p.name for p in parameters]

    def of_p():
        return [e for e in got if 'p' in named(e.new_parameters) + named(e.changed_parameters)]

    within(3, lambda: rclpy.spin_once(node, timeout_sec=0.05), lambda: len(of_p()) == 2)
    return [(e.node, named(e.new_parameters), named(e.changed_parameters)) for e in of_p()]


@row
def without_parameter_services():
    node = Node('bare', start_parameter_services=False)
    return len(list(node.services)), len(list(Node('full').services))


@row
def parameters_of_the_node():
    node = Node('n')
    node.declare_parameter('p', 1)
    node.declare_parameter('fixed', 1, ParameterDescriptor(read_only=True))
    other = node.get_parameter_or('nope', Parameter('nope', value=3)).value
    types = node.get_parameter_type('p'), node.get_parameter_types(['p', 'fixed'])
    described = [d.name for d in node.describe_parameters(['p', 'fixed'])]
    both = node.set_parameters_atomically([Parameter('p', value=4), Parameter('fixed', value=2)])
    immutable = raised(lambda: node.undeclare_parameter('fixed'))
    node.undeclare_parameter('p')
    gone = raised(lambda: node.undeclare_parameter('p'))
    kinds = ParameterImmutableException.__name__, ParameterNotDeclaredException.__name__
    same = (immutable, gone) == kinds
    return other, types, described, both.successful, immutable, gone, same, node.has_parameter('p')


@row
def descriptor_is_changed():
    node = Node('n')
    node.declare_parameter('v', 5.0)
    upper = FloatingPointRange(from_value=0.0, to_value=2.0, step=0.0)
    narrow = ParameterDescriptor(type=3, floating_point_range=[upper])
    wrong = raised(lambda: node.set_descriptor('v', narrow))
    other = Parameter('v', value=1.0).get_parameter_value()
    value = node.set_descriptor('v', narrow, other).double_value
    return wrong, value, node.get_parameter('v').value


@row
def parameter_callback_removed():
    node, asked = Node('n'), []
    node.declare_parameter('p', 1)

    def judge(parameters):
        asked.append(1)
        from rcl_interfaces.msg import SetParametersResult

        return SetParametersResult(successful=True)

    node.add_on_set_parameters_callback(judge)
    node.set_parameters([Parameter('p', value=2)])
    node.remove_on_set_parameters_callback(judge)
    node.set_parameters([Parameter('p', value=3)])
    return len(asked), raised(lambda: node.remove_on_set_parameters_callback(judge))


@row
def parameter_messages():
    sent = [given('p', value) for value in (True, 3, 1.5, 'x', [True], [1, 2], [1.5], ['x'], None)]
    back = [Parameter.from_parameter_msg(message) for message in sent]
    plain = [p.value if p.value is None or p.type_.value < 5 else list(p.value) for p in back]
    return (
        [p.type_.name for p in back],
        plain,
        [parameter_value_to_python(m.value) for m in sent[5:]],
    )


if __name__ == '__main__':
    rclpy.init(args=['x', *COMMAND_LINE.split()])
    row.print()
