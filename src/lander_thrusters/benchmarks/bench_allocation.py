"""Time the bounded least squares of the allocator against DAQP and quadprog, on the same wrenches in turn.

    python benchmarks/bench_allocation.py

The vehicles are those of the comparison in the issue: 14 small thrusters, and 20 like those of Apollo. Every
wrench is solved by each solver before the next one comes, so that a busy machine slows all of them alike; of
three passes over all wrenches the middle time counts, so that p99 is that of the solver and not of other
processes. Times include the call from Python. The cost is |S (B x - w)|^2 + 1e-6 |x|^2 with 0 <= x <= 1.
"""

import time
from collections.abc import Callable

import numpy as np

from lander_common.figures import report
from lander_thrusters.bounded_least_squares import SCRATCH, minimum

try:
    import daqp
    import quadprog
except ImportError:
    daqp = quadprog = None

_COUNT = 1500
_PASSES = 3
_BEYOND = 4  # every fourth wrench is out of reach

Solver = Callable[[np.ndarray], np.ndarray]


def thrusters_14() -> tuple[np.ndarray, np.ndarray]:
    """Return positions [m] and forces [N], (14, 3): 8 canted 22 N at 4 corners, 4 canted 440 N, 2 lateral."""
    places, forces = [], []
    for angle in np.radians([45, 135, 225, 315]):
        out, side = np.array([np.cos(angle), np.sin(angle), 0]), np.array([-np.sin(angle), np.cos(angle), 0])
        for sign in (1, -1):
            places.append(1.2 * out + [0, 0, 0.3])
            forces.append(22 * (0.6 * sign * side + [0, 0, 0.8 * sign]))
    for angle in np.radians([0, 90, 180, 270]):
        out = np.array([np.cos(angle), np.sin(angle), 0])
        places.append(0.6 * out - [0, 0, 0.8])
        forces.append(440 * (np.cos(np.radians(10)) * np.array([0, 0, 1]) - np.sin(np.radians(10)) * out))
    for axis in ([1, 0, 0], [0, 1, 0]):
        places.append([0.0, 0.0, 0.2])
        forces.append(22 * np.array(axis, float))
    return np.array(places), np.array(forces)


def thrusters_20() -> tuple[np.ndarray, np.ndarray]:
    """Return positions [m] and forces [N], (20, 3): 4 quads of 445 N, and 4 engines of 4 kN."""
    places, forces = [], []
    for angle in np.radians([45, 135, 225, 315]):
        out, side = np.array([np.cos(angle), np.sin(angle), 0]), np.array([-np.sin(angle), np.cos(angle), 0])
        for direction in ([0, 0, 1], [0, 0, -1], side, -side):
            places.append(1.7 * out + [0, 0, 0.2])
            forces.append(445 * np.array(direction, float))
        places.append(0.8 * out - [0, 0, 1.2])
        forces.append(np.array([0, 0, 4000.0]))
    return np.array(places), np.array(forces)


def problem(places: np.ndarray, forces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the Hessian (n, n) and the linear terms (_COUNT, n) of the wrenches."""
    b = np.vstack([forces.T, np.cross(places, forces).T])
    scaled = b / np.abs(b).sum(axis=1, keepdims=True) * 4.0
    n, rng = len(forces), np.random.default_rng(1)
    duties = rng.uniform(0.0, 1.0, (_COUNT, n))
    duties[::_BEYOND] = rng.choice([-2.0, 0.5, 3.0], (len(duties[::_BEYOND]), n))
    hessian = 2.0 * (scaled.T @ scaled + 1e-6 * np.eye(n))
    return hessian, 2.0 * duties @ scaled.T @ scaled


def solvers(hessian: np.ndarray) -> dict[str, Solver]:
    """Return the solvers that are there; each turns a linear term (n,) into duties (n,)."""
    n = len(hessian)
    zeros, ones, scratch = np.zeros(n), np.ones(n), np.zeros(1, SCRATCH)
    last = zeros

    def ours(gradient: np.ndarray) -> np.ndarray:
        nonlocal last
        last = minimum(hessian, gradient, ones, last, scratch)
        return last

    found: dict[str, Solver] = {'frigoris': ours}
    if daqp is not None:
        empty, sense = np.zeros((0, n)), np.zeros(n, dtype=np.int32)
        found['DAQP'] = lambda g: daqp.solve(hessian, -g, empty, ones, zeros, sense)[0]
        sides, bounds = np.hstack([np.eye(n), -np.eye(n)]), np.concatenate([zeros, -ones])
        found['quadprog'] = lambda g: quadprog.solve_qp(hessian, g, sides, bounds)[0]
    return found


def compare(title: str, places: np.ndarray, forces: np.ndarray) -> None:
    """Print time, ratio and worst extra cost over the best of all, for each solver."""
    hessian, gradients = problem(places, forces)
    found = solvers(hessian)
    times, costs = np.empty((_PASSES, _COUNT, len(found))), np.empty((_COUNT, len(found)))
    for solve in found.values():
        solve(gradients[-1])
    for one_pass in times:
        for k, gradient in enumerate(gradients):
            for s, solve in enumerate(found.values()):
                start = time.perf_counter()
                x = solve(gradient)
                one_pass[k, s] = 1e6 * (time.perf_counter() - start)
                x = np.clip(x, 0.0, 1.0)
                costs[k, s] = 0.5 * x @ hessian @ x - gradient @ x
    times = np.median(times, axis=0)
    median = np.median(times, axis=0)
    extra = (costs - costs.min(axis=1, keepdims=True)).max(axis=0)
    for s, name in enumerate(found):
        if s > 0:
            report(f'allocation, {title}, against {name}', median[0], 'us', name, median[s])
    print(f'{title}, {_COUNT} wrenches\n{"solver":12s} {"median":>10s} {"p99":>10s} {"p99/median":>11s} '
          f'{"ratio":>7s} {"worst extra cost":>17s}')
    for s, name in enumerate(found):
        p99 = np.percentile(times[:, s], 99)
        print(f'{name:12s} {median[s]:7.1f} us {p99:7.1f} us {p99 / median[s]:11.1f} '
              f'{median[s] / median[0]:7.2f} {extra[s]:17.1e}')


if __name__ == '__main__':
    if daqp is None:
        print('without peers; to measure them beside: pip install daqp quadprog')
    compare('14 thrusters', *thrusters_14())
    compare('20 thrusters', *thrusters_20())
