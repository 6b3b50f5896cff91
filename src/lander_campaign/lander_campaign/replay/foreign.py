"""Bags from elsewhere: a YAML file says which topics the sensors are, and how their frames lie."""

import dataclasses
import math
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from lander_campaign.replay import messages
from lander_campaign.replay.ring import Sample
from lander_common.parameters import ParameterError, Parameters, parameter
from lander_common.rotations import conjugate, from_rotation_vector, multiply, normalise, rotate
from lander_common.samples import ImuSample, RangeSample, StateVector
from lander_common.yaml_file import read, section
from lander_telemetry.bag_metadata import Topic

_NO_TURN, _LEVEL = [0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0]


def _topic() -> Any:
    return parameter('', doc='Its name in the bag')


@dataclasses.dataclass(frozen=True)
class _Turn(Parameters):
    xyzw: list[float] = parameter(_NO_TURN, length=4, minimum=-1, maximum=1, doc='Quaternion x, y, z, w')
    rpy_deg: list[float] = parameter(
        _LEVEL, length=3, unit='deg', minimum=-360, maximum=360, doc='Roll, pitch, yaw about fixed x, y, z')

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.xyzw != _NO_TURN and self.rpy_deg != _LEVEL:
            raise ParameterError('rpy_deg', self.rpy_deg, 'either xyzw or rpy_deg')
        if abs(math.hypot(*self.xyzw) - 1.0) > 1e-3:
            raise ParameterError('xyzw', self.xyzw, 'a quaternion of length 1')

    @property
    def quaternion(self) -> np.ndarray:
        """As a unit quaternion, (4,)."""
        if self.rpy_deg == _LEVEL:
            return normalise(np.array(self.xyzw))
        x, y, z = (from_rotation_vector(axis * math.radians(angle))
                   for axis, angle in zip(np.eye(3), self.rpy_deg))
        return multiply(z, multiply(y, x))


@dataclasses.dataclass(frozen=True)
class _Imu(_Turn):
    topic: str = _topic()


@dataclasses.dataclass(frozen=True)
class _Range(Parameters):
    topic: str = _topic()
    beam: int = parameter(0, minimum=0, maximum=1, doc='0: the mount in the vehicle file; 1: the second one')
    latency_s: float = parameter(
        0.0, unit='s', minimum=0, maximum=10, doc='Of a sensor_msgs/Range: from the pulse to its stamp')
    sigma_m: float = parameter(
        0.5, unit='m', minimum=1e-3, maximum=100, doc='Of a sensor_msgs/Range: standard deviation')


@dataclasses.dataclass(frozen=True)
class _Plain(Parameters):
    topic: str = _topic()


@dataclasses.dataclass(frozen=True)
class _Sigmas(Parameters):
    position_sigma_m: float = parameter(30.0, unit='m', minimum=0, maximum=1e5, doc='Each axis')
    velocity_sigma_m_s: float = parameter(0.1, unit='m/s', minimum=0, maximum=1e3, doc='Each axis')
    attitude_sigma_deg: float = parameter(0.1, unit='deg', minimum=0, maximum=180, doc='Each axis')

    def on(self, state: StateVector) -> StateVector:
        """Return the state vector with these uncertainties."""
        return dataclasses.replace(
            state, position_covariance=self.position_sigma_m**2 * np.eye(3),
            velocity_covariance=self.velocity_sigma_m_s**2 * np.eye(3),
            attitude_variance=math.radians(self.attitude_sigma_deg)**2)


@dataclasses.dataclass(frozen=True)
class _StateTopic(_Sigmas):
    topic: str = _topic()


@dataclasses.dataclass(frozen=True)
class _InitialState(_Turn, _Sigmas):
    position_map_m: list[float] = parameter(_LEVEL, length=3, unit='m', doc='Of base_link in map')
    velocity_map_m_s: list[float] = parameter(_LEVEL, length=3, unit='m/s', doc='Over the ground, in map')


_SECTIONS: dict[str, tuple[type, tuple[str, ...]]] = {
    'imu': (_Imu, ('sensor_msgs/msg/Imu',)),
    'range': (_Range, ('sensor_msgs/msg/Range', 'lander_msgs/msg/RangeSample')),
    'star_tracker': (_Plain, ('lander_msgs/msg/AttitudeFix',)),
    'ground_velocity': (_Plain, ('geometry_msgs/msg/TwistWithCovarianceStamped',)),
    'contact': (_Plain, ('lander_msgs/msg/ContactState',)),
    'state_vector': (_StateTopic, ('nav_msgs/msg/Odometry',)),
    'initial_state': (_InitialState, ())}
"""Section of the file: what stands in it, and the message types that its topic may have."""

_PLAIN = {'star_tracker': messages.attitude_fix, 'ground_velocity': messages.velocity_sample,
          'contact': messages.contact_sample}


class TopicMap:
    """Which topics of a bag are which sensors."""

    def __init__(self, file: Path, sections: dict[str, Any]):
        """Keep the sections, made from `file`; see `load`."""
        self.file, self._sections = file, sections
        self._section_of = {s.topic: name for name, s in sections.items() if name != 'initial_state'}
        self._types: dict[str, str] = {}

    @property
    def topics(self) -> list[str]:
        """Names in the bag."""
        return list(self._section_of)

    @property
    def imu_topic(self) -> str:
        """Name of the topic that drives the replay."""
        return self._sections['imu'].topic

    def check(self, there: dict[str, tuple[Topic, str]]) -> None:
        """Look whether the bag has these topics, with types that can be used.

        Raises:
            ParameterError: names the file, the field, its value and what is allowed.
        """
        for topic, name in self._section_of.items():
            allowed = _SECTIONS[name][1]
            if topic not in there:
                fitting = sorted(t for t, (described, _) in there.items() if described.type_name in allowed)
                names = ', '.join(fitting) or 'it has none'
                raise ParameterError(f'{name}.topic', topic, 'a topic of the bag with '
                                     f'{" or ".join(allowed)}: {names}', str(self.file))
            if there[topic][0].type_name not in allowed:
                raise ParameterError(f'{name}.topic', f'{topic} ({there[topic][0].type_name})',
                                     f'a topic with messages of type {" or ".join(allowed)}', str(self.file))
            self._types[topic] = there[topic][0].type_name

    def initial_state(self, time: float) -> StateVector | None:
        """Return the state at `time` [s] that stands in the file, if one does."""
        given = self._sections.get('initial_state')
        if given is None:
            return None
        q, zero = given.quaternion, np.zeros((3, 3))
        velocity = rotate(conjugate(q), np.array(given.velocity_map_m_s))
        return given.on(StateVector(time, np.array(given.position_map_m), velocity, q, zero, zero, 0.0))

    def sample(self, topic: str, m: Any) -> Sample:
        """Return the sample of a decoded message of a mapped topic."""
        name = self._section_of[topic]
        given = self._sections[name]
        if name == 'imu':
            q = given.quaternion
            return ImuSample(messages.seconds(m.header.stamp), rotate(q, messages.xyz(m.angular_velocity)),
                             rotate(q, messages.xyz(m.linear_acceleration)))
        if name == 'range':
            if self._types[topic] == 'lander_msgs/msg/RangeSample':
                return dataclasses.replace(messages.range_sample(m), beam=given.beam)
            return _shot(m, given)
        if name == 'state_vector':
            state = messages.state_vector(m)
            return state if state.position_covariance.any() else given.on(state)
        return _PLAIN[name](m)


def load(file: Path) -> TopicMap:
    """Read a map.

    Raises:
        FileError, ParameterError: name the file, the field, its value and what is allowed.
    """
    content = read(file)
    _only(content, _SECTIONS, file)
    if 'imu' not in content:
        raise ParameterError('imu', None, 'a section with the topic of the IMU; it is required', str(file))
    if ('state_vector' in content) == ('initial_state' in content):
        raise ParameterError('initial_state', content.get('initial_state'),
                             'either this section or state_vector: the estimator starts from one', str(file))
    sections = {name: section(file, _SECTIONS[name][0], values, f'{name}.')
                for name, values in content.items()}
    for name, values in sections.items():
        if name != 'initial_state' and not values.topic.startswith('/'):
            raise ParameterError(f'{name}.topic', values.topic, 'the full name of a topic, as in /imu/data',
                                 str(file))
    topics = [values.topic for name, values in sections.items() if name != 'initial_state']
    if twice := next((topic for topic in topics if topics.count(topic) > 1), None):
        raise ParameterError('topic', twice, 'a topic of its own for each section', str(file))
    return TopicMap(file, sections)


def _only(content: dict[str, Any], names: Collection[str], file: Path) -> None:
    for name, value in content.items():
        if name not in names:
            raise ParameterError(name, value, 'one of ' + ', '.join(names), str(file))


def _shot(m: Any, given: _Range) -> RangeSample:
    received = messages.seconds(m.header.stamp)
    time = received - given.latency_s
    if math.isfinite(m.range) and m.min_range <= m.range <= m.max_range:
        return RangeSample(time, received, RangeSample.VALID, '', float(m.range), given.sigma_m**2, math.nan,
                           given.beam)
    return RangeSample(time, received, RangeSample.NO_RETURN, f'range {m.range:g} outside {m.min_range:g} to '
                       f'{m.max_range:g} m', math.nan, math.nan, math.nan, given.beam)
