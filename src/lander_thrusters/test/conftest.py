from pathlib import Path

import numpy as np
import pytest

from lander_common.samples import ImuSample, Wrench
from lander_common.vehicle import load_vehicle
from lander_sim.dynamics import VehicleDynamics
from lander_sim.initial_state import true_vehicle
from lander_sim.scenario import Uncertainty
from lander_thrusters.allocator import ThrusterAllocator
from lander_thrusters.parameters import AllocatorParameters

CYCLE = 0.01  # [s]
VEHICLE_FILE = Path(__file__).parents[3] / 'config' / 'vehicles' / 'resilience.yaml'


@pytest.fixture(scope='session')
def vehicle():
    return load_vehicle(VEHICLE_FILE)


class ValveBank:
    """Valves as the propulsion hardware has them: driven by commands, they remember every opening."""

    def __init__(self, n):
        self.openings = [[] for _ in range(n)]  # [start, end] per valve
        self.on_time = np.zeros(n)
        self._last = None

    def command(self, command):
        if self._last is not None:
            self._run(self._last, command.time)
        self._last = command

    def finish(self):
        self._run(self._last, float('inf'))

    def _run(self, command, until):
        for i, on in enumerate(command.on_time):
            end = min(command.time + on, until)
            if end - command.time <= 0.0:
                continue
            self.on_time[i] += end - command.time
            runs = self.openings[i]
            if runs and command.time - runs[-1][1] < 2e-6:
                runs[-1][1] = end
            else:
                runs.append([command.time, end])


@pytest.fixture(scope='session')
def valve_bank(vehicle):
    return lambda: ValveBank(len(vehicle.thrusters))


@pytest.fixture
def valves(valve_bank):
    return valve_bank()


class NoGround:
    """Space below."""

    def height_at(self, position_moon):
        return -1e6

    def plane_at(self, position_moon):
        return -1e6, position_moon / np.linalg.norm(position_moon)


class Ride:
    """A closed loop without guidance: simulated vehicle and IMU, and the allocator that looks for faults.

    Flies on `force_z` with torques that stir every jet; damps the rate. Dispersed as in the simulation.
    """

    def __init__(self, vehicle, seed=1, force_z=900.0, **parameters):
        rng = np.random.default_rng(seed)
        true = true_vehicle(vehicle, Uncertainty(), rng)
        self.names = [t.name for t in vehicle.thrusters]
        self.dynamics = VehicleDynamics(true, NoGround())
        self._rng, self._bias = rng, rng.normal(size=(2, 3)) * [[5e-6], [1e-3]]  # [rad/s], [m/s^2]
        self.allocator = ThrusterAllocator(AllocatorParameters(detect_faults=True, **parameters), vehicle)
        self.force_z, self.stir, self.k = force_z, 12.0, 0
        self.rate = np.zeros(3)
        self.found = {}  # fault as the status has it: when
        self.commands, self.disturb = [], lambda sample: sample
        self.closed = False  # the valves, by a watchdog
        self.deliver = self.allocator.add_imu

    @property
    def time(self):
        return round(self.k * CYCLE * 1e9) * 1e-9

    def run(self, seconds):
        for _ in range(round(seconds / CYCLE)):
            self._cycle()

    def _cycle(self):
        phases = self.time * np.array([5.1, 6.7, 8.3])
        torque = self.stir * np.sin(phases) - 200.0 * self.rate
        command = self.allocator.step(Wrench(self.time, np.array([0.0, 0.0, self.force_z]), torque))
        self.commands.append(command.on_time)
        for fault in self.allocator.status().faults:
            self.found.setdefault(fault.partition(',')[0], self.time)
        self.dynamics.step(CYCLE, command.on_time * (not self.closed))
        self.k += 1
        # A tactical-grade unit: 0.05 deg/sqrt(h), 0.02 m/s/sqrt(h).
        noise = self._bias + self._rng.normal(size=(2, 3)) * [[1.5e-5], [3.3e-4]] / np.sqrt(CYCLE)
        sample = ImuSample(self.time, self.dynamics.mean_rate + noise[0],
                           self.dynamics.mean_specific_force + noise[1])
        self.rate = sample.angular_velocity
        self.deliver(self.disturb(sample))

    def break_thruster(self, name, kind, value=0.0):
        self.dynamics.set_thruster_fault(self.names.index(name), kind, value)

    def repair(self, name):
        self.dynamics.clear_thruster_fault(self.names.index(name))


@pytest.fixture
def make_ride(vehicle):
    return lambda *arguments, **parameters: Ride(vehicle, *arguments, **parameters)
