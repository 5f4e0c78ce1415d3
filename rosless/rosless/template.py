"""The grammar of texts in launch files: $(name argument ...), nested and quoted, among plain text.

Knows the grammar of Humble's front-ends (launch, frontend/grammar.lark): arguments are parted by
one blank, one with blanks or parentheses stands in quotes, a backslash takes the next character
as it is. Refuses to know what a substitution means.
"""

import re
from dataclasses import dataclass

NAME = re.compile(r'\$\(([A-Za-z][\w-]*)', re.ASCII)


class LaunchError(Exception):
    """A launch file, or what it was given, that is wrong or not covered."""


@dataclass(frozen=True)
class Call:
    """One substitution: $(name argument ...)."""

    name: str
    arguments: tuple['Template', ...]


Template = tuple[str | Call, ...]


def parse(text: str) -> Template:
    """The plain pieces and substitutions of a text. Raises LaunchError."""
    return _Reader(text).pieces('', '')


class _Reader:
    """Reads a text from the left. quote: the kind of quotes that it is inside of, or ''."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def pieces(self, stops: str, quote: str) -> Template:
        """What comes before the first of the characters in `stops`."""
        found: list[str | Call] = []
        while self._next() and self._next() not in stops:
            if self._text.startswith('$(', self._at):
                found.append(self._call(quote))
            elif found and isinstance(found[-1], str):
                found[-1] += self._character(stops)
            else:
                found.append(self._character(stops))
        return tuple(found)

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _character(self, stops: str) -> str:
        """A blank ends an argument, after a backslash, too."""
        behind = self._text[self._at + 1 : self._at + 2]
        blank = behind == ' ' and ' ' in stops
        self._at += 2 if self._next() == '\\' and behind and not blank else 1
        return self._text[self._at - 1]

    def _call(self, quote: str) -> Call:
        match = NAME.match(self._text, self._at)
        if match is None:
            raise self._problem('a name follows $(')
        self._at = match.end()
        arguments = []
        while self._next() == ' ':
            self._at += 1
            arguments.append(self._argument(quote))
        self._expect(')', f'the closing parenthesis of $({match[1]} is missing')
        return Call(match[1], tuple(arguments))

    def _argument(self, quote: str) -> Template:
        mark = self._next()
        if mark and mark in '\'"' and not quote:
            self._at += 1
            inside = self.pieces(mark, mark)
            self._expect(mark, f'the closing {mark} is missing')
            return inside
        inside = self.pieces(' ()' + (quote or '\'"'), quote)
        if not inside:
            raise self._problem('an argument is missing: one blank parts two arguments')
        return inside

    def _expect(self, wanted: str, why: str) -> None:
        if self._next() != wanted:
            raise self._problem(f'{why}; blanks, quotes and parentheses need quotes around them')
        self._at += 1

    def _problem(self, why: str) -> LaunchError:
        return LaunchError(f'{self._text!r}, character {self._at + 1}: {why}')
