"""What every range finder can be asked and can answer, whatever its protocol.

A new device is one file with a class on the base of `DeviceProtocol`, registered by name: see `protocols.py`.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Profile:
    """What a kind of device is like: the values of the parameters that are not set."""

    models: str
    baud: int  # [1/s] of its serial line
    rate_hz: float  # [Hz] shots, asked or streamed
    latency_s: float  # [s] to the end of the answer: from the pulse if it streams, else from the question
    timeout_s: float  # [s] longest wait for an answer
    sigma_m: float  # [m] standard deviation of a range
    minimum_range_m: float  # [m]
    maximum_range_m: float  # [m]
    field_of_view_rad: float  # [rad] full beam divergence
    pulse_delay_s: float = 0.0  # [s] from the question to the pulse


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
class Fault:
    """The device has answered that it cannot measure."""

    reason: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The device is ready for the next command."""

    success: bool


@dataclass(frozen=True, slots=True)
class Damaged:
    """Bytes arrived that are not a whole, correct answer."""

    reason: str


Event = Accepted | Refused | Echoes | Fault | Finished | Damaged


class DeviceProtocol(ABC):
    """Turns questions into bytes, and bytes into events.

    A device that is asked answers with `Accepted`, `Echoes` and `Finished`; where it sends no acknowledgement
    or no prompt, its class makes them up. One that streams sends `Echoes` only. `Fault` stands for `Echoes`.
    """

    streams: ClassVar[bool] = False
    """Whether answers come unasked."""
    profile: ClassVar[Profile]
    asks_identity: ClassVar[bool] = False
    """Whether `set_up` also asks the device what it is."""
    identity: str = ''
    """What the device has said it is; empty before it has."""
    skipped: int = 0
    """Bytes so far that belonged to nothing."""

    def set_up(self, rate_hz: float) -> bytes:
        """Return the bytes that make the device ready, at a rate of `rate_hz` if it streams and can be told.

        They are sent on a new link, and again after each time-out, for it may have been without power.
        """
        return b''

    def command(self) -> bytes:
        """Return the bytes that ask for one range. A device that streams is never asked."""
        raise NotImplementedError

    @abstractmethod
    def feed(self, data: bytes) -> list[Event]:
        """Return the events that end in `data`; bytes come in any pieces, and any bytes are allowed."""
