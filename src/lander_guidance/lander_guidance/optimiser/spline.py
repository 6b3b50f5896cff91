"""Basis of the trajectory: position a cubic spline over time, velocity used (by thrust) a quadratic one.

So total acceleration and propellant flow per mass are linear between the knots (first-order hold), the
dynamics hold exactly between them too, and a value at a knot depends on two or three coefficients only.
Source: de Boor, A Practical Guide to Splines, 1978, chapters IX and X.
"""

import numpy as np

from lander_common.compiled import compiled


@compiled
def knots(intervals: int, late: int, share: float) -> np.ndarray:
    """Return (intervals + 1,) times from 0 to 1; the last `late` intervals share the last `share` of it."""
    times = np.empty(intervals + 1)
    early = intervals - late
    for k in range(intervals + 1):
        times[k] = (1.0 - share) * k / early if k <= early else 1.0 - share * (intervals - k) / late
    times[intervals] = 1.0
    return times


@compiled
def basis(times: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the weights of the coefficients at the knots `times`, (n + 1,).

    Cubic spline, n + 3 coefficients: value, first and second derivative at knot k, each (n + 1, 3), of
    coefficients k, k + 1, k + 2. Quadratic spline, n + 2 coefficients: value and derivative, each
    (n + 1, 2), of coefficients k, k + 1.
    """
    n = times.size - 1
    t = np.empty(n + 7)
    t[3:n + 4] = times
    for i in range(3):
        t[2 - i] = times[0] - (i + 1) * (times[1] - times[0])
        t[n + 4 + i] = times[n] + (i + 1) * (times[n] - times[n - 1])
    value, first, second = np.empty((n + 1, 3)), np.empty((n + 1, 3)), np.empty((n + 1, 3))
    value2, first2 = np.empty((n + 1, 2)), np.empty((n + 1, 2))
    for k in range(n + 1):
        i = k + 3
        x, span = t[i], t[i + 1] - t[i - 1]
        left, right = t[i + 1] - t[i - 2], t[i + 2] - t[i - 1]
        a, b = (t[i + 1] - x) / span, (x - t[i - 1]) / span
        value2[k], first2[k] = (a, b), (-2.0 / span, 2.0 / span)
        value[k] = ((t[i + 1] - x) / left * a,
                    (x - t[i - 2]) / left * a + (t[i + 2] - x) / right * b,
                    (x - t[i - 1]) / right * b)
        first[k] = (-3.0 * a / left, 3.0 * a / left - 3.0 * b / right, 3.0 * b / right)
        second[k] = (6.0 / (span * left), -6.0 / span * (1.0 / left + 1.0 / right), 6.0 / (span * right))
    return value, first, second, value2, first2


@compiled
def at_knots(weights: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Return the spline with `coefficients` (n + 3, m) or (n + 2, m) at the n + 1 knots, (n + 1, m)."""
    out = np.zeros((weights.shape[0], coefficients.shape[1]))
    for k in range(weights.shape[0]):
        for j in range(weights.shape[1]):
            out[k] += weights[k, j] * coefficients[k + j]
    return out
