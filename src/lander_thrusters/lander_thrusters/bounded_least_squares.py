"""Bounded least squares by active sets: the optimum, in a few microseconds, the same on every run."""

import numpy as np

from lander_common.compiled import compiled


@compiled
def minimise(hessian: np.ndarray, gradient: np.ndarray, upper: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Minimise `x' hessian x / 2 - gradient' x` with `0 <= x <= upper`.

    For `min |A x - b|^2` pass `hessian = A' A` (n, n), positive definite, and `gradient = A' b` (n,).
    `start` (n,) is any guess, best the last solution; it sets only how long the search takes.
    Variables at a bound are freed one by one, largest gain first; each time the free ones move to
    their minimum, or up to the first bound in their way (Stark and Parker's BVLS).
    """
    n = gradient.size
    x = np.minimum(np.maximum(start, 0.0), upper)
    free = (x > 0.0) & (x < upper)
    if n == 0:
        return x
    slope_limit = 1e-11 * (1.0 + np.max(np.abs(gradient)))
    for _ in range(20 * n):
        _descend(hessian, gradient, upper, x, free)
        best, best_slope = -1, slope_limit
        for i in range(n):
            if free[i] or upper[i] <= 0.0:
                continue
            slope = gradient[i]
            for j in range(n):
                slope -= hessian[i, j] * x[j]
            if x[i] >= upper[i]:
                slope = -slope
            if slope > best_slope:
                best, best_slope = i, slope
        if best < 0:
            break
        free[best] = True
    return x


@compiled
def _descend(hessian, gradient, upper, x, free):
    """Move the free variables to their minimum within the bounds; those that hit a bound stay there."""
    n = gradient.size
    index, factor, goal = np.empty(n, np.int64), np.empty((n, n)), np.empty(n)
    while True:
        m = 0
        for i in range(n):
            if free[i]:
                index[m] = i
                m += 1
        if m == 0:
            return
        for a in range(m):
            i = index[a]
            goal[a] = gradient[i]
            for j in range(n):
                if not free[j]:
                    goal[a] -= hessian[i, j] * x[j]
        _solve(hessian, index, m, factor, goal)
        step = 1.0
        for a in range(m):
            i = index[a]
            if goal[a] <= 0.0:
                step = min(step, x[i] / (x[i] - goal[a]) if x[i] > goal[a] else 0.0)
            elif goal[a] >= upper[i]:
                step = min(step, (upper[i] - x[i]) / (goal[a] - x[i]) if goal[a] > x[i] else 0.0)
        stopped = False
        for a in range(m):
            i = index[a]
            move = step * (goal[a] - x[i])
            if goal[a] <= 0.0 and x[i] + move <= 1e-15:
                x[i], free[i], stopped = 0.0, False, True
            elif goal[a] >= upper[i] and x[i] + move >= upper[i] - 1e-15:
                x[i], free[i], stopped = upper[i], False, True
            else:
                x[i] += move
        if not stopped:
            return


@compiled
def _solve(hessian, index, m, factor, b):
    """Solve the rows and columns `index[:m]` of `hessian` for `b[:m]`, in place, by Cholesky."""
    for i in range(m):
        for j in range(i + 1):
            total = hessian[index[i], index[j]]
            for k in range(j):
                total -= factor[i, k] * factor[j, k]
            factor[i, j] = np.sqrt(total) if i == j else total / factor[j, j]
    for i in range(m):
        for k in range(i):
            b[i] -= factor[i, k] * b[k]
        b[i] /= factor[i, i]
    for i in range(m - 1, -1, -1):
        for k in range(i + 1, m):
            b[i] -= factor[k, i] * b[k]
        b[i] /= factor[i, i]
