"""Service types: a request and a response, from .srv files of packages and the common ones.

Knows the words of the services that every node has, and of std_srvs. Refuses to know topics.
Source: rcl_interfaces and std_srvs (Humble); the fields are facts of the wire.
"""

import functools
from typing import Any

from rosless.interfaces import define
from rosless.messages import Message, message
from rosless.packages import PackageError, find_share

RESULT = 'rcl_interfaces/SetParametersResult'
COMMON = {
    'std_srvs/srv/Empty': '---',
    'std_srvs/srv/SetBool': 'bool data\n---\nbool success\nstring message',
    'std_srvs/srv/Trigger': '---\nbool success\nstring message',
    'rcl_interfaces/srv/DescribeParameters': (
        'string[] names\n---\nrcl_interfaces/ParameterDescriptor[] descriptors'
    ),
    'rcl_interfaces/srv/GetParameters': (
        'string[] names\n---\nrcl_interfaces/ParameterValue[] values'
    ),
    'rcl_interfaces/srv/GetParameterTypes': 'string[] names\n---\nuint8[] types',
    'rcl_interfaces/srv/ListParameters': (
        'uint64 DEPTH_RECURSIVE=0\nstring[] prefixes\nuint64 depth\n---\n'
        'rcl_interfaces/ListParametersResult result'
    ),
    'rcl_interfaces/srv/SetParameters': (
        f'rcl_interfaces/Parameter[] parameters\n---\n{RESULT}[] results'
    ),
    'rcl_interfaces/srv/SetParametersAtomically': (
        f'rcl_interfaces/Parameter[] parameters\n---\n{RESULT} result'
    ),
}


class Service(type):
    """The class of service types: they are named, never made."""

    Request: type[Message]
    Response: type[Message]
    __srvtype__: str

    def __call__(cls, *args: Any, **given: Any) -> Any:
        raise NotImplementedError(f'{cls.__name__} is not made: make its Request or Response')


@functools.cache
def _texts(package: str) -> dict[str, str]:
    """The definitions of a package's services, by their full names."""
    found = {name: text for name, text in COMMON.items() if name.startswith(f'{package}/')}
    try:
        files = sorted(find_share(package).glob('srv/*.srv'))
    except PackageError:
        files = []
    return {f'{package}/srv/{file.stem}': file.read_text() for file in files} | found


def names(package: str) -> list[str]:
    """The short names of a package's services."""
    return [name.rpartition('/')[2] for name in _texts(package)]


@functools.cache
def service(name: str) -> Service:
    """The service type `name`, e.g. 'std_srvs/srv/Trigger'. Raises KeyError."""
    package, kind, short = name.split('/')
    request, response = _halves(name, _texts(package)[name])
    define(f'{name}_Request', request)
    define(f'{name}_Response', response)
    parts = {
        'Request': message(f'{name}_Request'),
        'Response': message(f'{name}_Response'),
        '__srvtype__': name,
        '__module__': f'{package}.{kind}',
    }
    return Service(short, (), parts)


def _halves(name: str, text: str) -> tuple[str, str]:
    lines = text.splitlines()
    bars = [number for number, line in enumerate(lines) if line.strip() == '---']
    if len(bars) != 1:
        raise ValueError(f'{name}: a service has one line --- between request and response')
    return '\n'.join(lines[: bars[0]]), '\n'.join(lines[bars[0] + 1 :])
