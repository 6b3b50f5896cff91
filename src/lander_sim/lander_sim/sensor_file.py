"""The sensor file: which sensors the simulated lander carries and how good they are."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lander_common.parameters import ParameterError
from lander_common.yaml_file import read, section
from lander_sim.devices.parameters import EmulatorParameters
from lander_sim.sensors.ground_velocity import GroundVelocityParameters
from lander_sim.sensors.imu import ImuParameters
from lander_sim.sensors.laser import LaserParameters
from lander_sim.sensors.star_tracker import StarTrackerParameters

_SECTIONS: dict[str, type] = {
    'imu': ImuParameters,
    'star_tracker': StarTrackerParameters,
    'ground_velocity': GroundVelocityParameters,
    'laser': LaserParameters,
    'rangefinder_device': EmulatorParameters,
}


@dataclass(frozen=True)
class SensorFile:
    """Parameters of every simulated sensor."""

    imu: ImuParameters
    star_tracker: StarTrackerParameters
    ground_velocity: GroundVelocityParameters
    laser: LaserParameters
    rangefinder_device: EmulatorParameters


def load_sensors(path: str | Path, changes: dict[str, Any], scenario_path: str | Path) -> SensorFile:
    """Read a sensor file and lay `changes`, the `sensors` section of a scenario, over it.

    Raises:
        FileError: the file is missing or not YAML.
        ParameterError: names the file, the field, its value and what is allowed.
    """
    content = read(path)
    _check(path, content)
    _check(scenario_path, changes, 'sensors.')
    return SensorFile(**{
        key: section(path, cls, {**content.get(key, {}), **changes.get(key, {})}, f'{key}.')
        for key, cls in _SECTIONS.items()})


def _check(path: str | Path, sections: dict[str, Any], prefix: str = '') -> None:
    for name, value in sections.items():
        if name not in _SECTIONS or not isinstance(value, dict):
            raise ParameterError(prefix + name, value, 'a mapping named one of ' + ', '.join(_SECTIONS),
                                 str(path))
        section(path, _SECTIONS[name], value, f'{prefix}{name}.')
