"""The parameters of a node: declared once, overridden from outside, set within their ranges.

Knows values and descriptors. Refuses to know topics: it is given a function that publishes events.
Order of checks and exceptions: rclpy 3.3 (Humble), node.py.
"""

import math

from rcl_interfaces.msg import ParameterDescriptor, ParameterEvent, SetParametersResult

from rosless.refusal import Partial, not_covered

from .exceptions import (
    InvalidParameterException,
    InvalidParameterTypeException,
    InvalidParameterValueException,
    ParameterAlreadyDeclaredException,
    ParameterNotDeclaredException,
    ParameterUninitializedException,
)
from .parameter import Parameter

REL_TOL = 1e-6  # rclpy's Node.PARAM_REL_TOL
WRONG_TYPE = 'wrong type'


class Declared(Partial):
    """The part of Node that is about parameters."""

    def _start_parameters(self, overrides, publish_event):
        self._parameters, self._descriptors, self._parameters_callbacks = {}, {}, []
        self._parameter_overrides = overrides
        self.__publish_event = publish_event

    def declare_parameter(self, name, value=None, descriptor=None, ignore_override=False):
        """Declares a parameter and returns it with the value from outside, else `value`.

        value: a default, which also fixes the type, or a Parameter.Type without a value.
        Raises ParameterAlreadyDeclaredException, InvalidParameterTypeException (the value from
        outside has another type), InvalidParameterValueException (range, callback).
        """
        if value is None and descriptor is None:
            raise not_covered(f'declare_parameter({name!r}) with a name only', 'deprecated in ROS')
        kind = descriptor or ParameterDescriptor()
        return self.declare_parameters('', [(name, value, kind)], ignore_override)[0]

    def declare_parameters(self, namespace, parameters, ignore_override=False):
        """Declares several: tuples (name, value) or (name, value, descriptor).

        A namespace is refused: Humble looks for its overrides under the bare names.
        """
        if namespace:
            raise not_covered('declare_parameters(namespace)', 'write the full names')
        made = [self._prepare(*entry, ignore=ignore_override) for entry in parameters]
        known = [parameter.name for parameter, _ in made if parameter.name in self._parameters]
        if known:
            raise ParameterAlreadyDeclaredException(known)
        for parameter, descriptor in made:
            self._declare(parameter, descriptor)
        return [self._parameters[parameter.name] for parameter, _ in made]

    def _prepare(self, name, value, descriptor=None, *, ignore):
        descriptor = ParameterDescriptor() if descriptor is None else descriptor
        if not isinstance(name, str):
            raise TypeError(f'a parameter name is a str, not {name!r}')
        if not isinstance(descriptor, ParameterDescriptor):
            raise TypeError(f'parameter {name!r}: {descriptor!r} is no ParameterDescriptor')
        if not name:
            raise InvalidParameterException(name)
        if isinstance(value, Parameter.Type):
            value = _type_only(name, value, descriptor)
        elif not descriptor.dynamic_typing and value is not None:
            descriptor.type = Parameter.Type.from_parameter_value(value).value
        if not ignore and name in self._parameter_overrides:
            value = self._parameter_overrides[name].value
        return Parameter(name, value=value), descriptor

    def _declare(self, parameter, descriptor):
        result = self._set([parameter], {parameter.name: descriptor})
        if result.successful:
            return
        if result.reason.startswith(WRONG_TYPE):
            expected = Parameter.Type(descriptor.type).name
            raise InvalidParameterTypeException(parameter, expected)
        raise InvalidParameterValueException(parameter.name, parameter.value, result.reason)

    def has_parameter(self, name):
        """Is it declared?"""
        return name in self._parameters

    def get_parameter(self, name):
        """A declared parameter. Raises ParameterNotDeclared-, ParameterUninitializedException."""
        if name not in self._parameters:
            raise ParameterNotDeclaredException(name)
        found = self._parameters[name]
        if found.type_ == Parameter.Type.NOT_SET and not self._descriptors[name].dynamic_typing:
            raise ParameterUninitializedException(name)
        return found

    def get_parameters_by_prefix(self, prefix):
        """Those whose names start with 'prefix.', by the rest of their names."""
        start = f'{prefix}.' if prefix else ''
        found = self._parameters.items()
        return {name[len(start) :]: p for name, p in found if name.startswith(start)}

    def describe_parameter(self, name):
        """The descriptor. Raises ParameterNotDeclaredException."""
        if name not in self._descriptors:
            raise ParameterNotDeclaredException(name)
        return self._descriptors[name]

    def set_parameters(self, parameter_list):
        """Sets parameters one by one; returns a SetParametersResult for each.

        Raises ParameterNotDeclaredException at the first that is not declared.
        """
        results = []
        for parameter in parameter_list:
            self._require_declared([parameter])
            results.append(self._set([parameter]))
        return results

    def _require_declared(self, parameters):
        if not all(isinstance(parameter, Parameter) for parameter in parameters):
            raise TypeError(f'parameters are a list of Parameter, not {parameters!r}')
        missing = [p.name for p in parameters if p.name not in self._parameters]
        if missing:
            raise ParameterNotDeclaredException(missing)

    def add_on_set_parameters_callback(self, callback):
        """`callback(parameters)` returns a SetParametersResult; the newest is asked first."""
        self._parameters_callbacks.insert(0, callback)

    def _set(self, parameters, fresh=None):
        """Sets all or none. fresh: descriptors of parameters that are declared now."""
        for parameter in parameters:
            descriptor = (fresh or self._descriptors)[parameter.name]
            if reason := self._objection(parameter, descriptor, declaring=fresh is not None):
                return SetParametersResult(successful=False, reason=reason)
        for callback in self._parameters_callbacks:
            result = callback(parameters)
            if not result.successful:
                return result
        self._store(parameters, fresh or {})
        return SetParametersResult(successful=True)

    def _store(self, parameters, fresh):
        event = ParameterEvent(node=self.get_fully_qualified_name())
        for parameter in parameters:
            before = self._parameters.get(parameter.name)
            new = before is None or before.type_ == Parameter.Type.NOT_SET
            changes = event.new_parameters if new else event.changed_parameters
            changes.append(parameter.to_parameter_msg())
        self._descriptors.update(fresh)
        self._parameters.update({parameter.name: parameter for parameter in parameters})
        event.stamp = self.get_clock().now().to_msg()
        self.__publish_event(event)

    def _objection(self, parameter, descriptor, declaring):
        """Why a value is refused, in words; None when it is not."""
        descriptor.name = parameter.name
        if not declaring and descriptor.read_only:
            return f'parameter {parameter.name!r} is read-only'
        unset = parameter.type_ == Parameter.Type.NOT_SET
        if descriptor.dynamic_typing:
            descriptor.type = parameter.type_.value
        elif unset and not declaring:
            return f'parameter {parameter.name!r} cannot be undeclared by setting nothing'
        elif not unset and parameter.type_.value != descriptor.type:
            expected = Parameter.Type(descriptor.type).name
            return f'{WRONG_TYPE}: {parameter.name!r} is {expected}, not {parameter.type_.name}'
        return _out_of_range(parameter, descriptor)


def _type_only(name, kind, descriptor):
    if kind == Parameter.Type.NOT_SET:
        raise ValueError(f'parameter {name!r} cannot have the fixed type NOT_SET')
    if descriptor.dynamic_typing:
        raise ValueError(f'parameter {name!r} has a type and dynamic_typing: choose one')
    descriptor.type = kind.value


def _out_of_range(parameter, descriptor):
    if parameter.type_ == Parameter.Type.INTEGER and descriptor.integer_range:
        return _integer_objection(parameter, descriptor.integer_range[0])
    if parameter.type_ == Parameter.Type.DOUBLE and descriptor.floating_point_range:
        return _double_objection(parameter, descriptor.floating_point_range[0])
    return None


def _integer_objection(parameter, given):
    low, high = sorted((given.from_value, given.to_value))
    value = parameter.value
    if value in (low, high):
        return None
    if not low < value < high:
        return f'{parameter.name!r} is {value}, outside {low} to {high}'
    if given.step and (value - low) % given.step:
        return f'{parameter.name!r} is {value}, not {low} plus a multiple of {given.step}'
    return None


def _double_objection(parameter, given):
    low, high = sorted((given.from_value, given.to_value))
    value = parameter.value
    if math.isclose(value, low, rel_tol=REL_TOL) or math.isclose(value, high, rel_tol=REL_TOL):
        return None
    if not low < value < high:
        return f'{parameter.name!r} is {value}, outside {low} to {high}'
    if given.step:
        nearest = low + round((value - low) / given.step) * given.step
        if not math.isclose(nearest, value, rel_tol=REL_TOL):
            return f'{parameter.name!r} is {value}, not {low} plus a multiple of {given.step}'
    return None
