"""Guidance with samples that make no sense."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lander_common.samples import ContactSample, GroundBelief, Navigation
from lander_guidance.guidance import Guidance
from lander_guidance.parameters import GuidanceParameters
from lander_guidance.report import Phase


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32 - 1))
def test_wrench_is_always_finite_and_within_limits(world, seed):
    rng = np.random.default_rng(seed)
    guidance, time = Guidance(GuidanceParameters(), world.vehicle, world.site), 0.0
    limit = guidance.record['engines']['torque_limit'][0]
    for _ in range(25):
        q = rng.normal(size=4)
        if rng.random() < 0.3:
            guidance.set_ground(GroundBelief(time, *rng.normal(0.0, 3e3, 4)))
        wrench = guidance.step(Navigation(
            time, rng.normal(0.0, 10.0 ** rng.uniform(0.0, 6.5), 3), q / np.linalg.norm(q),
            rng.normal(0.0, 10.0 ** rng.uniform(-1.0, 3.3), 3),
            rng.normal(0.0, 10.0 ** rng.uniform(-3.0, 1.0), 3)))
        assert 0.0 <= wrench.force[2] <= 0.95 * 1710.0 + 1e-9
        assert (np.abs(wrench.torque) <= limit + 1e-9).all()
        time += 10.0 ** rng.uniform(-2.0, 0.5)


@pytest.mark.parametrize('field', ['position_map', 'velocity_body', 'q_map_body', 'angular_velocity'])
def test_holds_thrust_over_a_sample_that_is_no_number(world, field):
    flight = world.flight(world.gate(), propellant=65.0)
    for _ in range(20):
        flight.step()
    before = flight.guidance.step(flight.navigation)
    bad = flight.navigation
    values = {name: getattr(bad, name) for name in
              ('position_map', 'q_map_body', 'velocity_body', 'angular_velocity')}
    values[field] = values[field] * np.nan
    wrench = flight.guidance.step(Navigation(flight.time + 0.01, **values))
    assert (wrench.force == before.force).all()
    assert (wrench.torque == 0.0).all()
    assert not flight.guidance.status().healthy
    flight.step()
    assert flight.guidance.status().healthy


def test_belief_that_is_no_number_changes_nothing(world):
    def fly(belief):
        flight = world.flight(world.gate(), propellant=65.0)
        for _ in range(100):
            if belief is not None:
                flight.guidance.set_ground(belief)
            flight.step()
        return flight.position

    assert (fly(GroundBelief(0.0, np.nan, np.nan, np.nan, np.nan)) == fly(None)).all()


@pytest.mark.parametrize(('state', 'feet', 'stops'), [
    ('high', (True, False, False, False), False),  # one stuck switch is no landing
    ('high', (True, False, True, False), True),
    ('low', (False, False, True, False), True),
])
def test_contact_switches(world, believe, state, feet, stops):
    height = {'high': 1000.0, 'low': 15.0}[state]
    flight = world.flight(world.above(height, 3.0), belief=believe(2500.0), propellant=60.0)
    flight.attitude = np.array(world.site.quaternion)
    for _ in range(50):
        flight.step()
    flight.guidance.set_contact(ContactSample(flight.time, feet))
    for _ in range(3):
        flight.step()
    assert (flight.guidance.status().phase == Phase.TOUCHDOWN) is stops
    assert bool(flight.log[-1][1].force[2] == 0.0) is stops


def test_a_contact_counts_only_when_old_enough(world, believe):
    flight = world.flight(world.above(15.0, 1.5), belief=believe(2500.0), propellant=60.0, dt=0.01)
    flight.attitude = np.array(world.site.quaternion)
    for _ in range(100):
        flight.step()
    flight.guidance.set_contact(ContactSample(flight.time, (True, False, False, False)))
    phases = []
    for _ in range(3):
        flight.step()
        phases.append(flight.guidance.status().phase)
    assert phases == [Phase.TERMINAL, Phase.TERMINAL, Phase.TOUCHDOWN]
