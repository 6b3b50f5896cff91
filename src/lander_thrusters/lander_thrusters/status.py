"""What the allocator reports about itself: the content of the thruster status message."""

from dataclasses import dataclass

import numpy as np

_PULL = 0.01  # [-] slope of the cost, from which a closed thruster counts as at its lower limit
_FULL = 0.999  # [-] duty from which a thruster counts as at its upper limit


@dataclass(frozen=True, slots=True)
class AllocationStatus:
    """What could and could not be done with the wrench of the last window."""

    NONE, LOWER, UPPER = range(3)

    time: float  # [s]
    duty: np.ndarray  # (n,) [-] mean thrust fraction asked of each thruster in this window
    saturation: np.ndarray  # (n,) uint8: NONE; LOWER: would have to pull; UPPER: at full thrust
    unachieved_force: np.ndarray  # (3,) [N] base_link, asked minus allocated
    unachieved_torque: np.ndarray  # (3,) [N m] base_link, asked minus allocated
    failed_mask: int  # bit i set: thruster i is not used
    wrench_valid: bool  # False: the last wrench was no number, or far too large
    propellant_kg: float  # [kg] estimate, from the commands
    faults: tuple[str, ...] = ()  # thrusters found faulty: which, how, when
    trouble: str = ''  # why no fault can be found now; empty when all is well


def saturation(matrix: np.ndarray, weights: np.ndarray, duty: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return for each thruster which limit keeps the wrench of `duty` (n,) from `target` (6,), (n,) uint8.

    `matrix` (6, n) is the wrench of full thrust, `weights` (6,) those of squared errors.
    """
    slope = matrix.T @ (weights * (target - matrix @ duty))
    pulls = (duty <= 1e-9) & (slope < -_PULL)
    return np.where(duty >= _FULL, AllocationStatus.UPPER, np.where(
        pulls, AllocationStatus.LOWER, AllocationStatus.NONE)).astype(np.uint8)
