import math

import numpy as np
import pytest

from lander_common.samples import ThrusterCommand
from lander_sim.lockstep import LockStep, Pace, Pacer


def command(time):
    return ThrusterCommand(time, np.zeros(2))


def test_a_cycle_ends_with_the_command_of_its_stamp():
    ring = LockStep(timeout=1.0)
    ring.begin(5.0, wall=0.0)
    assert not ring.take_command(command(4.99), 0.1)
    assert ring.take_command(command(5.0), 0.2)
    assert not ring.take_command(command(5.0), 0.3), 'a repeated answer must not step twice'


def test_the_first_cycle_is_never_given_up_and_later_ones_are():
    ring = LockStep(timeout=1.0)
    ring.begin(0.0, wall=0.0)
    assert not ring.give_up(wall=1e6)
    assert not ring.started
    assert ring.take_command(command(0.0), 10.0)
    ring.begin(0.01, wall=10.0)
    assert not ring.give_up(wall=10.9)
    assert ring.give_up(wall=11.1)
    assert ring.late_cycles == 1
    ring.begin(0.02, wall=12.0)
    assert ring.give_up(wall=12.05), 'a node that has just missed its turn is waited for only briefly'
    ring.begin(0.03, wall=13.0)
    assert ring.take_command(command(0.03), 13.01)
    ring.begin(0.04, wall=14.0)
    assert not ring.give_up(wall=14.5), 'it is back: the full patience applies again'


def test_latency_runs_from_the_sample_to_the_command_of_a_later_cycle():
    ring = LockStep(timeout=1.0)
    assert all(math.isnan(v) for v in ring.latency())
    ring.begin(0.0, wall=0.0)
    ring.take_range(0.5)
    ring.take_command(command(0.0), 0.6)
    assert ring.latencies == []
    ring.begin(0.01, wall=0.7)
    ring.take_command(command(0.01), 0.9)
    assert ring.latencies == pytest.approx([0.4])


def test_pacer_keeps_the_rate_and_does_not_catch_up_after_a_stall():
    pacer = Pacer(rate=2.0)
    assert pacer.delay(100.0, wall=0.0) == 0.0
    assert pacer.delay(101.0, wall=0.1) == pytest.approx(0.4)
    assert pacer.delay(102.0, wall=5.0) == 0.0
    assert pacer.delay(103.0, wall=5.0) == pytest.approx(0.5)
    assert Pacer(rate=0.0).delay(1e6, wall=0.0) == 0.0


def test_pace_is_real_time_while_guidance_waits_and_starts_anew_with_each_part():
    pace = Pace(rate=2.0, coast_rate=0.0, longest=0.02)
    assert pace.delay(0.0, 1.0, wall=0.0) == 0.0
    pace.held = True
    assert pace.delay(1.0, 0.02, wall=0.0) == 0.0
    assert pace.delay(1.02, 0.02, wall=0.0) == pytest.approx(0.02)
    assert pace.delay(1.04, 1.0, wall=0.0) == pytest.approx(0.04)
    pace.held = False
    assert pace.delay(1.06, 0.02, wall=0.0) == 0.0
    assert pace.delay(1.08, 0.02, wall=0.0) == pytest.approx(0.01)
    assert pace.delay(9.0, 1.0, wall=0.0) == 0.0
    assert pace.delay(9.02, 0.02, wall=0.0) == 0.0
