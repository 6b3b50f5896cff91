"""What was recorded against what the replay answers: message by message, and what it means."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lander_campaign.replay.messages import seconds, xyz, xyzw
from lander_common.cdr import stamp_ns
from lander_common.rotations import rotate
from lander_guidance.report import Decision, Phase
from lander_telemetry.codec import Codec

_DECODED = ('/navigation_status', '/guidance_status', '/aid_source_status')


@dataclass
class Counts:
    """Messages of one topic."""

    identical: int = 0
    differing: int = 0
    only_recorded: int = 0
    only_replayed: int = 0

    @property
    def same(self) -> bool:
        """Whether recording and replay say the same, and something."""
        return self.identical > 0 and not (self.differing or self.only_recorded or self.only_replayed)


@dataclass
class Story:
    """What the flight software told of the flight, once as recorded, once as replayed."""

    altitudes: list[tuple[float, float, float, float]] = field(default_factory=list)
    """Time [s], altitude, lowest and highest credible one [m]."""
    sinks: list[tuple[float, float, float]] = field(default_factory=list)
    """Time [s], sink rate and its limit [m/s]."""
    phases: list[tuple[float, str, str]] = field(default_factory=list)  # since when [s], name, why
    decisions: list[tuple[float, str, str]] = field(default_factory=list)
    ranges: list[tuple[float, float, int]] = field(default_factory=list)  # time [s], range [m], outcome
    reasons: Counter[tuple[int, str]] = field(default_factory=Counter)  # of the ranges, by outcome

    def tell(self, topic: str, m: Any) -> None:
        """Take a decoded message."""
        time = seconds(m.header.stamp)
        if topic == '/navigation_status':
            self.altitudes.append((time, m.altitude_m, m.altitude_lower_m, m.altitude_upper_m))
        elif topic == '/guidance_status':
            self.sinks.append((time, m.sink_rate_m_s, m.sink_rate_limit_m_s))
            _change(self.phases, time, Phase(m.phase).name, m.reason)
            _change(self.decisions, time, Decision(m.decision).name, m.decision_reason)
        elif m.source.startswith('range'):
            self.ranges.append((time, m.observation[0] if len(m.observation) else np.nan, m.outcome))
            self.reasons[m.outcome, m.reason] += 1


@dataclass
class Largest:
    """The largest difference of a quantity, and when it was."""

    value: float = 0.0
    time: float = float('nan')  # [s]

    def look(self, value: float, time: float) -> None:
        """Take a difference."""
        if value > self.value:
            self.value, self.time = value, time


class Comparison:
    """Pairs recorded and replayed messages by topic, stamp and source, in whatever order they come."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.topics: dict[str, Counts] = defaultdict(Counts)
        self.recorded, self.replayed = Story(), Story()
        self.position, self.velocity = Largest(), Largest()  # [m], [m/s] in map
        self._waiting: dict[tuple, list[tuple[bytes, int | None]]] = {}
        self._repeated: dict[str, bytes] = {}
        self._last: dict[str, int] = {}  # [ns] last recorded stamp

    def add_recorded(self, topic: str, data: bytes, codec: Codec) -> None:
        """Take a message of the bag; one repeated by the lock-step counts once."""
        if self._repeated.get(topic) == data:
            return
        self._repeated[topic] = data
        self._last[topic] = max(self._last.get(topic, 0), stamp_ns(data))
        self._add(topic, data, codec, None)

    def add_replayed(self, topic: str, data: bytes, codec: Codec, mask: int) -> None:
        """Take a message of the replay, and which of its bits count; see Encoder.encode_masked."""
        self._add(topic, data, codec, mask)

    def finish(self) -> None:
        """Count what has no partner. Nothing that the recorder was not there for any more is missing."""
        for (topic, stamp, _), left in self._waiting.items():
            for _, mask in left:
                if mask is None:
                    self.topics[topic].only_recorded += 1
                elif topic in self._last and stamp <= self._last[topic]:
                    self.topics[topic].only_replayed += 1
        self._waiting.clear()

    @property
    def identical(self) -> bool:
        """Whether everything that was recorded came again, every field with the same bits."""
        return bool(self.topics) and all(counts.same for counts in self.topics.values())

    def _add(self, topic: str, data: bytes, codec: Codec, mask: int | None) -> None:
        source, recorded = '', mask is None
        if topic in _DECODED:
            decoded = codec.decode(data)
            (self.recorded if recorded else self.replayed).tell(topic, decoded)
            source = getattr(decoded, 'source', '')
        waiting = self._waiting.setdefault((topic, stamp_ns(data), source), [])
        at = next((i for i, (_, other) in enumerate(waiting) if (other is None) is not recorded), None)
        if at is None:
            waiting.append((data, mask))
            return
        other, other_mask = waiting.pop(at)
        if not waiting:
            del self._waiting[topic, stamp_ns(data), source]
        replayed, counts = (other, other_mask) if recorded else (data, mask)
        if data == other or _same(replayed, data if recorded else other, counts):
            self.topics[topic].identical += 1
            return
        self.topics[topic].differing += 1
        if topic == '/odometry':
            self._measure(codec.decode(data), codec.decode(other))

    def _measure(self, one: Any, other: Any) -> None:
        time = seconds(one.header.stamp)
        (p, v), (q, w) = (_motion(m) for m in (one, other))
        self.position.look(float(np.linalg.norm(p - q)), time)
        self.velocity.look(float(np.linalg.norm(v - w)), time)


def _same(replayed: bytes, recorded: bytes, mask: int) -> bool:
    """Whether the bits in `mask` are the same; behind the last field the middleware may leave something."""
    recorded = recorded[:len(replayed)].ljust(len(replayed), b'\0')
    return not (int.from_bytes(replayed) ^ int.from_bytes(recorded)) & mask


def _motion(m: Any) -> tuple[np.ndarray, np.ndarray]:
    pose = m.pose.pose
    return xyz(pose.position), rotate(xyzw(pose.orientation), xyz(m.twist.twist.linear))


def _change(changes: list[tuple[float, str, str]], time: float, name: str, reason: str) -> None:
    if not changes or changes[-1][1] != name:
        changes.append((time, name, reason))
