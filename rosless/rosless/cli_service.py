"""`rosless service list|call`. Knows the form in which ros2service (Humble) prints them."""

import argparse
from typing import Any

import yaml

from rosless import scalars
from rosless.message_text import FieldProblem, fill
from rosless.observer import Observer, Trouble, echo, fail, message_class, observer


def add(verbs: Any) -> None:
    """Adds the verbs to the command line."""
    verb = verbs.add_parser('list', help='the services there are')
    verb.add_argument('-t', '--show-types', action='store_true', help='with their types')
    verb.add_argument(
        '--include-hidden-services', action='store_true', help='with those that begin with _'
    )
    verb.set_defaults(call=_list)
    verb = verbs.add_parser('call', help='call a service once')
    verb.add_argument('service', help='its name, e.g. /robot/set')
    verb.add_argument('type', help='e.g. std_srvs/srv/SetBool')
    verb.add_argument('values', nargs='?', default='{}', help="the request, e.g. '{data: true}'")
    verb.set_defaults(call=_call)


def _list(given: argparse.Namespace) -> None:
    with observer() as look:
        look.settle()
        for name, types in look.services(given.include_hidden_services).items():
            echo(f'{name} [{", ".join(types)}]' if given.show_types else name)


def _call(given: argparse.Namespace) -> None:
    with observer() as look:
        name = look.await_name(given.service, 'service', lambda: list(look.services(True)))
        kind = _kind(look, name, given.type)
        request = _request(kind, given.values)
        echo(f'requester: making request: {request!r}\n')
        echo(f'response:\n{look.ask(kind, name, request)!r}\n')


def _kind(look: Observer, name: str, given: str) -> Any:
    """The class of the service type 'pkg/srv/Type' or 'pkg/Type', which the service must have."""
    package, _, rest = given.partition('/')
    full = given if '/' in rest else f'{package}/srv/{rest}'
    if full not in (types := look.services(True)[name]):
        fail(f'{name} is not of type {full}', 'types of it', types)
    kind = message_class(full)
    if not hasattr(kind, 'Request'):
        raise Trouble(f'{full} is not a service type')
    return kind


def _request(kind: Any, text: str) -> Any:
    request = kind.Request()
    try:
        fill(request, yaml.safe_load(text))
    except yaml.YAMLError as problem:
        raise Trouble(f'{text!r} is not YAML: {scalars.flaw(problem)}') from None
    except FieldProblem as problem:
        raise Trouble(str(problem)) from None
    return request
