"""The part of a node that is about names: its own, those of topics, and who else is there.

Knows remap rules and the graph. Refuses to know what is sent.
"""

from rosless import names
from rosless.endpoints import names_and_types
from rosless.refusal import Partial, not_covered

from ._rclpy_pybind11 import NodeNameNonExistentError
from .exceptions import InvalidServiceNameException, InvalidTopicNameException
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
        """The full name of a topic, after remapping. Raises InvalidTopicNameException."""
        return self.__resolve(topic, only_expand, InvalidTopicNameException)

    def resolve_service_name(self, service, *, only_expand=False):
        """The full name of a service, after remapping. Raises InvalidServiceNameException."""
        return self.__resolve(service, only_expand, InvalidServiceNameException)

    def __resolve(self, given, only_expand, wrong):
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
            raise NodeNameNonExistentError(f'there is no node {asked}: there are {there}')
        return name, namespace

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


def _refuse(no_demangle):
    if no_demangle:
        raise not_covered('no_demangle=True')
