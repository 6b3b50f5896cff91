"""The release driver on an emulated device over a virtual bus, with a simulated clock."""

import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common.canbus.bus import CanBus
from lander_common.canbus.frame import Frame
from lander_common.canbus.release import (
    DEVICE_LISTENS,
    HOST_LISTENS,
    Command,
    Device,
    Order,
    Refused,
    decode,
    encode_command,
)
from lander_rover.parameters import RoverReleaseParameters
from lander_rover.release_driver import ReleaseDriver, State
from lander_sim.devices.release_device import ARMED_S, ReleaseDevice


class Bench:
    """Driver and device; time goes on in steps of 10 ms."""

    def __init__(self, inhibit=False, **parameters):
        url = f'virtual:{uuid.uuid4().hex}'
        self.host, self.end = CanBus(url, 500_000, HOST_LISTENS), CanBus(url, 500_000, DEVICE_LISTENS)
        self.end.open()
        tokens = iter(range(1000, 10**6))
        self.device = ReleaseDevice(lambda: next(tokens))
        self.driver = ReleaseDriver(RoverReleaseParameters(inhibit=inhibit, **parameters), self.host)
        self.time, self.plugged, self.heard = 100.0, True, []
        self.run(0.2)

    def run(self, seconds, ask=False):
        for _ in range(round(seconds * 100)):
            self.time = round(self.time + 0.01, 6)
            for frame in self.end.receive(self.time):
                self.heard.append(decode(frame).order)
                if self.plugged:
                    self.device.hear(frame, self.time)
            said = self.device.step(self.time)
            if self.plugged:
                self.end.send(said, self.time)
            if ask:
                self.driver.ask(self.time)
            self.driver.poll(self.time)

    def close(self):
        self.host.close()
        self.end.close()


@pytest.fixture
def make():
    made = []

    def one(**parameters):
        made.append(Bench(**parameters))
        return made[-1]
    yield one
    for bench in made:
        bench.close()


def test_the_inhibit_is_on_by_default():
    assert RoverReleaseParameters().inhibit is True


def test_inhibited_nothing_is_sent_whatever_is_asked(make):
    bench = make(inhibit=True)
    bench.run(3.0, ask=True)
    assert bench.heard == []
    assert bench.driver.state is State.INHIBITED
    assert 'inhibited' in bench.driver.detail


def test_arm_fire_confirm(make):
    bench = make()
    assert bench.driver.state is State.SAFE
    bench.run(0.1, ask=True)
    assert bench.heard == [Order.ARM, Order.FIRE]
    assert bench.driver.state is State.FIRING
    bench.run(0.3, ask=True)
    assert bench.driver.state is State.RELEASED
    bench.run(5.0, ask=True)
    assert bench.heard == [Order.ARM, Order.FIRE]
    assert bench.device.fired == 1


def test_a_device_that_jams_is_tried_again_and_then_reported(make):
    bench = make()
    bench.device.jammed = True
    bench.run(12.0, ask=True)
    assert bench.driver.state is State.FAILED
    assert bench.driver.detail.endswith('fired, but the separation switch has not opened; tried 2 times')
    assert bench.device.fired == 2
    assert bench.device.state is Device.SAFE
    bench.run(5.0, ask=True)
    assert bench.device.fired == 2  # the same request fires no more
    bench.run(2.0)
    bench.device.jammed = False
    bench.run(1.0, ask=True)
    assert bench.driver.state is State.RELEASED


def test_a_request_that_ends_leaves_the_device_safe(make):
    bench = make(confirm_timeout_s=100.0)
    bench.device.hear(encode_command(Command(Order.ARM, 1)), bench.time)  # somebody has armed it
    bench.run(0.5)
    assert bench.device.state is Device.SAFE
    assert bench.device.fired == 0


def test_silent_device_is_named_and_taken_up_when_it_comes_back(make):
    bench = make()
    bench.plugged = False
    bench.run(1.0, ask=True)
    assert bench.driver.state is State.NO_DEVICE
    bench.plugged = True
    bench.run(1.0, ask=True)
    assert bench.driver.state is State.RELEASED
    assert bench.device.fired == 1


def test_inhibit_put_on_in_the_middle_makes_the_device_safe(make):
    bench = make()
    bench.driver.ask(bench.time)
    bench.driver.poll(bench.time)  # ARM is on its way
    assert bench.driver.state is State.ARMING
    bench.driver.inhibit(True, bench.time)
    bench.run(1.0, ask=True)
    assert bench.heard == [Order.ARM, Order.SAFE]
    assert bench.device.state is Device.SAFE
    assert bench.device.fired == 0


def device():
    return ReleaseDevice(iter(range(77, 10**6)).__next__)


def hear(it, time, order, sequence=1, token=0):
    return it.hear(encode_command(Command(order, sequence, token)), time)


def test_the_arming_of_the_device_ends_by_itself_and_arming_again_does_not_prolong_it():
    it = device()
    hear(it, 0.0, Order.ARM)
    assert it.state is Device.ARMED
    hear(it, ARMED_S - 0.1, Order.ARM)
    it.step(ARMED_S - 0.01)
    assert it.state is Device.ARMED
    assert decode(it.step(ARMED_S)[0]).refused is Refused.EXPIRED
    assert not hear(it, ARMED_S + 0.1, Order.FIRE, 2, 77)
    assert it.fired == 0


@pytest.mark.parametrize('token', [0, 76, 78, 2**32 - 1])
def test_a_wrong_token_does_not_fire_and_disarms(token):
    it = device()
    hear(it, 0.0, Order.ARM)
    assert not hear(it, 0.1, Order.FIRE, 2, token)
    assert decode(it.step(0.1)[0]).refused is Refused.WRONG_TOKEN
    assert not hear(it, 0.2, Order.FIRE, 3, 77)  # the right one is too late now
    assert it.fired == 0


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(
    st.tuples(st.just('bytes'), st.integers(0, 0x7FF), st.binary(min_size=8, max_size=8)),
    st.tuples(st.just('order'), st.sampled_from([Order.SAFE, Order.ARM, Order.FIRE]), st.integers(0, 100)),
    st.tuples(st.just('wait'), st.floats(0, 10), st.none())), max_size=30))
def test_only_arming_and_then_the_right_token_in_time_fires(steps):
    it, time, armed = device(), 0.0, None
    for kind, a, b in steps:
        if kind == 'wait':
            time += a
            it.step(time)
            continue
        frame = Frame(a, b) if kind == 'bytes' else encode_command(Command(a, 1, b))
        was = it.state is Device.ARMED and armed is not None and time - armed < ARMED_S
        token = it._token
        fired = it.hear(frame, time)
        if fired:
            assert was
            assert decode(frame) == Command(Order.FIRE, decode(frame).sequence, token)
        if it.state is Device.ARMED and not was:
            armed = time
