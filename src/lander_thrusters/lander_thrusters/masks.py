"""Which thrusters are in use."""

import numpy as np

from lander_common.compiled import compiled


@compiled
def set_masks(al: np.void, failed: int, burning: int) -> None:
    """Use no thruster whose bit is set in `failed`; those with a bit in `burning` too are stuck on."""
    al.failed_mask, al.burning_mask = failed, burning & failed
    for i in range(al.count):
        al.healthy[i] = 0.0 if failed >> i & 1 else 1.0
        al.burning[i] = al.burning_mask >> i & 1
        if al.healthy[i] == 0.0:
            al.end[i] = -np.inf
    al.replan = 1


@compiled
def update_masks(record: np.ndarray) -> None:
    """Apply the masks in the record, (1,)."""
    set_masks(record[0], record[0].failed_mask, record[0].burning_mask)
