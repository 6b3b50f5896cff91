"""Lands many times without any range: what the blind descent is worth.

Run: python benchmarks/bench_blind.py [landings]. The lander starts at the gate with the propellant of the
nominal flight. The altitude it believes in is wrong by an error drawn from the normal distribution that it is
told. Engines and navigation are ideal.
"""

import sys
from pathlib import Path

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS
from lander_common.site import load_site
from lander_common.vehicle import load_vehicle
from lander_guidance import step
from lander_guidance.guidance import Guidance
from lander_guidance.parameters import GuidanceParameters

CONFIG = Path(__file__).resolve().parents[3] / 'config'
_DT = 0.05  # [s]
_PROPELLANT = 62.8  # [kg] at the gate of the nominal flight
_FLOW = 1.0 / (290.0 * 9.80665)  # [kg/s/N]
_GM = 4902.80007e9


@compiled
def land(array, ground, wrong, sigma, height, sink):
    """Fly straight down from `height` [m]; return the sink rate at contact and the propellant left."""
    gd = array[0]
    z, v, fuel, thrust, time = height, sink, gd.propellant, 0.0, 0.0
    belief, position, velocity, zero = np.empty(5), np.zeros(3), np.zeros(3), np.zeros(3)
    upright = np.array([0.0, 0.0, 0.0, 1.0])
    while z > gd.body.foot and time < 2000.0:
        if int(time / _DT) % 4 == 0:
            believed = z + wrong
            belief[0], belief[1], belief[2] = time, ground - wrong, believed
            belief[3], belief[4] = believed - 3.0 * sigma, believed + 3.0 * sigma
            step.set_ground(gd, belief)
        position[2], velocity[2] = ground + z, -v
        step.step(gd, time, position, upright, velocity, zero)
        thrust = gd.force[2] if fuel > 0.0 else 0.0
        mass = gd.body.dry + fuel
        v += _DT * (_GM / (MOON_RADIUS + ground + z)**2 - thrust / mass)
        z -= _DT * v
        fuel = max(fuel - _DT * thrust * _FLOW, 0.0)
        time += _DT
    return v, fuel


def main(count: int) -> None:
    """Print for some uncertainties how the lander comes down."""
    vehicle = load_vehicle(CONFIG / 'vehicles/resilience.yaml')
    site = load_site(CONFIG / 'sites/mare_frigoris.yaml')
    parameters = GuidanceParameters()
    bearable, breaking = 0.7 * vehicle.legs.break_vertical_m_s, vehicle.legs.break_vertical_m_s
    for sigma in (50.0, 100.0, 150.0, 200.0, 300.0):
        rng, sinks = np.random.default_rng(1), []
        for _ in range(count):
            guidance = Guidance(parameters, vehicle, site)
            guidance.record['propellant'] = _PROPELLANT
            sinks.append(land(guidance.record, site.ground_height_m, sigma * rng.normal(), sigma,
                              parameters.gate_height_m, parameters.gate_sink_m_s)[0])
        sinks = np.array(sinks)
        loss = np.minimum((np.maximum(sinks, 0.0) / breaking)**5, 1.0).mean()
        whole, surely = (100.0 * (sinks < limit).mean() for limit in (breaking, bearable + 0.1))
        median = np.median(sinks)
        print(f'sigma {sigma:3.0f} m, {count} landings: {whole:5.1f} % below {breaking:.1f} m/s, '
              f'{surely:5.1f} % below {bearable:.1f} m/s, median {median:.2f} m/s, mean loss {loss:.3f}')


if __name__ == '__main__':
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
