"""Services and parameters of a node in another process, and own .srv files."""

import signal

from running import Program

SERVER = """
import sys
import time
import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from own_pkg.srv import Sum
from std_srvs.srv import Trigger

rclpy.init()
node = Node('server')
node.declare_parameter('gain', 1.5)
counts = [0]


def add(request, response):
    counts[0] += 1
    response.total = sum(request.terms)
    response.header.frame_id = request.name
    return response


def slow(request, response):
    time.sleep(0.3)
    response.success = True
    return response


node.create_service(Sum, 'sum', add)
node.create_service(Trigger, '~/slow', slow)
print('ready')
try:
    rclpy.spin(node)
except (KeyboardInterrupt, ExternalShutdownException):
    print('answered', counts[0], 'gain', node.get_parameter('gain').value)
"""

CLIENT = """
import rclpy
from rcl_interfaces.srv import GetParameters, SetParameters
from rclpy.node import Node
from rclpy.parameter import Parameter
from own_pkg.srv import Sum
from std_srvs.srv import Trigger

rclpy.init()
node = Node('client')


def call(kind, service, **fields):
    client = node.create_client(kind, service)
    assert client.wait_for_service(timeout_sec=5.0), service
    future = client.call_async(kind.Request(**fields))
    rclpy.spin_until_future_complete(node, future, timeout_sec=5.0)
    node.destroy_client(client)
    return future.result()


for count in range(50):
    answer = call(Sum, 'sum', terms=[1, 2, count], name='x')
    assert answer.total == 3 + count, answer
print('sum', answer)
print('limit', Sum.Request.MOST, Sum.Response.get_fields_and_field_types())
print('slow', call(Trigger, 'server/slow').success)
wanted = [Parameter(n, value=v).to_parameter_msg() for n, v in (('gain', 2.5), ('no', 1))]
results = call(SetParameters, 'server/set_parameters', parameters=wanted).results
print('set', [result.successful for result in results], results[1].reason)
print('gain', call(GetParameters, 'server/get_parameters', names=['gain']).values[0].double_value)
print('services', dict(node.get_service_names_and_types())['/sum'])
print('of server', len(node.get_service_names_and_types_by_node('server', '/')))
"""

SUM = """int8 MOST=5
int32[] terms
string name
---
std_msgs/Header header
int64 total
"""


def own_package(folder):
    """A source package with one service."""
    (folder / 'srv').mkdir()
    (folder / 'package.xml').write_text('<package><name>own_pkg</name></package>')
    (folder / 'srv' / 'Sum.srv').write_text(SUM)


def test_a_service_and_its_client_in_two_processes(tmp_path):
    own_package(tmp_path)
    with Program(tmp_path / 'server.py', SERVER, 20) as server:
        server.wait_for('ready')
        with Program(tmp_path / 'client.py', CLIENT, 20) as client:
            assert client.end(60) == 0, client.said
        server.process.send_signal(signal.SIGINT)
        assert server.end() == 0, server.said
    assert "frame_id='x'" in client.said and 'total=52)' in client.said
    assert "limit 5 {'header': 'std_msgs/Header', 'total': 'int64'}" in client.said
    assert 'slow True' in client.said
    assert "set [True, False] not declared: ['no']" in client.said
    assert 'gain 2.5' in client.said
    assert "services ['own_pkg/srv/Sum']" in client.said
    assert 'of server 8' in client.said
    assert 'answered 50 gain 2.5' in server.said


LEAVES = """
import rclpy
from rclpy.node import Node
from std_srvs.srv import Trigger

rclpy.init()
node = Node('leaves')
client = node.create_client(Trigger, 'once')
print('found', client.wait_for_service(timeout_sec=10.0))
future = client.call_async(Trigger.Request())
rclpy.spin_until_future_complete(node, future, timeout_sec=5.0)
print('answer', future.done() and future.result().success)
while client.service_is_ready():
    rclpy.spin_once(node, timeout_sec=0.05)
print('gone')
"""

ONCE = """
import rclpy
from rclpy.node import Node
from std_srvs.srv import Trigger

rclpy.init()
node, calls = Node('once'), []


def serve(request, response):
    calls.append(1)
    response.success = True
    return response


node.create_service(Trigger, 'once', serve)
while not calls:
    rclpy.spin_once(node, timeout_sec=0.1)
"""


def test_a_server_that_ends_is_seen_to_leave(tmp_path):
    with Program(tmp_path / 'leaves.py', LEAVES, 21) as client:
        with Program(tmp_path / 'once.py', ONCE, 21) as server:
            assert server.end() == 0, server.said
        client.wait_for('gone', seconds=5.0)
        assert 'found True\nanswer True\ngone' in client.said


BROKEN = """
import rclpy
from rclpy.node import Node
from own_pkg.srv import Sum
"""


def test_a_service_file_without_its_line_is_named(tmp_path):
    own_package(tmp_path)
    (tmp_path / 'srv' / 'Sum.srv').write_text('int32 a\n')
    with Program(tmp_path / 'broken.py', BROKEN, 22) as program:
        assert program.end() == 1
        assert 'own_pkg/srv/Sum: a service has one line ---' in program.said


ANSWERS = """
import time
from rosless.calls import Answerer, Caller
from rosless.graph import Graph
from rosless.quality import Quality
from std_srvs.srv import SetBool

graph = Graph(28)
server = graph.answerer('/s', SetBool, Quality())
one, two = (graph.caller('/s', SetBool, Quality()) for _ in range(2))
while not (one.ready() and two.ready()):
    time.sleep(0.01)


def until(take):
    end = time.monotonic() + 5
    while (got := take()) is None and time.monotonic() < end:
        time.sleep(0.01)
    return got


sequence = one.send(SetBool.Request(data=True))
header, request = until(server.take)
print('sent', server.send(header, SetBool.Response(success=request.data)))
got = until(one.take)
print('own', got[0] == sequence, got[1].success, one.take())
print('of the other', two.reader.take() is not None)
server.send(header, SetBool.Response())
until(one.take)
print('taken by the other', two.take())
"""


def test_a_client_leaves_the_answers_to_others_alone(tmp_path):
    """All clients of a service hear all of its answers; they count requests from 1, each."""
    with Program(tmp_path / 'answers.py', ANSWERS, 28) as program:
        assert program.end(20) == 0, program.said
    for line in ('sent True', 'own True True None', 'other True', 'by the other None'):
        assert line in program.said, program.said
