"""The exceptions of rclpy that nodes meet, in our words. Knows nothing else."""

from rosless.refusal import lookup

__getattr__ = lookup(__name__)


class NotInitializedException(Exception):
    """A node was made before rclpy.init()."""

    def __init__(self, *args):
        super().__init__('rclpy.init() comes first', *args)


class InvalidHandle(RuntimeError):
    """Something was used after it was destroyed."""


class NameValidationException(Exception):
    """A name that ROS does not allow."""

    def __init__(self, kind, name, rule='letters, digits and _, no digit first', *args):
        super().__init__(f'{name!r} is no {kind}: {rule}', *args)


class InvalidNamespaceException(NameValidationException):
    """A namespace that ROS does not allow."""

    def __init__(self, name, *args):
        super().__init__('namespace', name, "'/' or '/a/b'", *args)


class InvalidNodeNameException(NameValidationException):
    """A node name that ROS does not allow."""

    def __init__(self, name, *args):
        super().__init__('node name', name)


class InvalidTopicNameException(NameValidationException):
    """A topic name that ROS does not allow."""

    def __init__(self, name, *args):
        super().__init__('topic name', name, "like 'a/b', '~/a' or '/a/b', no digit first")


class InvalidServiceNameException(NameValidationException):
    """A service name that ROS does not allow."""

    def __init__(self, name, *args):
        super().__init__('service name', name, "like 'a/b', '~/a' or '/a/b', no digit first")


class ROSInterruptException(Exception):
    """Something that blocks was ended by the shutdown of the context."""

    def __init__(self, *args):
        super().__init__('the context was shut down', *args)


class ParameterException(Exception):
    """Base of what can go wrong with parameters."""


class ParameterNotDeclaredException(ParameterException):
    """A parameter is used that was never declared."""

    def __init__(self, parameters, *args):
        super().__init__(f'not declared: {parameters}: declare_parameter() comes first', *args)


class ParameterAlreadyDeclaredException(ParameterException):
    """A parameter is declared for the second time."""

    def __init__(self, parameters, *args):
        super().__init__(f'declared before: {parameters}', *args)


class InvalidParameterException(ParameterException):
    """A parameter has no name."""

    def __init__(self, parameter, *args):
        super().__init__(f'{parameter!r} is no parameter name', *args)


class InvalidParameterTypeException(ParameterException):
    """A value of another type than the parameter was declared with."""

    def __init__(self, desired_parameter, expected_type, *args):
        name, kind = desired_parameter.name, desired_parameter.type_.name
        super().__init__(
            f'parameter {name!r} is {expected_type} and was given {desired_parameter.value!r}, '
            f'which is {kind}: doubles are written 1.0, strings that look like numbers in quotes',
            *args,
        )


class InvalidParameterValueException(ParameterException):
    """A value outside the declared range, or refused by a callback."""

    def __init__(self, parameter, value, reason, *args):
        super().__init__(f'parameter {parameter!r} does not take {value!r}: {reason}', *args)


class ParameterImmutableException(ParameterException):
    """A read-only parameter cannot be undeclared or described anew."""

    def __init__(self, parameter, *args):
        super().__init__(f'parameter {parameter!r} is read-only', *args)


class ParameterUninitializedException(ParameterException):
    """A parameter was declared with a type and got no value."""

    def __init__(self, parameter_name, *args):
        super().__init__(f'parameter {parameter_name!r} has no value: set it', *args)
