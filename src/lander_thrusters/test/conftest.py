from pathlib import Path

import numpy as np
import pytest

from lander_common.vehicle import load_vehicle

VEHICLE_FILE = Path(__file__).parents[3] / 'config' / 'vehicles' / 'resilience.yaml'


@pytest.fixture(scope='session')
def vehicle():
    return load_vehicle(VEHICLE_FILE)


class ValveBank:
    """Valves as the propulsion hardware has them: driven by commands, they remember every opening."""

    def __init__(self, n):
        self.openings = [[] for _ in range(n)]  # [start, end] per valve
        self.on_time = np.zeros(n)
        self._last = None

    def command(self, command):
        if self._last is not None:
            self._run(self._last, command.time)
        self._last = command

    def finish(self):
        self._run(self._last, float('inf'))

    def _run(self, command, until):
        for i, on in enumerate(command.on_time):
            end = min(command.time + on, until)
            if end - command.time <= 0.0:
                continue
            self.on_time[i] += end - command.time
            runs = self.openings[i]
            if runs and command.time - runs[-1][1] < 2e-6:
                runs[-1][1] = end
            else:
                runs.append([command.time, end])


@pytest.fixture(scope='session')
def valve_bank(vehicle):
    return lambda: ValveBank(len(vehicle.thrusters))


@pytest.fixture
def valves(valve_bank):
    return valve_bank()
