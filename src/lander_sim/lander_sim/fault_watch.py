"""When Python has to look at the faults: conditions of the timeline in numbers, and the phase of guidance."""

import numpy as np

from lander_common.compiled import compiled

_QUEUE = 16  # phases on the way
PHASE_DELAY = 0.1  # [s] longer than a message takes, so that faults start at the same step every time
NO_PHASE = -1

WATCH = np.dtype([
    ('next_time', float),  # [s] at which the next fault starts or ends; infinite: none
    ('highest', float),  # [m] the highest altitude below which a fault waits; -infinite: none
    ('phases', np.int64),  # bit k: a fault waits for phase k
    ('phase', np.int64),  # of guidance, as far as it counts yet
    ('count', np.int64), ('times', float, _QUEUE), ('codes', np.int64, _QUEUE),  # phases that count later
])
"""What starts faults."""


@compiled
def tell_phase(watch: np.void, time: float, phase: int) -> None:
    """Take the phase of guidance at `time` [s]; it counts a little later, whenever it arrives."""
    last = watch.codes[watch.count - 1] if watch.count > 0 else watch.phase
    if phase == last or watch.count == watch.times.size:
        return
    watch.times[watch.count], watch.codes[watch.count] = time + PHASE_DELAY, phase
    watch.count += 1


@compiled
def take_phase(watch: np.void, time: float) -> bool:
    """Let the next phase count if it is time; return whether it does."""
    if watch.count == 0 or time < watch.times[0]:
        return False
    watch.phase = watch.codes[0]
    watch.count -= 1
    for k in range(watch.count):
        watch.times[k], watch.codes[k] = watch.times[k + 1], watch.codes[k + 1]
    return True


@compiled
def phase_starts_fault(watch: np.void, time: float) -> bool:
    """Let phases count until one comes that a fault waits for, not counted yet; return whether there is."""
    while watch.count > 0 and time >= watch.times[0]:
        if (watch.phases >> watch.codes[0]) & 1:
            return True
        take_phase(watch, time)
    return False


@compiled
def tell_phase_to(watches: np.ndarray, time: float, phase: int) -> None:
    """Do as `tell_phase`; `watches`: (1,) of WATCH."""
    tell_phase(watches[0], time, phase)


@compiled
def take_phase_of(watches: np.ndarray, time: float) -> bool:
    """Do as `take_phase`; `watches`: (1,) of WATCH."""
    return take_phase(watches[0], time)
