"""The sensors of the simulator on a synthetic flight, and faults, for tests; see conftest for the flight."""

from dataclasses import dataclass, field

import numpy as np

from lander_common import rotations
from lander_common.constants import MOON_RADIUS
from lander_common.samples import RangeSample, StateVector
from lander_sim.sensors.ground_velocity import GroundVelocity, GroundVelocityParameters
from lander_sim.sensors.imu import Imu, ImuParameters
from lander_sim.sensors.laser import LaserModel, LaserParameters
from lander_sim.sensors.star_tracker import StarTracker, StarTrackerParameters

Z = np.array([0.0, 0.0, 1.0])


class SimulatedSensors:
    """What the sensors of the simulator say on a Truth, as conftest.Sensors does."""

    position_sigma, velocity_sigma, attitude_sigma, range_sigma = 100.0, 0.5, 5e-4, 0.2

    def __init__(self, world, truth, seed, kind='doppler', terrain=None, range_rate=5, fault=None):
        """Sample the whole flight. `fault(k, sensors)` is called before step k with the live sensors."""
        self.world, self.truth, self.rng = world, truth, np.random.default_rng(seed)
        streams = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(4)]
        self.live = {
            'imu': Imu(ImuParameters(), streams[0]),
            'star_tracker': StarTracker(StarTrackerParameters(), streams[1]),
            'velocity': GroundVelocity(GroundVelocityParameters(kind=kind, max_altitude_m=1e5), streams[2]),
            'range': LaserModel(LaserParameters(rated_range_m=30e3, noise_m=self.range_sigma), streams[3])}
        self.terrain = truth.terrain(self.rng) if terrain is None else terrain
        self.bias = self.rng.normal() * world.parameters.range_bias_sigma_m
        self.imu, self.ranges, self.fixes, self.velocities = [], [], [], []
        every = round(1.0 / (range_rate * truth.dt))
        for k in range(1, len(truth.position)):
            if fault is not None:
                fault(k, self.live)
            self._sample(k, truth, every)

    def _sample(self, k, truth, every):
        time, q = truth.time[k], truth.attitude[k]
        increments = truth.dt * np.array(truth.imu[k - 1])
        self.imu.append(self.live['imu'].sample(time, truth.dt, increments))
        if self.live['star_tracker'].due(time):
            fix = self.live['star_tracker'].sample(time, q, truth.imu[k - 1][0])
            self.fixes += [] if fix is None else [fix]
        if self.live['velocity'].due(time):
            velocity = rotations.rotate(rotations.conjugate(q), truth.velocity[k])
            altitude = rotations.norm(truth.position[k]) - MOON_RADIUS - self.terrain[k]
            sample = self.live['velocity'].sample(time, velocity, altitude, 0.0)
            self.velocities += [] if sample is None else [sample]
        if k % every == 0:
            self.ranges.append(self.range_at(k))

    def range_at(self, k):
        truth, world = self.truth, self.world
        mount = rotations.rotate(truth.attitude[k], np.array(world.vehicle.rangefinder.position_m))
        mount = mount + truth.position[k]
        beam = rotations.rotate(truth.attitude[k], world.vehicle.rangefinder.axis)
        b, c = mount @ beam, mount @ mount - (MOON_RADIUS + self.terrain[k])**2
        distance = -b - np.sqrt(b * b - c) if b < 0 and b * b > c else np.inf
        distance += self.bias + world.parameters.range_sigma_floor_m * self.rng.normal()
        echo = self.live['range'].fire(truth.time[k], distance, 1.0)
        validity = RangeSample.VALID if echo.detected else RangeSample.NO_RETURN
        return RangeSample(echo.time, echo.time, validity, '', echo.range_m, self.range_sigma**2, 1.0)

    def state_vector(self):
        n, eye, truth, site = self.rng.normal, np.eye(3), self.truth, self.world.site
        q = rotations.multiply(rotations.from_rotation_vector(n(size=3) * self.attitude_sigma),
                               truth.attitude[0])
        q_map_body = rotations.multiply(rotations.conjugate(site.quaternion), q)
        position = site.to_map(truth.position[0]) + n(size=3) * self.position_sigma
        velocity = site.rotation.T @ truth.velocity[0] + n(size=3) * self.velocity_sigma
        velocity_body = rotations.rotate(rotations.conjugate(q_map_body), velocity)
        return StateVector(0.0, position, velocity_body, q_map_body, eye * self.position_sigma**2,
                           eye * self.velocity_sigma**2, self.attitude_sigma**2)

    def deliveries(self, latency=0.1):
        """Return (time of arrival, name of the adder, sample) in order of arrival."""
        events = [(s.time + latency, 'add_range', s) for s in self.ranges]
        events += [(s.time + 0.5 * latency, 'add_attitude', s) for s in self.fixes]
        events += [(s.time + 0.3 * latency, 'add_velocity', s) for s in self.velocities]
        return sorted(events, key=lambda e: e[0])


def errors(world, sensors, k, flown, navigation):
    """Return error and covariance of position (map), velocity (body), attitude (map) and altitude."""
    truth = sensors.truth
    q = rotations.multiply(rotations.conjugate(world.site.quaternion), truth.attitude[k])
    to_body = rotations.to_matrix(truth.attitude[k]).T
    turn = rotations.to_rotation_vector(rotations.multiply(navigation.q_map_body, rotations.conjugate(q)))
    r = rotations.norm(truth.position[k])
    altitude = flown.ground().altitude_m - (r - MOON_RADIUS - sensors.terrain[k])
    row = np.array([*(truth.position[k] / r), *np.zeros(12), -1.0, 0.0])
    variance = row @ flown.record[0]['cov_now'] @ row
    return {'position': (navigation.position_map - world.site.to_map(truth.position[k]),
                         navigation.position_covariance),
            'velocity': (navigation.velocity_body - to_body @ truth.velocity[k],
                         navigation.velocity_covariance),
            'attitude': (turn, navigation.attitude_covariance),
            'altitude': (np.array([altitude]), np.array([[variance]]))}


def nees(pairs):
    """Return the squared Mahalanobis distance of each error."""
    return {name: float(e @ np.linalg.solve(c, e)) for name, (e, c) in pairs.items()}


@dataclass
class Fault:
    """One of the faults that have lost landers, with sizes and times drawn from the seed."""

    kind: str
    seed: int
    start: float = 5.0  # [s]
    end: float = 5.0  # [s]
    terrain: float = 0.0  # [m] the ground is higher by that from the start on
    range_faults: dict = field(default_factory=dict)  # of the laser, from start to end
    spike: float = 0.0  # [m] added to one range
    loud: bool = False  # a third of the ranges have ten times the noise
    lag: tuple[float, float] = (0.1, 0.1)  # [s] shortest and longest on the way to the filter

    def __call__(self, k, live):
        """Break or repair the live sensors before step k of 0.01 s."""
        laser = live['range']
        if k == round(100 * self.start):
            for kind, value in self.range_faults.items():
                laser.set_fault(kind, value)
            if self.spike:
                laser.set_fault('spike', self.spike)
        if k == round(100 * self.end):
            for kind in self.range_faults:
                laser.clear_fault(kind)
        if self.loud and self.start <= 0.01 * k < self.end:
            noisy = np.random.default_rng((self.seed, k)).random() < 0.33
            laser.set_fault('noise', 5.0 if noisy else 0.0)
        elif self.loud:
            laser.set_fault('noise', 0.0)


def draw_fault(kind, seed):
    """Return a Fault of a kind F1 to F7."""
    rng = np.random.default_rng((seed, 77))
    start = rng.uniform(4.0, 6.0)
    sign = rng.choice([-1.0, 1.0])
    if kind == 'F1':
        return Fault(kind, seed, start, start, terrain=sign * rng.uniform(200.0, 3000.0))
    if kind == 'F2':
        return Fault(kind, seed, 0.0, rng.uniform(8.0, 10.0), range_faults={'no_return': 0.0})
    if kind == 'F3':
        return Fault(kind, seed, start, 99.0, range_faults={'no_return': 0.0})
    if kind == 'F4':
        return Fault(kind, seed, start, start + 5.0, range_faults={'dropout': 0.3}, loud=True)
    if kind == 'F5':
        return Fault(kind, seed, start, start + 2.0, range_faults={'stuck': rng.choice([0.0, 1234.5])})
    if kind == 'F6':
        return Fault(kind, seed, start, start, spike=sign * rng.uniform(50.0, 500.0))
    return Fault('F7', seed, 0.0, 99.0, lag=(0.0, 0.3))
