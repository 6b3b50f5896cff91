"""Parameters of the IMU driver node."""

from dataclasses import dataclass

from lander_common.parameters import ParameterError, Parameters, parameter
from lander_common.transport import FORMS, TransportError, check_url, with_baud
from lander_imu.stim300 import BAUD, TICKS


@dataclass(frozen=True)
class ImuDriverParameters(Parameters):
    """One inertial measurement unit: how to reach it, how it is mounted, how often it is told of."""

    transport: str = parameter('serial:///dev/ttyUSB1', doc=f'Link to the device: {FORMS}')
    rate_hz: float = parameter(
        50.0, unit='Hz', minimum=1.0, maximum=TICKS,
        doc='Messages, each the mean of as many samples of the device as fit; must divide its sample rate')
    mounting_rpy_deg: list[float] = parameter(
        [0.0, 0.0, 0.0], unit='deg', minimum=-360.0, maximum=360.0, length=3,
        doc='Turn from the axes of the device to base_link, about fixed x, y, z')
    timeout_s: float = parameter(
        0.2, unit='s', minimum=0.05, maximum=5.0, doc='Silence after which the device is missed')
    autostart: bool = parameter(True, doc='Configure and activate the node when it starts')

    def __post_init__(self) -> None:
        """Also check the form of the URL, and that a message is a whole number of internal samples."""
        super().__post_init__()
        try:
            check_url(self.transport)
        except TransportError as error:
            raise ParameterError('transport', self.transport, error.allowed or FORMS) from None
        if not (TICKS / self.rate_hz).is_integer():
            raise ParameterError('rate_hz', self.rate_hz, f'a whole part of {TICKS}, such as 50, 100, 125')

    @property
    def url(self) -> str:
        """Link to the device, with its baud rate if none is given."""
        return with_baud(self.transport, BAUD)

    @property
    def ticks(self) -> int:
        """Internal samples of the device in one message."""
        return round(TICKS / self.rate_hz)
