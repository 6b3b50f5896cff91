"""What the release driver and the release device say to each other. The README has the table.

To fire, a device must have been armed, and the command must carry the token that the device has drawn for
this arming: a fire command that was made up, repeated or meant for another arming is refused.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum

from lander_common.canbus.frame import Frame, seal, unseal

COMMAND_ID, STATE_ID = 0x200, 0x280
HOST_LISTENS, DEVICE_LISTENS = ((STATE_ID, 0x7FF),), ((COMMAND_ID, 0x7FF),)


class Order(IntEnum):
    """What the device is told. Two of them differ in four bits at least."""

    SAFE = 0x1E
    ARM = 0x2D
    FIRE = 0x4B


class Device(IntEnum):
    """What the device is doing."""

    SAFE = 0
    ARMED = 1
    FIRING = 2
    FIRED = 3  # the actuator is off again; whether the rover is free says the switch


class Refused(IntEnum):
    """Why the device did not do what it was told last."""

    NOTHING = 0
    NOT_ARMED = 1
    WRONG_TOKEN = 2
    EXPIRED = 3  # the arming ended by itself


@dataclass(frozen=True, slots=True)
class Command:
    """One order."""

    order: Order
    sequence: int
    token: int = 0  # of the arming, for FIRE


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What the device says: after each order, on change, and ten times a second."""

    state: Device
    separated: bool  # the separation switch is open: the rover is free
    sequence: int  # of the last order
    token: int  # drawn at random for this arming; 0 unless ARMED
    refused: Refused


def encode_command(command: Command) -> Frame:
    """Return the frame of an order."""
    return seal(COMMAND_ID, struct.pack('<BBI', command.order, command.sequence, command.token))


def encode_state(state: DeviceState) -> Frame:
    """Return the frame of the device's state."""
    what = state.state | state.separated << 7
    return seal(STATE_ID, struct.pack('<BBIB', state.sequence, what, state.token, state.refused))


def decode(frame: Frame) -> Command | DeviceState | None:
    """Return what a frame says, None if it is broken or not one of these."""
    content = unseal(frame)
    if content is None:
        return None
    try:
        if frame.id == COMMAND_ID and content[6] == 0:
            order, sequence, token = struct.unpack('<BBI', content[:6])
            return Command(Order(order), sequence, token)
        if frame.id == STATE_ID:
            sequence, state, token, refused = struct.unpack('<BBIB', content)
            return DeviceState(Device(state & 0x7F), bool(state & 0x80), sequence, token, Refused(refused))
    except ValueError:  # an order or a state that does not exist
        return None
    return None
