"""Parameters of the simulator node, and of the nodes of emulated boards on a CAN bus."""

from dataclasses import dataclass

from lander_common.canbus.bus import FORMS
from lander_common.canbus.parameters import BusParameters
from lander_common.canbus.valves import MOST_PER_BOARD
from lander_common.parameters import ParameterError, Parameters, parameter
from lander_imu.stim300 import SAMPLE_RATES
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
        'unix:@frigoris-rangefinder',
        doc='Where the simulated range finder listens; on unix:@ the node rangefinder is waited for')
    rangefinder_device: str = parameter(
        '', choices=('', *OURS), doc='Range finder to emulate; empty: that of the sensor file')
    recorded: bool = parameter(
        False, doc='Whether to wait for the flight recorder: before the start, when it lags')
    real_rates: bool = parameter(
        False, doc='Cycles of step_s at any height under thrust: sensors answer as often as real ones')
    fine_time: bool = parameter(
        False, doc='Cycles of step_s throughout, with /clock in each: for a device that has its own clock')


@dataclass(frozen=True)
class ValveBoardParameters(BusParameters):
    """The valve boards of a vehicle, and the bus they are on."""

    vehicle_file: str = parameter('', doc='Vehicle file (config/vehicles)')
    bus: str = parameter('udp_multicast:239.74.163.2', doc=f'CAN bus: {FORMS}')
    bitrate: int = parameter(500_000, unit='bit/s', minimum=10_000, maximum=1_000_000,
                             doc='Of an adapter that has to be told')
    valves_per_board: int = parameter(
        16, minimum=1, maximum=MOST_PER_BOARD, doc='As the parameter of the valve driver')
    patience_s: float = parameter(
        0.05, unit='s', minimum=0.01, maximum=10.0,
        doc='Without a command for so long after an imu the valves are told as they are')


@dataclass(frozen=True)
class ImuDeviceParameters(Parameters):
    """The emulated IMU of a simulated flight, and the line it is on."""

    link: str = parameter('pty:/tmp/frigoris-imu', doc='Where the device listens: pty:/PATH or udp://HOST:PORT')
    sample_rate_hz: int = parameter(500, unit='Hz', minimum=125, maximum=2000, doc='Samples that it sends')
    answers: bool = parameter(
        True, doc='Whether commands go from here to the simulator; not with valve boards')
    patience_s: float = parameter(
        0.5, unit='s', minimum=0.01, maximum=10.0,
        doc='Without a command for so long after its bytes a cycle is flown with closed valves')

    def __post_init__(self) -> None:
        """Also check the rate."""
        super().__post_init__()
        if self.sample_rate_hz not in SAMPLE_RATES:
            raise ParameterError('sample_rate_hz', self.sample_rate_hz, f'one of {SAMPLE_RATES}')


@dataclass(frozen=True)
class ReleaseBoardParameters(BusParameters):
    """The bus that the release device is on."""

    bus: str = parameter('udp_multicast:239.74.163.2', doc=f'CAN bus: {FORMS}')
    bitrate: int = parameter(500_000, unit='bit/s', minimum=10_000, maximum=1_000_000,
                             doc='Of an adapter that has to be told')
