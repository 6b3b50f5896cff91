"""A rigid lander over the round rotating Moon, to close the loop around guidance in the tests."""

import importlib.util
import math
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from lander_common import constants, moon
from lander_common.rotations import (
    align_z,
    conjugate,
    cross,
    from_rotation_vector,
    multiply,
    normalise,
    rotate,
)
from lander_common.samples import ContactSample, GroundBelief, Navigation
from lander_common.site import load_site
from lander_common.vehicle import load_vehicle
from lander_guidance.guidance import Guidance
from lander_guidance.parameters import GuidanceParameters
from lander_guidance.propulsion import engines, flow, rcs_flow
from lander_guidance.report import Phase

CONFIG = Path(__file__).resolve().parents[3] / 'config'
VALVE = 0.05  # [s] time constant of the engines
Z = np.array([0.0, 0.0, 1.0])


# Not cached on disk: the benchmark imports this file under another name.
@numba.njit(error_model='numpy')
def advance(r, v, q, w, dt, force, torque, mass, inertia, inverse):
    """Integrate one step: position and velocity by the midpoint rule, attitude by the mean rate."""
    w_new = w + dt * (inverse @ (torque - cross(w, inertia @ w)))
    q_new = normalise(multiply(q, from_rotation_vector(0.5 * dt * (w + w_new))))
    axis = np.array([0.0, 0.0, 1.0])
    push = (0.5 * force / mass) * (rotate(q, axis) + rotate(q_new, axis))
    middle = v + 0.5 * dt * (moon.free_fall(r, v) + push)
    v_new = v + dt * (moon.free_fall(r + 0.5 * dt * v, middle) + push)
    return r + 0.5 * dt * (v + v_new), v_new, q_new, w_new


class Flight:
    """Flies guidance with ideal actuators and navigation, or with the errors given to it."""

    def __init__(self, world, position, velocity, *, dt=0.1, thrust_scale=1.0, mass_error=0.0, offset=None,
                 velocity_offset=None, belief=None, ground=None, parameters=None, propellant=None,
                 thrust=None):
        """Start at `position`, `velocity` (moon), thrust axis against the velocity.

        `belief(time, altitude, terrain)` gives what guidance is told of the ground, None for nothing;
        `ground(position)` its true height; the offsets (map) are errors of navigation;
        `thrust(commanded, flight)` is what the engines give [N].
        """
        self.vehicle, self.site = world.vehicle, world.site
        self.guidance = Guidance(parameters or GuidanceParameters(), world.vehicle, world.site)
        self.engines = engines(GuidanceParameters(), world.vehicle)
        self.position, self.velocity, self.rate = position, velocity, np.zeros(3)
        self.attitude = align_z(-velocity, cross(cross(position, velocity), -velocity))
        self.propellant = (propellant or world.vehicle.mass.propellant_kg) + mass_error
        self.guidance.record['propellant'] = self.propellant - mass_error
        self.dt, self.thrust_scale, self.belief = dt, thrust_scale, belief
        self.thrust = thrust or (lambda commanded, flight: commanded)
        self.ground = ground or (lambda position: world.site.ground_height_m)
        self.offset = np.zeros(3) if offset is None else offset
        self.velocity_offset = np.zeros(3) if velocity_offset is None else velocity_offset
        self.time = self.force = 0.0
        self.touchdown = None
        self.phases, self.log = [], []

    @property
    def altitude(self):
        return moon.height(self.position) - self.ground(self.position)

    @property
    def navigation(self):
        velocity = self.velocity + self.site.rotation @ self.velocity_offset
        return Navigation(self.time, self.site.to_map(self.position) + self.offset,
                          multiply(conjugate(self.site.quaternion), self.attitude),
                          rotate(conjugate(self.attitude), velocity), self.rate.copy())

    def run(self, until=12e3, watch=None):
        """Fly until landed, crashed below ground or `until` [s]; return the touchdown, None without."""
        while self.time < until and self.guidance.status().phase != Phase.LANDED and self.altitude > -500.0:
            self.step()
            if watch is not None:
                watch(self)
        return self.touchdown

    def step(self):
        navigation, altitude = self.navigation, self.altitude
        if self.belief is not None:
            # The estimator knows the ground relative to where it believes to be.
            terrain = moon.height(self.site.to_moon(navigation.position_map)) - altitude
            self.guidance.set_ground(self.belief(self.time, altitude, terrain))
        wrench = self.guidance.step(navigation)
        status = self.guidance.status()
        if not self.phases or self.phases[-1] != status.phase:
            self.phases.append(status.phase)
        self.log.append((status, wrench))
        powered = wrench.force[2] > 0.0 or altitude < 10e3
        self._move(self.dt if powered else 1.0, float(wrench.force[2]), wrench.torque)
        if self.touchdown is None and self.altitude <= -self.vehicle.legs.foot_z_m:
            self.touchdown = self._touch()
            self.guidance.set_contact(ContactSample(self.time, (True, True, False, False)))

    def _move(self, dt, commanded, torque):
        thrust = self.thrust(commanded, self) * self.thrust_scale if self.propellant > 0.0 else 0.0
        self.force += (thrust - self.force) * min(dt / VALVE, 1.0)
        if self.touchdown is None:
            inertia = self.vehicle.inertia(max(self.propellant, 0.0))
            self.position, self.velocity, self.attitude, self.rate = advance(
                self.position, self.velocity, self.attitude, self.rate, dt, self.force, torque,
                self.vehicle.mass.dry_kg + self.propellant, inertia, np.linalg.inv(inertia))
        else:
            self.velocity, self.rate = np.zeros(3), np.zeros(3)
        used = dt * (flow(self.engines, commanded) + rcs_flow(self.engines, torque))
        self.propellant = max(self.propellant - used, 0.0)
        self.time = round((self.time + dt) * 1e9) * 1e-9  # as the stamps of messages

    def _touch(self):
        up = self.position / np.linalg.norm(self.position)
        sink = -float(self.velocity @ up)
        target = self.site.rotation[:, 2]
        away = math.atan2(np.linalg.norm(np.cross(target, up)), target @ up)
        return {'sink': sink, 'across': float(np.linalg.norm(self.velocity + sink * up)),
                'tilt': math.degrees(math.acos(min(rotate(self.attitude, Z) @ up, 1.0))),
                'rate': math.degrees(np.linalg.norm(self.rate)), 'distance': constants.MOON_RADIUS * away,
                'propellant': self.propellant}


class World:
    """The vehicle, the site, and states to start from."""

    def __init__(self):
        self.vehicle = load_vehicle(CONFIG / 'vehicles/resilience.yaml')
        self.site = load_site(CONFIG / 'sites/mare_frigoris.yaml')

    def orbit(self, before_deg=215.0, height=100e3, perilune=None, across=0.0):
        """Return a state on an orbit so far before the site; with `perilune` [m] it is there now."""
        heading = math.radians(self.site.approach_heading_deg)
        ahead = self.site.rotation @ np.array([math.sin(heading), math.cos(heading), 0.0])
        up, angle = self.site.rotation[:, 2], math.radians(before_deg)
        high = constants.MOON_RADIUS + height
        radius = high if perilune is None else constants.MOON_RADIUS + perilune
        speed = math.sqrt(constants.MOON_GM * 2.0 * high / (radius * (radius + high)))
        position = radius * (math.cos(angle) * up - math.sin(angle) * ahead) + across * np.cross(up, ahead)
        velocity = speed * (math.sin(angle) * up + math.cos(angle) * ahead)
        return position, velocity - np.cross([0.0, 0.0, constants.MOON_RATE], position)

    def perilune(self, before_deg=21.0, across=0.0):
        """Return a state at the perilune of the transfer, shortly before braking has to begin."""
        return self.orbit(before_deg, perilune=18e3 + self.site.ground_height_m, across=across)

    def gate(self):
        """Return a state at the end of braking."""
        p = GuidanceParameters()
        return self.above(p.gate_height_m, p.gate_sink_m_s, p.gate_forward_m_s, p.gate_range_m)

    def above(self, height, sink, forward=0.0, before=0.0):
        """Return a state `height` above the ground of the site, `before` m before it."""
        position = self.site.to_moon(np.array([0.0, -before, self.site.ground_height_m + height]))
        up = position / np.linalg.norm(position)
        ahead = self.site.rotation[:, 1] - (self.site.rotation[:, 1] @ up) * up
        return position, forward * ahead / np.linalg.norm(ahead) - sink * up

    def flight(self, state, **options):
        return Flight(self, *state, **options)


def seen_below(height, wrong=0.0, margin=300.0):
    """Return a belief that is `wrong` m too high until the range finder sees the ground at `height`."""
    def belief(time, altitude, terrain):
        if altitude > height:
            seen = altitude + wrong
            return GroundBelief(time, terrain - wrong, seen, seen - margin, seen + margin)
        spread = 2.0 + 0.01 * altitude
        return GroundBelief(time, terrain, altitude, altitude - spread, altitude + spread)
    return belief


@pytest.fixture(scope='session')
def world():
    return World()


@pytest.fixture(scope='session')
def believe():
    return seen_below


@pytest.fixture(scope='session')
def optimum():
    """Return propellant [kg] of the shortest burn to the gate and of the law that is flown."""
    spec = importlib.util.spec_from_file_location(
        'reference_optimum', Path(__file__).with_name('reference_optimum.py'))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.compare()
