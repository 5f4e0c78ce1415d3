"""Why a parameter does not take a value, by its descriptor. Knows no nodes.

Source: rclpy 3.3 (Humble), node.py: both ends belong to a range, whatever the step.
"""

import math

from .parameter import Parameter

REL_TOL = 1e-6  # rclpy's Node.PARAM_REL_TOL
WRONG_TYPE = 'wrong type'  # how the reason begins


def objection(parameter, descriptor, declaring):
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
