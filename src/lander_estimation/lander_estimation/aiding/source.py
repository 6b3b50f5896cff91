"""What every aid source has in common."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from lander_estimation.aiding.rejections import Rejections
from lander_estimation.status import Outcome


@dataclass(frozen=True, slots=True)
class Prediction:
    """One measurement against the state: m components with independent noise."""

    observation: np.ndarray  # (m,)
    variance: np.ndarray  # (m,) as the sensor states it
    innovation: np.ndarray  # (m,) observation minus prediction
    jacobian: np.ndarray  # (m, 16) with respect to the error state
    noise: np.ndarray  # (m,) variance used: the sensor's, and what the model does not know
    scatter: float  # variance by which the offsets of consecutive rejected measurements may differ


class AidSource(Protocol):
    """A sensor that corrects the filter."""

    name: str
    gate: float  # [sigma]
    rejections: Rejections
    recovered: tuple[Outcome, str]  # outcome and reason when agreeing rejected measurements are believed
    blamed: slice  # error states whose variance is raised then

    def is_empty(self, sample: Any) -> bool:
        """Return whether the sensor itself says that it measured nothing."""

    def defect(self, sample: Any) -> str:
        """Say why a sample must not be used, whatever the state is; '' if it may."""

    def key(self, sample: Any) -> int:
        """Return what tells samples of the same time and sensor apart (the beam)."""

    def predict(self, x: np.ndarray, sample: Any) -> Prediction | str:
        """Compare a sample with the nominal state, (17,), or say why that cannot be done."""
