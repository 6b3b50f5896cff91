"""Time the simulated world: a powered step with all sensors, and the dynamics alone beside Basilisk.

    python benchmarks/bench_dynamics.py

The dynamics alone are those of a burn of 600 s with 16 thrusters. Basilisk (PyPI: bsk) takes part when it is
installed. Both have the same Moon with J2, the same thrusters and the same mass flow; ours flies in the
rotating frame, Basilisk in the inertial one, into which our end state is turned. Times are processor times.
"""

import importlib.util
import math
import statistics
import time
from pathlib import Path

import numpy as np

from lander_common import rotations
from lander_common.constants import MOON_RADIUS, MOON_RATE
from lander_common.figures import report
from lander_common.samples import ThrusterCommand
from lander_common.transport import open_transport
from lander_common.vehicle import Legs, MassModel, RangefinderMount, Thruster, TouchdownLimits, Vehicle
from lander_rangefinder.driver import RangefinderDriver
from lander_rangefinder.parameters import RangefinderParameters
from lander_sim.dynamics import VehicleDynamics
from lander_sim.parameters import SimulatorParameters
from lander_sim.set_up import set_up

_CONFIG = Path(__file__).parents[3] / 'config'
_LINK = 'memory:bench'
_SECONDS, _RUNS = 600.0, 20
_SPIN = np.array([0.0, 0.0, MOON_RATE])


def powered_steps(count: int = 6000) -> np.ndarray:
    """Return the times [s] of the steps of a hovering flight 1 km up, with a range finder on the link."""
    simulation = set_up(SimulatorParameters(
        vehicle_file=str(_CONFIG / 'vehicles/resilience.yaml'),
        site_file=str(_CONFIG / 'sites/mare_frigoris.yaml'),
        scenario_file=str(_CONFIG / 'scenarios/nominal.yaml'),
        sensors_file=str(_CONFIG / 'sensors/resilience.yaml'), rangefinder_link=_LINK))
    driver = RangefinderDriver(RangefinderParameters(), open_transport(_LINK))
    vehicle, site = simulation.vehicle, simulation.site
    assist = list(vehicle.group('assist'))
    weight = 1.62 * (vehicle.mass.dry_kg + 200.0)  # [N]
    on_time = np.zeros(len(vehicle.thrusters))
    on_time[assist] = 0.01 * weight / sum(vehicle.thrusters[i].thrust_n for i in assist)
    start = site.origin + (site.ground_height_m + 1000.0) * site.rotation[:, 2]
    times = np.empty(count)
    for k in range(count):
        if k % 1000 == 0:  # nobody steers
            simulation.dynamics.set_state(start, np.zeros(3), site.quaternion, np.zeros(3), 200.0)
        driver.poll(simulation.time)
        command = ThrusterCommand(simulation.time, on_time)
        began = time.process_time()
        simulation.step(command)
        times[k] = time.process_time() - began
    simulation.link.close()
    return times[count // 6:]


def sixteen_thrusters() -> Vehicle:
    """Make a vehicle whose thrusters are canted in pairs, so that all together they do not turn it."""
    thrusters = []
    for k in range(16):
        angle, cant = math.pi * k / 8.0, 0.3 * (-1) ** k
        thrusters.append(Thruster(
            name=f'thruster_{k}', position_m=[math.cos(angle), math.sin(angle), -0.7],
            direction=[-cant * math.sin(angle), cant * math.cos(angle), 1.0], thrust_n=60.0, isp_s=300.0,
            rise_time_s=0.0, fall_time_s=0.0))
    mass = MassModel(dry_centre_m=[0.0, 0.0, 0.0], propellant_centre_m=[0.0, 0.0, 0.0])
    return Vehicle('sixteen', mass, tuple(thrusters), Legs(), RangefinderMount(), TouchdownLimits())


class Sphere:
    """The reference sphere as ground, far below."""

    def height_at(self, position_moon: np.ndarray) -> float:
        """Return 0 m."""
        return 0.0


def burn(vehicle: Vehicle, position: np.ndarray, velocity: np.ndarray, q: np.ndarray,
         dt: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Burn with all thrusters from an inertial state in steps of `dt`.

    Returns:
        Inertial position [m] and velocity [m/s] at the end, (3,), and the time taken [s].
    """
    dynamics = VehicleDynamics(vehicle, Sphere())
    on_times = np.full((round(_SECONDS / dt), len(vehicle.thrusters)), dt)
    dynamics.set_state(position, velocity - np.cross(_SPIN, position), q, np.zeros(3),
                       vehicle.mass.propellant_kg)
    began = time.process_time()
    dynamics.fly(dt, on_times)
    took = time.process_time() - began
    to_inertial = rotations.from_rotation_vector(_SPIN * _SECONDS)
    absolute = dynamics.velocity + np.cross(_SPIN, dynamics.position)
    return rotations.rotate(to_inertial, dynamics.position), rotations.rotate(to_inertial, absolute), took


def dynamics_alone() -> None:
    """Print runs a second of ours and of Basilisk, and how far apart they end."""
    vehicle = sixteen_thrusters()
    position = (MOON_RADIUS + 100e3) * np.array([0.6, 0.0, 0.8])
    velocity = 1633.0 * np.array([-0.8, 0.0, 0.6])
    q = rotations.align_z(velocity, position)
    burn(vehicle, position, velocity, q, 1.0)  # compiles
    runs = [burn(vehicle, position, velocity, q, 0.01) for _ in range(_RUNS)]
    rate = 1.0 / statistics.median(r[2] for r in runs)
    print(f'dynamics alone, commands and integration at 100 Hz: {rate:.1f} runs/s, '
          f'{1.0 / min(r[2] for r in runs):.1f} at best')
    if importlib.util.find_spec('Basilisk') is None:
        print('Basilisk is not installed: pip install bsk (or --target FOLDER, and FOLDER in PYTHONPATH)')
        return
    from basilisk_case import fly
    mrp = q[:3] / (1.0 + q[3])
    peers = [fly(vehicle, position, velocity, mrp, _SECONDS, 0.01) for _ in range(3)]
    peer_rate = 1.0 / statistics.median(p[2] for p in peers)
    report('dynamics alone, 600 s, 16 thrusters, 100 Hz', rate, 'runs/s', 'Basilisk', peer_rate)
    apart = [np.linalg.norm(a - b) for a, b in zip(runs[0][:2], peers[0][:2])]
    print(f'after {_SECONDS:g} s apart by {apart[0]:.1e} m and {apart[1]:.1e} m/s')


if __name__ == '__main__':
    taken = 1e6 * powered_steps()
    print(f'powered step of the simulation: mean {taken.mean():.1f} us, median {np.median(taken):.1f} us, '
          f'99th percentile {np.percentile(taken, 99):.1f} us')
    dynamics_alone()
