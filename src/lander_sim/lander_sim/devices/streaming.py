"""The device's end of protocols that stream."""

import math
from abc import abstractmethod
from collections import deque
from typing import ClassVar

from lander_common.transport import Listener
from lander_rangefinder.protocols import find
from lander_sim.devices.emulator import SAME, Emulator, Measure
from lander_sim.devices.parameters import EmulatorParameters
from lander_sim.sensors.laser import LaserModel

_MOST_PENDING = 4096  # answers on their way


class StreamingEmulator(Emulator):
    """Fires at its rate, at most once for each time it is stepped to, and answers after its latency."""

    at_once: ClassVar[bool] = False
    """Whether it streams without having been told to."""

    def __init__(self, parameters: EmulatorParameters, laser: LaserModel, link: Listener):
        """Switch the device on."""
        super().__init__(parameters, laser, link)
        self._rate = find(parameters.device).profile.rate_hz if self.at_once else 0.0
        self._next = -math.inf
        self._answers: deque[tuple[float, bytes]] = deque(maxlen=_MOST_PENDING)

    @property
    def due(self) -> float:
        """Flight time [s] from which it acts of itself; infinite while it only listens."""
        answer = self._answers[0][0] if self._answers else math.inf
        return min(answer, self._next if self._rate > 0.0 else math.inf) - SAME

    @abstractmethod
    def _frame(self, range_m: float | None) -> bytes:
        """Return the answer for a range [m], None for no echo."""

    def _stream(self, rate_hz: float) -> None:
        """Stream at that rate from the next step on; 0 stops."""
        self._rate, self._next = rate_hz, -math.inf

    def _work(self, time: float, measure: Measure) -> int:
        if self._rate > 0.0 and time >= self._next - SAME:
            reply = time + self._p.latency_s + self._laser.extra_latency
            self._answers.append((reply, self._frame(self._fire(time, measure))))
            self._next += 1.0 / self._rate
            if self._next <= time:  # the first one, or stepped more slowly than it fires
                self._next = time + 1.0 / self._rate
        count = 0
        while self._answers and time >= self._answers[0][0] - SAME:
            self._link.write(self._answers.popleft()[1])
            count += 1
        return count

    def _stop(self) -> None:
        self._answers.clear()
