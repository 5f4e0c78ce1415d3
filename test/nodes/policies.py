"""What each node says and hears, from the running graph, as a policy file of SROS 2.

A test holds config/security/policy.xml to it.
"""

from collections.abc import Iterable
from xml.sax.saxutils import quoteattr

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!-- What each node may say and hear, and nothing else, for a robot without a namespace: written
     from the running graph and held to it by a test. Keys: ros2 security create_keystore, then
     ros2 security create_enclave and create_permission with this file, by enclave. -->
<policy version="0.2.0">
  <enclaves>
"""
TAIL = '  </enclaves>\n</policy>\n'
SERVICES = (
    'describe_parameters',
    'get_parameter_types',
    'get_parameters',
    'list_parameters',
    'set_parameters',
    'set_parameters_atomically',
)
KINDS = (('publish', 'topics'), ('subscribe', 'topics'))
HEALTH = '/diagnostics'  # a namesake in the graph is listened for there, at the start alone


def heard_and_said(probe, name: str) -> dict[str, list[str]]:
    """Topics of a node by what it does with them, and its services, without those of rclpy."""
    asked = {
        'publish': probe.get_publisher_names_and_types_by_node,
        'subscribe': probe.get_subscriber_names_and_types_by_node,
        'reply': probe.get_service_names_and_types_by_node,
    }
    found = {}
    for verb, ask in asked.items():
        names = {full for full, _ in ask(name, '/')}
        found[verb] = sorted(n for n in names if n.rpartition('/')[2] not in SERVICES)
    found['subscribe'] = sorted({*found['subscribe'], HEALTH})
    return found


def enclave(name: str, node: dict[str, list[str]]) -> str:
    """One node's part of the file."""
    lines = [f'    <enclave path={quoteattr(f"/fastwam_ros/{name}")}>', '      <profiles>']
    lines.append(f'        <profile ns="/" node={quoteattr(name)}>')
    for verb, kind in KINDS:
        lines += _block(verb, kind, 'topic', node[verb])
    own = [*node['reply'], *(f'~/{service}' for service in SERVICES)]
    lines += _block('reply', 'services', 'service', own)
    lines += ['        </profile>', '      </profiles>', '    </enclave>']
    return '\n'.join(lines) + '\n'


def policy(nodes: dict[str, dict[str, list[str]]]) -> str:
    """The whole file."""
    return HEAD + ''.join(enclave(name, node) for name, node in nodes.items()) + TAIL


def _block(verb: str, kind: str, tag: str, names: Iterable[str]) -> list[str]:
    inner = [f'            <{tag}>{name.removeprefix("/")}</{tag}>' for name in names]
    return [f'          <{kind} {verb}="ALLOW">', *inner, f'          </{kind}>'] if inner else []
