"""How well a loop keeps its time, against the figures of made-up cycles."""

import math
import tracemalloc

import numpy as np
import pytest

from lander_common.loop_timing import LoopTiming


def test_nothing_is_known_without_cycles():
    timing = LoopTiming(0.03).last_second(5.0)
    assert math.isnan(timing.period) and math.isnan(timing.worst_age) and timing.misses == 0


def test_an_even_loop():
    loop = LoopTiming(0.03)
    for k in range(200):
        loop.cycle(0.02 * k, 0.004)
    timing = loop.last_second(0.02 * 199)
    assert timing.period == pytest.approx(0.02)
    assert timing.jitter == pytest.approx(0.0, abs=1e-9) and timing.worst == pytest.approx(0.0, abs=1e-9)
    assert (timing.misses, timing.age, timing.worst_age) == (0, 0.004, 0.004)


def test_jitter_misses_and_age_are_those_of_the_last_second():
    rng = np.random.default_rng(3)
    periods = 0.02 + np.where(rng.random(3000) < 0.1, rng.uniform(0.0, 0.03, 3000), 0.0)
    ages = rng.uniform(0.001, 0.009, 3000)
    ends = np.cumsum(periods)
    loop = LoopTiming(0.03)
    for k in range(3000):  # more than a second, less than the ring
        loop.cycle(ends[k], ages[k])
        if k % 97 == 0 and k:
            inside = (ends[:k + 1] > ends[k] - 1.0)
            inside[0] = False  # nobody knows how long the first period was
            timing, mine = loop.last_second(ends[k]), periods[:k + 1][inside]
            assert timing.period == pytest.approx(mine.mean())
            assert timing.jitter == pytest.approx(mine.std())
            assert timing.worst == pytest.approx(np.abs(mine - mine.mean()).max())
            assert timing.misses == (mine > 0.03).sum()
            assert timing.age == pytest.approx(np.median(ages[:k + 1][ends[:k + 1] > ends[k] - 1.0]))


def test_a_stall_counts_in_the_second_in_which_it_ends():
    loop = LoopTiming(0.03)
    for k in range(50):
        loop.cycle(0.02 * k, 0.0)
    loop.cycle(4.0, 0.0)
    assert loop.last_second(4.5).misses == 1
    assert loop.last_second(4.5).period == pytest.approx(4.0 - 0.98)
    assert loop.last_second(5.1).misses == 0


def test_the_ring_goes_round():
    loop = LoopTiming(0.03)
    for k in range(20_000):
        loop.cycle(1e-4 * k, 1e-5 * (k % 10))
    assert loop.last_second(1.9999).period == pytest.approx(1e-4)


def test_a_cycle_takes_no_memory():
    loop = LoopTiming(0.03)
    loop.cycle(0.0, 0.0)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for k in range(10_000):
            loop.cycle(float(k), 0.0)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 1000  # [bytes]: the numbers of the last cycle
