"""Parameters of the simulator node."""

from dataclasses import dataclass

from lander_common.parameters import Parameters, parameter
from lander_rangefinder.protocols import OURS


@dataclass(frozen=True)
class SimulatorParameters(Parameters):
    """Which flight to simulate, and how fast."""

    vehicle_file: str = parameter('', doc='Vehicle file (config/vehicles)')
    site_file: str = parameter('', doc='Site file (config/sites)')
    scenario_file: str = parameter('', doc='Scenario file (config/scenarios)')
    sensors_file: str = parameter('', doc='Sensor file (config/sensors)')
    terrain_dir: str = parameter('', doc='Folder of elevation models; empty: beside the scenario file')
    seed: int = parameter(1, minimum=0, maximum=2**31 - 1, doc='Of everything random in the flight')
    rate: float = parameter(
        0.0, minimum=0, maximum=1000, doc='Flight time over wall time; 0: as fast as possible')
    coast_rate: float = parameter(
        0.0, minimum=0, maximum=100000, doc='The same for the coast in orbit; 0: as fast as possible')
    step_timeout_s: float = parameter(
        2.0, unit='s', minimum=0.01, maximum=600,
        doc='Wall time after which the flight goes on without a missing node')
    rangefinder_link: str = parameter(
        'unix:@frigoris-rangefinder', doc='Where the simulated range finder listens')
    rangefinder_device: str = parameter(
        '', choices=('', *OURS), doc='Range finder to emulate; empty: that of the sensor file')
    recorded: bool = parameter(
        False, doc='Whether to wait for the flight recorder: before the start, when it lags')
