"""The device's end of the STIM300 protocol: datagrams of the motion that it is given."""

import math
from collections import deque

from lander_common.constants import STANDARD_GRAVITY
from lander_common.transport import Listener
from lander_imu.stim300 import CONFIGURATION, EXTENDED_ERRORS, PART, SAMPLE_RATES, SERIAL, TICKS, crc

PART_NUMBER, SERIAL_NUMBER = '84167-4400003-321', '25582405002002'
"""As in the example of the data sheet."""
_DELAY = 6.9e-3  # [s] from the motion to its datagram: filter of 262 Hz, latency, sending
_LATENCY = 506  # [us]
_RATE_COUNT = 2.0**14  # 1/(deg/s)
_FORCE_COUNT = 2.0**19  # 1/g, 10 g full scale
_MOST_RATE, _MOST_FORCE = 480.0, 11.0  # [deg/s], [g] where it overloads
_LONGEST_COMMAND = 16


class Stim300Emulator:
    """Sends rates and accelerations (identifier 91), averages, 10 g, filters of 262 Hz, gyros delayed.

    What it sends is as old as what the real device sends: whole samples of about 7 ms.
    """

    def __init__(self, link: Listener, sample_rate_hz: int = 500):
        """Switch the device on at the end of `link`; it sends one of SAMPLE_RATES [Hz]."""
        self._link, self._code = link, SAMPLE_RATES.index(sample_rate_hz)
        self.sample_rate_hz = sample_rate_hz
        self._step, self._counter = TICKS // sample_rate_hz, 0
        self._due = 0.0  # [samples] of which the time has come
        self._line = bytearray()
        self._late: deque[bytes] = deque(maxlen=round(_DELAY * sample_rate_hz) + 1)
        self.status = (0, 0)
        """Bits of the status bytes of gyros and accelerometers, for faults."""

    def hear(self) -> int:
        """Answer the commands that have come at once; return how many answers went out."""
        answers = []
        for byte in self._link.read():
            self._line.append(byte)
            if byte == 0x0D:
                answers.append(self._answer(bytes(self._line)))
                self._line.clear()
            elif len(self._line) > _LONGEST_COMMAND:
                self._line.clear()
        answers = [a for a in answers if a]
        if answers:
            self._link.write(b''.join(answers))
        return len(answers)

    def move(self, dt: float, rate: tuple[float, ...], force: tuple[float, ...], replaced: int = 0) -> int:
        """Move for `dt` [s] at a mean rate [rad/s] and specific force [m/s^2], and send what is due.

        `replaced`: so many samples are not sent, for answers went out in their place. Return those sent.
        """
        self._due += dt * self.sample_rate_hz
        count, data = int(self._due + 1e-6), []
        self._due -= count
        values = self._values(rate, force)
        for k in range(count):
            self._late.append(values)
            self._counter = (self._counter + self._step) % 256
            if k >= replaced:
                body = b'\x91' + self._late[0] + bytes([self._counter]) + _LATENCY.to_bytes(2, 'big')
                data.append(body + crc(body).to_bytes(4, 'big'))
        if data:
            self._link.write(b''.join(data))
        return len(data)

    def _values(self, rate: tuple[float, ...], force: tuple[float, ...]) -> bytes:
        gyros = [math.degrees(r) for r in rate]
        accelerations = [f / STANDARD_GRAVITY for f in force]
        return (_numbers(gyros, _RATE_COUNT) + bytes([self.status[0] | _overload(gyros, _MOST_RATE)])
                + _numbers(accelerations, _FORCE_COUNT)
                + bytes([self.status[1] | _overload(accelerations, _MOST_FORCE)]))

    def _answer(self, command: bytes) -> bytes:
        if command == CONFIGURATION:
            # all axes active, average rate delayed, average acceleration, 262 Hz, 10 g, 921600 bit/s
            body = bytes([0xBC, ord('K'), 0, self._code << 5 | 2, 0x20, 0x7A, 0x44, 0x40, 0x72, 0x44, 0x40,
                          0x70, 0x44, 0x40, 0, 0, 0, 0, 0, 0, 0, 0])
        elif command == SERIAL:
            body = b'\xb5N' + bytes.fromhex(SERIAL_NUMBER) + bytes(7)
        elif command == PART:
            body = _part_number(PART_NUMBER)
        elif command == EXTENDED_ERRORS:
            # the overload bits, x y z: accelerometers from 104, gyros from 101
            bits = sum((s & 7) << first for s, first in zip(self.status, (101, 104), strict=True) if s & 0x10)
            body = b'\xbe' + bits.to_bytes(16, 'big')
        else:
            return b''
        return body + crc(body).to_bytes(4, 'big')


def _numbers(values: list[float], counts: float) -> bytes:
    most = 2**23 - 1
    return b''.join(min(max(round(v * counts), -most), most).to_bytes(3, 'big', signed=True) for v in values)


def _overload(values: list[float], most: float) -> int:
    axes = sum(1 << k for k, v in enumerate(values) if abs(v) > most)
    return axes | 0x10 if axes else 0


def _part_number(text: str) -> bytes:
    d = [int(c) for c in text.replace('-', '')]
    return bytes([0xB1, d[0], d[1] << 4 | d[2], d[3] << 4 | d[4], 0x2D, d[5] << 4 | d[6], d[7] << 4 | d[8],
                  d[9] << 4 | d[10], 0x2D, d[12] << 4 | d[13], d[14] << 4, d[11], 0, 0, 0, ord('K')])
