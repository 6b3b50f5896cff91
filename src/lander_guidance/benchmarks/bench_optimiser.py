"""Times the trajectory optimiser on Mars case M1 (Acikmese & Ploen 2007), beside PyPI's gfold if it is there.

Run: python benchmarks/bench_optimiser.py [repetitions]. The two take turns, to see the same machine.
"""

import json
import math
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

from lander_common.figures import report
from lander_guidance.optimiser import DescentProblem, NoTrajectoryError, optimise
from lander_guidance.optimiser.descent import Descent

try:
    import gfold
except ImportError:
    gfold = None

CANT = math.cos(math.radians(27.0))
RADIUS, ANGLE = 1_736_014.28, math.radians(18.41)
M1 = {'position_m': [2000.0, 0.0, 1500.0], 'velocity_m_s': [100.0, 0.0, -75.0], 'mass_kg': 1905.0,
      'dry_mass_kg': 1505.0, 'thrust_min_n': 0.3 * 6 * 3100.0 * CANT, 'thrust_max_n': 0.8 * 6 * 3100.0 * CANT,
      'exhaust_velocity_m_s': 225.0 * 9.807 * CANT, 'gravity_m_s2': 3.7114}
L1 = {'position_m': [-(RADIUS + 15240.0) * math.sin(ANGLE), 0.0,
                     (RADIUS + 15240.0) * math.cos(ANGLE) - RADIUS],
      'velocity_m_s': [1693.8 * math.cos(ANGLE), 0.0, 1693.8 * math.sin(ANGLE)], 'mass_kg': 15103.0,
      'dry_mass_kg': 6855.0, 'thrust_min_n': 4500.0, 'thrust_max_n': 45000.0, 'gravity_m_s2': 1.622,
      'exhaust_velocity_m_s': 311.0 * 9.81, 'radius_m': RADIUS, 'target_velocity_m_s': [0.0, 0.0, -1.0]}
UPRIGHT = {'tilt_limit_deg': 10.0, 'tilt_time_s': 20.0}
CASES = [  # name, problem, flight time [s], intervals
    ('M1 above ground 75 s, N = 50', M1, 75.0, 50),
    ('M1b 78.2 s, N = 20', {**M1, 'glide_angle_deg': 4.0}, 78.2, 20),
    ('M1b 78.2 s, N = 50', {**M1, 'glide_angle_deg': 4.0}, 78.2, 50),
    ('M1b 78.2 s, N = 100', {**M1, 'glide_angle_deg': 4.0}, 78.2, 100),
    ('M1 above ground, search, N = 50', M1, None, 50),
    ('M1b search, N = 50', {**M1, 'glide_angle_deg': 4.0}, None, 50),
    ('L1 search, N = 100', L1, None, 100),
    ('L1 upright search, N = 100', {**L1, **UPRIGHT}, None, 100),
]


def ours(problem: dict, flight_time: float | None, intervals: int) -> str:
    """Return what came out, as text: propellant, flight time, programs solved."""
    t = optimise(DescentProblem(**problem), flight_time, intervals)
    return f'{t.propellant_kg:.2f} kg {t.flight_time_s:.2f} s, {t.programs} programs'


def peer(problem: dict, flight_time: float | None, intervals: int) -> str:
    """Return the same of gfold, whose last point lies one step before the end."""
    text = json.dumps({
        'spacecraft': {
            'wet_mass': problem['mass_kg'], 'fuel': problem['mass_kg'] - problem['dry_mass_kg'],
            'real_max_thrust': 6 * 3100.0 * CANT, 'min_thrust_pct': 0.3, 'max_thrust_pct': 0.8,
            'max_velocity': 1000.0, 'initial_position': problem['position_m'],
            'initial_velocity': problem['velocity_m_s'], 'target_velocity': [0.0] * 3,
            'target_position': [0.0] * 3, 'fuel_consumption': 1.0 / problem['exhaust_velocity_m_s']},
        'environment': {'gravity': [0.0, 0.0, -problem['gravity_m_s2']], 'max_angle_deg': 180.0,
                        'glide_slope_angle_deg': problem.get('glide_angle_deg', 0.0)},
        'solver': {'n': intervals, 'time_of_flight': flight_time, 'tof_min': None, 'tof_max': None}})
    t = gfold.solve(gfold.Config.from_json(text))
    end = t.time_points[-1] * intervals / (intervals - 1)
    return f'{problem["mass_kg"] - t.final_mass:.2f} kg {end:.2f} s, {t.status}'


def program(problem: dict, flight_time: float, intervals: int) -> str:
    """Solve one cone program: assembly, Clarabel, slope of the cost over flight time."""
    s = Descent(DescentProblem(**problem), intervals).solve(flight_time)
    return f'{s.iterations} iterations'


def timed(call: Callable[[], str]) -> tuple[float, float, str]:
    """Return wall time [ms], processor time [ms] and outcome of one call."""
    begin, begin_cpu = time.perf_counter(), time.process_time()
    try:
        text = call()
    except (NoTrajectoryError, ValueError, RuntimeError) as error:
        text = str(error).splitlines()[0]
    return 1e3 * (time.perf_counter() - begin), 1e3 * (time.process_time() - begin_cpu), text


def main() -> None:
    """Print a line a case for ours (checked), gfold, and one program of ours: medians, ratio, outcome."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    if gfold is None:
        print('gfold is not there: pip install --target FOLDER gfold==0.3.2, and FOLDER on PYTHONPATH')
    for name, problem, flight_time, intervals in CASES:
        functions = [ours] + ([peer] if gfold and not name.startswith('L1') else [])
        functions += [program] if flight_time else []
        calls = [partial(function, problem, flight_time, intervals) for function in functions]
        for call in calls:
            timed(call)  # compiles, warms caches
        runs = [[timed(call) for call in calls] for _ in range(repetitions)]
        wall, cpu = ([statistics.median(run[i][j] for run in runs) for i in range(len(calls))]
                     for j in (0, 1))
        if peer in functions:
            report(f'optimiser, {name}, processor time', cpu[0], 'ms', 'gfold', cpu[functions.index(peer)])
        for i, function in enumerate(functions):
            print(f'{name}: {function.__name__} {wall[i]:.1f} ms, processor {cpu[i]:.1f} ms, '
                  f'{cpu[i] / cpu[0]:.2f} x ours; {runs[0][i][2]}', flush=True)


if __name__ == '__main__':
    main()
