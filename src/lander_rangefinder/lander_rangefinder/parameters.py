"""Parameters of the range finder node."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from lander_common.parameters import ParameterError, Parameters, parameter
from lander_common.transport import FORMS, TransportError, check_url, with_baud
from lander_rangefinder.protocols import OURS, find

OF_DEVICE = -1.0
"""Value of a parameter that is not set: that of the device counts."""


def _of_device(unit: str, minimum: float, maximum: float, doc: str) -> Any:
    """Declare a parameter that has its default in the profile of the device."""
    field = parameter(OF_DEVICE, unit=unit, minimum=OF_DEVICE, maximum=maximum,
                      doc=f'{doc}; -1: that of the device')
    field.metadata = {**field.metadata, 'lowest': minimum}
    return field


@dataclass(frozen=True)
class RangefinderParameters(Parameters):
    """One range finder: how to reach it, how to ask it, and how far to believe it."""

    transport: str = parameter('serial:///dev/ttyUSB0', doc=f'Link to the device: {FORMS}')
    protocol: str = parameter(
        'vectronix_ascii', doc=f'Language of the device: {", ".join(OURS)}, or one of another package')
    trigger: str = parameter(
        'imu', choices=('imu', 'timer'), doc='What drives the node: imu messages, or a timer of 100 Hz')
    autostart: bool = parameter(True, doc='Configure and activate the node when it starts')
    beam: int = parameter(0, minimum=0, maximum=255, doc='Index of this range finder')
    rate_hz: float = _of_device('Hz', 0.1, 1000, 'Shots, if the device keeps up')
    pulse_delay_s: float = _of_device('s', 0, 1, 'From question to laser pulse, if the device is asked')
    latency_s: float = _of_device('s', 0, 2, 'From laser pulse to answer, if the device streams')
    timeout_s: float = _of_device('s', 0.05, 10, 'Longest wait for an answer')
    sigma_m: float = _of_device('m', 1e-3, 100, 'Standard deviation of a range')
    minimum_range_m: float = _of_device('m', 0.01, 1e4, 'Shortest believed')
    maximum_range_m: float = _of_device('m', 1, 99e3, 'Longest believed')
    field_of_view_rad: float = _of_device('rad', 0, math.pi, 'Full beam divergence, only passed on')

    def __post_init__(self) -> None:
        """Also check the form of the URL, that the protocol is there, and the order of the limits."""
        super().__post_init__()
        for field in dataclasses.fields(self):
            value, low = getattr(self, field.name), field.metadata.get('lowest')
            if low is not None and value < low and value != OF_DEVICE:
                high, unit = field.metadata['maximum'], field.metadata['unit']
                raise ParameterError(
                    field.name, value, f'{low:g} to {high:g} [{unit}], or -1 for that of the device')
        try:
            check_url(self.transport)
        except TransportError as error:
            raise ParameterError('transport', self.transport, error.allowed or FORMS) from None
        p = self.of_device()
        if p.minimum_range_m >= p.maximum_range_m:
            raise ParameterError('minimum_range_m', p.minimum_range_m,
                                 f'less than maximum_range_m = {p.maximum_range_m:g}')

    def of_device(self) -> 'RangefinderParameters':
        """Return them with every value that is not set as the device has it, the baud rate included.

        Raises:
            ParameterError: there is no such protocol.
        """
        profile = find(self.protocol).profile
        own = {f.name: getattr(profile, f.name) for f in dataclasses.fields(self)
               if 'lowest' in f.metadata and getattr(self, f.name) == OF_DEVICE}
        transport = with_baud(self.transport, profile.baud)
        if not own and transport == self.transport:
            return self
        return dataclasses.replace(self, transport=transport, **own)
