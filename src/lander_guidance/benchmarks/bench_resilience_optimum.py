"""Propellant of the flown descent of Resilience against the optimum, and where the difference goes.

The optimum comes from a second method (optimal_control.py, CasADi and IPOPT) and from our optimiser; the case
L1 is solved again too. All from the state where the flown braking begins to the first contact.
Run in the root of the repository: python src/lander_guidance/benchmarks/bench_resilience_optimum.py
[gate_height_m=2000 ...] with other guidance parameters, --flight for the flight alone.
CasADi is not among the requirements: pip install --target FOLDER --no-deps casadi, FOLDER on PYTHONPATH.
"""

import dataclasses
import itertools
import math
import sys
from pathlib import Path

import numpy as np

from lander_campaign.flight import Flight, files
from lander_campaign.software import Software
from lander_common import constants
from lander_common.constants import STANDARD_GRAVITY
from lander_common.figures import report
from lander_common.site import Site
from lander_guidance.optimiser import DescentProblem, on_the_moon, optimise
from lander_guidance.parameters import GuidanceParameters
from lander_guidance.propulsion import engines, exhaust_velocity, flow
from lander_guidance.report import Phase

try:
    import casadi as ca
    from optimal_control import Descent, Optimum, round_body, solve
    from optimal_control import Phase as Part
except ImportError:
    ca = None

RADIUS, ANGLE = 1_736_014.28, math.radians(18.41)
NAMES = {Phase.BRAKING: 'braking', Phase.PITCH_UP: 'approach', Phase.TERMINAL: 'terminal'}


@dataclasses.dataclass(frozen=True)
class Mark:
    """A moment of the flight."""

    time: float  # [s]
    position: np.ndarray  # (3,) [m] map
    velocity: np.ndarray  # (3,) [m/s] map
    mass: float  # [kg]
    rcs: float  # [kg] used by the RCS so far


def fly(changes: list[str]) -> tuple[dict[str, Mark], Site, np.void, GuidanceParameters]:
    """Fly to the first contact, with vehicle and orbit as they are told: the optima know of no errors either.

    Returns:
        Marks where phases began and at the 'contact', the site, the ENGINES, the parameters.
    """
    software = Software().changed([f'guidance.{change}' for change in changes])
    flight = Flight(files(Path('config'), scenario='exact'), software)
    world, guidance, parameters = flight.simulation, flight.cores.guidance, software.guidance
    true = world.dynamics.vehicle
    flows = np.array([t.thrust_n / (t.isp_s * STANDARD_GRAVITY) if t.group == 'rcs' else 0.0
                      for t in true.thrusters])
    marks, rcs = {}, 0.0

    def mark() -> Mark:
        d = world.dynamics
        position, velocity = world.site.to_map(d.position), world.site.rotation.T @ d.velocity
        return Mark(world.time, position, velocity, d.mass, rcs)

    with flight:
        while not world.verdict.touched and world.verdict.result == 0:
            flight.step()
            if flight.command is not None:
                rcs += float(flight.command.on_time @ flows)
            if (name := NAMES.get(guidance.phase)) and name not in marks:
                marks[name] = mark()
    marks['contact'] = mark()
    report = world.verdict.report(world.time, world.dynamics)
    print(f'flown: contact {report.vertical_speed:.2f} m/s down, {report.horizontal_speed:.2f} m/s across, '
          f'tilt {math.degrees(report.tilt):.2f} deg, {report.distance_from_target:.1f} m from the target, '
          f'{report.propellant_left:.2f} kg left', flush=True)
    return marks, world.site, engines(parameters, true), parameters


def moon_fall(site: Site):
    """Return free fall in map, with J2, for the nonlinear program."""
    turn, spin = ca.DM(site.rotation), ca.DM([0.0, 0.0, constants.MOON_RATE])

    def fall(r, v):
        out = turn @ (r + ca.DM([0.0, 0.0, constants.MOON_RADIUS]))
        speed, square = turn @ v, ca.dot(out, out)
        k = -constants.MOON_GM / (square * ca.sqrt(square))
        flat = 1.5 * constants.MOON_J2 * constants.MOON_GRAVITY_RADIUS**2 / square
        u = 5.0 * out[2] ** 2 / square
        pull = k * ca.vertcat(out[0] * (1.0 + flat * (1.0 - u)), out[1] * (1.0 + flat * (1.0 - u)),
                              out[2] * (1.0 + flat * (3.0 - u)))
        return turn.T @ (pull - ca.cross(spin, ca.cross(spin, out)) - 2.0 * ca.cross(spin, speed))
    return fall


class Optima:
    """Optima between marks of the flight, with the engines and limits that guidance has."""

    def __init__(self, site: Site, engines: np.void, parameters: GuidanceParameters, end: Mark) -> None:
        """Take what holds for all of them; `end` is the contact."""
        self._engines, self._p, self._fall = engines, parameters, moon_fall(site)
        self._total = float(engines['limit']) / parameters.thrust_limit_share
        self._end = dataclasses.replace(end, velocity=np.array([0.0, 0.0, -parameters.touchdown_sink_m_s]))

    def upright(self, start: Mark, share: float) -> 'Optimum':
        """End upright at the contact; turn no faster than guidance does."""
        parts = (Part(150), Part(40, 30.0), Part(3, 1.0, self._p.touchdown_tilt_deg))
        return self._solve(start, self._end, share, parts)

    def seeing(self, start: Mark, share: float, high: bool) -> 'Optimum':
        """See the ground with the range finder, sink slowly until then, keep the sink limit, land softly."""
        p = self._p
        parts = (Part(60, None, p.range_see_tilt_deg), Part(3, 1.0, p.touchdown_tilt_deg))
        if high:
            parts = (Part(150, above_m=p.range_see_height_m, last_sink_m_s=p.gate_sink_m_s), *parts)
        soft = self._end.position + [0.0, 0.0, p.soft_height_m]
        limit = float(self._engines['limit'])

        def sink(height, rate, mass, cosine):
            spare = p.sink_margin * (limit / mass - 1.63)
            over = rate - p.touchdown_sink_m_s
            return height - over - over**2 / (2.0 * spare)

        o = self._solve(start, dataclasses.replace(self._end, position=soft), share, parts, sink)
        slow = p.soft_height_m / p.touchdown_sink_m_s * flow(self._engines, 1.63 * o.mass[-1])
        return dataclasses.replace(o, propellant=o.propellant + slow)

    def between(self, start: Mark, end: Mark, share: float) -> 'Optimum':
        """Go from one mark to the position and velocity of another."""
        return self._solve(start, end, share, (Part(150),))

    def _solve(self, start: Mark, end: Mark, share: float, parts, sink=None) -> 'Optimum':
        e = self._engines
        o = solve(Descent(
            start.position, start.velocity, start.mass, end.position, end.velocity, self._fall,
            constants.MOON_RADIUS, (float(e['floor']), share * self._total), _flow_line(e), parts,
            self._p.slew_deg_s, sink, guess_s=self._end.time - start.time))
        if not o.success:
            print(f'  not solved: {o.status}')
        return o


def _flow_line(e: np.void) -> tuple[float, float]:
    """Return the propellant flow [kg/s] at no thrust and its slope [kg/s/N], while the main engines burn."""
    return float((e['main_slope'] - e['assist_slope']) * e['main']), float(e['assist_slope'])


def ours(start: Mark, end: Mark, site: Site, e: np.void, p: GuidanceParameters) -> float:
    """Return the propellant [kg] of our optimiser, upright at the contact; one exhaust velocity, no J2."""
    ground = float(end.position[2])
    world = on_the_moon(math.radians(site.latitude_deg), ground)
    up = np.array([0.0, 0.0, ground])
    return optimise(DescentProblem(
        position_m=start.position - up, velocity_m_s=start.velocity, mass_kg=start.mass, dry_mass_kg=340.0,
        thrust_min_n=float(e['floor']), thrust_max_n=float(e['limit']),
        exhaust_velocity_m_s=exhaust_velocity(e, e['limit']),
        target_position_m=end.position - up, target_velocity_m_s=[0.0, 0.0, -p.touchdown_sink_m_s],
        tilt_limit_deg=p.touchdown_tilt_deg, tilt_time_s=1.0, slew_deg_s=p.slew_deg_s, **world),
        intervals=150).propellant_kg


def l1(parts, slew: float = 0.0) -> 'Optimum':
    """Return the optimum of case L1 (Apollo-class, 557.8 km before the target, no rotation)."""
    high = RADIUS + 15240.0
    start = np.array([-high * math.sin(ANGLE), 0.0, high * math.cos(ANGLE) - RADIUS])
    return solve(Descent(
        start, 1693.8 * np.array([math.cos(ANGLE), 0.0, math.sin(ANGLE)]), 15103.0, np.zeros(3),
        np.array([0.0, 0.0, -1.0]), round_body(1.622 * RADIUS**2, RADIUS, np.zeros(3)), RADIUS,
        (4500.0, 45000.0), (0.0, 1.0 / (311.0 * 9.81)), parts, slew))


def main() -> None:
    """Print the optima, the flown propellant, their ratio, and the losses."""
    changes = [a for a in sys.argv[1:] if '=' in a]
    if ca is None and '--flight' not in sys.argv:
        print('skipped: CasADi is not there: pip install --target FOLDER --no-deps casadi, '
              'and FOLDER on PYTHONPATH')
        return
    marks, site, engines, p = fly(changes)
    order = [*NAMES.values(), 'contact']
    used, rcs = {}, {}
    for a, b in itertools.pairwise(order):
        rcs[a] = marks[b].rcs - marks[a].rcs
        used[a] = marks[a].mass - marks[b].mass - rcs[a]
        print(f'  {a}: {marks[b].time - marks[a].time:.1f} s, main and assist {used[a]:.2f} kg, '
              f'RCS {rcs[a]:.2f} kg')
    burnt = sum(used.values()) + sum(rcs.values())
    print(f'  together {burnt:.2f} kg, without RCS {sum(used.values()):.2f} kg', flush=True)
    if '--flight' in sys.argv:
        return
    if not changes:
        for name, parts, slew in (
                ('free', (Part(200),), 0.0),
                ('tilt 10 deg in the last 20 s', (Part(200), Part(40, 20.0, 10.0)), 0.0),
                ('the same, turning 5 deg/s', (Part(200), Part(40, 20.0), Part(40, 20.0, 10.0)), 5.0)):
            o = l1(parts, slew)
            print(f'L1 {name}: {o.propellant:.2f} kg, {o.time[-1]:.2f} s, {o.status}', flush=True)
    start, gate, slow, end = (marks[name] for name in order)
    optima, share, planned = Optima(site, engines, p, end), p.thrust_limit_share, p.braking_thrust_share
    best = optima.upright(start, share).propellant
    print(f'optimum, upright at contact, {share:.2f} of the thrust: {best:.2f} kg '
          f'(our optimiser {ours(start, end, site, engines, p):.2f} kg); flown / optimum {burnt / best:.4f}, '
          f'without RCS {sum(used.values()) / best:.4f}', flush=True)
    report('Resilience from braking, propellant', burnt, 'kg', 'optimum by IPOPT, upright', best)
    less = optima.upright(start, planned).propellant
    seeing = optima.seeing(start, share, True).propellant
    report('Resilience from braking, propellant, the ground in sight', burnt, 'kg',
           'optimum by IPOPT, with sight, sink limit, slow last metres', seeing)
    print(f'  {planned:.2f} of the thrust {less - best:+.2f} kg')
    print(f'  the ground in sight, sink limit, slow last metres {seeing - best:+.2f} kg: {seeing:.2f} kg; '
          f'flown / that {burnt / seeing:.4f}, without RCS {sum(used.values()) / seeing:.4f}', flush=True)
    to_gate, from_gate = optima.between(start, gate, share), optima.seeing(gate, share, False)
    last = optima.seeing(slow, share, False)
    print('where the flown propellant goes:')
    print(f'  optimum with sight and sink limit {seeing:.2f} kg')
    print(f'  passing the gate as flown {to_gate.propellant + from_gate.propellant - seeing:+.2f} kg')
    print(f'  braking law {used["braking"] - to_gate.propellant:+.2f} kg')
    print(f'  approach law {used["approach"] - from_gate.propellant + last.propellant:+.2f} kg')
    print(f'  terminal law {used["terminal"] - last.propellant:+.2f} kg')
    print(f'  RCS {sum(rcs.values()):+.2f} kg')


if __name__ == '__main__':
    main()
