"""Random states: the search finds a flight time wherever a scan of flight times finds one."""

import numpy as np
import pytest

from lander_guidance.optimiser import DescentProblem, NoTrajectoryError, flight_times, optimise
from lander_guidance.optimiser.descent import HEAVY, Descent, reached

SEED = 3
INTERVALS = 30


def random_problem(rng: np.random.Generator) -> DescentProblem:
    """Draw a lander 300 m to 4 km up with a thrust-to-weight ratio of 1.3 to 4, often short of something."""
    gravity = rng.choice([1.622, 3.7114])
    mass = rng.uniform(500.0, 3000.0)
    most = mass * gravity * rng.uniform(1.3, 4.0)
    height, bearing = rng.uniform(300.0, 4000.0), rng.uniform(-np.pi, np.pi)
    glide = rng.choice([0.0, 4.0, 15.0, 30.0])
    away = rng.uniform(0.0, min(3.0, 1.0 / max(np.tan(np.radians(glide)), 0.1))) * height
    return DescentProblem(
        position_m=[away * np.cos(bearing), away * np.sin(bearing), height],
        velocity_m_s=[rng.normal(0.0, 60.0), rng.normal(0.0, 60.0), rng.uniform(-90.0, 20.0)],
        mass_kg=mass, dry_mass_kg=mass * rng.uniform(0.6, 0.92), thrust_max_n=most,
        thrust_min_n=most * rng.choice([0.0, 0.1, 0.3, 0.5]),
        exhaust_velocity_m_s=rng.uniform(2000.0, 3200.0),
        gravity_m_s2=gravity, glide_angle_deg=glide,
        tilt_limit_deg=rng.choice([180.0, 90.0, 30.0]), tilt_time_s=rng.choice([5.0, 15.0, 1e4]),
        speed_limit_m_s=rng.choice([0.0, 0.0, 150.0]))


def scan(problem: DescentProblem, step: float) -> float | None:
    """Return a flight time with a solution, or None: tries every `step` s."""
    solver = Descent(problem, INTERVALS)
    solver.weights = HEAVY
    low, high = flight_times(problem)
    for time in np.arange(low, high, step):
        s = solver.solve(float(time))
        if s is not None and reached(s):
            try:
                return optimise(problem, float(time), INTERVALS).flight_time_s
            except NoTrajectoryError:
                continue
    return None


def missed(states: int, step: float) -> tuple[int, list[str]]:
    """Return how many of the random states have a solution, and those where only the scan found it."""
    rng = np.random.default_rng(SEED)
    found, bad = 0, []
    for i in range(states):
        problem = random_problem(rng)
        try:
            optimise(problem, intervals=INTERVALS)
            found += 1
        except NoTrajectoryError as error:
            if (time := scan(problem, step)) is not None:
                bad.append(f'state {i} of seed {SEED}: {error}; the scan finds {time:.1f} s')
    return found, bad


def test_what_a_scan_of_flight_times_finds_is_found():
    found, bad = missed(10, 2.0)
    assert not bad
    assert found >= 3


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_what_a_scan_of_flight_times_finds_is_found_from_two_hundred_states():
    found, bad = missed(200, 0.5)
    print(f'{found} of 200 states have a solution, none missed')
    assert not bad
    assert found >= 60
