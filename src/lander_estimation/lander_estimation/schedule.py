"""When the navigation status is due: the same instants in the node and in a flight without ROS."""

STATUS_RATE = 10.0  # [Hz]


class StatusSchedule:
    """Ticks at the multiples of a tenth of a second of flight time."""

    def __init__(self) -> None:
        """Be due at once."""
        self._tick: int | None = None

    def due(self, time: float) -> bool:
        """Return whether `time` [s] has reached a new tick since the last call."""
        tick = int(time * STATUS_RATE + 1e-6)
        new = tick != self._tick
        self._tick = tick
        return new
