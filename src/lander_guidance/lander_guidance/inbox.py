"""Samples that wait until every node is sure to have them, so that results do not depend on arrival order."""

import math

import numpy as np

from lander_common.compiled import compiled

_MOST = 50

INBOX = np.dtype([('count', np.int64), ('times', float, _MOST), ('values', float, (_MOST, 3))])
"""Samples in the order of their times [s]; what the values mean is up to the user."""


@compiled
def put(inbox: np.void, time: float, a: float, b: float, c: float) -> None:
    """Keep a sample; the oldest is dropped when there are too many, one without a time is no sample."""
    if not math.isfinite(time):
        return
    if inbox.count == _MOST:
        drop_first(inbox)
    i = inbox.count
    while i > 0 and inbox.times[i - 1] > time:
        inbox.times[i] = inbox.times[i - 1]
        inbox.values[i] = inbox.values[i - 1]
        i -= 1
    inbox.times[i] = time
    inbox.values[i, 0], inbox.values[i, 1], inbox.values[i, 2] = a, b, c
    inbox.count += 1


@compiled
def ripe(inbox: np.void, before: float) -> bool:
    """Return whether the oldest sample is of the time `before` [s] or earlier."""
    return inbox.count > 0 and inbox.times[0] <= before


@compiled
def drop_first(inbox: np.void) -> None:
    """Forget the oldest sample."""
    for i in range(1, inbox.count):
        inbox.times[i - 1] = inbox.times[i]
        inbox.values[i - 1] = inbox.values[i]
    inbox.count -= 1
