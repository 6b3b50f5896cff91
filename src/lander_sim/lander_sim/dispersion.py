"""Faults that differ from flight to flight: one draw of their conditions and values."""

from dataclasses import replace

import numpy as np

from lander_sim.faults import SENSORS, Fault


def disperse(faults: tuple[Fault, ...], rng: np.random.Generator) -> tuple[Fault, ...]:
    """Return the faults of one flight; every fault takes the same number of random numbers.

    A time or an altitude does not become negative, a value stays in the range of its kind.
    """
    return tuple(_disperse(fault, *rng.standard_normal(2), *rng.uniform(-1.0, 1.0, 2)) for fault in faults)


def _disperse(fault: Fault, when_normal: float, how_normal: float, when_uniform: float,
              how_uniform: float) -> Fault:
    when, how = fault.when, fault.how
    shift = float(when.sigma * when_normal + when.spread * when_uniform)
    time = max(when.time_s + shift, 0.0) if when.time_s >= 0.0 else when.time_s
    altitude = when.altitude_below_m
    altitude = max(altitude + shift, 0.0) if altitude >= 0.0 else altitude
    value = how.value + float(how.sigma * how_normal + how.spread * how_uniform)
    if how.sigma or how.spread:
        low, high = _allowed(fault)
        value = min(max(value, low), high)
    return replace(fault, when=replace(when, time_s=time, altitude_below_m=altitude, sigma=0.0, spread=0.0),
                   how=replace(how, value=value, sigma=0.0, spread=0.0))


def _allowed(fault: Fault) -> tuple[float, float]:
    """Return the lowest and the highest value of the fault's kind."""
    sensor = SENSORS.get(fault.what)
    return sensor.faults[fault.how.kind][:2] if sensor else (0.0, 1.0)
