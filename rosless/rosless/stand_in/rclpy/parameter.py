"""One parameter: a name, a type and a value. Knows no nodes."""

import array
import enum

from rcl_interfaces.msg import Parameter as ParameterMsg
from rcl_interfaces.msg import ParameterValue

from rosless.refusal import lookup

__getattr__ = lookup(__name__)


class Parameter:
    """A parameter. Raises TypeError or ValueError when type and value do not agree."""

    class Type(enum.Enum):
        """The types of rcl_interfaces/ParameterType."""

        NOT_SET = 0
        BOOL = 1
        INTEGER = 2
        DOUBLE = 3
        STRING = 4
        BYTE_ARRAY = 5
        BOOL_ARRAY = 6
        INTEGER_ARRAY = 7
        DOUBLE_ARRAY = 8
        STRING_ARRAY = 9

        @classmethod
        def from_parameter_value(cls, parameter_value):
            """The type of a Python value; an empty list counts as BYTE_ARRAY, as in rclpy."""
            if parameter_value is None:
                return cls.NOT_SET
            for scalar, kind in _SCALARS.items():
                if isinstance(parameter_value, scalar):
                    return cls[kind]
            if isinstance(parameter_value, (list, tuple, array.array)):
                for scalar, kind in _ARRAYS.items():
                    if all(isinstance(item, scalar) for item in parameter_value):
                        return cls[kind]
            raise TypeError(f'a parameter cannot hold {parameter_value!r}')

        def check(self, parameter_value):
            """Does a value fit this type?"""
            if self is type(self).NOT_SET:
                return parameter_value is None
            if not self.name.endswith('_ARRAY'):
                scalar = next(s for s, kind in _SCALARS.items() if kind == self.name)
                return isinstance(parameter_value, scalar)
            item = next(s for s, kind in _ARRAYS.items() if kind == self.name)
            packed = (array.array,) if item in (int, float) else ()
            fits = isinstance(parameter_value, (list, tuple, *packed))
            one = [v for v in parameter_value if isinstance(v, item)] if fits else []
            whole = item is not bytes or all(len(v) == 1 for v in one)
            return fits and whole and len(one) == len(parameter_value)

    @classmethod
    def from_parameter_msg(cls, param_msg):
        """From rcl_interfaces/Parameter. Raises ValueError: there is no such type."""
        kind = cls.Type(param_msg.value.type)
        return cls(param_msg.name, kind, _value_of(param_msg.value, kind))

    def __init__(self, name, type_=None, value=None):
        if type_ is None:
            type_ = Parameter.Type.from_parameter_value(value)
        if not isinstance(type_, Parameter.Type):
            raise TypeError(f'type_ is a Parameter.Type, not {type_!r}')
        if not type_.check(value):
            raise ValueError(f'parameter {name!r} of type {type_.name} cannot hold {value!r}')
        self._name, self._type, self._value = name, type_, value

    @property
    def name(self):
        """The full name, e.g. 'limits.speed'."""
        return self._name

    @property
    def type_(self):
        """The Parameter.Type."""
        return self._type

    @property
    def value(self):
        """The value; None when not set."""
        return self._value

    def get_parameter_value(self):
        """As rcl_interfaces/ParameterValue."""
        msg = ParameterValue(type=self._type.value)
        if self._type != Parameter.Type.NOT_SET:
            setattr(msg, f'{self._type.name.lower()}_value', self._value)
        return msg

    def to_parameter_msg(self):
        """As rcl_interfaces/Parameter."""
        return ParameterMsg(name=self._name, value=self.get_parameter_value())

    def __repr__(self):
        return f'Parameter(name={self._name!r}, type_={self._type.name}, value={self._value!r})'


def _value_of(message, kind):
    """What a ParameterValue holds as this Parameter.Type."""
    if kind == Parameter.Type.NOT_SET:
        return None
    return getattr(message, f'{kind.name.lower()}_value')


def parameter_value_to_python(parameter_value):
    """What a ParameterValue holds; sequences as lists. Raises RuntimeError: no such type."""
    try:
        held = _value_of(parameter_value, Parameter.Type(parameter_value.type))
    except ValueError:
        raise RuntimeError(f'{parameter_value.type} is no parameter type') from None
    return list(held) if isinstance(held, (list, array.array)) else held


# bool before int: a bool is an int in Python
_SCALARS = {bool: 'BOOL', int: 'INTEGER', float: 'DOUBLE', str: 'STRING'}
_ARRAYS = {
    bytes: 'BYTE_ARRAY',
    bool: 'BOOL_ARRAY',
    int: 'INTEGER_ARRAY',
    float: 'DOUBLE_ARRAY',
    str: 'STRING_ARRAY',
}
