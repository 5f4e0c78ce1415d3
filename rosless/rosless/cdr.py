"""CDR, the bytes of a ROS 2 message: a reader and a writer, generated per message type.

Knows the alignment rules of classic CDR (OMG CORBA 3.4, 9.3; the ROS 2 wire up to now) in little
endian. Refuses to know topics, and what a field accepts. Own code instead of rosbags' because the
messages hold array.array objects as rclpy's do: a JointState is read about four times faster.

Generated code reads top to bottom like the definition; nested messages are written out in place.
The alignment of a run of numbers is worked out here where it is known, at run time where not.
"""

import array
import functools
from collections.abc import Callable
from struct import Struct, error
from typing import Any

import numpy as np

from rosless.fields import CODES, dtype
from rosless.interfaces import PLACEHOLDER, Field, fields
from rosless.messages import Message, message

HEADER = b'\0\1\0\0'  # plain CDR, little endian, no options
STRUCT = {**CODES, 'bool': '?', 'byte': 'c', 'octet': 'c'}
U32 = Struct('<I')
PAD = [bytes(n) for n in range(8)]
KEPT = 16  # rows of strings that a codec remembers: joint names hardly ever change


class CdrError(ValueError):
    """Bytes that are not the CDR of the message type that they were read as."""


class _Strings:
    """Rows of strings, remembered: both ways an unchanged row costs one comparison."""

    def __init__(self) -> None:
        self.written: dict[tuple[str, ...], bytes] = {}
        self.read: dict[bytes, list[str]] = {}

    def encode(self, row: Any) -> bytes:
        key = tuple(row)
        if (block := self.written.get(key)) is None:
            block = _encode_strings(key)
            _remember(self.written, key, block)
        return block

    def decode(self, raw: bytes, pos: int) -> tuple[list[str], int]:
        for block, row in self.read.items():
            if raw.startswith(block, pos):
                return row.copy(), pos + len(block)
        row, end = _decode_strings(raw, pos)
        if row:
            _remember(self.read, bytes(raw[pos:end]), row)
        return row.copy(), end


def _remember(kept: dict, key: Any, value: Any) -> None:
    if len(kept) >= KEPT:
        kept.pop(next(iter(kept)))
    kept[key] = value


def _encode_strings(row: tuple[str, ...]) -> bytes:
    out = bytearray(U32.pack(len(row)))
    for text in row:
        out += PAD[-len(out) & 3] + _encode_string(text)
    return bytes(out)


def _encode_string(text: str) -> bytes:
    coded = text.encode()
    return U32.pack(len(coded) + 1) + coded + b'\0'


def _decode_strings(raw: bytes, pos: int) -> tuple[list[str], int]:
    count, pos = _count(raw, pos, 5)
    row = []
    for _ in range(count):
        text, pos = _decode_string(raw, pos + (-pos & 3))
        row.append(text)
    return row, pos


def _decode_string(raw: bytes, pos: int) -> tuple[str, int]:
    size = U32.unpack_from(raw, pos)[0]
    end = pos + 4 + size
    if not size or end > len(raw) or raw[end - 1]:
        raise CdrError(f'a string of {size} bytes at byte {pos} does not fit or does not end')
    return str(raw[pos + 4 : end - 1], 'utf-8', 'replace'), end


def _count(raw: bytes, pos: int, least: int) -> tuple[int, int]:
    """The length of a sequence at pos, of which each item takes at least `least` bytes."""
    count = U32.unpack_from(raw, pos)[0]
    if count * least > len(raw) - pos - 4:
        raise CdrError(f'a sequence of {count} items at byte {pos} does not fit')
    return count, pos + 4


def _too_long(count: int, pos: int) -> CdrError:
    return CdrError(f'{count} numbers at byte {pos} do not fit')


class _Writer:
    """Collects the lines of generated code; knows how far the alignment is known."""

    def __init__(self, head: str) -> None:
        self.lines = [head]
        self.names: dict[str, Any] = {
            'PAD': PAD, 'array': array.array, 'frombuffer': np.frombuffer, 'U32': U32.pack,
            'encode_string': _encode_string, 'decode_string': _decode_string,
            'count': U32.unpack_from, 'items': _count, 'too_long': _too_long,
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
            self.add(f'out += {self.name(_Strings())}.encode({value})')
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
            self.add(f'{value}, pos = {self.name(_Strings())}.decode(raw, pos)')
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
        return _writer(kind)
    made = _Serializer('def write(value, out):')
    made.modulus = 1
    made.field(Field('value', kind), 'value')
    made.flush()
    return made.build('write')


def _item_reader(kind: str, nested: bool) -> Callable:
    if nested:
        return _reader(kind)
    made = _Deserializer('def read(raw, pos):')
    made.modulus = 1
    value = made.field(Field('value', kind))
    made.flush()
    made.add(f'return {value}, pos')
    return made.build('read')


@functools.cache
def _writer(name: str, modulus: int = 1) -> Callable[[Message, bytearray], None]:
    made = _Serializer('def write(m, out):')
    made.modulus = modulus
    made.message(name, 'm')
    made.flush()
    made.add('return')
    return made.build('write')


@functools.cache
def _reader(name: str, modulus: int = 1) -> Callable[[bytes, int], tuple[Message, int]]:
    made = _Deserializer('def read(raw, pos):')
    made.modulus = modulus
    held = made.message(name)
    made.add(f'return {held}, pos')
    return made.build('read')


class Codec:
    """Reads and writes one message type. Made when a publisher or subscription is."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._write, self._read = _writer(name, 8), _reader(name, 8)

    def serialize(self, msg: Message) -> bytes:
        """The CDR of a message, with its four bytes of header."""
        out = bytearray(HEADER)
        self._write(msg, out)
        return bytes(out)

    def deserialize(self, raw: bytes) -> Message:
        """The message of these bytes. Raises CdrError where they are not one."""
        if raw[:2] != HEADER[:2]:
            raise CdrError(f'{self.name}: header {bytes(raw[:4]).hex()} is not little-endian CDR')
        try:
            return self._read(raw, 4)[0]
        except (CdrError, error) as problem:
            raise CdrError(f'{self.name}: {problem}, in {len(raw)} bytes') from None


codec = functools.cache(Codec)
