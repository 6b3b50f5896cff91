"""CDR bytes of messages by their definition alone; a layout is worked out once for each shape."""

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_CODES = {'bool': '?', 'byte': 'B', 'char': 'B', 'float32': 'f', 'float64': 'd', 'int8': 'b', 'uint8': 'B',
          'int16': 'h', 'uint16': 'H', 'int32': 'i', 'uint32': 'I', 'int64': 'q', 'uint64': 'Q'}
_FIELD = re.compile(r'\s*([A-Za-z][\w/]*)(?:<=\d+)?(\[(?:<=)?\d*\])?\s+([A-Za-z]\w*)\s*(?![\w\s]*=)')
_TIME = 'int32 sec\nuint32 nanosec'
_HEAD = b'\0\1\0\0'  # plain CDR, little endian
_ALIGNMENT = 4  # [bytes] to which the middleware fills up a message


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    code: str = ''  # of struct; empty: text or message
    parts: list['_Field'] | None = None  # of a message
    count: int | None = 1  # values; None: as many as there are
    array: bool = False


class Encoder:
    """Encodes messages of one type."""

    def __init__(self, type_name: str, definition: str):
        """Read the full definition of `type_name`, package/msg/Name, as bags carry it.

        Raises:
            ValueError: it lacks a type.
        """
        first, *others = re.split(r'^={3,}$', definition, flags=re.MULTILINE)
        texts = {'builtin_interfaces/Time': _TIME, 'builtin_interfaces/Duration': _TIME}
        for text in others:
            head, _, body = text.strip().partition('\n')
            texts[_short(head.removeprefix('MSG:').strip())] = body
        texts[_short(type_name)] = first
        self._fields = _parse(_short(type_name), texts)
        self._layouts: dict[tuple[int, ...], tuple[struct.Struct, int]] = {}

    def encode(self, content: Mapping[str, Any] | Any) -> bytes:
        """Return the CDR bytes of a message: a mapping of its fields, or an object with them as attributes.

        They are those that ROS writes, with zeros in the gaps. What a mapping leaves out is zero or empty.
        """
        return self.encode_masked(content)[0]

    def encode_masked(self, content: Mapping[str, Any] | Any) -> tuple[bytes, int]:
        """Return the bytes as `encode`, and as a big number which of their bits are those of fields.

        What the middleware leaves in the gaps between fields, and behind the last one, is anything.
        """
        values: list[Any] = []
        lengths: list[int] = []
        _collect(self._fields, content, values, lengths)
        shape = tuple(lengths)
        layout = self._layouts.get(shape)
        if layout is None:
            layout = self._layouts[shape] = _layout(self._fields, shape)
        return _HEAD + layout[0].pack(*values), layout[1]


def _short(name: str) -> str:
    package, *_, kind = name.split('/')
    return f'{package}/{kind}'


def _parse(name: str, texts: dict[str, str]) -> list[_Field]:
    if name not in texts:
        raise ValueError(f'the definition lacks {name}')
    fields = []
    for line in texts[name].splitlines():
        match = _FIELD.match(line.partition('#')[0])
        if match is None or '=' in line.partition('#')[0][match.end(3):]:  # nothing, or a constant
            continue
        kind, brackets, label = match.groups()
        count = 1 if brackets is None else int(brackets[1:-1]) if brackets[1:-1].isdigit() else None
        inner = None
        if kind not in _CODES and kind != 'string':
            package = name.split('/')[0]
            inner = _parse(_short(kind) if '/' in kind else 'std_msgs/Header' if kind == 'Header'
                           else f'{package}/{kind}', texts)
        fields.append(_Field(label, _CODES.get(kind, ''), inner, count, brackets is not None))
    return fields


def _collect(fields: list[_Field], content: Any, values: list[Any], lengths: list[int]) -> None:
    """Add the values of a message in their order, and the lengths of what has no fixed one."""
    mapping = isinstance(content, dict)
    for f in fields:
        value = content.get(f.name) if mapping else getattr(content, f.name)
        if f.code and not f.array:
            values.append(0 if value is None else value)
        elif f.parts is not None and not f.array:
            _collect(f.parts, {} if value is None else value, values, lengths)
        elif not f.array:
            _text(value or '', values, lengths)
        else:
            items = [0] * (f.count or 0) if value is None else value
            if f.count is None:
                values.append(len(items))
                lengths.append(len(items))
            elif len(items) != f.count:
                raise ValueError(f'{f.name}: expected {f.count} values, got {len(items)}')
            if f.code:
                values.extend(items)
                continue
            for item in items:
                if f.parts is None:
                    _text(item or '', values, lengths)
                else:
                    _collect(f.parts, item or {}, values, lengths)


def _text(text: str, values: list[Any], lengths: list[int]) -> None:
    data = text.encode() + b'\0'
    values += len(data), data
    lengths.append(len(data))


@dataclass
class _Format:
    """A struct format with the gaps of CDR, counted from the end of its header."""

    codes: list[str] = field(default_factory=lambda: ['<'])
    mask: bytearray = field(default_factory=lambda: bytearray(b'\xff' * len(_HEAD)))
    size: int = 0

    def add(self, code: str, count: int = 1) -> None:
        """Add values, aligned to their size; an empty sequence is not."""
        if not count:
            return
        width = struct.calcsize(f'<{code}')
        gap = -self.size % width
        self.codes.append(f'{gap}x{count}{code}')
        self._grow(gap, count * width)

    def add_text(self, length: int) -> None:
        self.add('I')
        self.codes.append(f'{length}s')
        self._grow(0, length)

    def _grow(self, gap: int, size: int) -> None:
        self.mask += b'\0' * gap + b'\xff' * size
        self.size += gap + size


def _layout(fields: list[_Field], shape: tuple[int, ...]) -> tuple[struct.Struct, int]:
    form = _Format()
    _lay_out(fields, iter(shape), form)
    end = -form.size % _ALIGNMENT
    return struct.Struct(''.join(form.codes) + f'{end}x'), int.from_bytes(form.mask + b'\0' * end)


def _lay_out(fields: list[_Field], lengths: Iterator[int], form: _Format) -> None:
    for f in fields:
        count = 1 if not f.array else f.count
        if count is None:
            form.add('I')
            count = next(lengths)
        if f.code:
            form.add(f.code, count)
            continue
        for _ in range(count):
            if f.parts is None:
                form.add_text(next(lengths))
            else:
                _lay_out(f.parts, lengths, form)
