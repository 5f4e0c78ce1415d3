"""The part of a node that is about names: its own, those of topics, and who else is there.

Knows remap rules and the graph. Refuses to know what is sent.
"""

from rosless import names
from rosless.endpoints import names_and_types
from rosless.refusal import Partial, not_covered

from ._rclpy_pybind11 import NodeNameNonExistentError, RCLError
from .topic_endpoint_info import TopicEndpointInfo, TopicEndpointTypeEnum


class Surroundings(Partial):
    """The part of Node that is about names and the graph."""

    def _start_names(self, member, rules, graph):
        self.__me, self.__rules, self.__graph = member, rules, graph

    def get_name(self):
        """The node's name, after remapping."""
        return self.__me.name

    def get_namespace(self):
        """The node's namespace, after remapping: '/' or '/a/b'."""
        return self.__me.namespace

    def get_fully_qualified_name(self):
        """'/a/b/node'."""
        return names.full_node_name(self.__me.name, self.__me.namespace)

    def resolve_topic_name(self, topic, *, only_expand=False):
        """The full name of a topic, after remapping. Raises RCLError for what is no name."""
        return self._resolved(topic, _of_rcl, only_expand)

    def resolve_service_name(self, service, *, only_expand=False):
        """The full name of a service, after remapping. Raises RCLError for what is no name."""
        return self._resolved(service, _of_rcl, only_expand)

    def _resolved(self, given, wrong, only_expand=False):
        """Raises `wrong`, made from the given name, for what is none."""
        if '{' in given:
            raise not_covered(f'the substitution in the name {given!r}')
        if not names.valid_topic(given):
            raise wrong(given)
        full = names.expand(given, self.__me.name, self.__me.namespace)
        if only_expand:
            return full
        return self.__rules.remap(full, self.__me.name, self.__me.namespace)

    def get_node_names(self):
        """The names of all nodes in the domain."""
        return [name for name, _ in self.__graph.node_names()]

    def get_node_names_and_namespaces(self):
        """[(name, namespace)] of all nodes in the domain."""
        return self.__graph.node_names()

    def get_topic_names_and_types(self, no_demangle=False):
        """[(topic, [types])] of the domain, sorted."""
        _refuse(no_demangle)
        return names_and_types(self.__graph.publishers() + self.__graph.subscriptions())

    def get_service_names_and_types(self):
        """[(service, [types])] of the domain, sorted."""
        return self.__graph.services()

    def get_publisher_names_and_types_by_node(self, node_name, node_namespace, no_demangle=False):
        """[(topic, [types])] that a node publishes. Raises NodeNameNonExistentError."""
        _refuse(no_demangle)
        node = self.__known(node_name, node_namespace)
        return names_and_types(e for e in self.__graph.publishers() if e.node == node)

    def get_subscriber_names_and_types_by_node(self, node_name, node_namespace, no_demangle=False):
        """[(topic, [types])] that a node subscribes to. Raises NodeNameNonExistentError."""
        _refuse(no_demangle)
        node = self.__known(node_name, node_namespace)
        return names_and_types(e for e in self.__graph.subscriptions() if e.node == node)

    def get_service_names_and_types_by_node(self, node_name, node_namespace):
        """[(service, [types])] that a node serves. Raises NodeNameNonExistentError."""
        return self.__graph.services_of(self.__known(node_name, node_namespace))

    def get_client_names_and_types_by_node(self, node_name, node_namespace):
        """[(service, [types])] that a node calls. Raises NodeNameNonExistentError."""
        return self.__graph.clients_of(self.__known(node_name, node_namespace))

    def __known(self, name, namespace):
        nodes = self.__graph.node_names()
        if (name, namespace) not in nodes:
            there = ', '.join(names.full_node_name(*node) for node in nodes)
            asked = names.full_node_name(name, namespace)
            if not names.valid_topic(f'/{name}'):
                raise RCLError(f'{name!r} is no name of a node: letters, digits and _')
            raise NodeNameNonExistentError(f'there is no node {asked}: there are {there}')
        return name, namespace

    def count_publishers(self, topic_name):
        """How many publishers a topic has in the domain. Raises ValueError for no name."""
        return len(self.__graph.publishers(self.__counted(topic_name)))

    def count_subscribers(self, topic_name):
        """How many subscriptions a topic has in the domain. Raises ValueError for no name."""
        return len(self.__graph.subscriptions(self.__counted(topic_name)))

    def __counted(self, topic_name):
        return self._resolved(topic_name, _wrong_value, only_expand=True)

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


def _refuse(no_demangle):
    if no_demangle:
        raise not_covered('no_demangle=True')


def _of_rcl(name):
    return RCLError(f'{name!r} is no name: like a/b, ~/a or /a/b, no digit first')


def _wrong_value(name):
    return ValueError(str(_of_rcl(name)))
