"""docs/executor.md has every parameter of the executor's node, with its default, and no other."""

import re
from dataclasses import fields
from pathlib import Path

import yaml

from fastwam_ros.nodes.executor_parameters import Parameters
from fastwam_ros.nodes.parameters import SIM_TIME

PAGE = Path(__file__).resolve().parents[2] / 'docs' / 'executor.md'


def told() -> dict[str, object]:
    """Names and defaults in the table of the page; a row may have several names."""
    _, text = PAGE.read_text().split('\n## Parameters\n')
    found: dict[str, object] = {}
    for line in text.split('\n## ')[0].splitlines():
        if not line.startswith('| `'):
            continue
        names, default, meaning, *_ = (cell.strip() for cell in line.strip('|').split('|'))
        for name in re.findall(r'`(\w+)`', names):
            assert name not in found, f'{name} has two rows'
            assert meaning, f'{name} has no meaning'
            found[name] = yaml.safe_load(default)
    return found


def test_every_parameter_is_told_with_its_default():
    known = {field.name: field.default for field in fields(Parameters)}
    assert told() == known | {SIM_TIME: False}


def test_defaults_have_the_type_of_their_parameter():
    """rclpy refuses 200 for a parameter that is 200.0."""
    for field in fields(Parameters):
        assert type(told()[field.name]) is type(field.default), field.name
