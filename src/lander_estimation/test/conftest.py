"""A small independent world: a lander integrated in the inertial frame, and noisy sensors on it."""

import functools
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from lander_common import moon, rotations
from lander_common.constants import MOON_RADIUS, MOON_RATE
from lander_common.samples import AttitudeFix, ImuSample, RangeSample, StateVector, VelocitySample
from lander_common.site import load_site
from lander_common.vehicle import load_vehicle
from lander_estimation.filter import NavigationFilter
from lander_estimation.model import new_record
from lander_estimation.parameters import EstimatorParameters
from lander_estimation.terrain import prior_variance, terrain_rates

CONFIG = Path(__file__).resolve().parents[3] / 'config'
SITE = load_site(CONFIG / 'sites/mare_frigoris.yaml')
VEHICLE = load_vehicle(CONFIG / 'vehicles/resilience.yaml')
PARAMETERS = EstimatorParameters(horizon_s=0.3)  # sensors here are fast, and tests short
Z = np.array([0.0, 0.0, 1.0])


class Truth:
    """A descent towards the site, flown with constant rate and specific force in each step."""

    def __init__(self, height, speed, sink, thrust, distance, duration, dt=0.01, upright=0.6):
        """Start `distance` m south of the site; brake with `thrust` m/s^2, tilted to hold the sink rate."""
        position = SITE.to_moon(np.array([0.0, -distance, 0.0]))
        up = position / rotations.norm(position)
        position = (MOON_RADIUS + height) * up
        north = rotations.cross(up, SITE.rotation[:, 0])
        velocity = speed * north / rotations.norm(north) - sink * up
        p, v = position, velocity + MOON_RATE * rotations.cross(Z, position)
        q = None
        self.dt, self.time, self.imu = dt, [0.0], []
        self.position, self.velocity, self.attitude = [], [], []
        for k in range(round(duration / dt) + 1):
            turn = rotations.from_rotation_vector(-MOON_RATE * k * dt * Z)
            p_moon = rotations.rotate(turn, p)
            v_moon = rotations.rotate(turn, v) - MOON_RATE * rotations.cross(Z, p_moon)
            aim = _steer(p_moon, v_moon, sink, upright)
            q_next = rotations.multiply(rotations.conjugate(turn), aim)
            q = q_next if q is None else q
            step = rotations.to_rotation_vector(rotations.multiply(rotations.conjugate(q), q_next))
            step *= min(1.0, 0.2 * dt / max(rotations.norm(step), 1e-12))
            self.position.append(p_moon)
            self.velocity.append(v_moon)
            self.attitude.append(rotations.multiply(turn, q))
            rate, force = step / dt, thrust * Z
            p, v, q = _integrate(p, v, q, rate, force, dt)
            self.imu.append((rate, force))
            self.time.append((k + 1) * dt)

    def terrain(self, rng, drawn=True):
        """Return one terrain height [m] per step, drawn from the filter's own law.

        That is drawn to the height of the site only while nothing is measured.
        """
        first, decays, steps = self.terrain_law
        h = rng.normal() * first
        heights = [SITE.ground_height_m + h]
        for decay, step, draw in zip(decays, steps, rng.normal(size=len(steps))):
            h = (decay if drawn else 1.0) * h + step * draw
            heights.append(SITE.ground_height_m + h)
        return heights

    @functools.cached_property
    def terrain_law(self):
        """Sigma of the first terrain height [m], then decay and sigma of each step."""
        model = new_record(PARAMETERS, VEHICLE, SITE)[0]['model']
        rates = []
        beam = VEHICLE.rangefinder.axis
        for p, v, q, (rate, _) in zip(self.position[1:], self.velocity[1:], self.attitude[1:], self.imu):
            pull, walk = terrain_rates(tuple(p), tuple(v), 0.0, model)
            height = rotations.norm(p) - MOON_RADIUS - SITE.ground_height_m
            cosine = max(PARAMETERS.range_min_cosine, -rotations.rotate(q, beam) @ p / rotations.norm(p))
            swept = rotations.norm(rate) * height / cosine**2
            rates.append((pull, walk + model['slope_variance'] * swept))
        pull, walk = np.array(rates).T
        first = np.sqrt(prior_variance(tuple(self.position[0]), model))
        return first, (1.0 - pull * self.dt).tolist(), np.sqrt(walk * self.dt).tolist()


def _steer(p, v, sink, upright):
    up = p / rotations.norm(p)
    vertical = v @ up
    back = -(v - vertical * up)
    aim = back / max(rotations.norm(back), 1.0) + (upright + (-sink - vertical) / 10.0) * up
    return rotations.align_z(aim, SITE.rotation[:, 0].copy())


def _integrate(p, v, q, rate, force, dt):
    def turned(fraction):
        return rotations.multiply(q, rotations.from_rotation_vector(rate * dt * fraction))

    def acceleration(at, fraction):
        return moon.gravity(at) + rotations.rotate(turned(fraction), force)

    k1 = acceleration(p, 0.0)
    k2 = acceleration(p + 0.5 * dt * v, 0.5)
    k3 = acceleration(p + 0.5 * dt * v + 0.25 * dt * dt * k1, 0.5)
    k4 = acceleration(p + dt * v + 0.5 * dt * dt * k2, 1.0)
    return p + dt * v + dt * dt / 6 * (k1 + k2 + k3), v + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4), turned(1.0)


class Sensors:
    """Noisy sensors on a Truth, seeded; every measurement with the step at which it is delivered."""

    position_sigma, velocity_sigma, attitude_sigma = 100.0, 0.5, 5e-4
    range_sigma, star_sigma, doppler_sigma = 0.2, 5e-5, 0.05

    def __init__(self, truth, seed, doppler=True, terrain=None):
        """Draw all noise now, so that every use sees the same."""
        print(f'seed {seed}')
        self.truth, self.rng = truth, np.random.default_rng(seed)
        self.terrain = truth.terrain(self.rng) if terrain is None else terrain
        p, n = PARAMETERS, self.rng.normal
        bias_f, bias_w = n(size=3) * p.accelerometer_bias_sigma, n(size=3) * p.gyro_bias_sigma
        root = np.sqrt(truth.dt)
        self.imu = [ImuSample(truth.time[k], truth.imu[k - 1][0] + bias_w + n(size=3) * p.gyro_noise / root,
                              truth.imu[k - 1][1] + bias_f + n(size=3) * p.accelerometer_noise / root)
                    for k in range(1, len(truth.position))]
        self.ranges = [self.range_at(k) for k in range(20, len(truth.position), 20)]
        self.fixes = [self.fix_at(k) for k in range(5, len(truth.position), 20)]
        self.velocities = [self.velocity_at(k) for k in range(3, len(truth.position), 10)] if doppler else []

    def state_vector(self):
        n, eye = self.rng.normal, np.eye(3)
        q = rotations.multiply(rotations.from_rotation_vector(n(size=3) * self.attitude_sigma),
                               self.truth.attitude[0])
        q_map_body = rotations.multiply(rotations.conjugate(SITE.quaternion), q)
        position = SITE.to_map(self.truth.position[0]) + n(size=3) * self.position_sigma
        velocity = SITE.rotation.T @ self.truth.velocity[0] + n(size=3) * self.velocity_sigma
        return StateVector(
            0.0, position, rotations.rotate(rotations.conjugate(q_map_body), velocity),
            q_map_body, eye * self.position_sigma**2,
            eye * self.velocity_sigma**2, self.attitude_sigma**2)

    def range_at(self, k):
        t = self.truth
        mount = rotations.rotate(t.attitude[k], np.array(VEHICLE.rangefinder.position_m)) + t.position[k]
        beam = rotations.rotate(t.attitude[k], VEHICLE.rangefinder.axis)
        b, c = mount @ beam, mount @ mount - (MOON_RADIUS + self.terrain[k])**2
        distance = -b - np.sqrt(b * b - c) if b < 0 and b * b > c else np.nan
        roughness = PARAMETERS.range_sigma_floor_m
        distance += np.hypot(self.range_sigma, roughness) * self.rng.normal()
        validity = RangeSample.VALID if np.isfinite(distance) else RangeSample.NO_RETURN
        return RangeSample(t.time[k], t.time[k], validity, '', distance, self.range_sigma**2, 1.0)

    def fix_at(self, k):
        turn = rotations.from_rotation_vector(self.rng.normal(size=3) * self.star_sigma)
        q = rotations.multiply(self.truth.attitude[k], turn)
        return AttitudeFix(self.truth.time[k], True, '', q, np.full(3, self.star_sigma**2))

    def velocity_at(self, k):
        v = rotations.rotate(rotations.conjugate(self.truth.attitude[k]), self.truth.velocity[k])
        return VelocitySample(self.truth.time[k], v + self.rng.normal(size=3) * self.doppler_sigma,
                              np.full(3, self.doppler_sigma**2))

    def deliveries(self, latency=0.1):
        """Return (time of arrival, name of the adder, sample) in order of arrival."""
        events = [(s.time + latency, 'add_range', s) for s in self.ranges]
        events += [(s.time + 0.5 * latency, 'add_attitude', s) for s in self.fixes]
        events += [(s.time + 0.3 * latency, 'add_velocity', s) for s in self.velocities]
        return sorted(events, key=lambda e: e[0])


def fly(sensors, deliveries=None, parameters=PARAMETERS, watch=None):
    """Fly a filter through all samples; call watch(k, filter, navigation) after each step."""
    flown = NavigationFilter(parameters, VEHICLE, SITE)
    flown.initialise(sensors.state_vector())
    events = sensors.deliveries() if deliveries is None else deliveries
    i = 0
    for k, imu in enumerate(sensors.imu, start=1):
        while i < len(events) and events[i][0] <= imu.time + 1e-9:
            getattr(flown, events[i][1])(events[i][2])
            i += 1
        navigation = flown.step(imu)
        if watch:
            watch(k, flown, navigation)
    return flown


def _load(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f'{name}.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope='session')
def world():
    """Hand the helpers of this file to the tests."""
    class World:
        simulated = _load('simulated')
        truth, sensors, fly = Truth, Sensors, staticmethod(fly)
        site, vehicle, parameters = SITE, VEHICLE, PARAMETERS
    return World


@pytest.fixture(scope='session')
def approach():
    """Return 60 s of approach: 4 km up, 100 m/s over the ground, sinking with 30 m/s."""
    return Truth(height=2000.0, speed=100.0, sink=30.0, thrust=2.0, distance=3000.0, duration=60.0)
