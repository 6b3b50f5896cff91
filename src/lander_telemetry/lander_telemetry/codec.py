"""Messages between the bytes of a bag and Python, by their definition alone: no message package is needed."""

from collections.abc import Mapping
from typing import Any

from mcap.records import Schema
from mcap_ros2.decoder import DecoderFactory
from mcap_ros2.writer import serialize_dynamic

_ALIGNMENT = 4  # [bytes] to which the middleware fills up a message


class Codec:
    """Decodes and encodes messages of one type."""

    def __init__(self, type_name: str, definition: str):
        """Prepare `type_name`, package/msg/Name, with its full definition as bags carry it."""
        schema = Schema(id=1, name=type_name, encoding='ros2msg', data=definition.encode())
        self.decode = DecoderFactory().decoder_for('cdr', schema)
        """Return the message of CDR bytes; its fields are attributes."""
        self._encode = serialize_dynamic(type_name, definition)[type_name]

    def encode(self, content: Mapping[str, Any] | Any) -> bytes:
        """Return the CDR bytes of a message: a mapping of its fields, or what `decode` gave.

        They are those that ROS writes for it, bit for bit. Fields that are left out get their default.
        """
        data = self._encode(content)
        return data + b'\0' * (-len(data) % _ALIGNMENT)
