"""What parameters of nodes on a CAN bus have in common."""

from lander_common.canbus.bus import FORMS, CanBusError, check_url
from lander_common.parameters import ParameterError, Parameters


class BusParameters(Parameters):
    """Base of parameter dataclasses with a field `bus`, the URL of a CAN bus."""

    def __post_init__(self) -> None:
        """Also check the form of the bus URL."""
        super().__post_init__()
        try:
            check_url(self.bus)
        except CanBusError:
            raise ParameterError('bus', self.bus, FORMS) from None
