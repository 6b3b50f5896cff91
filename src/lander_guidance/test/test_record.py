"""The record holds everything: class and compiled loop can take turns on it, with the same bits."""

import numba
import numpy as np

from lander_common.samples import ContactSample
from lander_guidance import step
from lander_guidance.guidance import Guidance
from lander_guidance.parameters import GuidanceParameters


@numba.njit(error_model='numpy')
def fly(array, times, samples, grounds):
    for i in range(times.size):
        if i % 5 == 0:
            step.set_ground(array[0], grounds[i])
        s = samples[i]
        step.step(array[0], times[i], s[:3], s[3:7], s[7:10], s[10:])


def recorded(world, believe):
    """Return the samples of a descent from the last of coast to the ground."""
    navigations, grounds = [], []
    see = believe(2500.0)

    def belief(time, altitude, terrain):
        navigations.append(flight.navigation)
        grounds.append(see(time, altitude, terrain))
        return grounds[-1] if len(grounds) % 5 == 1 else grounds[-1 - (len(grounds) - 1) % 5]

    flight = world.flight(world.perilune(20.5), belief=belief)
    while flight.touchdown is None:
        flight.step()
    return navigations, grounds


def test_class_and_loop_take_turns_with_the_same_bits(world, believe):
    navigations, grounds = recorded(world, believe)
    times = np.array([n.time for n in navigations])
    samples = np.array([[*n.position_map, *n.q_map_body, *n.velocity_body, *n.angular_velocity]
                        for n in navigations])
    beliefs = np.array([(g.time, g.terrain_height_m, g.altitude_m, g.altitude_lower_m, g.altitude_upper_m)
                        for g in grounds])

    def make():
        return Guidance(GuidanceParameters(), world.vehicle, world.site)

    one, other = make(), make()
    for i, navigation in enumerate(navigations):
        if i % 5 == 0:
            one.set_ground(grounds[i])
        one.step(navigation)
    for begin in range(0, len(times), 500):
        part = slice(begin, begin + 500)
        if begin % 1000:
            fly(other.record, times[part], samples[part], beliefs[part])
            continue
        # Another object takes the record over.
        fresh = make()
        fresh.record[:] = other.record
        other = fresh
        for i in range(begin, min(begin + 500, len(times))):
            if i % 5 == 0:
                other.set_ground(grounds[i])
            other.step(navigations[i])
    assert len(times) > 5000
    assert one.record.tobytes() == other.record.tobytes()
    assert one.status() == other.status()


def test_a_sample_may_be_anything_that_numbers_can_be_read_from(world):
    flight = world.flight(world.gate(), propellant=65.0)
    navigation = flight.navigation
    plain = Guidance(GuidanceParameters(), world.vehicle, world.site).step(navigation)
    position = navigation.position_map.copy()
    position.setflags(write=False)
    strange = type(navigation)(navigation.time, position, list(navigation.q_map_body),
                               navigation.velocity_body[::-1][::-1], tuple(navigation.angular_velocity))
    guidance = Guidance(GuidanceParameters(), world.vehicle, world.site)
    guidance.set_contact(ContactSample(0.0, (False, True)))
    wrench = guidance.step(strange)
    assert (wrench.force == plain.force).all()
    assert (wrench.torque == plain.torque).all()
