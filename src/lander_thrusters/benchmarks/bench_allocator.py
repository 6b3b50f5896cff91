"""Time the bounded least squares of the allocator against other solvers of the same problem.

    python benchmarks/bench_allocator.py [VEHICLE_FILE]

quadprog and daqp take part when they are installed; scipy always does. Times include the call from Python.
"""

import importlib.util
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.optimize import lsq_linear

from lander_common.samples import Wrench
from lander_common.vehicle import Vehicle, load_vehicle
from lander_thrusters.allocator import ThrusterAllocator
from lander_thrusters.bounded_least_squares import minimise
from lander_thrusters.effectiveness import Effectiveness
from lander_thrusters.parameters import AllocatorParameters

_DEFAULT = Path(__file__).parents[3] / 'config' / 'vehicles' / 'resilience.yaml'
_COUNT = 1500

Solver = Callable[[np.ndarray], np.ndarray]


def solvers(hessian: np.ndarray) -> dict[str, Solver]:
    """Return the solvers that are there: each turns a linear term (m,) into duties (m,)."""
    m = len(hessian)
    zeros, ones = np.zeros(m), np.ones(m)
    factor = np.linalg.cholesky(hessian).T
    last = zeros

    def warm(gradient: np.ndarray) -> np.ndarray:
        nonlocal last
        last = minimise(hessian, gradient, ones, last)
        return last

    found: dict[str, Solver] = {
        'frigoris, cold': lambda g: minimise(hessian, g, ones, zeros),
        'frigoris, started at the last solution': warm,
        'scipy lsq_linear bvls': lambda g: lsq_linear(
            factor, np.linalg.solve(factor.T, g), (0.0, 1.0), method='bvls', tol=1e-14).x,
    }
    if importlib.util.find_spec('quadprog'):
        import quadprog
        sides, bounds = np.hstack([np.eye(m), -np.eye(m)]), np.concatenate([zeros, -ones])
        found['quadprog'] = lambda g: quadprog.solve_qp(hessian, g, sides, bounds)[0]
    if importlib.util.find_spec('daqp'):
        import daqp
        empty, sense = np.zeros((0, m)), np.zeros(m, dtype=np.int32)
        found['daqp'] = lambda g: daqp.solve(hessian, -g, empty, ones, zeros, sense)[0]
    return found


def compare(vehicle: Vehicle) -> None:
    """Print time and excess cost of each solver on the same random wrenches, a quarter out of reach."""
    model, rng = Effectiveness(AllocatorParameters(), vehicle), np.random.default_rng(1)
    reach = 0.5 * np.abs(model.pulsed_wrench).sum(axis=1)
    wrenches = rng.normal(size=(_COUNT, 6)) * reach * rng.choice([0.1, 0.3, 0.6, 2.0], size=(_COUNT, 1))
    gradients = wrenches @ model.gradient.T

    def cost(x: np.ndarray) -> np.ndarray:
        return 0.5 * np.einsum('ki,ij,kj->k', x, model.hessian, x) - np.einsum('ki,ki->k', gradients, x)

    results = {name: _timed(solve, gradients) for name, solve in solvers(model.hessian).items()}
    best = np.min([cost(x) for x, _ in results.values()], axis=0)
    print(f'{len(model.pulsed)} thrusters, {_COUNT} wrenches')
    print(f'{"solver":40s} {"median":>10s} {"p99":>10s} {"worst excess cost":>18s}')
    for name, (x, times) in results.items():
        print(f'{name:40s} {np.median(times):7.1f} us {np.percentile(times, 99):7.1f} us '
              f'{np.max(cost(x) - best):18.1e}')


def whole_step(vehicle: Vehicle) -> None:
    """Print the time of a whole cycle of the allocator, with and without a new window."""
    allocator, rng = ThrusterAllocator(AllocatorParameters(), vehicle), np.random.default_rng(2)
    times = np.empty(5000)
    for k in range(len(times)):
        wrench = Wrench(k * 0.01, np.array([0.0, 0.0, rng.uniform(500, 1600)]), rng.normal(size=3) * 10.0)
        start = time.perf_counter()
        allocator.step(wrench)
        times[k] = time.perf_counter() - start
    for name, chosen in (('cycle with a new window', times[::10]), ('cycle within a window', times[1::10])):
        print(f'{name:40s} {np.median(chosen) * 1e6:7.1f} us {np.percentile(chosen, 99) * 1e6:7.1f} us')


def _timed(solve: Solver, gradients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    solutions, times = np.empty_like(gradients), np.empty(len(gradients))
    solve(gradients[0])
    for k, gradient in enumerate(gradients):
        start = time.perf_counter()
        solutions[k] = solve(gradient)
        times[k] = 1e6 * (time.perf_counter() - start)
    return solutions, times


if __name__ == '__main__':
    model_file = load_vehicle(sys.argv[1] if len(sys.argv) > 1 else _DEFAULT)
    compare(model_file)
    whole_step(model_file)
