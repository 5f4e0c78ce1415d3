"""One entry of a YAML launch file: typed attributes, and none that nobody asked for.

Knows YAML values. Refuses to know which entries there are. As launch_yaml of Humble it converts
nothing: a text is a text, and `if: true` is none.
"""

from typing import Any

from rosless.substitution import compiled
from rosless.template import LaunchError, Template


class Entity:
    """A kind ('node') and its attributes, each to be asked for by name and type."""

    def __init__(self, kind: str, body: Any) -> None:
        if not isinstance(body, (dict, list)):
            raise LaunchError(f'{kind} is a mapping, not {body!r:.80}')
        self.kind, self._body = kind, body
        self._asked: list[str] = []

    def _get(self, name: str) -> Any:
        self._asked.append(name)
        return self._body.get(name) if isinstance(self._body, dict) else None

    def has(self, name: str) -> bool:
        """Is there such an attribute?"""
        return self._get(name) is not None

    def optional(self, name: str) -> str | None:
        """A text, or None where there is none."""
        found = self._get(name)
        if found is not None and not isinstance(found, str):
            raise LaunchError(
                f'{self.kind}: {name} is a text, not {found!r:.80}: put it into quotes'
            )
        return found

    def text(self, name: str) -> str:
        """A text that must be there."""
        found = self.optional(name)
        if found is None:
            raise LaunchError(f'{self.kind} needs {name}')
        return found

    def template(self, name: str) -> Template:
        """A text with substitutions that must be there."""
        return compiled(self.text(name))

    def optional_template(self, name: str) -> Template | None:
        """A text with substitutions, or None where there is none."""
        found = self.optional(name)
        return None if found is None else compiled(found)

    def flag(self, name: str, default: bool) -> bool:
        """A YAML true or false."""
        found = self._get(name)
        if found is not None and not isinstance(found, bool):
            raise LaunchError(f'{self.kind}: {name} is true or false, not {found!r:.80}')
        return default if found is None else found

    def value(self, name: str) -> Any:
        """Whatever YAML value must be there."""
        found = self._get(name)
        if found is None:
            raise LaunchError(f'{self.kind} needs {name}')
        return found

    def entities(self, name: str) -> list['Entity']:
        """A list of mappings under `name`, e.g. the params of a node; [] where there is none."""
        found = self._get(name)
        if found is None:
            return []
        if not (isinstance(found, list) and found and all(isinstance(e, dict) for e in found)):
            raise LaunchError(f'{self.kind}: {name} is a list of mappings, not {found!r:.80}')
        return [Entity(f'{name} of {self.kind}', each) for each in found]

    def children(self) -> list['Entity']:
        """The entries in it: it is a list, or a mapping with a list `children`."""
        found = self._body if isinstance(self._body, list) else self._get('children')
        if not isinstance(found, list):
            raise LaunchError(f'{self.kind} has a list of entries, or children: with one')
        for entry in found:
            if not isinstance(entry, dict) or len(entry) != 1:
                raise LaunchError(f'a launch entry has one name, and this has not: {entry!r:.80}')
        return [Entity(*item) for entry in found for item in entry.items()]

    def done(self) -> None:
        """Everything was asked for. Raises LaunchError with what was not, and what can be."""
        attributes = self._body if isinstance(self._body, dict) else {}
        if unknown := [str(name) for name in attributes if name not in self._asked]:
            names = ', '.join(dict.fromkeys(self._asked))
            raise LaunchError(f'{self.kind}: {", ".join(unknown)} is not covered: {names} are')
