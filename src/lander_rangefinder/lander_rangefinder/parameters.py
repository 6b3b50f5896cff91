"""Parameters of the range finder node."""

import math
from dataclasses import dataclass

from lander_common.parameters import ParameterError, Parameters, parameter
from lander_rangefinder.protocols import PROTOCOLS
from lander_rangefinder.transport import FORMS, TransportError, check_url


@dataclass(frozen=True)
class RangefinderParameters(Parameters):
    """One range finder: how to reach it, how to ask it, and how far to believe it."""

    transport: str = parameter('serial:///dev/ttyUSB0?baud=115200', doc=f'Link to the device: {FORMS}')
    protocol: str = parameter('vectronix_ascii', choices=tuple(PROTOCOLS), doc='Language of the device')
    trigger: str = parameter(
        'imu', choices=('imu', 'timer'), doc='What drives the node: imu messages, or a timer of 100 Hz')
    autostart: bool = parameter(True, doc='Configure and activate the node when it starts')
    beam: int = parameter(0, minimum=0, maximum=255, doc='Index of this range finder')
    rate_hz: float = parameter(5.0, unit='Hz', minimum=0.1, maximum=50, doc='Shots, if the device keeps up')
    pulse_delay_s: float = parameter(
        0.0, unit='s', minimum=0, maximum=1, doc='From the command to the laser pulse')
    timeout_s: float = parameter(1.0, unit='s', minimum=0.05, maximum=10, doc='Longest wait for an answer')
    sigma_m: float = parameter(
        0.5, unit='m', minimum=1e-3, maximum=100, doc='Standard deviation of a range')
    minimum_range_m: float = parameter(1.0, unit='m', minimum=0.01, maximum=1e4, doc='Shortest believed')
    maximum_range_m: float = parameter(25e3, unit='m', minimum=1, maximum=99e3, doc='Longest believed')
    field_of_view_rad: float = parameter(
        0.001, unit='rad', minimum=0, maximum=math.pi, doc='Full beam divergence, only passed on')

    def __post_init__(self) -> None:
        """Also check the form of the URL and the order of the limits."""
        super().__post_init__()
        try:
            check_url(self.transport)
        except TransportError:
            raise ParameterError('transport', self.transport, FORMS) from None
        if self.minimum_range_m >= self.maximum_range_m:
            raise ParameterError('minimum_range_m', self.minimum_range_m,
                                 f'less than maximum_range_m = {self.maximum_range_m:g}')
