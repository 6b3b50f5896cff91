"""The main engine: on or off, never chopped."""


class MainEngine:
    """Switches with hysteresis and keeps each state for at least the shortest on-time."""

    def __init__(self, shortest: float, on_share: float, off_share: float):
        """Stay on, or off, for `shortest` [s] at least; the shares are of the main thrust."""
        self._shortest, self._on_share, self._off_share = shortest, on_share, off_share
        self._switched = float('-inf')
        self.on = False

    def update(self, time: float, force_z: float, thrust: float, open_now: bool) -> bool:
        """Return whether to burn at `time` [s] when `force_z` [N] is asked and `thrust` [N] is there.

        No thrust (the engine has failed) is off at once. A valve that is not `open_now` any more has
        closed because no command came for too long: to burn on is a new start.
        """
        self.on = self.on and open_now
        share = self._off_share if self.on else self._on_share
        wanted = thrust > 0.0 and force_z >= share * thrust
        if wanted != self.on and (thrust <= 0.0 or time - self._switched >= self._shortest - 1e-6):
            self.on, self._switched = wanted, time
        return self.on

    @property
    def earliest_off(self) -> float:
        """Time [s] until which the engine must burn."""
        return self._switched + self._shortest
