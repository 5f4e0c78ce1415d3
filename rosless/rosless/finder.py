"""Makes `from sensor_msgs.msg import JointState` work where no ROS 2 message package is installed.

The same goes for services: `from std_srvs.srv import Trigger`.

Knows Python's import system. A finder at the end of sys.meta_path: a real message package, where
there is one, always goes first.
"""

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from rosless import interfaces, service_types
from rosless.messages import message
from rosless.refusal import not_covered

KINDS: dict[str, tuple[Callable[[str], list[str]], Callable[[str], Any]]] = {
    'msg': (interfaces.names, message),
    'srv': (service_types.names, service_types.service),
}


class MessageFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds `<package>`, its `.msg` and `.srv`; refuses its `.action` and modules of rclpy."""

    asks_packages = True  # packages.py must not ask it in turn

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec of a message package or of its msg module; None for anything else."""
        package, *rest = fullname.split('.')
        if package == 'rclpy' and rest and not rest[-1].startswith('__'):
            raise not_covered(f'the module {fullname}')
        if len(rest) > 1 or (rest and rest[0] not in (*KINDS, 'action')):
            return None
        if not _has_interfaces(package):
            return None
        if rest == ['action']:
            raise not_covered(f'the module {fullname}', 'messages and services only')
        if rest == ['srv'] and not service_types.names(package):
            raise not_covered(f'the module {fullname}', 'no .srv files of that package are here')
        return importlib.machinery.ModuleSpec(fullname, self, is_package=not rest)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """None: Python's usual module object will do."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Classes are built when they are asked for."""
        package, _, kind = module.__name__.partition('.')
        if not kind:
            return
        names, make = KINDS[kind]
        module.__all__ = names(package)  # type: ignore[attr-defined]

        def build(name: str) -> Any:
            if name not in module.__all__:
                raise AttributeError(f'module {module.__name__!r} has no attribute {name!r}')
            setattr(module, name, make(f'{package}/{kind}/{name}'))
            return getattr(module, name)

        module.__getattr__ = build  # type: ignore[method-assign]


def _has_interfaces(package: str) -> bool:
    return interfaces.has_package(package) or bool(service_types.names(package))


def install() -> None:
    """Appends the finder to sys.meta_path, once."""
    if not any(isinstance(finder, MessageFinder) for finder in sys.meta_path):
        sys.meta_path.append(MessageFinder())
