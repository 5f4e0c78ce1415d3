"""A node: a name in the graph, with publishers, subscriptions, parameters, a clock and a logger.

Knows what rclpy's Node does in Humble. Refuses to know the wire: that is rosless.graph.
"""

import weakref

import rosgraph_msgs.msg
from rcl_interfaces.msg import Log, ParameterEvent, SetParametersResult

from rosless import names
from rosless.graph import Member
from rosless.quality import Quality
from rosless.refusal import lookup, not_covered, refuse_options

from . import logging
from ._calls import Calls
from ._declared import Declared
from ._ends import Ends
from ._surroundings import Surroundings
from ._ticks import Ticks
from .clock import ROSClock
from .exceptions import (
    InvalidNamespaceException,
    InvalidNodeNameException,
    NotInitializedException,
)
from .parameter import Parameter
from .parameter_service import ParameterService
from .qos import QoSProfile, ReliabilityPolicy
from .utilities import get_default_context

__getattr__ = lookup(__name__)

ROSOUT = Quality(depth=1000, latched=True, lifespan=10 * 10**9)  # rcl's rosout profile
SIM_TIME = 'use_sim_time'
EVENTS = QoSProfile(depth=1000)  # rmw's parameter events profile

# Of rclpy 3.3's Node, and not here.
ABSENT = """
add_waitable assert_liveliness client count_clients count_services
get_node_names_and_namespaces_with_enclaves handle remove_waitable waitables
"""


class Node(Declared, Ends, Calls, Ticks, Surroundings):
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
        self._start_names(self.__member, self.__rules, self.__graph)
        self._start_ticks()
        self._start_ends(self.__member, self.__graph)
        self._start_calls(self.__member, self.__graph)
        self.__executor = None
        self.__clock = ROSClock()
        self.__clock_subscription = None
        self.__graph.enter(self.__member)
        self.__start_logging()
        self.__start_parameters(
            parameter_overrides or [], automatically_declare_parameters_from_overrides
        )
        self.__parameter_service = ParameterService(self) if start_parameter_services else None

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
        rosout = self._publisher(Log, '/rosout', EVENTS, ROSOUT)

        def publish(severity, text, file, function, line):
            if self._alive:
                where = {'file': file, 'function': function, 'line': line}
                stamp = self.__clock.now().to_msg()
                level = int(severity)
                name = self._logger.name
                rosout.publish(Log(stamp=stamp, level=level, name=name, msg=text, **where))

        self._logger = logging.Logger(
            self.get_fully_qualified_name()[1:].replace('/', '.'), publish
        )

    def __start_parameters(self, given, declare_all):
        outside = self.__rules.overrides(self.get_fully_qualified_name())
        overrides = {name: Parameter(name, value=value) for name, value in outside.items()}
        overrides |= {parameter.name: parameter for parameter in given}
        events = self._publisher(ParameterEvent, '/parameter_events', EVENTS)
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

    def get_logger(self):
        """The node's logger."""
        return self._logger

    def get_clock(self):
        """The node's clock: system time, or /clock while use_sim_time is true."""
        return self.__clock

    def _waits_for(self):
        """What an executor serves, in the order of turns."""
        parts = self._timers, self._subscriptions, self._guards, self._clients, self._services
        return [entity for part in parts for entity in part]

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

    def destroy_node(self):
        """Leaves the graph with all that it made."""
        if self.executor is not None:
            self.executor.remove_node(self)
        for made, destroy in (
            (self._publishers, self.destroy_publisher),
            (self._subscriptions, self.destroy_subscription),
            (self._clients, self.destroy_client),
            (self._services, self.destroy_service),
            (self._timers, self.destroy_timer),
            (self._guards, self.destroy_guard_condition),
        ):
            for entity in made[:]:
                destroy(entity)
        self._alive = False
        self.__graph.leave(self.__member)
