"""The part of a node that is about names: its own, those of topics, and who else is there.

Knows remap rules and the graph. Refuses to know what is sent.
"""

from rosless import names
from rosless.refusal import Partial, not_covered

from .exceptions import InvalidTopicNameException
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
        if '{' in topic:
            raise not_covered(f'the substitution in the topic name {topic!r}')
        if not names.valid_topic(topic):
            raise InvalidTopicNameException(topic)
        full = names.expand(topic, self.__me.name, self.__me.namespace)
        if only_expand:
            return full
        return self.__rules.remap(full, self.__me.name, self.__me.namespace)

    def get_node_names(self):
        """The names of all nodes in the domain."""
        return [name for name, _ in self.__graph.node_names()]

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
