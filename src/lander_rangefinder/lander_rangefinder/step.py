"""The driver of `record.RANGEFINDER`, compiled; `driver.RangefinderDriver` with its dialogue and health."""

import numpy as np

from lander_common.compiled import compiled
from lander_common.samples import RangeSample
from lander_rangefinder.dialogue import PROMPT_WAIT
from lander_rangefinder.health import WINDOW
from lander_rangefinder.record import (
    ACCEPTED,
    ASKED,
    BUSY,
    CLOSING,
    ECHO,
    ENDED,
    NEW,
    NO_ECHO,
    NONE,
    PROMPT,
    QUIET,
    READY,
    REFUSED,
    SILENT,
    TAKEN,
    TOO_FAR,
    TOO_NEAR,
)

_SAME = 1e-9  # [s] times closer than this are the same
_NO_RETURN, _VALID = RangeSample.NO_RETURN, RangeSample.VALID
_DEVICE_ERROR, _TIMEOUT = RangeSample.DEVICE_ERROR, RangeSample.TIMEOUT


@compiled
def send(rangefinder: np.void, event: int) -> None:
    """Put an event of the device on the line; one that does not fit is lost."""
    if rangefinder.event_count < rangefinder.events.size:
        rangefinder.events[rangefinder.event_count] = event
        rangefinder.event_count += 1


@compiled
def poll(rangefinder: np.void, time: float) -> bool:
    """Read, judge, and ask if it is time; return whether a shot has ended: its sample is in the record."""
    r = rangefinder
    r.ended = 0
    if r.state == NEW:
        r.state, r.until, r.wait_for_prompt = QUIET, time + r.timeout, 0
    for k in range(r.event_count):
        _handle(r, r.events[k], time)
    r.event_count = 0
    if r.state != READY and time >= r.until - _SAME:
        if r.state == ASKED or r.state == ACCEPTED:
            _recover(r, time)
            _end(r, time, _TIMEOUT, SILENT, np.nan)
        else:
            r.state = READY
    if r.state == READY and time >= r.next_shot - _SAME:
        _ask(r, time)
    return r.ended == 1


@compiled
def _ask(r: np.void, time: float) -> None:
    r.state, r.until, r.asked = ASKED, time + r.timeout, time
    r.next_shot += 1.0 / r.rate_hz
    if r.next_shot <= time:  # the first shot, or late: keep the distance, do not catch up
        r.next_shot = time + 1.0 / r.rate_hz
    r.commands += 1


@compiled
def _recover(r: np.void, time: float) -> None:
    r.state, r.until, r.wait_for_prompt = QUIET, time + r.timeout, 1


@compiled
def _handle(r: np.void, event: int, time: float) -> None:
    if event == TAKEN:
        if r.state == ASKED:
            r.state = ACCEPTED
    elif event == ECHO:
        if r.state == ACCEPTED:
            r.state, r.until = CLOSING, time + PROMPT_WAIT
            _judge(r, time)
        else:
            r.ignored += 1
    elif event == REFUSED:
        if r.state == ASKED:
            _recover(r, time)
            _end(r, time, _DEVICE_ERROR, BUSY, np.nan)
    elif event == PROMPT:
        if r.state == ACCEPTED:
            r.state = READY
            _end(r, time, _DEVICE_ERROR, ENDED, np.nan)
        elif r.state == CLOSING or (r.state == QUIET and r.wait_for_prompt == 1):
            r.state = READY


@compiled
def _judge(r: np.void, time: float) -> None:
    range_m = r.centimetres / 100.0
    if r.centimetres == 0:
        _end(r, time, _NO_RETURN, NO_ECHO, np.nan)
    elif range_m < r.nearest:
        _end(r, time, _NO_RETURN, TOO_NEAR, np.nan)
    elif range_m > r.farthest:
        _end(r, time, _DEVICE_ERROR, TOO_FAR, np.nan)
    else:
        _end(r, time, _VALID, NONE, range_m)


@compiled
def _end(r: np.void, time: float, validity: int, cause: int, range_m: float) -> None:
    """Write the sample of the shot that ends now, and count it."""
    pulse = r.asked + r.pulse_delay
    r.counts[validity] += 1
    r.unanswered = r.unanswered + 1 if validity == _TIMEOUT else 0
    size = r.recent_times.size
    if r.recent_count == size:
        r.recent_first, r.recent_count = (r.recent_first + 1) % size, size - 1
    last = (r.recent_first + r.recent_count) % size
    r.recent_times[last], r.recent_valid[last] = pulse, 1 if validity == _VALID else 0
    r.recent_count += 1
    while r.recent_times[r.recent_first] <= pulse - WINDOW:
        r.recent_first, r.recent_count = (r.recent_first + 1) % size, r.recent_count - 1
    hits = 0
    for k in range(r.recent_count):
        hits += r.recent_valid[(r.recent_first + k) % size]
    r.time, r.received, r.validity, r.cause, r.range_m = pulse, time, validity, cause, range_m
    r.variance = np.nan if np.isnan(range_m) else r.assumed_variance
    r.quality, r.ended = hits / r.recent_count, 1
