"""Parameters: described, in their range, read-only; and the page says what the nodes declare."""

from dataclasses import fields
from pathlib import Path

import pytest

from fastwam_ros.nodes import executor_node, parameter_page, parameters

PAGE = Path(__file__).resolve().parents[2] / 'docs' / 'parameters.md'
ALL = [(node, field) for node, kind in parameter_page.NODES.items() for field in fields(kind)]


def field_named(name: str):
    return next(f for f in fields(executor_node.Parameters) if f.name == name)


def test_the_page_is_what_the_nodes_declare():
    assert PAGE.read_text() == parameter_page.page(), 'write it anew: make parameters'


@pytest.mark.parametrize(('node', 'field'), ALL, ids=lambda x: getattr(x, 'name', x))
def test_every_parameter_says_what_it_is_for(node, field):
    made = parameters.descriptor(field)
    assert len(made.description) > 5 and not made.description.endswith('.')
    assert made.read_only is not bool(field.metadata.get('settable'))


def test_ranges_and_words_are_in_the_descriptor():
    (ends,) = parameters.descriptor(field_named('rate')).floating_point_range
    assert (ends.from_value, ends.to_value) == (20.0, 1000.0)
    (ends,) = parameters.descriptor(field_named('realtime_priority')).integer_range
    assert (ends.from_value, ends.to_value) == (0, 98)
    assert parameters.descriptor(field_named('bridge')).additional_constraints.startswith(
        'one of fast'
    )
