"""A release device: the device's end of `lander_common.canbus.release`, with a hold-down and its switch."""

import math
from collections.abc import Callable

from lander_common.canbus.frame import Frame
from lander_common.canbus.release import Command, Device, DeviceState, Order, Refused, decode, encode_state

HEARTBEAT = 0.1  # [s]
ARMED_S = 5.0  # [s] so long an arming lasts
FIRING_S = 0.5  # [s] so long the actuator is on
PARTS_S = 0.2  # [s] from firing to the opening of the switch; assumed


class ReleaseDevice:
    """Fires when armed and the token fits. Times are steady [s]; call `step` at least at `due`."""

    def __init__(self, draw: Callable[[], int]):
        """Switch it on, with the rover held; `draw` gives the token of an arming, 1 to 2**32 - 1."""
        self._draw = draw
        self.state, self._since, self._fired = Device.SAFE, -math.inf, -math.inf
        self._token = self._sequence = 0
        self._refused = Refused.NOTHING
        self._next_state = -math.inf
        self.separated = False
        self.fired = 0  # times
        self.refused = 0
        self.silent = False  # hears and acts, but says nothing
        self.jammed = False  # fires, but the rover stays
        self.late_s = 0.0  # [s] by which the rover parts too late

    def hear(self, frame: Frame, time: float) -> bool:
        """Take a frame; return whether it fires now."""
        found = decode(frame)
        if not isinstance(found, Command):
            return False
        self.step(time)  # an arming that has just expired does not count
        self._next_state, self._sequence, self._refused = time, found.sequence, Refused.NOTHING
        if self.state is Device.FIRING or self.separated:
            return False
        if found.order is Order.SAFE:
            self._enter(Device.SAFE, time)
        elif found.order is Order.ARM:
            if self.state is not Device.ARMED:  # arming again does not make it last longer
                self._token = self._draw()
                self._enter(Device.ARMED, time)
        elif self.state is not Device.ARMED:
            self._refuse(Refused.NOT_ARMED, time)
        elif found.token != self._token:
            self._refuse(Refused.WRONG_TOKEN, time)
        else:
            self._enter(Device.FIRING, time)
            self._fired = time
            self.fired += 1
            return True
        return False

    def step(self, time: float) -> list[Frame]:
        """Let time pass; return what the device says."""
        if self.state is Device.ARMED and time - self._since >= ARMED_S:
            self._refuse(Refused.EXPIRED, time)
        if self.state is Device.FIRING and time - self._since >= FIRING_S:
            self.state, self._next_state = Device.FIRED, time
        if time >= self._parts:
            self.separated, self._next_state = True, time
        if time < self._next_state:
            return []
        self._next_state = time + HEARTBEAT
        token = self._token if self.state is Device.ARMED else 0
        state = DeviceState(self.state, self.separated, self._sequence, token, self._refused)
        return [] if self.silent else [encode_state(state)]

    def due(self, time: float) -> float:
        """Return when the device acts next of itself [s]."""
        ends = {Device.ARMED: ARMED_S, Device.FIRING: FIRING_S}
        return min(self._next_state, self._since + ends.get(self.state, math.inf), self._parts)

    @property
    def _parts(self) -> float:
        """When the rover parts [s]; infinite if it does not, or has already."""
        going = self.fired and not self.jammed and not self.separated
        return self._fired + PARTS_S + self.late_s if going else math.inf

    def _enter(self, state: Device, time: float) -> None:
        self.state, self._since, self._next_state = state, time, time
        self._refused = Refused.NOTHING

    def _refuse(self, why: Refused, time: float) -> None:
        """Be safe again: whoever got it wrong has to arm anew."""
        self._enter(Device.SAFE, time)
        self._refused = why
        self.refused += 1
