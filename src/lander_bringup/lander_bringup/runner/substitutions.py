r"""Substitutions, `$(name argument ...)`, with the grammar of `launch/frontend/grammar.lark`.

Arguments are parted by one space. An argument in quotes may hold spaces. A backslash takes the meaning from
the character after it, so `\$(x)` is the text `$(x)`.
"""

import re
from dataclasses import dataclass

from lander_bringup.runner.context import Context
from lander_bringup.runner.functions import FUNCTIONS, check
from lander_bringup.runner.problem import LaunchError, Place

_NAME = re.compile(r'[A-Za-z][A-Za-z0-9_-]*')


@dataclass(frozen=True)
class Call:
    """One substitution with its arguments."""

    name: str
    arguments: tuple['Template', ...]
    place: Place

    def perform(self, context: Context) -> str:
        """Return the text that takes the place of the substitution."""
        return FUNCTIONS[self.name].perform(context, self)


@dataclass(frozen=True)
class Template:
    """Texts and substitutions, one after the other."""

    parts: tuple[str | Call, ...]
    place: Place

    @property
    def plain(self) -> bool:
        """Whether there is no substitution in it."""
        return all(isinstance(part, str) for part in self.parts)

    def perform(self, context: Context) -> str:
        """Return the whole as text.

        Raises:
            LaunchError: a substitution cannot be done; names the place.
        """
        return ''.join(part if isinstance(part, str) else part.perform(context) for part in self.parts)


def parse(text: str, place: Place) -> Template:
    """Parse a text.

    Raises:
        LaunchError: an unknown substitution, a wrong number of arguments, or a missing bracket.
    """
    return Template(tuple(_Reader(text, place).fragments('')), place)


class _Reader:
    """Recursive descent over the characters of one text."""

    def __init__(self, text: str, place: Place):
        self._text, self._place, self._at = text, place, 0

    def fragments(self, end: str) -> list[str | Call]:
        """Read texts and substitutions up to the character `end`, or to the end of the text."""
        parts: list[str | Call] = []
        while self._at < len(self._text) and self._text[self._at] != end:
            if self._text.startswith('$(', self._at):
                parts.append(self._call(end))
            else:
                self._add(parts, self._character())
        if end and self._at >= len(self._text):
            self._fail(f'no closing {end}')
        return parts

    def _call(self, quote: str) -> Call:
        self._at += 2
        name = _NAME.match(self._text, self._at)
        if not name:
            self._fail('$( needs a name after it')
        self._at = name.end()
        arguments = []
        while self._next() == ' ':
            self._at += 1
            arguments.append(self._argument(quote))
        if self._next() != ')':
            self._fail(f'$({name.group()} has no closing bracket')
        self._at += 1
        call = Call(name.group(), tuple(arguments), self._place)
        check(call)
        return call

    def _argument(self, quote: str) -> Template:
        if not quote and self._next() in ("'", '"'):
            inner = self._text[self._at]
            self._at += 1
            parts = self.fragments(inner)
            self._at += 1
            return Template(tuple(parts), self._place)
        parts = []
        forbidden = f' (){quote}' if quote else ' ()\'"'
        while self._at < len(self._text):
            if self._text.startswith('$(', self._at):
                parts.append(self._call(quote))
            elif self._text[self._at] in forbidden:
                break
            else:
                self._add(parts, self._character())
        if not parts:
            self._fail('an argument is empty: arguments are parted by one space')
        return Template(tuple(parts), self._place)

    def _character(self) -> str:
        if self._text[self._at] == '\\' and self._at + 1 < len(self._text):
            self._at += 1
        self._at += 1
        return self._text[self._at - 1]

    def _next(self) -> str:
        return self._text[self._at:self._at + 1]

    @staticmethod
    def _add(parts: list[str | Call], character: str) -> None:
        if parts and isinstance(parts[-1], str):
            parts[-1] += character
        else:
            parts.append(character)

    def _fail(self, why: str) -> None:
        raise LaunchError(f'{why}: {self._text}', self._place)
