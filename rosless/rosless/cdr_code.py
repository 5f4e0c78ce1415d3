"""Writes the Python code that reads and writes the CDR of one message type.

Knows the alignment rules of classic CDR (OMG CORBA 3.4, 9.3; the wire of ROS 2 up to now) in
little endian. Refuses to know topics, and what a field accepts. The code reads top to bottom like
the definition; nested messages are written out in place. The alignment of a run of numbers is
worked out here where it is known, at run time where not.
"""

import array
import functools
from collections.abc import Callable
from struct import Struct
from typing import Any

import numpy as np

from rosless.cdr_strings import PAD, U32, Strings, count, decode_string, encode_string, too_long
from rosless.fields import CODES, dtype
from rosless.interfaces import PLACEHOLDER, Field, fields
from rosless.messages import Message, message

STRUCT = {**CODES, 'bool': '?', 'byte': 'c', 'octet': 'c'}


class _Writer:
    """Collects the lines of generated code; knows how far the alignment is known."""

    def __init__(self, head: str) -> None:
        self.lines = [head]
        self.names: dict[str, Any] = {
            'PAD': PAD, 'array': array.array, 'frombuffer': np.frombuffer, 'U32': U32.pack,
            'encode_string': encode_string, 'decode_string': decode_string,
            'count': U32.unpack_from, 'items': count, 'too_long': too_long,
        }  # fmt: skip
        self.modulus, self.rest = 8, 0  # the position is `rest` modulo `modulus`
        self.run: list[tuple[str, str]] = []  # numbers still to be written: (struct code, name)
        self.fresh = 0

    def name(self, value: Any) -> str:
        self.fresh += 1
        self.names[f'x{self.fresh}'] = value
        return f'x{self.fresh}'

    def add(self, *lines: str) -> None:
        self.lines += [f'  {line}' for line in lines]

    def number(self, code: str, name: str) -> None:
        """One number; runs of them share a struct as long as their alignment is known."""
        size = Struct('<' + code).size
        if self.modulus < size:
            self.flush()
            self.align(size)
        pad = -self.rest % size
        self.run.append(('x' * pad + code, name))
        self.rest = (self.rest + pad + size) % self.modulus

    def align(self, size: int) -> None:
        if self.modulus < size or self.rest % size:
            self.pad(size)
        self.modulus, self.rest = max(size, 1), 0

    def forget(self) -> None:
        self.flush()
        self.modulus, self.rest = 1, 0

    def pad(self, size: int) -> None:
        raise NotImplementedError

    def flush(self) -> None:
        raise NotImplementedError

    def build(self, name: str) -> Any:
        exec('\n'.join(self.lines), self.names)
        return self.names[name]


class _Serializer(_Writer):
    """Generates `write(m, out)`: appends the bytes of m to a bytearray that holds a header."""

    def pad(self, size: int) -> None:
        self.add(f'out += PAD[(4 - len(out)) & {size - 1}]')

    def flush(self) -> None:
        if self.run:
            pack = self.name(Struct('<' + ''.join(code for code, _ in self.run)).pack)
            self.add(f'out += {pack}({", ".join(name for _, name in self.run)})')
        self.run = []

    def message(self, name: str, value: str) -> None:
        for field in fields(name):
            self.field(field, f'{value}.{field.name}')

    def field(self, field: Field, value: str) -> None:
        if field.name == PLACEHOLDER:
            self.number('B', '0')
        elif field.shape != 'one':
            self.row(field, value)
        elif field.nested:
            self.message(field.type, value)
        elif field.type == 'string':
            self.flush()
            self.align(4)
            self.add(f'out += encode_string({value})')
            self.forget()
        else:
            self.number(STRUCT[field.type], value)

    def row(self, field: Field, value: str) -> None:
        self.flush()
        counted = field.shape == 'sequence'
        if counted:
            self.align(4)
        if field.type == 'string' and counted:
            self.add(f'out += {self.name(Strings())}.encode({value})')
        elif not field.nested and field.type in CODES:
            self.numbers(field, value, counted)
        else:
            if counted:
                self.add(f'out += U32(len({value}))')
            self.items(field, value)
        self.forget()

    def numbers(self, field: Field, value: str, counted: bool) -> None:
        size = dtype(field.type).itemsize
        if counted:
            self.add(f'out += U32(len({value}))')
        self.add(f'if len({value}):')
        self.add(f'  out += PAD[(4 - len(out)) & {size - 1}]', f'  out += {value}.tobytes()')

    def items(self, field: Field, value: str) -> None:
        write = self.name(_item_writer(field.type, field.nested))
        self.add(f'for item in {value}:', f'  {write}(item, out)')


class _Deserializer(_Writer):
    """Generates `read(raw, pos)` -> (message, end)."""

    def pad(self, size: int) -> None:
        self.add(f'pos += (4 - pos) & {size - 1}')

    def flush(self) -> None:
        if self.run:
            shape = Struct('<' + ''.join(code for code, _ in self.run))
            got = ''.join(f'{name}, ' for _, name in self.run)
            self.add(f'{got}= {self.name(shape.unpack_from)}(raw, pos)', f'pos += {shape.size}')
        self.run = []

    def message(self, name: str) -> str:
        """Lines that read a message; returns the name of the variable that holds it."""
        made = self.name(None)
        cls = message(name)
        held = [(field, self.field(field)) for field in fields(name)]
        self.flush()
        self.add(f'{made} = {self.name(cls.__new__)}({self.name(cls)})')
        for field, value in held:
            if field.name != PLACEHOLDER:
                store = self.name(cls.__dict__[field.name].__set__)
                self.add(f'{store}({made}, {value})')
        return made

    def field(self, field: Field) -> str:
        if field.nested and field.shape == 'one':
            return self.message(field.type)
        value = self.name(None)
        if field.shape != 'one':
            self.flush()
            self.row(field, value)
            self.forget()
        elif field.type == 'string':
            self.flush()
            self.align(4)
            self.add(f'{value}, pos = decode_string(raw, pos)')
            self.forget()
        else:
            self.number(STRUCT[field.type], value)
        return value

    def row(self, field: Field, value: str) -> None:
        counted = field.shape == 'sequence'
        if counted:
            self.align(4)
        if field.type == 'string' and counted:
            self.add(f'{value}, pos = {self.name(Strings())}.decode(raw, pos)')
        elif not field.nested and field.type in CODES:
            self.numbers(field, value, counted)
        else:
            self.add(f'n, pos = {"items(raw, pos, 1)" if counted else f"{field.length}, pos"}')
            self.items(field, value)

    def numbers(self, field: Field, value: str, counted: bool) -> None:
        kind = dtype(field.type)
        if counted:
            self.add('n = count(raw, pos)[0]', 'end = pos = pos + 4', 'if n:')
        else:
            self.add(f'n = {field.length}', 'if n:')
        self.add(f'  pos += (4 - pos) & {kind.itemsize - 1}', f'  end = pos + n * {kind.itemsize}')
        self.add('  if end > len(raw): raise too_long(n, pos)')
        if counted:
            self.add(f'{value} = array({CODES[field.type]!r}, raw[pos:end])', 'pos = end')
        else:
            self.add(f'{value} = frombuffer(raw, {kind.name!r}, n, pos).copy()', 'pos = end')

    def items(self, field: Field, value: str) -> None:
        read = self.name(_item_reader(field.type, field.nested))
        self.add(f'{value} = []', 'for _ in range(n):', f'  item, pos = {read}(raw, pos)')
        self.add(f'  {value}.append(item)')


def _item_writer(kind: str, nested: bool) -> Callable:
    if nested:
        return writer(kind)
    made = _Serializer('def write(value, out):')
    made.modulus = 1
    made.field(Field('value', kind), 'value')
    made.flush()
    return made.build('write')


def _item_reader(kind: str, nested: bool) -> Callable:
    if nested:
        return reader(kind)
    made = _Deserializer('def read(raw, pos):')
    made.modulus = 1
    value = made.field(Field('value', kind))
    made.flush()
    made.add(f'return {value}, pos')
    return made.build('read')


@functools.cache
def writer(name: str, modulus: int = 1) -> Callable[[Message, bytearray], None]:
    """`write(message, out)`: appends to a bytearray that begins with the 4 bytes of header.

    modulus: what the position of the message is known to be a multiple of.
    """
    made = _Serializer('def write(m, out):')
    made.modulus = modulus
    made.message(name, 'm')
    made.flush()
    made.add('return')
    return made.build('write')


@functools.cache
def reader(name: str, modulus: int = 1) -> Callable[[bytes, int], tuple[Message, int]]:
    """`read(raw, pos)` -> (message, where it ends). Raises CdrError, struct.error."""
    made = _Deserializer('def read(raw, pos):')
    made.modulus = modulus
    held = made.message(name)
    made.add(f'return {held}, pos')
    return made.build('read')
