"""The release of the rover: arm, fire, confirm by the separation switch, and an inhibit before all that."""

from enum import IntEnum

from lander_common.canbus.bus import CanBus
from lander_common.canbus.frame import newer
from lander_common.canbus.release import Command, Device, DeviceState, Order, Refused, decode, encode_command
from lander_rover.parameters import RoverReleaseParameters

_AGAIN = 0.2  # [s] an order that has had no effect is repeated after so long
_ARMING = 2.0  # [s] longest wait for the device to be armed, and for it to fire


class State(IntEnum):
    """States of the release: the numbers of the message ReleaseStatus."""

    INHIBITED = 0
    SAFE = 1
    ARMING = 2
    FIRING = 3
    RELEASED = 4
    FAILED = 5
    NO_DEVICE = 6


class ReleaseDriver:
    """One release device on one bus. Times are steady [s]; call `poll` often."""

    def __init__(self, parameters: RoverReleaseParameters, bus: CanBus):
        """Begin without a request, inhibited if the parameters say so."""
        self._p, self.bus = parameters, bus
        self.inhibited = parameters.inhibit
        self.state, self.detail = State.SAFE, ''
        self.attempts = 0  # of this request
        self._asked = self._heard = self._since = self._next_order = float('-inf')
        self._device: DeviceState | None = None
        self._sequence = self._before = 0  # of the last order; of the last one before this attempt
        self._say(State.INHIBITED if self.inhibited else State.NO_DEVICE)

    def ask(self, time: float) -> None:
        """Ask for the release; has to be repeated, else the request ends."""
        self._asked = time

    def withdraw(self) -> None:
        """End the request now."""
        self._asked = float('-inf')

    def inhibit(self, on: bool, time: float) -> None:
        """Take the inhibit off, or put it on: then a device that may be armed is made safe first."""
        if on and not self.inhibited:
            self.make_safe(time)
        self.inhibited = on
        self.attempts = 0

    def make_safe(self, time: float) -> None:
        """Tell the device to be safe, unless it has not been told to arm by us and is not armed."""
        armed = self._device is not None and self._device.state is Device.ARMED
        if not self.inhibited and (armed or self.state in (State.ARMING, State.FIRING)):
            self._order(Order.SAFE, time)

    def requested(self, time: float) -> bool:
        """Return whether the release is being asked for now."""
        return time - self._asked <= self._p.request_timeout_s

    def silent(self, time: float) -> bool:
        """Return whether the device has not been heard for too long."""
        return time - self._heard > self._p.device_timeout_s

    def poll(self, time: float) -> None:
        """Hear the device, and take the next step."""
        for frame in self.bus.receive(time):
            found = decode(frame)
            if isinstance(found, DeviceState):
                self._device, self._heard = found, time
        silent = self.silent(time)
        if self._device is not None and self._device.separated:
            self._say(State.RELEASED)
        elif self.inhibited:
            self._say(State.INHIBITED)
        elif not self.requested(time):
            self._rest(time, silent)
        elif silent:
            self._say(State.NO_DEVICE, self.bus.problem)
        elif self.state is State.ARMING:
            self._arm(time)
        elif self.state is State.FIRING:
            self._fire(time)
        elif self.attempts == 0:
            self._begin(time)
        elif self.state is not State.FAILED:
            self._again('the device was silent', time)

    def _rest(self, time: float, silent: bool) -> None:
        self.attempts = 0
        if time >= self._next_order:
            self.make_safe(time)
        if silent:
            self._say(State.NO_DEVICE, self.bus.problem)
        else:
            self._say(State.SAFE)

    def _begin(self, time: float) -> None:
        self.attempts += 1
        self._since, self._before = time, self._sequence
        self._say(State.ARMING)
        self._order(Order.ARM, time)

    def _arm(self, time: float) -> None:
        device = self._device
        if device.state is Device.ARMED and newer(device.sequence, self._before):
            self._since = time
            self._say(State.FIRING)
            self._order(Order.FIRE, time, device.token)
        elif time - self._since > _ARMING:
            self._again('the device does not arm', time)
        elif time >= self._next_order:
            self._order(Order.ARM, time)

    def _fire(self, time: float) -> None:
        device, waited = self._device, time - self._since
        if device.state is Device.ARMED and waited <= _ARMING:
            if time >= self._next_order:
                self._order(Order.FIRE, time, device.token)
        elif device.state is Device.SAFE and device.refused is not Refused.NOTHING:
            self._again(f'the device has refused: {device.refused.name.lower().replace("_", " ")}', time)
        elif waited > self._p.confirm_timeout_s:
            fired = device.state in (Device.FIRING, Device.FIRED)
            self._again('fired, but the separation switch has not opened' if fired
                        else 'the device does not fire', time)

    def _again(self, why: str, time: float) -> None:
        if self.attempts < self._p.attempts:
            self._begin(time)
        else:
            self._order(Order.SAFE, time)
            self._say(State.FAILED, f'{why}; tried {self.attempts} times')

    def _order(self, order: Order, time: float, token: int = 0) -> None:
        self._sequence = (self._sequence + 1) % 256
        self._next_order = time + _AGAIN
        self.bus.send([encode_command(Command(order, self._sequence, token))], time)

    def _say(self, state: State, why: str = '') -> None:
        words = {State.INHIBITED: 'the release is inhibited: nothing is sent to the device',
                 State.SAFE: 'safe', State.ARMING: 'arming', State.FIRING: 'fired, waiting for the switch',
                 State.RELEASED: 'the separation switch is open: the rover is free',
                 State.FAILED: 'the release has failed', State.NO_DEVICE: 'the release device is silent'}
        self.state, self.detail = state, words[state] + (f': {why}' if why else '')
