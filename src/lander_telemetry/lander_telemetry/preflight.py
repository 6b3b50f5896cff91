"""The check before the flight: GO when every device has been good for long enough, NO GO after a while."""

from collections import deque
from dataclasses import replace
from enum import Enum

from lander_telemetry.parameters import PreflightParameters
from lander_telemetry.preflight_device import DEVICES, DeviceWatch, Row

_LOOK_BACK = 1.0  # [s] wall time over which the clock is compared


class Verdict(Enum):
    """Whether the flight may start."""

    WAITING = 'waiting'
    GO = 'GO'
    NO_GO = 'NO GO'


class ClockWatch:
    """Compares the clock of the node, system time or `/clock`, with a steady one."""

    def __init__(self, tolerance_s: float):
        """Call it a jump if the two differ by more than `tolerance_s` from one look to the next."""
        self._tolerance = tolerance_s
        self._looks: deque[tuple[float, float]] = deque()  # wall, clock
        self._jump = (float('-inf'), '')

    def look(self, clock: float, wall: float) -> None:
        """Read both clocks [s]."""
        if self._looks:
            before_wall, before = self._looks[-1]
            jump = (clock - before) - (wall - before_wall)
            if clock < before or abs(jump) > self._tolerance:
                self._jump = (wall, f'the clock has jumped by {jump:+.2f} s')
        self._looks.append((wall, clock))
        while self._looks[0][0] < wall - _LOOK_BACK:
            self._looks.popleft()

    def row(self, wall: float) -> Row:
        """Judge the clock itself."""
        if len(self._looks) < 2:
            problem = 'not read yet'
        elif self._looks[-1][1] == self._looks[0][1]:
            problem = 'the clock stands still'
        else:
            problem = self._jump[1] if wall - self._jump[0] <= _LOOK_BACK else ''
        return Row('clock', clock='NO' if problem else 'yes', problem=problem)


class Preflight:
    """Watches devices and clock until the verdict. Times called `wall` are steady [s]."""

    def __init__(self, parameters: PreflightParameters, wall: float):
        """Begin at wall time `wall`."""
        self._p, self._began = parameters, wall
        self.watches = {name: DeviceWatch(DEVICES[name], parameters, wall) for name in parameters.devices}
        self._clock = ClockWatch(parameters.clock_tolerance_s)
        self._bad: dict[str, tuple[float, str]] = {}  # when each was last not good, and why
        self.rows: list[Row] = []
        self.verdict = Verdict.WAITING

    @property
    def message(self) -> str:
        """The verdict in words."""
        bad = [f'{r.name}: {r.problem}' for r in self.rows if r.problem]
        if self.verdict is Verdict.WAITING:
            names = ', '.join(r.name for r in self.rows if r.problem)
            return f'waiting for {names}' if names else 'all good, to stay so for a moment'
        if self.verdict is Verdict.GO:
            return 'GO'
        return f'NO GO: {"; ".join(bad)}'

    def step(self, clock: float, wall: float) -> Verdict:
        """Judge anew, with both clocks as they are now; a verdict once given stays."""
        if self.verdict is not Verdict.WAITING:
            return self.verdict
        self._clock.look(clock, wall)
        self.rows = [self._clock.row(wall), *(watch.row(wall) for watch in self.watches.values())]
        self._bad.update({row.name: (wall, row.problem) for row in self.rows if row.problem})
        unsettled = {row.name for row in self.rows
                     if wall - self._bad.get(row.name, (self._began, ''))[0] < self._p.settle_s}
        if not unsettled:
            self.verdict = Verdict.GO
        elif wall - self._began >= self._p.timeout_s:
            self.verdict = Verdict.NO_GO
            self.rows = [replace(row, problem=row.problem or self._before(row.name, wall))
                         if row.name in unsettled else row for row in self.rows]
        return self.verdict

    def _before(self, name: str, wall: float) -> str:
        when, why = self._bad[name]
        return f'{wall - when:.1f} s ago: {why}'
