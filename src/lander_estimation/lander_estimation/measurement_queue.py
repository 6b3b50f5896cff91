"""Measurements that wait until the fusion horizon reaches their time of validity.

They are ordered by time, then source, then beam, whatever the order in which they arrive.
"""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_estimation.outcome import DUPLICATE, NO_REASON, QUEUE_FULL
from lander_estimation.record import FUSED, QUEUE

TOLERANCE = 1e-6  # [s] times closer than this are the same


@compiled
def _copy(a: np.void, b: np.void) -> None:
    b.time, b.source, b.beam, b.degraded = a.time, a.source, a.beam, a.degraded
    for i in range(4):
        b.value[i] = a.value[i]
    for i in range(3):
        b.variance[i] = a.variance[i]


@compiled
def insert(est: np.void, item: np.void) -> int:
    """Keep a MEASUREMENT; return why it was not kept: NO_REASON, DUPLICATE or QUEUE_FULL."""
    queue, time, source, beam = est.queue, item.time, item.source, item.beam
    for k in range(min(est.fused_count, FUSED)):
        key = est.fused[k]
        if key[0] == time and key[1] == source and key[2] == beam:
            return DUPLICATE
    place = est.queue_head + est.queue_count
    while place > est.queue_head:
        before = queue[(place - 1) % QUEUE]
        if before.time < time or (before.time == time and (
                before.source < source or (before.source == source and before.beam < beam))):
            break
        if before.time == time and before.source == source and before.beam == beam:
            return DUPLICATE
        place -= 1
    if est.queue_count >= QUEUE:
        return QUEUE_FULL
    for k in range(est.queue_head + est.queue_count, place, -1):
        _copy(queue[(k - 1) % QUEUE], queue[k % QUEUE])
    est.queue_count += 1
    _copy(item, queue[place % QUEUE])
    return NO_REASON


@compiled
def next_time(est: np.void) -> float:
    """Return the time of validity of the oldest measurement [s]; infinity if there is none."""
    return est.queue[est.queue_head].time if est.queue_count > 0 else math.inf


@compiled
def pop(est: np.void) -> int:
    """Take out the oldest measurement and remember its key; return its place, valid until `insert`."""
    place = est.queue_head
    item = est.queue[place]
    key = est.fused[est.fused_count % FUSED]
    key[0], key[1], key[2] = item.time, item.source, item.beam
    est.fused_count += 1
    est.queue_head = (place + 1) % QUEUE
    est.queue_count -= 1
    return place
