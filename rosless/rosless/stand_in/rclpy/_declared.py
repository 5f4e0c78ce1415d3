"""The parameters of a node: declared once, overridden from outside, set within their ranges.

Knows values and descriptors. Refuses to know topics: it is given a function that publishes events.
Order of checks and exceptions: rclpy 3.3 (Humble), node.py.
"""

from rcl_interfaces.msg import Parameter as ParameterMsg
from rcl_interfaces.msg import ParameterDescriptor, ParameterEvent, SetParametersResult

from rosless.refusal import Partial, not_covered

from ._ranges import WRONG_TYPE, objection
from .exceptions import (
    InvalidParameterException,
    InvalidParameterTypeException,
    InvalidParameterValueException,
    ParameterAlreadyDeclaredException,
    ParameterImmutableException,
    ParameterNotDeclaredException,
    ParameterUninitializedException,
)
from .parameter import Parameter


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

    def get_parameters(self, names):
        """Several declared parameters. Raises as get_parameter() does, TypeError."""
        return [self.get_parameter(name) for name in _strings(names)]

    def get_parameter_or(self, name, alternative_value=None):
        """A parameter; the alternative (None: one without a value) where it has no value."""
        found = self._parameters.get(name)
        if found is None or found.type_ == Parameter.Type.NOT_SET:
            return alternative_value or Parameter(name, Parameter.Type.NOT_SET)
        return found

    def get_parameter_type(self, name):
        """The number of a Parameter.Type. Raises ParameterNotDeclaredException."""
        self._require([name])
        return self._parameters[name].type_.value

    def get_parameter_types(self, names):
        """The same for several."""
        return [self.get_parameter_type(name) for name in _strings(names)]

    def get_parameters_by_prefix(self, prefix):
        """Those whose names start with 'prefix.', by the rest of their names."""
        start = f'{prefix}.' if prefix else ''
        found = self._parameters.items()
        return {name[len(start) :]: p for name, p in found if name.startswith(start)}

    def describe_parameter(self, name):
        """The descriptor. Raises ParameterNotDeclaredException."""
        self._require([name])
        return self._descriptors[name]

    def describe_parameters(self, names):
        """Several descriptors. Raises ParameterNotDeclaredException."""
        return [self.describe_parameter(name) for name in names]

    def set_descriptor(self, name, descriptor, alternative_value=None):
        """Describes a parameter anew, with the alternative where its value does not fit.

        alternative_value: a ParameterValue. Returns the value as one. Raises
        ParameterNotDeclared-, ParameterImmutable-, InvalidParameterValueException.
        """
        self._require_changeable(name)
        choices = [self.get_parameter(name)]
        if alternative_value is not None:
            given = ParameterMsg(name=name, value=alternative_value)
            choices.append(Parameter.from_parameter_msg(given))
        for choice in choices:
            if not (reason := objection(choice, descriptor, declaring=True)):
                self._parameters[name], self._descriptors[name] = choice, descriptor
                return choice.get_parameter_value()
        raise InvalidParameterValueException(name, choices[-1].value, reason)

    def undeclare_parameter(self, name):
        """Forgets a parameter. Raises ParameterNotDeclared-, ParameterImmutableException."""
        self._require_changeable(name)
        del self._parameters[name], self._descriptors[name]

    def _require_changeable(self, name):
        if self.describe_parameter(name).read_only:
            raise ParameterImmutableException(name)

    def set_parameters(self, parameter_list):
        """Sets parameters one by one; returns a SetParametersResult for each.

        Raises ParameterNotDeclaredException at the first that is not declared.
        """
        results = []
        for parameter in parameter_list:
            self._require_declared([parameter])
            results.append(self._set([parameter]))
        return results

    def set_parameters_atomically(self, parameter_list):
        """Sets all parameters or none; returns one SetParametersResult.

        Raises ParameterNotDeclaredException, and sets none, when one is not declared.
        """
        self._require_declared(parameter_list)
        return self._set(parameter_list)

    def _require_declared(self, parameters):
        if not all(isinstance(parameter, Parameter) for parameter in parameters):
            raise TypeError(f'parameters are a list of Parameter, not {parameters!r}')
        self._require([parameter.name for parameter in parameters])

    def _require(self, names):
        missing = [name for name in names if name not in self._parameters]
        if missing:
            raise ParameterNotDeclaredException(missing)

    def add_on_set_parameters_callback(self, callback):
        """`callback(parameters)` returns a SetParametersResult; the newest is asked first."""
        self._parameters_callbacks.insert(0, callback)

    def remove_on_set_parameters_callback(self, callback):
        """Asks it no longer. Raises ValueError where it was not asked."""
        self._parameters_callbacks.remove(callback)

    def _set(self, parameters, fresh=None):
        """Sets all or none. fresh: descriptors of parameters that are declared now."""
        for parameter in parameters:
            descriptor = (fresh or self._descriptors)[parameter.name]
            if reason := objection(parameter, descriptor, declaring=fresh is not None):
                return SetParametersResult(successful=False, reason=reason)
        for callback in self._parameters_callbacks:
            result = callback(parameters)
            if not result.successful:
                return result
        self._store(parameters, fresh or {})
        return SetParametersResult(successful=True)

    def _store(self, parameters, fresh):
        event = ParameterEvent(node=self.get_fully_qualified_name())
        self._descriptors.update(fresh)
        for parameter in parameters:
            self._change(event, parameter, fresh).append(parameter.to_parameter_msg())
        event.stamp = self.get_clock().now().to_msg()
        self.__publish_event(event)

    def _change(self, event, parameter, fresh):
        """Stores a parameter; returns the part of an event that tells of it.

        Without a value one of dynamic type is undeclared, unless it is declared that way.
        """
        name, before = parameter.name, self._parameters.get(parameter.name)
        if parameter.type_ == Parameter.Type.NOT_SET and not fresh:
            del self._parameters[name], self._descriptors[name]
            return event.deleted_parameters
        self._parameters[name] = parameter
        new = before is None or before.type_ == Parameter.Type.NOT_SET
        return event.new_parameters if new else event.changed_parameters


def _type_only(name, kind, descriptor):
    if kind == Parameter.Type.NOT_SET:
        raise ValueError(f'parameter {name!r} cannot have the fixed type NOT_SET')
    if descriptor.dynamic_typing:
        raise ValueError(f'parameter {name!r} has a type and dynamic_typing: choose one')
    descriptor.type = kind.value


def _strings(names):
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f'parameter names are str, not {names!r}')
    return names
