import numpy as np
import pytest

from lander_common.compiled import compiled
from lander_thrusters.main_engine import switch_main
from lander_thrusters.record import ALLOCATOR


@compiled
def _switch(record, time, force_z, least, open_now):
    return switch_main(record[0], time, force_z, least, open_now)


class Engine:
    """The fields that the switch works on."""

    def __init__(self, shortest, on_share, off_share):
        self.record = np.zeros(1, ALLOCATOR)
        self.record['main_shortest'], self.record['switched'] = shortest, -np.inf
        self.record['on_share'], self.record['off_share'] = on_share, off_share

    def update(self, *arguments):
        return _switch(self.record, *arguments)

    @property
    def on(self):
        return bool(self.record[0]['main_on'])


@pytest.fixture
def engine():
    return Engine(shortest=0.5, on_share=1.0, off_share=0.9)


def _run(engine, forces, dt=0.1):
    return [engine.update(k * dt, force, 400.0, engine.on) for k, force in enumerate(forces)]


def test_hysteresis(engine):
    states = _run(engine, [399.0] + [400.0] * 9 + [361.0] * 9 + [359.0] * 9 + [399.0] * 9)
    assert states == [False] + [True] * 18 + [False] * 18


def test_never_chopped(engine):
    states = _run(engine, [500.0, 0.0] * 20)
    runs = ''.join('x' if s else '.' for s in states).replace('x.', 'x|.').replace('.x', '.|x').split('|')
    assert len(runs) > 2
    assert all(len(r) >= 5 for r in runs[:-1])


def test_a_failed_engine_is_off_at_once(engine):
    assert engine.update(0.0, 500.0, 400.0, False)
    assert not engine.update(0.1, 500.0, 0.0, True)


def test_a_start_after_the_commands_ran_out_counts_anew(engine):
    assert engine.update(0.0, 500.0, 400.0, False)
    assert engine.update(2.0, 500.0, 400.0, False)
    assert engine.update(2.1, 0.0, 400.0, True)
    assert not engine.update(2.5, 0.0, 400.0, True)
