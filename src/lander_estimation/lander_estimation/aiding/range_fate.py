"""What becomes of a range: fused, rejected, or taken for a change of the ground."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.vectors import Vector, add_scaled, length
from lander_estimation.aiding.hypotheses import (
    ALTITUDE,
    GROUND,
    SENSOR,
    judge,
    remember,
    stands_still,
    testify,
    unlike,
)
from lander_estimation.aiding.range import listen, predict
from lander_estimation.layout import D_POSITION, D_TERRAIN, D_VELOCITY, ERROR_SIZE, POSITION, TERRAIN
from lander_estimation.outcome import (
    ABOVE_GATE,
    ALTITUDE_WRONG,
    FUSED,
    GROUND_CHANGED,
    LATCHED,
    NO_REASON,
    NOT_COMPUTABLE,
    REJECTED,
    SENSOR_BROKEN,
    STANDS_STILL,
    TERRAIN_CHANGE,
)
from lander_estimation.terrain import prior_variance
from lander_estimation.update import project

NEWTON = 3  # steps to put the ground where a range meets it: centimetres after kilometres
ALIKE = 3.0  # [sigma] of the site's law and the altitude: ground within is like the site
LATCH_S = 0.5  # [s] of disagreement before the altitude latch falls


@compiled
def up(x: np.ndarray) -> Vector:
    """Return the direction of the vertical in `moon`."""
    k = 1.0 / length((x[POSITION], x[POSITION + 1], x[POSITION + 2]))
    return k * x[POSITION], k * x[POSITION + 1], k * x[POSITION + 2]


@compiled
def along(vertical: Vector, cov: np.ndarray, first: int) -> float:
    """Return the variance along the vertical of three error states from `first` on."""
    total = 0.0
    for i in range(3):
        for j in range(3):
            total += vertical[i] * vertical[j] * cov[first + i, first + j]
    return total


@compiled
def decide(est: np.void, item: np.void, ratio: float) -> tuple[int, int]:
    """Return outcome and reason of the range in `est.prediction`, whose test ratio is given.

    If it is believed against the gate, the covariance is raised and the range compared anew.
    """
    model, p, memory = est.model, est.prediction, est.beams[item.beam]
    if est.latched:
        return REJECTED, LATCHED
    if stands_still(memory, p.observation[0], est.climb, p.noise[0]):
        memory.probability[GROUND] = memory.probability[ALTITUDE] = 0.0
        memory.probability[SENSOR] = 1.0
        memory.judged = item.time
        return REJECTED, STANDS_STILL
    if ratio <= 1.0:
        return _fits(est, item)
    shot = memory.shots[remember(memory, item.time, model.range_window_s, est.x[TERRAIN])]
    shot.time, shot.reading = item.time, p.observation[0]
    shot.offset = p.innovation[0] * p.cosine
    shot.noise = p.noise[0] * p.cosine * p.cosine
    shot.spread = p.innovation_variance[0] * p.cosine * p.cosine
    for i in range(3):
        shot.foot[i] = p.foot[i]
    if model.latch:
        est.latched = item.time - memory.shots[0].time > LATCH_S
        return REJECTED, ABOVE_GATE
    if memory.count < 2:
        return REJECTED, ABOVE_GATE
    vertical = up(est.x)
    judge(memory, model.range_recovery_count, model, shot.spread - shot.noise,
          along(vertical, est.cov, D_VELOCITY))
    real = memory.probability[GROUND] + memory.probability[ALTITUDE]
    if memory.count < model.range_recovery_count or real < model.range_recovery:
        return REJECTED, SENSOR_BROKEN if real < 0.5 else ABOVE_GATE
    share = memory.probability[GROUND] / real
    if share >= 0.5 and _like_site(est, memory.offset):
        return (TERRAIN_CHANGE, GROUND_CHANGED) if _return_to_site(est, item) else (REJECTED, NOT_COMPUTABLE)
    square = memory.offset * memory.offset if 1.0 - share >= model.credible else 0.0
    for i in range(3):
        for j in range(3):
            est.cov[D_POSITION + i, D_POSITION + j] += (1.0 - share) * square * vertical[i] * vertical[j]
    if not _raise(est, item, share, memory.offset):
        return REJECTED, NOT_COMPUTABLE  # the altitude stays in doubt, the ground as it was
    return (TERRAIN_CHANGE, GROUND_CHANGED) if share >= 0.5 else (FUSED, ALTITUDE_WRONG)


@compiled
def _like_site(est: np.void, offset: float) -> bool:
    """Return whether the ground was nothing like the site's law, and an offset [m] brings it back to it."""
    foot = est.prediction.foot
    variance = prior_variance((foot[0], foot[1], foot[2]), est.model)
    variance += along(up(est.x), est.cov, D_POSITION)
    before = est.x[TERRAIN] - est.model.site_height
    after = before - offset
    return before * before > ALIKE * ALIKE * variance > after * after


@compiled
def _return_to_site(est: np.void, item: np.void) -> bool:
    """Forget the ground so far: what is below the beam has the height of the site, as far as its law goes.

    That tells the altitude above the sphere, which ground unlike the site could not.
    """
    p, cov = est.prediction, est.cov
    foot = p.foot
    variance = prior_variance((foot[0], foot[1], foot[2]), est.model)
    height = est.x[TERRAIN]
    est.x[TERRAIN] = est.model.site_height
    if predict(est, item) != NO_REASON:
        est.x[TERRAIN] = height
        return False
    for k in range(ERROR_SIZE):
        cov[k, D_TERRAIN] = cov[D_TERRAIN, k] = 0.0
    cov[D_TERRAIN, D_TERRAIN] = variance
    return math.isfinite(project(p, cov))


@compiled
def _raise(est: np.void, item: np.void, share: float, offset: float) -> bool:
    """Let the ground explain its share of an offset [m]; compare the range anew, return whether that worked.

    If it explains most, the ground is put where the range meets it: over kilometres the update is far from
    linear, and what it leaves would be taken for an error in position.
    """
    p, height, variance = est.prediction, est.x[TERRAIN], est.cov[D_TERRAIN, D_TERRAIN]
    seen, good = p.innovation[0], True
    est.cov[D_TERRAIN, D_TERRAIN] += share * offset * offset
    for _ in range(NEWTON if share >= 0.5 else 0):
        est.x[TERRAIN] -= p.innovation[0] * p.cosine
        good = good and predict(est, item) == NO_REASON
    good = good and math.isfinite(project(p, est.cov))
    p.innovation[0] = seen  # for the report
    if not good:
        est.x[TERRAIN], est.cov[D_TERRAIN, D_TERRAIN] = height, variance
    return good


@compiled
def _fits(est: np.void, item: np.void) -> tuple[int, int]:
    """Return outcome and reason of a range within the gate; ground unlike the site's law may explain it."""
    p = est.prediction
    listen(est, item)
    offset, variance = p.innovation[0] * p.cosine, p.innovation_variance[0] * p.cosine * p.cosine
    usual = offset * offset <= variance or est.way <= 0.0
    if usual or _raise(est, item, unlike(offset, variance, est.way, est.model), offset):
        return FUSED, NO_REASON
    return REJECTED, NOT_COMPUTABLE


@compiled
def settle(est: np.void, item: np.void) -> None:
    """Take note that the range in `est.prediction` is being fused."""
    p = est.prediction
    spread = p.innovation_variance[0] * p.cosine * p.cosine
    est.way = 0.0
    for k in range(est.model.beams):
        memory = est.beams[k]
        if k == item.beam:
            memory.count = 0
            memory.judged = math.nan
            memory.last_time = item.time
            for i in range(3):
                memory.last_foot[i] = p.foot[i]
        elif memory.count > 0:
            last = memory.shots[memory.count - 1]
            way = length(add_scaled((p.foot[0], p.foot[1], p.foot[2]), -1.0, last.foot))
            testify(memory, item.time, spread, way, est.model)
