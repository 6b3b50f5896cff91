"""The memory of rejected measurements, which is the way back in for a sensor."""

import math

import numpy as np

from lander_common.compiled import compiled


@compiled
def agree(memory: np.void, time: float, offset: np.ndarray, size: int, scatter: float, wanted: int,
          gate: float, window: float) -> bool:
    """Add the offset, (3,), of a rejected measurement; return whether the last `wanted` ones agree.

    The offset is how far the blamed states would have to move, `scatter` its variance from one measurement
    to the next; `size` tells measurements of different components apart. Offsets follow the estimated motion,
    so a constant offset means that the measured rate fits the velocity.
    """
    if memory.size != size:
        memory.count, memory.size = 0, size
    if memory.count == wanted:
        for k in range(wanted - 1):
            memory.time[k], memory.scatter[k] = memory.time[k + 1], memory.scatter[k + 1]
            for i in range(3):
                memory.offset[k, i] = memory.offset[k + 1, i]
        memory.count -= 1
    last = memory.count
    memory.time[last], memory.scatter[last] = time, scatter
    for i in range(3):
        memory.offset[last, i] = offset[i]
    memory.count += 1
    if memory.count < wanted or time - memory.time[0] > window + 1e-6:
        return False
    for i in range(3):
        mean = 0.0
        for k in range(wanted):
            mean += memory.offset[k, i] / wanted
        for k in range(wanted):
            if not abs(memory.offset[k, i] - mean) <= gate * math.sqrt(memory.scatter[k]):
                return False
    return True
