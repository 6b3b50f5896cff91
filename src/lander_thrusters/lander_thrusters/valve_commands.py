"""Which thruster commands may go to the valves, and the names of those that may not."""

from collections import Counter

import numpy as np

from lander_common.samples import ThrusterCommand

_SAME = 1e-9  # [-] rounding of a throttle is no error


class CommandCheck:
    """Judges commands one by one, and counts the refused ones by name."""

    def __init__(self, names: tuple[str, ...], longest_s: float):
        """Expect a command for these thrusters, with on-times of at most `longest_s` [s]."""
        self._names, self._longest = names, longest_s
        self._last = float('-inf')
        self.refused: Counter[str] = Counter()

    def judge(self, command: ThrusterCommand) -> str:
        """Return why a command may not go out, in words; empty if it may. A repeated stamp may."""
        name, text = self._find(command)
        if name:
            self.refused[name] += 1
            return text
        self._last = command.time
        return ''

    def forget_order(self) -> None:
        """Take the next command whatever its stamp: nothing has come for so long that a clock may be new."""
        self._last = float('-inf')

    def _find(self, command: ThrusterCommand) -> tuple[str, str]:
        n = len(self._names)
        on_time, throttle = np.asarray(command.on_time), np.asarray(command.throttle)
        if on_time.shape != (n,) or throttle.shape != (n,):
            return 'wrong_count', f'{len(on_time)} on-times and {len(throttle)} throttles for {n} thrusters'
        if not np.isfinite(command.time):
            return 'not_finite', 'the stamp is no number'
        for name, what, bad in (
                ('not_finite', 'on-time or throttle is no number', ~np.isfinite(on_time + throttle)),
                ('negative', 'negative on-time', on_time < 0.0),
                ('too_long', f'on-time above {self._longest:g} s', on_time > self._longest),
                ('throttle', 'throttle not from 0 to 1', (throttle < -_SAME) | (throttle > 1.0 + _SAME))):
            if bad.any():
                return name, f'{what}: {self._names[int(bad.argmax())]}'
        if command.time < self._last:
            return 'out_of_order', f'stamp {command.time:.3f} s after {self._last:.3f} s'
        return '', ''
