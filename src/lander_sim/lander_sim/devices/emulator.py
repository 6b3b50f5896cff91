"""What every emulated range finder can do, and the making of one by name."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from importlib import import_module

from lander_common.transport import Listener, TransportError
from lander_rangefinder.protocols import find
from lander_sim.devices.parameters import EmulatorParameters
from lander_sim.sensors.laser import LaserModel

SAME = 1e-9  # [s] times closer than this are the same
Measure = Callable[[], tuple[float, float] | None]
"""Slant range [m] and cosine of incidence of the beam, None if it meets no ground."""

_EMULATORS = {
    'vectronix_ascii': 'vectronix.VectronixEmulator',
    'noptel': 'noptel.NoptelEmulator',
    'lightware_sf45': 'lightware_sf45.Sf45Emulator',
    'lightware_ascii': 'lightware_ascii.LightwareAsciiEmulator',
    'lightware_binary': 'lightware_binary.LightwareBinaryEmulator',
    'benewake_tfmini': 'benewake.BenewakeEmulator',
    'benewake_tf02': 'benewake.BenewakeEmulator',
    'benewake_tf03': 'benewake.BenewakeEmulator',
}


class Emulator(ABC):
    """A range finder on a link; the flight time it lives in is given to `step`."""

    def __init__(self, parameters: EmulatorParameters, laser: LaserModel, link: Listener):
        """Switch the device on."""
        self._p, self._laser, self._link = parameters.of_device(), laser, link
        self._reach = find(parameters.device).profile.maximum_range_m

    @property
    @abstractmethod
    def due(self) -> float:
        """Flight time [s] from which it acts of itself; infinite while it only listens."""

    def step(self, time: float, measure: Measure) -> int:
        """Live up to `time` [s]; return the number of range replies that went out.

        `measure` is called when the laser fires. May be called several times with the same `time`.
        """
        try:
            self._hear(self._link.read(), time)
            return self._work(time, measure)
        except TransportError:
            self._stop()  # nobody left to answer
            return 0

    @abstractmethod
    def _hear(self, data: bytes, time: float) -> None:
        """Take what the host has sent."""

    @abstractmethod
    def _work(self, time: float, measure: Measure) -> int:
        """Fire and answer if it is time; return the number of range replies that went out."""

    @abstractmethod
    def _stop(self) -> None:
        """Leave what is not answered yet."""

    def _fire(self, time: float, measure: Measure) -> float | None:
        """Fire one pulse; return the range [m], None without an echo or beyond the reach of the device."""
        slant_range, cosine = measure() or (float('inf'), 1.0)
        echo = self._laser.fire(time, slant_range, cosine)
        return echo.range_m if echo.detected and echo.range_m <= self._reach else None


class Unplugged:
    """In the place of a device that has been taken off its link."""

    due = float('inf')

    def step(self, time: float, measure: Measure) -> int:
        """Do nothing."""
        return 0


def make_emulator(parameters: EmulatorParameters, laser: LaserModel, link: Listener) -> Emulator:
    """Switch on the device of that name, at its end of `link`."""
    module, _, name = _EMULATORS[parameters.device].partition('.')
    return getattr(import_module(f'lander_sim.devices.{module}'), name)(parameters, laser, link)
