"""Propellant optimum of the braking burn by direct optimisation, as a yardstick for the flown law.

Thrust constant, direction free: the pitch is piecewise linear between nodes that SLSQP chooses, with the
burn time, so that the burn ends at the gate's height and speed, range free. At constant thrust the
shortest burn uses least propellant. Plane motion over a round Moon without rotation.
Run: python test/reference_optimum.py
"""

import math
from pathlib import Path

import numba
import numpy as np
from scipy.optimize import minimize

from lander_common.constants import MOON_GM, MOON_RADIUS

NODES, STEPS = 25, 150

# Not cached on disk: a cache of a script does not fit the same file as a module.
compiled = numba.njit(error_model='numpy')


@compiled
def _rate(x, pitch, push):
    r, w, u = x[0], x[1], x[2]  # radius, radial and horizontal speed
    return np.array([w, u * u / r - MOON_GM / (r * r) + push * math.sin(pitch),
                     -u * w / r - push * math.cos(pitch)])


@compiled
def fly(pitch, duration, start, mass, thrust, flow):
    """Return radius [m], radial and horizontal speed [m/s] at the end, (3,); pitch [rad] above backwards."""
    x, h, n = start.copy(), duration / STEPS, pitch.size - 1
    for i in range(STEPS):
        angles, pushes = np.empty(3), np.empty(3)
        for k in range(3):
            s = min((i + 0.5 * k) / STEPS, 1.0) * n
            j = min(int(s), n - 1)
            angles[k] = pitch[j] + (s - j) * (pitch[j + 1] - pitch[j])
            pushes[k] = thrust / (mass - flow * (i + 0.5 * k) * h)
        a = _rate(x, angles[0], pushes[0])
        b = _rate(x + 0.5 * h * a, angles[1], pushes[1])
        c = _rate(x + 0.5 * h * b, angles[1], pushes[1])
        d = _rate(x + h * c, angles[2], pushes[2])
        x = x + h / 6.0 * (a + 2.0 * b + 2.0 * c + d)
    return x


def shortest_burn(height, speed, end_height, end_sink, end_forward, mass, thrust, flow):
    """Return the shortest burn time [s] from horizontal flight to the end state, and its pitch nodes."""
    start = np.array([MOON_RADIUS + height, 0.0, speed])
    goal = np.array([MOON_RADIUS + end_height, -end_sink, end_forward])
    scale = np.array([1e3, 10.0, 10.0])

    def miss(z):
        return (fly(z[:-1], 100.0 * z[-1], start, mass, thrust, flow) - goal) / scale

    duration = 1.05 * mass / flow * (1.0 - math.exp(-speed * flow / thrust))
    guess = np.append(np.linspace(0.1, 0.5, NODES), duration / 100.0)
    best = minimize(lambda z: z[-1], guess, constraints={'type': 'eq', 'fun': miss}, method='SLSQP',
                    options={'maxiter': 500, 'ftol': 1e-10})
    return 100.0 * best.x[-1], best.x[:-1], np.abs(miss(best.x)).max(), best.message


def compare():
    """Return propellant [kg] of the shortest burn and of the flown law, for the same burn to the gate."""
    from lander_common.site import load_site
    from lander_common.vehicle import load_vehicle
    from lander_guidance import predictor
    from lander_guidance.parameters import GuidanceParameters
    from lander_guidance.propulsion import flow
    from lander_guidance.record import make

    config = Path(__file__).resolve().parents[3] / 'config'
    site = load_site(config / 'sites/mare_frigoris.yaml')
    vehicle = load_vehicle(config / 'vehicles/resilience.yaml')
    p = GuidanceParameters()
    gd = make(p, vehicle, site)[0]
    thrust, problem = float(gd['engines']['planned']), gd['braking']['problem']
    height, mass = site.ground_height_m + p.perilune_height_m, 755.0
    perilune, apolune = MOON_RADIUS + height, MOON_RADIUS + 100e3
    speed = math.sqrt(2.0 * MOON_GM * apolune / (perilune * (perilune + apolune)))
    end, used = site.ground_height_m + p.gate_height_m, flow(gd['engines'], thrust)
    best, _, miss, _ = shortest_burn(height, speed, end, p.gate_sink_m_s, p.gate_forward_m_s, mass, thrust,
                                     used)
    assert miss < 1e-6
    x, y, z = np.eye(3)
    # The predictor's Moon turns below the orbit, which costs a polar orbit nothing along the track.
    problem['position'], problem['velocity'] = perilune * x, speed * z
    problem['mass'], problem['scale'] = mass, 1.0
    problem['target'], problem['left'] = x, -y
    problem['burn'] = (0.1, 0.6, 0.0, 0.0, best, thrust)
    solved = predictor.solve(problem, True, 20)
    assert solved
    return used * best, used * float(problem['burn'][predictor.TIME])


if __name__ == '__main__':
    print('shortest burn to the gate {:.2f} kg, linear tangent {:.2f} kg'.format(*compare()))
