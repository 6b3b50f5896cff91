"""Is the filter as uncertain as it says, over whole dispersed flights, after each fault? NEES and chi-square.

    python src/lander_campaign/benchmarks/long_consistency.py [--runs 200] [NAME ...]

At given heights of each flight the squared error of the estimate, over its covariance, is kept; its mean per
degree of freedom over all flights has to lie in the two-sided 95 % band (one in twenty is outside by chance).
The altitude above ground is published with bounds, which are meant to hold also where the ground is unlike
the site: there less than one is right, and more than the band is not.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from scipy.stats import chi2

from lander_campaign.flight import Flight, files
from lander_campaign.run import seed_of
from lander_common import rotations
from lander_common.figures import report

ROOT = Path(__file__).resolve().parents[3]
SCENARIOS = ('nominal', 'f1_rim_step', 'f2_late_range', 'f3_no_range', 'f4_noise', 'f5_stuck', 'f6_spike',
             'f7_latency')
HEIGHTS = (15e3, 3e3, 1e3, 300.0, 50.0)  # [m] above ground
PARTS = {'position': 3, 'velocity': 3, 'attitude': 3, 'altitude': 1}
_BOUND_SIGMA = 3.0  # bounds of the altitude, as the estimator's `bound_sigma`


def squares(flight: Flight) -> list[float]:
    """Fly one cycle; return the squared errors of its estimate over their covariances, as in PARTS."""
    site, d, altitude = flight.simulation.site, flight.simulation.dynamics, flight.simulation.altitude
    position, velocity, q = d.position.copy(), d.velocity.copy(), d.q_moon_body.copy()
    flight.step()
    n, ground = flight.navigation, flight.cores.estimator.ground()
    q_map = rotations.multiply(rotations.conjugate(site.quaternion), q)
    errors = (n.position_map - site.to_map(position), n.velocity_body - rotations.to_matrix(q).T @ velocity,
              rotations.to_rotation_vector(rotations.multiply(n.q_map_body, rotations.conjugate(q_map))))
    covariances = n.position_covariance, n.velocity_covariance, n.attitude_covariance
    result = [float(e @ np.linalg.solve(c, e)) for e, c in zip(errors, covariances)]
    sigma = (ground.altitude_upper_m - ground.altitude_m) / _BOUND_SIGMA
    return [*result, ((ground.altitude_m - altitude) / sigma)**2]


def look(scenario: str, seed: int) -> Iterator[tuple[float, list[float]]]:
    """Fly one scenario; yield height and squares wherever it comes to one of the heights."""
    flight = Flight(files(ROOT / 'config', scenario=scenario, seed=seed))
    for height in HEIGHTS:
        while flight.flying and flight.simulation.altitude > height + 1500.0:
            flight.burst(100)
        while flight.flying and flight.simulation.altitude > height:
            flight.burst(5)
        if flight.flying:
            yield height, squares(flight)


def main() -> None:
    """Fly and report means and bands."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('names', nargs='*', metavar='NAME', help=', '.join(SCENARIOS))
    parser.add_argument('--runs', type=int, default=200)
    given = parser.parse_args()
    for name in given.names or SCENARIOS:
        found: dict[float, list[list[float]]] = {height: [] for height in HEIGHTS}
        for i in track(range(given.runs), name, console=Console(stderr=True)):
            for height, values in look(name, seed_of(1, i)):
                found[height].append(values)
        for k, (part, freedom) in enumerate(PARTS.items()):
            means = {height: sum(v[k] for v in values) / (freedom * len(values))
                     for height, values in found.items() if values}
            degrees = freedom * min(len(found[height]) for height in means)
            low, high = chi2.ppf([0.025, 0.975], degrees) / degrees
            print('   ', part, ', '.join(f'{m:.2f} at {h:g} m' for h, m in means.items()))
            report(f'{name}: NEES of {part}, highest, band {low:.2f} to {high:.2f}', max(means.values()), '')


if __name__ == '__main__':
    main()
