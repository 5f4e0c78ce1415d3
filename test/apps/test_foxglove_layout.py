"""The Foxglove layout against what is recorded.

Every topic is there, every message path leads to a value in the definition of its message.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fastwam_ros.bag.definitions import decoder, definition

ROOT = Path(__file__).resolve().parents[2]
LAYOUT = json.loads((ROOT / 'config' / 'foxglove_layout.json').read_text())
PANELS: dict[str, dict[str, Any]] = LAYOUT['configById']
# A topic, then fields, each perhaps with an index.
PATH = re.compile(r'(?P<topic>(?:/[A-Za-z]\w*)+)(?P<fields>(?:\.\w+(?:\[\d+\])?)*)')
RECORDED = """
from rosless import stage
stage.set_up()
from fastwam_ros.nodes.recorder_node import streams
for one in streams():
    package = one.kind.__module__.split('.')[0]
    print('/' + one.topic.lstrip('/'), f'{package}/msg/{one.kind.__name__}')
"""


@pytest.fixture(scope='module')
def recorded() -> dict[str, str]:
    """Topic to type of everything that the recorder writes without a namespace."""
    command = [sys.executable, '-c', RECORDED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(line.split() for line in done.stdout.splitlines())


def paths() -> Iterator[str]:
    """Every message path in the layout."""
    for panel in PANELS.values():
        yield from (path['value'] for path in panel.get('paths', ()))
        for key in ('topicPath', 'topicToRender'):
            if key in panel:
                yield panel[key]
        if 'imageMode' in panel:
            yield panel['imageMode']['imageTopic']


def leads_to(path: str, recorded: dict[str, str]) -> str:
    """The type at the end of a message path. Raises ValueError that names what is wrong."""
    found = PATH.fullmatch(path)
    if found is None:
        raise ValueError(f'{path} is no message path')
    if found['topic'] not in recorded:
        raise ValueError(f'{path}: {found["topic"]} is not recorded')
    kind = recorded[found['topic']]
    store = decoder({kind: definition(kind)})
    for field in found['fields'].split('.')[1:]:
        name, index = re.fullmatch(r'(\w+)(\[\d+\])?', field).groups()
        layout = dict(store.fielddefs[kind][1])
        if name not in layout:
            raise ValueError(f'{path}: {kind} has no {name}')
        node, inner = layout[name]
        if (node.name in ('ARRAY', 'SEQUENCE')) != bool(index):
            raise ValueError(f'{path}: {name} is {"one" if index else "many"}')
        kind = inner if node.name == 'NAME' else (inner[0][1][0] if index else inner[0])
    return kind


@pytest.mark.parametrize('path', sorted(set(paths())))
def test_every_path_leads_to_something_recorded(path: str, recorded: dict[str, str]) -> None:
    assert leads_to(path, recorded)


def test_lines_are_numbers_and_states_are_values(recorded: dict[str, str]) -> None:
    for name, panel in PANELS.items():
        for path in panel.get('paths', ()):
            kind = leads_to(path['value'], recorded)
            numbers = re.fullmatch(r'u?int\d+|float\d+|bool|byte', kind)
            assert numbers or (kind == 'string' and name.startswith('StateTransitions')), path
            if path['timestampMethod'] == 'headerStamp':
                topic = PATH.fullmatch(path['value'])['topic']
                assert leads_to(f'{topic}.header.stamp.sec', recorded) == 'int32'


def test_panels_show_messages_that_they_know(recorded: dict[str, str]) -> None:
    for panel in PANELS.values():
        if 'imageMode' in panel:
            image = panel['imageMode']['imageTopic']
            assert recorded[image] == 'sensor_msgs/msg/CompressedImage'
        if 'topicToRender' in panel:
            assert recorded[panel['topicToRender']] == 'diagnostic_msgs/msg/DiagnosticArray'


@pytest.mark.parametrize(
    ('path', 'wrong'),
    [
        ('/fastwam/executor/state.mood', 'has no mood'),
        ('/fastwam/state.mode', 'is not recorded'),
        ('/hdas/feedback_arm_left.position', 'is many'),
        ('/fastwam/executor/state.age[0]', 'is one'),
        ('mode', 'is no message path'),
    ],
)
def test_a_wrong_path_is_noticed(path: str, wrong: str, recorded: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=wrong):
        leads_to(path, recorded)


def places(node: Any) -> Iterator[str]:
    """Panels in a tree of splits, those in tabs too."""
    if isinstance(node, str):
        yield node
        for tab in PANELS[node].get('tabs', ()):
            yield from places(tab['layout'])
        return
    assert node['direction'] in ('row', 'column') and 0 < node['splitPercentage'] < 100
    yield from places(node['first'])
    yield from places(node['second'])


def test_every_panel_has_one_place() -> None:
    assert sorted(places(LAYOUT['layout'])) == sorted(PANELS)
    assert {'globalVariables', 'userNodes', 'playbackConfig'} < set(LAYOUT)
