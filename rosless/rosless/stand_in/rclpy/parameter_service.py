"""The services with which others read and set the parameters of a node, as `ros2 param` does.

Knows the six services of rcl_interfaces. A name that was never declared empties the answer;
setting it is refused with a reason.
"""

import weakref

from rcl_interfaces import srv
from rcl_interfaces.msg import SetParametersResult

from rosless.refusal import lookup

from .exceptions import ParameterNotDeclaredException, ParameterUninitializedException
from .parameter import Parameter
from .qos import qos_profile_parameters

__getattr__ = lookup(__name__)


class ParameterService:
    """The six services of one node, which it makes and keeps."""

    def __init__(self, node):
        self._node = weakref.ref(node)
        for kind, name, answer in (
            (srv.DescribeParameters, 'describe_parameters', self._describe),
            (srv.GetParameters, 'get_parameters', self._get),
            (srv.GetParameterTypes, 'get_parameter_types', self._types),
            (srv.ListParameters, 'list_parameters', self._list),
            (srv.SetParameters, 'set_parameters', self._set),
            (srv.SetParametersAtomically, 'set_parameters_atomically', self._set_together),
        ):
            full = f'{node.get_name()}/{name}'
            node.create_service(kind, full, answer, qos_profile=qos_profile_parameters)

    def _describe(self, request, response):
        response.descriptors = self._all(self._node().describe_parameter, request.names)
        return response

    def _get(self, request, response):
        found = self._all(self._node().get_parameter, request.names)
        response.values = [parameter.get_parameter_value() for parameter in found]
        return response

    def _types(self, request, response):
        response.types = self._all(self._node().get_parameter_type, request.names)
        return response

    def _all(self, look_up, names):
        try:
            return [look_up(name) for name in names]
        except (ParameterNotDeclaredException, ParameterUninitializedException):
            return []

    def _list(self, request, response):
        found, prefixes = response.result, request.prefixes
        names = list(self._node()._parameters)
        flat = [name for name in names if '.' not in name]
        found.names = [n for n in flat for prefix in prefixes or [''] if n.startswith(prefix)]
        if request.depth == 1:
            return response
        for name in names:
            parts = name.count('.') + 1
            if parts > 1 and (request.depth == request.DEPTH_RECURSIVE or parts <= request.depth):
                _add_deep(found, name, prefixes)
        return response

    def _set(self, request, response):
        response.results = [self._attempt([message]) for message in request.parameters]
        return response

    def _set_together(self, request, response):
        response.result = self._attempt(request.parameters)
        return response

    def _attempt(self, messages):
        parameters = [Parameter.from_parameter_msg(message) for message in messages]
        try:
            return self._node().set_parameters_atomically(parameters)
        except ParameterNotDeclaredException as problem:
            return SetParametersResult(successful=False, reason=str(problem))


def _add_deep(found, name, prefixes):
    """Adds 'a.b.c' to a ListParametersResult, and the prefixes that it was found by."""
    parent = name.rpartition('.')[0]
    reasons = [(parent, p) for p in prefixes if name.startswith(f'{p}.')] if prefixes else [()]
    for reason in reasons:
        found.names.append(name)
        for prefix in reason or (parent,):
            if prefix not in found.prefixes:
                found.prefixes.append(prefix)
