"""The deployment without ROS: every refusal, every time limit, and any sequence of events."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_rover.deployment import Commands, Deployment, Rover, Stage
from lander_rover.interlocks import Code, Lander
from lander_rover.parameters import RoverParameters

P = RoverParameters()
STILL = Lander(time=0.0, landed=True, speed_m_s=0.01, rate_rad_s=0.001, tilt_rad=0.02, battery=0.8)
DT = 0.1


class World:
    """A lander at rest and a rover that does what it is told; `broken` parts do nothing."""

    def __init__(self, broken='', distance=0.0):
        self.broken, self.time = broken, 100.0
        self.lander = STILL
        self.rover = Rover()
        self.released = self.image_asked = False
        self.x = 0.0
        self.speeds = []
        self.deployment = Deployment(P, self.time, distance)

    def step(self, **changes):
        self.time += DT
        self.lander = replace(self.lander, time=self.time, **changes)
        if self.released and self.broken != 'release':
            self.rover = replace(self.rover, odometry_time=self.time, position=(self.x, 0.0, 0.0))
        if self.image_asked and self.broken != 'camera':
            self.rover = replace(self.rover, image_time=self.time)
        command = self.deployment.step(self.time, self.lander, self.rover)
        self.released |= command.release
        self.image_asked |= command.take_image
        if self.broken != 'wheels':
            self.x += command.speed_m_s * DT
        self.speeds.append(command.speed_m_s)

    def run(self, seconds=1000.0):
        for _ in range(round(seconds / DT)):
            if self.deployment.outcome:
                return self.deployment.outcome
            self.step()
        raise AssertionError(f'still {self.deployment.detail} after {seconds} s')


def test_a_release_device_that_refuses_ends_the_deployment_with_its_words():
    world = World(broken='release')
    while world.deployment.stage is not Stage.RELEASE:
        world.rover = replace(world.rover, release_time=world.time, release_refused='of the last deployment')
        world.step()
    world.rover = replace(world.rover, release_time=world.time - DT)
    for _ in range(5):
        world.step()
    assert world.deployment.outcome is None  # that was before this release
    world.rover = replace(world.rover, release_time=world.time, release_refused='the release is inhibited')
    outcome = world.run(1.0)
    assert (outcome.code, outcome.message) == (Code.RELEASE_FAILED, 'the release is inhibited')


def test_success_drives_the_distance_and_stops():
    world = World(distance=1.0)
    outcome = world.run()
    assert outcome.success
    assert world.deployment.stage is Stage.DONE and world.deployment.progress == 1.0
    assert world.deployment.distance_m == pytest.approx(1.0, abs=P.drive_speed_m_s * DT + 1e-9)
    assert world.speeds[-1] == 0.0 and max(world.speeds) == P.drive_speed_m_s
    assert 'image' in outcome.message


def test_default_distance_is_the_parameter():
    world = World()
    world.run()
    assert world.deployment.distance_m >= P.drive_distance_m


@pytest.mark.parametrize('distance', [-1.0, math.nan, math.inf])
def test_bad_distance_is_refused(distance):
    with pytest.raises(ValueError, match='drive distance'):
        Deployment(P, 0.0, distance)


@pytest.mark.parametrize(('change', 'code', 'word'), [
    ({'landed': False}, Code.NOT_LANDED, 'LANDED'),
    ({'tilt_rad': math.radians(P.max_tilt_deg + 0.1)}, Code.TILT, '15.1 deg'),
    ({'tilt_rad': math.nan}, Code.TILT, 'nan'),
    ({'battery': None}, Code.POWER, 'battery'),
    ({'battery': P.min_battery - 0.05}, Code.POWER, '15%'),
    ({'battery': math.nan}, Code.POWER, 'nan'),
])
def test_refused_at_once(change, code, word):
    world = World()
    world.step(**change)
    assert world.deployment.outcome.code is code and word in world.deployment.outcome.message
    assert not world.released


@pytest.mark.parametrize('change', [{'speed_m_s': P.max_speed_m_s * 1.01}, {'speed_m_s': math.nan},
                                    {'rate_rad_s': math.radians(P.max_rate_deg_s * 1.01)},
                                    {'rate_rad_s': math.nan}])
def test_moving_lander_is_waited_for_then_refused(change):
    world = World()
    world.lander = replace(world.lander, **change)
    outcome = world.run()
    assert outcome.code is Code.MOVING and not world.released
    assert world.time - 100.0 == pytest.approx(P.check_timeout_s, abs=2 * DT)


def test_release_waits_until_the_lander_has_been_still_long_enough():
    world = World()
    for _ in range(30):
        world.step(speed_m_s=1.0)
    rest = world.time
    world.lander = replace(world.lander, speed_m_s=0.0)
    while not world.released:
        world.step()
    assert world.time - rest == pytest.approx(P.still_time_s, abs=2 * DT)


def test_old_navigation_refuses():
    world = World()
    world.deployment.step(world.time, replace(STILL, time=world.time - P.navigation_timeout_s - 0.1), Rover())
    assert world.deployment.outcome.code is Code.NOT_LANDED


def test_assumed_power():
    parameters = RoverParameters(assume_power=True)
    deployment = Deployment(parameters, 0.0)
    deployment.step(0.0, replace(STILL, battery=None), Rover())
    assert deployment.outcome is None


@pytest.mark.parametrize(('broken', 'code', 'stage'), [
    ('release', Code.RELEASE_FAILED, Stage.RELEASE), ('wheels', Code.DRIVE_FAILED, Stage.DRIVE),
    ('camera', Code.NO_IMAGE, Stage.IMAGE)])
def test_broken_part_ends_in_its_time_limit(broken, code, stage):
    world = World(broken)
    outcome = world.run()
    assert outcome.code is code and world.deployment.stage is stage and world.speeds[-1] == 0.0


def test_silent_odometry_stops_the_drive():
    world = World()
    while world.deployment.stage is not Stage.DRIVE:
        world.step()
    world.broken = 'release'
    outcome = world.run(P.odometry_timeout_s + 1.0)
    assert outcome.code is Code.DRIVE_FAILED and 'silent' in outcome.message and world.speeds[-1] == 0.0


def test_lander_that_moves_during_the_release_stops_it():
    world = World('release')
    while world.deployment.stage is not Stage.RELEASE:
        world.step()
    world.step(speed_m_s=1.0)
    assert world.deployment.outcome.code is Code.MOVING


@pytest.mark.parametrize('stage', [Stage.CHECK, Stage.RELEASE, Stage.DRIVE, Stage.IMAGE])
def test_cancel_at_any_stage_stops_the_rover(stage):
    world = World('camera' if stage is Stage.IMAGE else '')
    world.step()
    while world.deployment.stage is not stage:
        world.step()
    assert world.deployment.cancel() == Commands()
    assert world.deployment.outcome.code is Code.CANCELLED
    world.step()
    assert world.speeds[-1] == 0.0


event = st.fixed_dictionaries({}, optional={
    'landed': st.booleans(), 'speed_m_s': st.floats(0, 1) | st.just(math.nan),
    'tilt_rad': st.floats(0, 0.5), 'battery': st.none() | st.floats(0, 1), 'rate_rad_s': st.floats(0, 0.1)})


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(event, st.integers(1, 100)), max_size=12), st.integers(0, 2000),
       st.sampled_from(['', 'release', 'wheels', 'camera']))
def test_any_sequence_keeps_the_rules(events, cancel_at, broken):
    world = World(broken, distance=0.5)
    steps, last = 0, Stage.CHECK
    for change, count in [*events, ({'landed': True, 'speed_m_s': 0.0, 'tilt_rad': 0.0, 'battery': 1.0,
                                     'rate_rad_s': 0.0}, 4000)]:
        for _ in range(count):
            before = world.deployment.outcome
            world.step(**change)
            steps += 1
            if steps == cancel_at:
                world.deployment.cancel()
            stage, outcome = world.deployment.stage, world.deployment.outcome
            assert stage >= last, 'stages never go back'
            last = stage
            assert before is None or outcome is before, 'an outcome is final'
            if world.speeds[-1]:
                assert outcome is None or steps == cancel_at
                assert stage is Stage.DRIVE and world.released
            if outcome and outcome.success:
                assert world.image_asked and world.deployment.distance_m >= 0.5
    assert world.deployment.outcome is not None, 'every deployment ends'
