"""Bounded least squares by block pivoting: the optimum, in a few microseconds, the same on every run."""

import numpy as np

from lander_common.compiled import compiled
from lander_common.vehicle import MOST

_LOWER, _FREE, _UPPER, _FIXED = -1, 0, 1, 2
_CHANCES = 3  # blocks in a row that may leave as many variables wrong as before
_ROUNDS = 50  # of the descent, per variable, at most: far more than any problem took

SCRATCH = np.dtype([
    ('side', np.int64, MOST), ('wrong', np.int64, MOST), ('index', np.int64, MOST),
    ('factor', float, (MOST, MOST)), ('rows', np.int64), ('work', float, MOST), ('goal', float, MOST)])
"""Room for `minimise`. It keeps the factor: whoever changes the hessian sets `rows` to 0."""


@compiled
def minimise(n: int, hessian: np.ndarray, gradient: np.ndarray, upper: np.ndarray, x: np.ndarray,
             scratch: np.void) -> None:
    """Minimise `x' hessian x / 2 - gradient' x` with `0 <= x <= upper`, n variables, in place.

    For `min |A x - b|^2` pass `hessian = A' A`, positive definite, and `gradient = A' b`; arrays may be
    longer than n. `x` is any guess, best the last solution; it sets only how long the search takes.

    Each variable is guessed to be at a bound or free; the free ones are solved for; those that then leave
    their bounds, or want to leave the one they are at, all change sides at once (block pivoting: Júdice and
    Pires, Computers & Operations Research 21(5) 1994). When that stops helping, which is seldom, the cost
    descends from there, one variable freed at a time (Stark and Parker's BVLS), which always ends.
    """
    side, wrong = scratch.side, scratch.wrong
    largest = 0.0
    for i in range(n):
        largest = max(largest, abs(gradient[i]))
        if upper[i] <= 0.0:
            side[i] = _FIXED
        elif x[i] <= 0.0:
            side[i] = _LOWER
        else:
            side[i] = _UPPER if x[i] >= upper[i] else _FREE
    slope_limit = 1e-11 * (1.0 + largest)
    fewest, chances = n + 1, _CHANCES
    while chances >= 0:
        _solve(n, hessian, gradient, upper, x, scratch)
        count, _ = _find_wrong(n, hessian, gradient, upper, slope_limit, x, scratch)
        if count == 0:
            return
        if count < fewest:
            fewest, chances = count, _CHANCES
        else:
            chances -= 1
        for i in range(n):
            if wrong[i]:
                side[i] = _FREE if side[i] != _FREE else (_LOWER if x[i] < 0.0 else _UPPER)
    for i in range(n):
        if side[i] != _FIXED:
            x[i] = min(max(x[i], 0.0), upper[i])
            side[i] = _LOWER if x[i] <= 0.0 else (_UPPER if x[i] >= upper[i] else _FREE)
    for _ in range(_ROUNDS * n):
        _solve(n, hessian, gradient, upper, scratch.goal, scratch)
        if _go(n, x, scratch.goal, upper, side):
            count, last = _find_wrong(n, hessian, gradient, upper, slope_limit, x, scratch)
            if count == 0:
                break
            side[last] = _FREE


@compiled
def _go(n, x, goal, upper, side):
    """Move x to the goal, or up to the first bound in the way, where that variable stays: then False."""
    step, stop = 1.0, -1
    for i in range(n):
        if side[i] == _FREE and (goal[i] < 0.0 or goal[i] > upper[i]):
            room = (upper[i] if goal[i] > upper[i] else 0.0) - x[i]
            if room / (goal[i] - x[i]) <= step:  # also a step that rounds to the whole one
                step, stop = room / (goal[i] - x[i]), i
    for i in range(n):
        if side[i] == _FREE:
            x[i] = goal[i] if stop < 0 else min(max(x[i] + step * (goal[i] - x[i]), 0.0), upper[i])
    if stop >= 0:
        side[stop] = _LOWER if goal[stop] < 0.0 else _UPPER
        x[stop] = 0.0 if goal[stop] < 0.0 else upper[stop]
    return stop < 0


@compiled
def _solve(n, hessian, gradient, upper, x, scratch):
    """Put variables at their bounds and the free ones at their minimum: Cholesky of their rows, columns."""
    side, index, factor, work = scratch.side, scratch.index, scratch.factor, scratch.work
    m, rows = 0, scratch.rows  # each row of the factor follows from those before: the first often stay
    for i in range(n):
        x[i] = upper[i] if side[i] == _UPPER else 0.0
        if side[i] == _FREE:
            if m < rows and index[m] != i:
                rows = m
            index[m] = i
            m += 1
    scratch.rows = max(m, rows)
    for a in range(m):
        i = index[a]
        right, diagonal = gradient[i], hessian[i, i]
        for j in range(n):
            right -= hessian[i, j] * x[j]
        if a < rows:
            for b in range(a):
                right -= factor[a, b] * work[b]
            work[a] = right * factor[a, a]
            continue
        for b in range(a):
            total = hessian[i, index[b]]
            for c in range(b):
                total -= factor[a, c] * factor[b, c]
            total *= factor[b, b]
            factor[a, b] = total
            right -= total * work[b]
            diagonal -= total * total
        factor[a, a] = 1.0 / np.sqrt(diagonal)  # the inverse: dividing is slow
        work[a] = right * factor[a, a]
    for a in range(m - 1, -1, -1):
        value = work[a] * factor[a, a]
        x[index[a]] = value
        for b in range(a):
            work[b] -= factor[a, b] * value


@compiled
def _find_wrong(n, hessian, gradient, upper, slope_limit, x, scratch):
    """Mark free variables out of bounds and bound ones that gain by leaving; return count and the last."""
    side, wrong = scratch.side, scratch.wrong
    count, last = 0, -1
    for i in range(n):
        if side[i] == _FREE:
            wrong[i] = x[i] < 0.0 or x[i] > upper[i]
        elif side[i] == _FIXED:
            wrong[i] = False
        else:
            slope = gradient[i]
            for j in range(n):
                slope -= hessian[i, j] * x[j]
            wrong[i] = side[i] * slope < -slope_limit
        if wrong[i]:
            count, last = count + 1, i
    return count, last


@compiled
def minimum(hessian: np.ndarray, gradient: np.ndarray, upper: np.ndarray, start: np.ndarray,
            scratch: np.ndarray) -> np.ndarray:
    """Return what `minimise` finds from `start`; `scratch`: (1,) of SCRATCH."""
    x = start.copy()
    scratch[0].rows = 0
    minimise(gradient.size, hessian, gradient, upper, x, scratch[0])
    return x
