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
from lander_common.vehicle import MOST

OFF, WEAK, ON = range(3)
KINDS = ('stuck off', 'weak', 'stuck on')

CALM, SHOCK = -1, -2
_NO_SINGLE_FAULT = 60.0  # [-] squared residual (6 axes) that no noise leaves
_UNEXPLAINED = 0.04  # [-] share of the squared residual that a thruster may leave unexplained
_MORE_THAN_FULL = 1.05  # [-] of full thrust: nothing explains more by pushing harder
_ONE_WINDOW = 0.4  # [-] of the threshold: no single window may decide, it takes three at least
_LEARN = 3.0  # [sigma] the filter learns from what goes beyond as if it were that

EVIDENCE = np.dtype([
    ('count', np.int64),  # n: of thrusters
    ('weak_loss', float),  # [-] share of thrust that a weak thruster has lost
    ('threshold', float),  # of the sums
    ('sums', float, (3, MOST)),  # log likelihood ratios, rows as KINDS
    # Of one window: change of velocity [m/s] and rate [rad/s].
    ('firing', np.int64), ('fired', np.int64, MOST),  # how many thrusters gave anything, and which
    ('innovation', float, 6),  # measured minus expected
    ('covariance', float, (6, 6)),  # of it, when all is well; the lower triangle
    ('given', float, (6, MOST)),  # expected of each thruster that fired, included in what was expected
    ('held', float, (6, MOST)),  # what it would give beyond that by never closing
    ('regressor', float, (6, 3)),  # what each constant error has added up to
    # Room for `judge`.
    ('factor', float, (6, 6)), ('white', float, 6), ('signature', float, 6), ('gain', float, (3, MOST)),
])


@compiled
def judge(e: np.void) -> int:
    """Add the evidence of one window to the sums.

    Returns:
        CALM; SHOCK if no single thruster explains the motion, or it is no number, then the sums start anew;
        or the thruster that is faulty, plus n times its kind.
    """
    n, gain = e.count, e.gain
    _whiten(e)
    white, square = e.white, 0.0
    for k in range(6):
        square += white[k] * white[k]
    if not np.isfinite(square):
        _clear(e)
        return SHOCK
    explained = first = second = 0.0
    # Most faults would have shown in far more than has been seen. Their sums, where they are zero, stay so.
    seen = square if square <= _NO_SINGLE_FAULT else np.inf
    for i in range(n):
        gain[OFF, i] = gain[WEAK, i] = gain[ON, i] = 0.0
        if e.sums[ON, i] > 0.0 or not _shows(e, e.held, i, 4.0 * seen):
            h, f = _match(e, e.held, i)
            gain[ON, i] = h - 0.5 * f
            explained = max(explained, _explained(h, f))
    for m in range(e.firing):
        i = e.fired[m]
        known = e.sums[OFF, i] > 0.0 or e.sums[WEAK, i] > 0.0
        if known or not _shows(e, e.given, i, 4.0 * seen / e.weak_loss**2):
            c, d = _match(e, e.given, i)
            gain[OFF, i] = -c - 0.5 * d
            gain[WEAK, i] = e.weak_loss * (-c - 0.5 * e.weak_loss * d)
            explained = max(explained, _explained(-c, d))
    for i in range(n):
        best = max(gain[OFF, i], gain[WEAK, i], gain[ON, i])
        if best > first:
            first, second = best, first
        elif best > second:
            second = best
    left = square - explained
    if left > _NO_SINGLE_FAULT and left > _UNEXPLAINED * square:
        _clear(e)
        return SHOCK
    share = 1.0
    if first - second > _ONE_WINDOW * e.threshold:
        share = _ONE_WINDOW * e.threshold / (first - second)
    first, second, at, kind = 0.0, 0.0, -1, 0
    for i in range(n):
        best = 0.0
        for k in range(3):
            e.sums[k, i] = max(e.sums[k, i] + share * gain[k, i], 0.0)
            best = max(best, e.sums[k, i])
        if best > first:
            first, second, at = best, first, i
        elif best > second:
            second = best
    if first - second <= e.threshold:
        return CALM
    for k in range(3):
        if e.sums[k, at] == first:
            kind = k
    if kind != ON and share < 1.0:  # this window says it all; while thrust decays, off looks weak
        kind = OFF if gain[OFF, at] > gain[WEAK, at] else WEAK
    return at + n * kind


@compiled
def learn(e: np.void, state: np.ndarray, cov: np.ndarray, prior: np.ndarray, drift: float) -> None:
    """Update the errors known per axis, `state` (6, 3) and `cov` (6, 3, 3), in place.

    `drift` is the share of the `prior` variance (6, 3) that is forgotten in this window.
    """
    r = e.regressor
    for k in range(6):
        c = cov[k]
        limit, per_variance = _LEARN * np.sqrt(e.covariance[k, k]), 1.0 / e.covariance[k, k]
        v = min(max(e.innovation[k], -limit), limit) * per_variance
        g = (c[0, 0] * r[k, 0] + c[0, 1] * r[k, 1] + c[0, 2] * r[k, 2],
             c[1, 0] * r[k, 0] + c[1, 1] * r[k, 1] + c[1, 2] * r[k, 2],
             c[2, 0] * r[k, 0] + c[2, 1] * r[k, 1] + c[2, 2] * r[k, 2])
        for a in range(3):
            state[k, a] += g[a] * v
            for b in range(3):
                c[a, b] -= g[a] * g[b] * per_variance
        for a in range(3):
            c[a, a] = min(c[a, a] + drift * prior[k, a], prior[k, a])


@compiled
def _clear(e):
    for k in range(3):
        for i in range(e.count):
            e.sums[k, i] = 0.0


@compiled
def _whiten(e):
    """Factor the covariance, and divide the innovation by it: `white`."""
    factor, white = e.factor, e.white
    for a in range(6):
        for b in range(a + 1):
            total = e.covariance[a, b]
            for c in range(b):
                total -= factor[a, c] * factor[b, c]
            factor[a, b] = total * factor[b, b] if b < a else 1.0 / np.sqrt(total)  # the inverse: cheaper
    for a in range(6):
        white[a] = e.innovation[a]
        for b in range(a):
            white[a] -= factor[a, b] * white[b]
        white[a] *= factor[a, a]


@compiled
def _match(e, effect, i):
    """Return what of the residual lies along an effect of thruster i, and the square of that effect."""
    s, factor, along, square = e.signature, e.factor, 0.0, 0.0
    for a in range(6):
        total = effect[a, i]
        for b in range(a):
            total -= factor[a, b] * s[b]
        s[a] = factor[a, a] * total
        along += s[a] * e.white[a]
        square += s[a] * s[a]
    return along, square


@compiled
def _shows(e, effect, i, limit):
    """Return whether the square of an effect of thruster i is above `limit`: on one axis it is never larger.

    Four times the squared residual speak against the effect, whatever its direction (Cauchy and Schwarz).
    """
    shows = False
    for k in range(6):
        shows |= effect[k, i] * effect[k, i] > limit * e.covariance[k, k]
    return shows


@compiled
def _explained(c, d):
    """Return by how much the best amplitude of a signature lowers the squared residual."""
    if c <= 0.0:
        return 0.0
    a = min(c / d, _MORE_THAN_FULL)
    return 2.0 * a * c - a * a * d
