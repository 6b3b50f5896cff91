"""Messages between the bytes of a bag and Python, by their definition alone: no message package is needed."""

from mcap.records import Schema
from mcap_ros2.decoder import DecoderFactory

from lander_telemetry.encoder import Encoder


class Codec:
    """Decodes and encodes messages of one type."""

    def __init__(self, type_name: str, definition: str):
        """Prepare `type_name`, package/msg/Name, with its full definition as bags carry it."""
        schema = Schema(id=1, name=type_name, encoding='ros2msg', data=definition.encode())
        self.decode = DecoderFactory().decoder_for('cdr', schema)
        """Return the message of CDR bytes; its fields are attributes."""
        encoder = Encoder(type_name, definition)
        self.encode, self.encode_masked = encoder.encode, encoder.encode_masked
        """As those of Encoder: CDR bytes of a mapping of fields, or of what `decode` gave."""
