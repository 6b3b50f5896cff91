"""What every range finder can be asked and can answer, whatever its protocol.

A new device is one file with a class that has these two methods, and one line in `protocols.py`.
"""

import math
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Target:
    """One echo of a shot, or the lack of one."""

    range_m: float = math.nan  # [m] NaN: no echo
    guaranteed: bool = True  # False: the device does not vouch for its accuracy
    code: str = ''  # what the device said


@dataclass(frozen=True, slots=True)
class Accepted:
    """The device has taken the command."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The device has not taken the command."""

    reason: str


@dataclass(frozen=True, slots=True)
class Echoes:
    """The device has answered; targets in the order of merit."""

    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """The device is ready for the next command."""

    success: bool


@dataclass(frozen=True, slots=True)
class Damaged:
    """Bytes arrived that are not a whole, correct answer."""

    reason: str


Event = Accepted | Refused | Echoes | Finished | Damaged


class DeviceProtocol(Protocol):
    """Turns questions into bytes, and bytes into events.

    A device that sends no acknowledgement or no prompt is given one: its class returns `Accepted` before
    and `Finished` after the answer.
    """

    def command(self) -> bytes:
        """Return the bytes that ask for one range."""

    def feed(self, data: bytes) -> list[Event]:
        """Return the events that end in `data`; bytes come in any pieces, and any bytes are allowed."""
