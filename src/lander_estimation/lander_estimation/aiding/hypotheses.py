"""Why do the ranges of a beam disagree? Explanations, weighed over the window of rejected ranges.

The ground has changed, or the altitude is wrong: then the offset between measured and believed altitude may
be large, but it follows the estimated motion - whatever the direction of flight - but for noise and the walk
of the terrain. Or the sensor is broken: ranges are noise, or anything, or stand still, or are off by a
constant.
Each explanation gets its likelihood over the window, in closed form or from a filter of one state (the
offset), and a prior: that of the ground from the slopes of the site and the way the footprint has gone since
the last range fused, that of the altitude from its variance and the time since. No explanation is ever final.
"""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.vectors import add_scaled, length
from lander_estimation.record import WINDOW

GROUND, ALTITUDE, SENSOR = range(3)
NAMES = ('the ground changed', 'the altitude is wrong', 'the range finder is broken')

NOISY, ARBITRARY, STUCK, BIASED = 1e-2, 1e-2, 1e-3, 1e-6
"""Prior probabilities of ways in which a range finder breaks between two ranges; assumed."""
LOUD = 10.0  # a noisy sensor has so many times its sigma
BIAS_SCALE = 1000.0  # [m]
ROUGH = 10.0  # where the ground has a step it is rough: so many times its usual walk
STEP_RATE = 1e-3  # [1/m] steps in the ground per metre flown, times the slope of the site
ALTITUDE_RATE = 1e-3  # [1/s] of trouble with the altitude while no range is fused
STATE = 1e-2  # the state vector is off by more than it says; assumed
UNLIKE = 0.05  # share of ground never measured that is nothing like the site (rims, craters); assumed
TESTIMONY_S = 1.2  # [s] what another beam says counts for so long: six of its shots
LEAST_AGAINST = -12.0  # log likelihood: another beam sees no step, but may be broken itself


@compiled
def _cauchy(value: float, scale: float) -> float:
    return math.log(scale / (math.pi * (scale * scale + value * value)))


@compiled
def _normal(square: float, variance: float) -> float:
    return -0.5 * (square / variance + math.log(2.0 * math.pi * variance))


@compiled
def _sum(a: float, b: float) -> float:
    """Return the logarithm of the sum of two numbers given by their logarithms."""
    low, high = min(a, b), max(a, b)
    return high + math.log1p(math.exp(low - high))


@compiled
def steps(way: float, model: np.void) -> float:
    """Return how likely the ground has a step in a way of so many metres over it."""
    return STEP_RATE * math.sqrt(model.slope_variance / model.slope_length) * way


@compiled
def unlike(offset: float, variance: float, way: float, model: np.void) -> float:
    """Return the probability that a range within the gate shows ground that is nothing like the site's law.

    The law has no tails, but the ground has: without this a rim would be taken for an error in position.

    Args:
        offset: of the altitude [m].
        variance: of it by the law [m^2].
        way: since the last range [m].
        model: of the filter.
    """
    share = min(UNLIKE, steps(way, model))
    wide = variance + model.far_variance
    plain = math.log1p(-share) + _normal(offset * offset, variance)
    return 1.0 / (1.0 + math.exp(plain - math.log(share) - _normal(offset * offset, wide)))


@compiled
def remember(memory: np.void, time: float, window: float, terrain: float) -> int:
    """Drop what is older than the window; return the place for the next rejected range.

    The offsets kept are seen anew against the height of the ground [m] believed now, which goes back to that
    of the site while nothing is fused: else it would look as if they did not follow the motion.
    """
    for k in range(memory.count):
        memory.shots[k].offset += terrain - memory.terrain
    memory.terrain = terrain
    drop = 0
    while drop < memory.count and (memory.count - drop == WINDOW
                                   or time - memory.shots[drop].time > window + 1e-6):
        drop += 1
    for k in range(memory.count - drop):
        a, b = memory.shots[k + drop], memory.shots[k]
        b.time, b.offset, b.noise, b.spread, b.reading = a.time, a.offset, a.noise, a.spread, a.reading
        for i in range(3):
            b.foot[i] = a.foot[i]
    memory.count -= drop
    memory.count += 1
    return memory.count - 1


@compiled
def _weigh(memory: np.void, first: int, model: np.void, altitude_variance: float,
           climb_variance: float) -> tuple[float, float, float, float]:
    """Weigh the rejected ranges from place `first` on.

    Returns:
        Probabilities that the ground changed, that the altitude is wrong; offset of the altitude then [m] and
        its variance.
    """
    shots, count = memory.shots, memory.count
    start = shots[first]
    offset, variance = start.offset, start.noise
    follows = 0.0  # log likelihood of offsets after the first, if they follow the motion
    noisy = _normal(start.offset * start.offset, start.spread + LOUD * LOUD * start.noise)
    stuck = 0.0
    for k in range(first + 1, count):
        shot, before = shots[k], shots[k - 1]
        dt = shot.time - before.time
        way = length(add_scaled(shot.foot, -1.0, before.foot))
        variance += ROUGH * model.slope_variance * way + climb_variance * dt * dt
        s = variance + shot.noise
        miss = shot.offset - offset
        follows += _normal(miss * miss, s)
        offset += variance / s * miss
        variance -= variance * variance / s
        noisy += _normal(shot.offset * shot.offset, shot.spread + LOUD * LOUD * shot.noise)
        stuck += -0.5 * math.log(0.01 * shot.noise) if shot.reading == before.reading else -1e6
    anything = -math.log(model.range_limit)
    age = start.time - memory.last_time  # NaN: no range yet
    way = length(add_scaled(start.foot, -1.0, memory.last_foot)) + 1.0
    ground = min(0.5, steps(way, model))
    altitude = min(0.5, max(1e-6, ALTITUDE_RATE * age))
    if not age >= 0.0:
        ground, altitude = 0.5, STATE
    far = math.sqrt(model.far_variance)
    against = memory.against if shots[count - 1].time - memory.against_time < TESTIMONY_S else 0.0
    log_ground = math.log(ground) + _cauchy(start.offset, far) + follows + against
    log_altitude = (math.log(altitude) + _cauchy(start.offset, math.sqrt(altitude_variance)) + follows
                    + against)
    log_sensor = _sum(math.log(NOISY) + noisy, math.log(ARBITRARY) + (count - first) * anything)
    log_sensor = _sum(log_sensor, math.log(STUCK) + anything + stuck)
    log_sensor = _sum(log_sensor, math.log(BIASED) + _cauchy(start.offset, BIAS_SCALE) + follows)
    total = _sum(_sum(log_ground, log_altitude), log_sensor)
    return math.exp(log_ground - total), math.exp(log_altitude - total), offset, variance


@compiled
def judge(memory: np.void, wanted: int, model: np.void, altitude_variance: float,
          climb_variance: float) -> None:
    """Write to the memory the probabilities of the explanations and the offset of the altitude.

    Ranges from before a step in the ground must not count against it: of all windows of at least `wanted`
    ranges that end with the last one, that counts in which a real offset is most probable.
    """
    best = -1.0
    for first in range(max(0, memory.count - max(wanted, 2)) + 1):
        ground, altitude, offset, variance = _weigh(memory, first, model, altitude_variance, climb_variance)
        if ground + altitude > best:
            best = ground + altitude
            memory.probability[GROUND], memory.probability[ALTITUDE] = ground, altitude
            memory.probability[SENSOR] = 1.0 - best
            memory.offset, memory.variance = offset, variance
    memory.judged = memory.shots[memory.count - 1].time


@compiled
def testify(memory: np.void, time: float, spread: float, way: float, model: np.void) -> None:
    """Let a range that another beam has fused, `way` [m] aside, speak against a real offset of this beam."""
    if memory.count == 0:
        return
    offset = memory.shots[memory.count - 1].offset
    variance = spread + ROUGH * model.slope_variance * way
    against = memory.against if time - memory.against_time < TESTIMONY_S else 0.0
    memory.against = max(LEAST_AGAINST, against - 0.5 * offset * offset / variance)
    memory.against_time = time


@compiled
def stands_still(memory: np.void, reading: float, climb: float, noise: float) -> bool:
    """Return whether the beam repeats one reading although the lander moves.

    Args:
        memory: of the beam.
        reading: range [m].
        climb: by the IMU, since the start of the flight [m]; ranges do not correct it.
        noise: variance of the range [m^2].
    """
    if reading != memory.reading:
        memory.reading, memory.repeats, memory.climb = reading, 0, climb
        return False
    memory.repeats += 1
    return memory.repeats >= 2 and (climb - memory.climb) ** 2 > 50.0 * noise
