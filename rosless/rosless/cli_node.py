"""`rosless node list|info`. Knows the form in which ros2node (Humble) prints them."""

import argparse
from typing import Any

from rosless.endpoints import names_and_types
from rosless.observer import Observer, echo, observer, take_spin_time


def add(verbs: Any) -> None:
    """Adds the verbs to the command line."""
    verb = verbs.add_parser('list', help='the nodes there are')
    verb.add_argument('-a', '--all', action='store_true', help='with those that begin with _')
    take_spin_time(verb)
    verb.set_defaults(call=_list)
    verb = verbs.add_parser('info', help='topics and services of a node')
    verb.add_argument('node', help='its full name, e.g. /robot/talker')
    verb.set_defaults(call=_info)


def _list(given: argparse.Namespace) -> None:
    with observer() as look:
        look.settle(given.spin_time)
        for name in look.nodes(given.all):
            echo(name)


def _info(given: argparse.Namespace) -> None:
    with observer() as look:
        full = look.await_name(given.node, 'node', lambda: look.nodes(True))
        look.settle()
        echo(full)
        for title, found in _parts(look, full):
            echo(f'  {title}:')
            for name, types in found:
                echo(f'    {name}: {", ".join(types)}')


def _parts(look: Observer, full: str) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    space, _, name = full.rpartition('/')
    node = name, space or '/'

    def of_node(ends: list[Any]) -> list[tuple[str, list[str]]]:
        return names_and_types(end for end in ends if end.node == node)

    graph = look.graph
    return [
        ('Subscribers', of_node(graph.subscriptions())),
        ('Publishers', of_node(graph.publishers())),
        ('Service Servers', graph.services_of(node)),
        ('Service Clients', graph.clients_of(node)),
    ]
