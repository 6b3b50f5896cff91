"""The device protocols by the name that the parameter `protocol` gives them."""

from collections.abc import Callable

from lander_rangefinder.protocol import DeviceProtocol
from lander_rangefinder.vectronix import VectronixAscii

PROTOCOLS: dict[str, Callable[[], DeviceProtocol]] = {
    'vectronix_ascii': VectronixAscii,
}
