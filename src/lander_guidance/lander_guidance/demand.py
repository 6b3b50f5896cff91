"""What a guidance law asks for."""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Demand:
    """Thrust along a direction; attitude control and the thrust limits turn it into a wrench."""

    direction: np.ndarray  # (3,) unit vector in moon of the thrust axis
    thrust: float  # [N] when the axis points there
    slew: float  # [rad/s] fastest turn
    time_to_go: float = math.nan  # [s] to the end of the phase
