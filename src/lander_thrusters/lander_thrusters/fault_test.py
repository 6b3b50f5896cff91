"""The statistics of thruster faults: which single fault explains the motion better than none does.

Each thruster may be stuck off, weak or stuck on. For each of these, the log likelihood ratio against "all is
well" is summed up window by window and never falls below zero (Page's CUSUM). A fault is declared when its
sum leads those of all other thrusters, and zero, by the threshold (Nikiforov, IEEE Trans. Information
Theory 41(2) 1995). By Wald's inequality a sum passes a threshold h once in exp(h) windows, or less often.

What is merely different from the vehicle file is learnt: per axis, the error of all main engines, that of
all assist engines, and a bias, each by a scalar Kalman filter. The test sees the innovations, which are
white whatever those errors are.
"""

import numpy as np

from lander_common.compiled import compiled

OFF, WEAK, ON = range(3)
KINDS = ('stuck off', 'weak', 'stuck on')

CALM, SHOCK = -1, -2
_NO_SINGLE_FAULT = 60.0  # [-] squared residual (6 axes) that no noise leaves
_UNEXPLAINED = 0.04  # [-] share of the squared residual that a thruster may leave unexplained
_MORE_THAN_FULL = 1.05  # [-] of full thrust: nothing explains more by pushing harder
_ONE_WINDOW = 0.4  # [-] of the threshold: no single window may decide, it takes three at least
_LEARN = 3.0  # [sigma] the filter learns from what goes beyond as if it were that


@compiled
def judge(innovation: np.ndarray, covariance: np.ndarray, given: np.ndarray, held: np.ndarray,
          weak_loss: float, threshold: float, sums: np.ndarray) -> int:
    """Add the evidence of one window to `sums` (3, n), in place.

    Args:
        innovation: (6,) measured minus expected change of velocity [m/s] and rate [rad/s].
        covariance: (6, 6) of it, when all is well.
        given: (6, n) change expected of each thruster, included in what was expected.
        held: (6, n) change that it would make beyond that by never closing.
        weak_loss: share of thrust that a weak thruster has lost.
        threshold: of the sums.
        sums: log likelihood ratios, rows as KINDS.

    Returns:
        CALM; SHOCK if no single thruster explains the motion, or it is no number, then the sums start anew;
        or the thruster that is faulty, plus n times its kind.
    """
    n = given.shape[1]
    factor = np.linalg.cholesky(covariance)
    white = _whiten(factor, innovation)
    square = 0.0
    for v in white:
        square += v * v
    if not np.isfinite(square):
        sums[:] = 0.0
        return SHOCK
    gain = np.empty((3, n))
    explained = first = second = 0.0
    for i in range(n):
        loss, hold = _whiten(factor, given[:, i]), _whiten(factor, held[:, i])
        c = d = e = f = 0.0
        for k in range(6):
            c -= loss[k] * white[k]
            d += loss[k] * loss[k]
            e += hold[k] * white[k]
            f += hold[k] * hold[k]
        gain[OFF, i] = c - 0.5 * d
        gain[WEAK, i] = weak_loss * (c - 0.5 * weak_loss * d)
        gain[ON, i] = e - 0.5 * f
        explained = max(explained, _explained(c, d), _explained(e, f))
        best = max(gain[OFF, i], gain[WEAK, i], gain[ON, i])
        if best > first:
            first, second = best, first
        elif best > second:
            second = best
    left = square - explained
    if left > _NO_SINGLE_FAULT and left > _UNEXPLAINED * square:
        sums[:] = 0.0
        return SHOCK
    share = 1.0
    if first - second > _ONE_WINDOW * threshold:
        share = _ONE_WINDOW * threshold / (first - second)
    first, second, at, kind = 0.0, 0.0, -1, 0
    for i in range(n):
        best = 0.0
        for k in range(3):
            sums[k, i] = max(sums[k, i] + share * gain[k, i], 0.0)
            best = max(best, sums[k, i])
        if best > first:
            first, second, at = best, first, i
        elif best > second:
            second = best
    if first - second <= threshold:
        return CALM
    for k in range(3):
        if sums[k, at] == first:
            kind = k
    return at + n * kind


@compiled
def learn(state: np.ndarray, cov: np.ndarray, prior: np.ndarray, regressor: np.ndarray,
          innovation: np.ndarray, covariance: np.ndarray, drift: float) -> None:
    """Update the errors known per axis, `state` (6, 3) and `cov` (6, 3, 3), in place.

    `regressor` (6, 3) is what each has added up over the window; `drift` the share of the `prior` variance
    (6, 3) that is forgotten in this window.
    """
    for k in range(6):
        s = np.sqrt(covariance[k, k])
        v = min(max(innovation[k], -_LEARN * s), _LEARN * s)
        g = cov[k] @ regressor[k]
        for a in range(3):
            state[k, a] += g[a] * v / (s * s)
            for b in range(3):
                cov[k, a, b] -= g[a] * g[b] / (s * s)
        for a in range(3):
            cov[k, a, a] = min(cov[k, a, a] + drift * prior[k, a], prior[k, a])


@compiled
def _whiten(factor, v):
    """Solve `factor w = v` for a lower triangle, (6,)."""
    w = np.empty(6)
    for i in range(6):
        w[i] = v[i]
        for j in range(i):
            w[i] -= factor[i, j] * w[j]
        w[i] /= factor[i, i]
    return w


@compiled
def _explained(c, d):
    """Return by how much the best amplitude of a signature lowers the squared residual."""
    if c <= 0.0:
        return 0.0
    a = min(c / d, _MORE_THAN_FULL)
    return 2.0 * a * c - a * a * d
