"""A node: a name in the graph, with publishers, subscriptions, parameters, a clock and a logger.

Knows what rclpy's Node does in Humble. Refuses to know the wire: that is rosless.graph.
"""

import inspect
import weakref

import rosgraph_msgs.msg
from rcl_interfaces.msg import Log, ParameterEvent, SetParametersResult

from rosless import names
from rosless.dds import Service
from rosless.graph import Member
from rosless.messages import Message
from rosless.refusal import lookup, not_covered, refuse_options

from . import logging
from ._declared import Declared
from .clock import ROSClock
from .exceptions import (
    InvalidHandle,
    InvalidNamespaceException,
    InvalidNodeNameException,
    InvalidTopicNameException,
    NotInitializedException,
)
from .parameter import Parameter
from .publisher import Publisher
from .qos import QoSProfile, ReliabilityPolicy, profile_of, service_of
from .subscription import Subscription
from .topic_endpoint_info import TopicEndpointInfo, TopicEndpointTypeEnum
from .utilities import get_default_context

__getattr__ = lookup(__name__)

ROSOUT = Service(depth=1000, latched=True, lifespan=10 * 10**9)  # rcl's rosout profile
SIM_TIME = 'use_sim_time'
EVENTS = QoSProfile(depth=1000)  # rmw's parameter events profile

# Of rclpy 3.3's Node, and not here.
ABSENT = """
add_waitable assert_liveliness client clients count_clients count_services create_client
create_guard_condition create_rate create_service create_timer default_callback_group
describe_parameters destroy_client destroy_guard_condition destroy_rate destroy_service
destroy_timer get_client_names_and_types_by_node get_parameter_or get_parameter_type
get_parameter_types get_publisher_names_and_types_by_node get_service_names_and_types
get_service_names_and_types_by_node get_subscriber_names_and_types_by_node guards handle
remove_waitable resolve_service_name services set_descriptor timers undeclare_parameter waitables
"""


class Node(Declared):
    """A node. Raises NotInitializedException, InvalidNodeName- and InvalidNamespaceException.

    Name, namespace, topics and parameters follow the --ros-args given to rclpy.init().
    """

    _absent = frozenset(ABSENT.split())

    def __init__(
        self,
        node_name,
        *,
        context=None,
        cli_args=None,
        namespace=None,
        use_global_arguments=True,
        enable_rosout=True,
        start_parameter_services=True,
        parameter_overrides=None,
        allow_undeclared_parameters=False,
        automatically_declare_parameters_from_overrides=False,
    ):
        refuse_options('Node', context=context, cli_args=cli_args)
        if allow_undeclared_parameters:
            raise not_covered('Node(allow_undeclared_parameters=True)', 'declare them')
        if not (use_global_arguments and enable_rosout):
            raise not_covered('Node(use_global_arguments=False), Node(enable_rosout=False)')
        self.__context = get_default_context()
        if not self.__context.ok():
            raise NotInitializedException
        self.__rules, self.__graph = self.__context._arguments, self.__context._graph
        self.__member = Member(*self.__names(node_name, namespace or ''))
        self._publishers, self._subscriptions = [], []
        self._version = 0  # counts changes of what an executor waits for
        self.__executor = None
        self.__clock = ROSClock()
        self.__clock_subscription = None
        self.__alive = True
        self.__graph.enter(self.__member)
        self.__start_logging()
        self.__start_parameters(
            parameter_overrides or [], automatically_declare_parameters_from_overrides
        )

    def __names(self, name, namespace):
        name = self.__rules.name(name)
        namespace = self.__rules.namespace(name, namespace or '/')
        namespace = namespace if namespace.startswith('/') else f'/{namespace}'
        if not names.valid_node_name(name):
            raise InvalidNodeNameException(name)
        if not names.valid_namespace(namespace):
            raise InvalidNamespaceException(namespace)
        return name, namespace

    def __start_logging(self):
        rosout = self.__publisher(Log, '/rosout', EVENTS, ROSOUT)

        def publish(severity, text, file, function, line):
            if self.__alive:
                where = {'file': file, 'function': function, 'line': line}
                stamp = self.__clock.now().to_msg()
                level = int(severity)
                name = self._logger.name
                rosout.publish(Log(stamp=stamp, level=level, name=name, msg=text, **where))

        logging.configure(self.__rules.level, self.__rules.levels)
        self._logger = logging.Logger(
            self.get_fully_qualified_name()[1:].replace('/', '.'), publish
        )

    def __start_parameters(self, given, declare_all):
        outside = self.__rules.overrides(self.get_fully_qualified_name())
        overrides = {name: Parameter(name, value=value) for name, value in outside.items()}
        overrides |= {parameter.name: parameter for parameter in given}
        events = self.__publisher(ParameterEvent, '/parameter_events', EVENTS)
        self._start_parameters(overrides, events.publish)
        if declare_all:
            self.declare_parameters('', [(n, p.value) for n, p in overrides.items()], True)
        if not self.has_parameter(SIM_TIME):
            self.declare_parameter(SIM_TIME, False)
        self.__on_parameters([self.get_parameter(SIM_TIME)])
        self.add_on_set_parameters_callback(self.__on_parameters)

    def __on_parameters(self, parameters):
        for parameter in parameters:
            if parameter.name != SIM_TIME:
                continue
            if parameter.type_ == Parameter.Type.BOOL:
                self.__follow_clock(parameter.value)
            else:
                self._logger.error(f'{SIM_TIME} is {parameter.value!r}, not true or false')
        return SetParametersResult(successful=True)

    def __follow_clock(self, simulated):
        self.__clock._follow(simulated)
        if simulated and self.__clock_subscription is None:
            profile = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
            self.__clock_subscription = self.create_subscription(
                rosgraph_msgs.msg.Clock, '/clock', self.__on_clock, profile
            )
        elif not simulated and self.__clock_subscription is not None:
            self.destroy_subscription(self.__clock_subscription)
            self.__clock_subscription = None

    def __on_clock(self, msg):
        self.__clock._set(msg.clock.sec * 10**9 + msg.clock.nanosec)

    def get_name(self):
        """The node's name, after remapping."""
        return self.__member.name

    def get_namespace(self):
        """The node's namespace, after remapping: '/' or '/a/b'."""
        return self.__member.namespace

    def get_fully_qualified_name(self):
        """'/a/b/node'."""
        return names.full_node_name(self.__member.name, self.__member.namespace)

    def get_logger(self):
        """The node's logger."""
        return self._logger

    def get_clock(self):
        """The node's clock: system time, or /clock while use_sim_time is true."""
        return self.__clock

    @property
    def context(self):
        """The context that the node lives in."""
        return self.__context

    @property
    def executor(self):
        """The executor that serves the node, or None."""
        return self.__executor() if self.__executor else None

    @executor.setter
    def executor(self, new):
        current = self.executor
        if current is new:
            return
        if current is not None:
            current.remove_node(self)
        self.__executor = None if new is None else weakref.ref(new)
        if new is not None:
            new.add_node(self)

    @property
    def publishers(self):
        """The node's publishers."""
        return iter(self._publishers)

    @property
    def subscriptions(self):
        """The node's subscriptions."""
        return iter(self._subscriptions)

    def resolve_topic_name(self, topic, *, only_expand=False):
        """The full name of a topic, after remapping. Raises InvalidTopicNameException."""
        if '{' in topic:
            raise not_covered(f'the substitution in the topic name {topic!r}')
        if not names.valid_topic(topic):
            raise InvalidTopicNameException(topic)
        full = names.expand(topic, self.__member.name, self.__member.namespace)
        if only_expand:
            return full
        return self.__rules.remap(full, self.__member.name, self.__member.namespace)

    def create_publisher(
        self,
        msg_type,
        topic,
        qos_profile,
        *,
        callback_group=None,
        event_callbacks=None,
        qos_overriding_options=None,
        publisher_class=None,
    ):
        """A publisher of `msg_type` on `topic`; qos_profile: a QoSProfile or a depth.

        Raises InvalidTopicNameException, InvalidHandle (destroyed node), TypeError, ValueError.
        """
        refuse_options(
            'create_publisher',
            callback_group=callback_group,
            event_callbacks=event_callbacks,
            qos_overriding_options=qos_overriding_options,
            publisher_class=publisher_class,
        )
        profile = profile_of(qos_profile)
        return self.__publisher(msg_type, self.resolve_topic_name(topic), profile)

    def __publisher(self, msg_type, topic, profile, service=None):
        self.__require_alive()
        wanted = service or service_of(profile)
        writer = self.__graph.writer(topic, _type_name(msg_type), wanted)
        made = Publisher(writer, msg_type, topic, profile)
        self.__member.writers.append(writer)
        self._publishers.append(made)
        self.__graph.announce()
        return made

    def create_subscription(
        self,
        msg_type,
        topic,
        callback,
        qos_profile,
        *,
        callback_group=None,
        event_callbacks=None,
        qos_overriding_options=None,
        raw=False,
    ):
        """A subscription to `topic`; `callback(msg)`, or callback(bytes of CDR) with raw=True.

        Raises InvalidTopicNameException, InvalidHandle (destroyed node), TypeError, ValueError;
        NotImplementedError for a coroutine callback.
        """
        refuse_options(
            'create_subscription',
            callback_group=callback_group,
            event_callbacks=event_callbacks,
            qos_overriding_options=qos_overriding_options,
        )
        if inspect.iscoroutinefunction(callback):
            raise not_covered('a coroutine as callback', 'use a plain function')
        profile, full = profile_of(qos_profile), self.resolve_topic_name(topic)
        self.__require_alive()
        reader = self.__graph.reader(full, _type_name(msg_type), service_of(profile))
        made = Subscription(reader, msg_type, full, callback, profile, raw)
        self.__member.readers.append(reader)
        self._subscriptions.append(made)
        self.__changed()
        return made

    def __require_alive(self):
        if not self.__alive:
            raise InvalidHandle(f'the node {self.get_name()} is destroyed')

    def __changed(self):
        self._version += 1
        self.__graph.announce()
        if self.executor is not None:
            self.executor.wake()

    def destroy_publisher(self, publisher):
        """Leaves the topic. False: not a publisher of this node."""
        if publisher not in self._publishers:
            return False
        self._publishers.remove(publisher)
        self.__member.writers.remove(publisher._writer)
        publisher._writer.close()
        self.__graph.announce()
        return True

    def destroy_subscription(self, subscription):
        """Leaves the topic. False: not a subscription of this node."""
        if subscription not in self._subscriptions:
            return False
        self._subscriptions.remove(subscription)
        self.__member.readers.remove(subscription._reader)
        subscription._reader.close()
        self.__changed()
        return True

    def destroy_node(self):
        """Leaves the graph with all publishers and subscriptions."""
        if self.executor is not None:
            self.executor.remove_node(self)
        for subscription in list(self._subscriptions):
            self.destroy_subscription(subscription)
        for publisher in list(self._publishers):
            self.destroy_publisher(publisher)
        self.__alive = False
        self.__graph.leave(self.__member)

    def get_node_names(self):
        """The names of all nodes in the domain."""
        return [name for name, _ in self.__graph.node_names()]

    def get_node_names_and_namespaces(self):
        """Names and namespaces of all nodes in the domain."""
        return self.__graph.node_names()

    def get_topic_names_and_types(self, no_demangle=False):
        """[(topic, [types])] of the domain, sorted."""
        if no_demangle:
            raise not_covered('get_topic_names_and_types(no_demangle=True)')
        found = {}
        for endpoint in self.__graph.publishers() + self.__graph.subscriptions():
            found.setdefault(endpoint.topic, set()).add(endpoint.type)
        return [(topic, sorted(types)) for topic, types in sorted(found.items())]

    def count_publishers(self, topic_name):
        """How many publishers a topic has in the domain."""
        return len(self.__graph.publishers(self.resolve_topic_name(topic_name, only_expand=True)))

    def count_subscribers(self, topic_name):
        """How many subscriptions a topic has in the domain."""
        full = self.resolve_topic_name(topic_name, only_expand=True)
        return len(self.__graph.subscriptions(full))

    def get_publishers_info_by_topic(self, topic_name, no_mangle=False):
        """A TopicEndpointInfo for each publisher of a topic in the domain."""
        return self.__infos(topic_name, no_mangle, TopicEndpointTypeEnum.PUBLISHER)

    def get_subscriptions_info_by_topic(self, topic_name, no_mangle=False):
        """A TopicEndpointInfo for each subscription of a topic in the domain."""
        return self.__infos(topic_name, no_mangle, TopicEndpointTypeEnum.SUBSCRIPTION)

    def __infos(self, topic, no_mangle, kind):
        if no_mangle:
            raise not_covered('no_mangle=True')
        full = self.resolve_topic_name(topic)
        sent = kind is TopicEndpointTypeEnum.PUBLISHER
        ends = self.__graph.publishers(full) if sent else self.__graph.subscriptions(full)
        return [TopicEndpointInfo(endpoint, kind) for endpoint in ends]


def _type_name(msg_type):
    if not (inspect.isclass(msg_type) and issubclass(msg_type, Message)):
        raise AttributeError(f'{msg_type!r} is no ROS message type')
    return msg_type.__msgtype__
