"""Which range finder is emulated, and how fast it is."""

import dataclasses
from dataclasses import dataclass

from lander_common.parameters import ParameterError, Parameters, parameter
from lander_rangefinder.parameters import OF_DEVICE
from lander_rangefinder.protocols import OURS, find


@dataclass(frozen=True)
class EmulatorParameters(Parameters):
    """The device at the simulator's end of the range-finder link."""

    device: str = parameter(
        'vectronix_ascii', choices=tuple(OURS),
        doc='Device, by the name of its protocol in lander_rangefinder')
    latency_s: float = parameter(
        OF_DEVICE, unit='s', minimum=OF_DEVICE, maximum=10,
        doc='To the answer: from the question, or the pulse if the device streams; -1: that of the device')
    pulse_delay_s: float = parameter(
        OF_DEVICE, unit='s', minimum=OF_DEVICE, maximum=1,
        doc='From the question to the laser pulse; -1: that of the device')

    def __post_init__(self) -> None:
        """Also check that a time is not negative, but for -1."""
        super().__post_init__()
        for name in ('latency_s', 'pulse_delay_s'):
            value = getattr(self, name)
            if value < 0.0 and value != OF_DEVICE:
                raise ParameterError(name, value, 'at least 0 [s], or -1 for that of the device')

    def of_device(self) -> 'EmulatorParameters':
        """Return them with the times that are not set as the device has them."""
        profile = find(self.device).profile
        own = {name: getattr(profile, name) for name in ('latency_s', 'pulse_delay_s')
               if getattr(self, name) == OF_DEVICE}
        return dataclasses.replace(self, **own) if own else self
