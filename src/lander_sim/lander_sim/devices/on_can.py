"""Emulated devices on a CAN bus, in real time."""

import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from lander_common.canbus.bus import CanBus
from lander_common.canbus.frame import Frame

_LONGEST_WAIT = 0.05  # [s]


class CanDevice(Protocol):
    """What a device on a CAN bus can do; times are steady [s]."""

    def hear(self, frame: Frame, time: float) -> bool:
        """Take a frame; return whether it means something new."""

    def step(self, time: float) -> list[Frame]:
        """Let time pass; return what the device says."""

    def due(self, time: float) -> float:
        """Return when it acts next of itself [s]."""


def serve(bus: CanBus, devices: Sequence[CanDevice], stopped: Callable[[], bool],
          told: Callable[[float], None] = lambda time: None) -> None:
    """Live on the bus until `stopped()`; `told` is called when a device has been told something new."""
    while not stopped():
        now = time.monotonic()
        due = min((device.due(now) for device in devices), default=math.inf)
        wait = min(max(due - now, 0.0), _LONGEST_WAIT)
        if not bus.ready(now):
            time.sleep(_LONGEST_WAIT)  # nothing to wait on
        frames = bus.receive(now, wait)
        now, new = time.monotonic(), False
        for frame in frames:
            for device in devices:
                new |= device.hear(frame, now)
        if new:
            told(now)
        for device in devices:
            answer = device.step(now)
            if answer:
                bus.send(answer, now)
    bus.close()


class Served:
    """Devices that live on a bus in a thread of their own. Hold `lock` to look at them or to change them."""

    def __init__(self, bus: CanBus, devices: Sequence[CanDevice], told: Callable[[float], None]):
        """Switch them on; `told` is called in their thread, with `lock` held."""
        self.lock = threading.RLock()
        self._stop = threading.Event()
        guarded = [_Guarded(device, self.lock) for device in devices]

        def told_guarded(now: float) -> None:
            with self.lock:
                told(now)

        self._thread = threading.Thread(target=serve, args=(bus, guarded, self._stop.is_set, told_guarded))
        self._thread.start()

    def stop(self) -> None:
        """Switch them off; returns when they are."""
        self._stop.set()
        self._thread.join()


class _Guarded:
    def __init__(self, device: CanDevice, lock: threading.RLock):
        self._device, self._lock = device, lock

    def hear(self, frame: Frame, time: float) -> bool:
        with self._lock:
            return self._device.hear(frame, time)

    def step(self, time: float) -> list[Frame]:
        with self._lock:
            return self._device.step(time)

    def due(self, time: float) -> float:
        with self._lock:
            return self._device.due(time)
