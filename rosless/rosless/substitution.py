"""$(...) in launch files: $(var x), $(env X [default]), $(find-pkg-share pkg), nested at will.

Knows a scope of variables. Refuses to know what the text is for.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from rosless.packages import find_share

PIECE = re.compile(r'\$\(|\)')
WORD = re.compile(r'(?:\$\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|[^\s])+')


class LaunchError(Exception):
    """A launch file, or what it was given, that is wrong or not covered."""


@dataclass
class Scope:
    """The variables that are visible in a place of a launch file."""

    values: dict[str, str]
    environ: dict[str, str]
    declared: set[str] = field(default_factory=set)  # shared by all scopes of a launch

    def declare(self, name: str, default: str | None) -> None:
        """An argument. Raises LaunchError where it has neither value nor default."""
        self.declared.add(name)
        if name not in self.values:
            if default is None:
                raise LaunchError(f'the launch argument {name} must be given: {name}:=...')
            self.values[name] = default

    def inner(self) -> 'Scope':
        """A scope whose new variables do not leave it."""
        return Scope(dict(self.values), self.environ, self.declared)


def substitute(text: Any, scope: Scope, what: str) -> str:
    """The text with its substitutions done. Raises LaunchError, PackageError."""
    if not isinstance(text, str):
        raise LaunchError(f'{what} is a text, not {text!r}: put it into quotes')
    done, rest = _until_end(text, scope, nested=False)
    if rest:
        raise LaunchError(f'{text!r}: a parenthesis too many')
    return done


def words(text: Any, scope: Scope) -> list[str]:
    """The words of a text, each substituted; what a substitution yields is not split again."""
    if not isinstance(text, str) or '"' in text or "'" in text:
        raise LaunchError(f'args {text!r}: a text without quotes is covered')
    return [substitute(word, scope, 'args') for word in WORD.findall(text)]


def _until_end(text: str, scope: Scope, nested: bool) -> tuple[str, str]:
    """Reads to the end or to the closing parenthesis: what was read, and what is left."""
    done = ''
    while piece := PIECE.search(text):
        before, text = text[: piece.start()], text[piece.end() :]
        done += before
        if piece[0] == '$(':
            inside, text = _until_end(text, scope, nested=True)
            done += _resolve(inside, scope)
        elif nested:
            return done, text
        else:
            done += ')'
    if nested:
        raise LaunchError(f'$({done}{text}: the closing parenthesis is missing')
    return done + text, ''


def _resolve(inside: str, scope: Scope) -> str:
    kind, *rest = inside.split()
    if kind == 'var' and len(rest) == 1:
        if rest[0] not in scope.values:
            names = ', '.join(sorted(scope.values)) or 'none'
            raise LaunchError(f'$(var {rest[0]}) has no value: there are {names}')
        return scope.values[rest[0]]
    if kind == 'env' and len(rest) in (1, 2):
        found = scope.environ.get(rest[0], *rest[1:])
        if found is None:
            raise LaunchError(f'$(env {rest[0]}) is not set and has no default')
        return found
    if kind == 'find-pkg-share' and len(rest) == 1:
        return str(find_share(rest[0]))
    raise LaunchError(
        f'$({inside}) is not covered: $(var x), $(env X [default]), $(find-pkg-share package) are'
    )
