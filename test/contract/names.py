"""The rclpy names that a Python source uses, as far as its syntax tells.

Knows ast. Names are written as in pending.txt: 'rclpy.qos.QoSProfile' for what is imported or read
from a module, 'QoSProfile.depth' for attributes of imported names, '.create_publisher' for
attributes of objects, 'create_subscription(raw)' for keyword options of calls.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

STAND_IN = Path(__file__).parents[2] / 'rosless' / 'rosless' / 'stand_in' / 'rclpy'
REFUSED = ('ABSENT', '_absent')  # where the stand-in lists what rclpy has and it has not
OF_RCLPY = ('rclpy', 'rcl_interfaces')


def methods_of_rclpy() -> set[str]:
    """Every public method and property of the stand-in's classes, and those that it refuses."""
    found: set[str] = set()
    for file in STAND_IN.glob('*.py'):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef):
                inner = (item for item in node.body if isinstance(item, ast.FunctionDef))
                found |= {item.name for item in inner if not item.name.startswith('_')}
                found |= {name for item in node.body for name in _made_property(item)}
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in REFUSED:
                found |= _words(node.value)
    return found


def _made_property(item: ast.stmt) -> Iterator[str]:
    """The name in `name = _checked(...)`, where a function makes the property."""
    if isinstance(item, ast.Assign) and isinstance(item.value, ast.Call):
        yield from (t.id for t in item.targets if isinstance(t, ast.Name) and t.id[0] != '_')


def _words(value: ast.expr) -> set[str]:
    texts = [c.value for c in ast.walk(value) if isinstance(c, ast.Constant)]
    return {word for text in texts if isinstance(text, str) for word in text.split()}


def used(source: str, methods: set[str]) -> set[str]:
    """The rclpy names in a source. `methods`: the attribute names that count as rclpy's."""
    tree = ast.parse(source)
    modules, imported, found = {'rclpy'}, set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and _of_rclpy(node.module):
            found |= {f'{node.module}.{alias.name}' for alias in node.names}
            imported |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            ours = [alias for alias in node.names if _of_rclpy(alias.name)]
            modules |= {alias.asname or alias.name for alias in ours}
            found |= {alias.name for alias in ours} - {'rclpy'}
    for node in ast.walk(tree):
        found |= set(_attribute(node, modules, imported, methods))
        found |= set(_options(node, methods, imported, modules))
    return found


def _of_rclpy(module: str | None) -> bool:
    return (module or '').split('.')[0] in OF_RCLPY


def _attribute(node: ast.AST, modules: set, imported: set, methods: set) -> Iterator[str]:
    if not isinstance(node, ast.Attribute):
        return
    owner = ast.unparse(node.value)
    if owner in modules or owner.startswith('rclpy.') or owner in imported:
        yield f'{owner}.{node.attr}'
    elif node.attr in methods:
        yield f'.{node.attr}'


def _options(node: ast.AST, methods: set, imported: set, modules: set) -> Iterator[str]:
    if not isinstance(node, ast.Call):
        return
    callee = ast.unparse(node.func)
    last = callee.rpartition('.')[2]
    ours = last in methods or callee in imported or callee.partition('.')[0] in modules
    if callee == 'super().__init__' or ours:
        called = 'Node' if callee.startswith('super') else last
        yield from (f'{called}({k.arg})' for k in node.keywords if k.arg)
