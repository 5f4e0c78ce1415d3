"""What substitutions in launch files mean: $(var x), $(env X), $(find-pkg-share p) and others.

Knows a scope of variables. Refuses to know what the text is for. Facts: launch.substitutions and
launch_ros.substitutions of Humble, e.g. that $(dirname) stays that of the file included last.
"""

import math
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from rosless.packages import find_share
from rosless.template import Call, LaunchError, Template, parse


@dataclass
class Launch:
    """What all scopes of one launch share. folder: of the file that was read last."""

    declared: set[str] = field(default_factory=set)
    folder: str = ''


@dataclass
class Scope:
    """The variables and the environment that are visible in a place of a launch file."""

    values: dict[str, str]
    environ: dict[str, str]
    launch: Launch = field(default_factory=Launch)

    def inner(self) -> 'Scope':
        """A scope whose changes do not leave it."""
        return replace(self, values=dict(self.values), environ=dict(self.environ))


def _var(scope: Scope, name: str, *default: str) -> str:
    found = scope.values.get(name, *default)
    if found is None:
        names = ', '.join(sorted(scope.values)) or 'none'
        raise LaunchError(f'$(var {name}) has no value: there are {names}')
    return found


def _env(scope: Scope, name: str, *default: str) -> str:
    found = scope.environ.get(name, *default)
    if found is None:
        raise LaunchError(f'$(env {name}) is not set and has no default')
    return found


def _dirname(scope: Scope) -> str:
    if not scope.launch.folder:
        raise LaunchError('$(dirname) has no value outside of a launch file')
    return scope.launch.folder


def _eval(scope: Scope, expression: str) -> str:
    try:
        return str(eval(expression, {}, dict(vars(math))))
    except Exception as problem:
        raise LaunchError(f'$(eval {expression!r}): {problem}') from None


class Known(NamedTuple):
    """A substitution: its meaning, how many arguments it takes, and `ros2 launch -s`'s word."""

    meaning: Callable[..., str]
    counts: tuple[int, ...]
    shown: str


KNOWN = {
    'var': Known(_var, (1, 2), 'LaunchConfig({})'),
    'env': Known(_env, (1, 2), 'EnvVar({})'),
    'eval': Known(_eval, (1,), 'PythonExpr({})'),
    'dirname': Known(_dirname, (0,), 'ThisLaunchFileDir()'),
    'find-pkg-share': Known(
        lambda scope, name: str(find_share(name)), (1,), 'FindPackageShare(pkg={})'
    ),
}


def compiled(text: str) -> Template:
    """The text, parsed, with known substitutions only. Raises LaunchError."""
    template = parse(text)
    _check(template)
    return template


def _check(template: Template) -> None:
    for piece in template:
        if isinstance(piece, str):
            continue
        if piece.name not in KNOWN:
            names = ', '.join(f'$({name})' for name in KNOWN)
            raise LaunchError(f'$({piece.name}) is not covered in launch files: {names} are')
        if len(piece.arguments) not in KNOWN[piece.name].counts:
            counts = ' or '.join(map(str, KNOWN[piece.name].counts))
            given = len(piece.arguments)
            raise LaunchError(f'$({piece.name}) takes {counts} argument(s), not {given}')
        for argument in piece.arguments:
            _check(argument)


def filled(template: Template, scope: Scope) -> str:
    """The text with its substitutions done. Raises LaunchError, PackageError."""
    return ''.join(piece if isinstance(piece, str) else _done(piece, scope) for piece in template)


def _done(call: Call, scope: Scope) -> str:
    arguments = [filled(argument, scope) for argument in call.arguments]
    return KNOWN[call.name].meaning(scope, *arguments)


def shown(template: Template) -> str:
    """The text as `ros2 launch --show-args` describes it: FindPackageShare(pkg='p') + '/x'."""
    return ' + '.join(repr(p) if isinstance(p, str) else _described(p) for p in template) or "''"


def _described(call: Call) -> str:
    return KNOWN[call.name].shown.format(*(shown(argument) for argument in call.arguments))


def words(template: Template, scope: Scope) -> list[str]:
    """The words of a command line, with substitutions done; what these yield is not split."""
    return [filled(tuple(word), scope) for word in _words(template or ('',))]


def _words(template: Template) -> Iterator[list[str | Call]]:
    """As launch splits: a text without words ends one, and so makes an empty one of nothing."""
    word: list[str | Call] = []
    for piece in template:
        if isinstance(piece, Call):
            word.append(piece)
            continue
        shell_words = _shell_words(piece)
        if not shell_words or (piece[0].isspace() and word):
            yield word
            word = []
        word += shell_words[:1]
        for other in shell_words[1:]:
            yield word
            word = [other]
        if shell_words and piece[-1].isspace():
            yield word
            word = []
    if word:
        yield word


def _shell_words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as problem:
        raise LaunchError(f'args {text!r}: {problem}; quotes cannot hold a substitution') from None
