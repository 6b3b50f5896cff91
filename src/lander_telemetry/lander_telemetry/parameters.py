"""Parameters of the nodes that look after a flight: recorder, mission control, player, preflight check."""

from dataclasses import dataclass

from lander_common.parameters import ParameterError, Parameters, parameter
from lander_telemetry.bag_file import COMPRESSION, COMPRESSIONS


@dataclass(frozen=True)
class RecorderParameters(Parameters):
    """What the flight recorder records, and where to."""

    flight_dir: str = parameter('', doc='Folder of the flight; the bag becomes its subfolder bag')
    exclude: str = parameter('', doc='Regular expression: topics whose whole name matches are left out')
    flush_period_s: float = parameter(
        0.2, unit='s', minimum=0.01, maximum=10, doc='Wall time; a killed recorder loses no more than this')
    fsync_period_s: float = parameter(
        1.0, unit='s', minimum=0, maximum=3600, doc='Wall time; a power failure costs no more; 0: no fsync')
    compression: str = parameter(COMPRESSION, choices=tuple(COMPRESSIONS), doc='Of the chunks of the bag')
    split_bytes: int = parameter(
        0, unit='B', minimum=0, maximum=2**62, doc='Length from which on a new file is begun; 0: never')
    split_s: float = parameter(
        0.0, unit='s', minimum=0, maximum=1e9, doc='Flight time from which on a new file is begun; 0: never')
    disk_full: str = parameter(
        'keep_oldest', choices=('keep_oldest', 'keep_newest'),
        doc='Stop recording, or delete the oldest closed file of this bag')
    reserve_bytes: int = parameter(
        100_000_000, unit='B', minimum=0, maximum=2**62, doc='Free space that is left to others')


@dataclass(frozen=True)
class MissionParameters(Parameters):
    """What mission control expects of a flight."""

    flight_dir: str = parameter('', doc='Folder of the flight, for summary.json; empty: none is written')
    scenario: str = parameter('', doc='Name of the scenario, for the summary')
    vehicle_file: str = parameter('', doc='Vehicle file, whose touchdown limits apply')
    seed: int = parameter(0, minimum=0, maximum=2**31 - 1, doc='Seed of the flight, for the summary')
    deploy_rover: bool = parameter(True, doc='Deploy the rover once guidance reports LANDED')
    lift_inhibit: bool = parameter(
        False, doc='Take the inhibit of the rover release off after the landing, before the goal')
    silence_timeout_s: float = parameter(
        60.0, unit='s', minimum=1, maximum=3600, doc='Wall time without any message: the flight is given up')
    landed_timeout_s: float = parameter(
        60.0, unit='s', minimum=1, maximum=3600,
        doc='Flight time from rest to LANDED of guidance, or from LANDED to the touchdown report')
    rover_timeout_s: float = parameter(
        900.0, unit='s', minimum=1, maximum=86400, doc='Flight time from the goal to its result')
    server_timeout_s: float = parameter(
        10.0, unit='s', minimum=0.1, maximum=600, doc='Wall time to wait for the deploy_rover server')
    settle_s: float = parameter(
        0.5, unit='s', minimum=0, maximum=60, doc='Wall time from the end of the flight to the exit')


@dataclass(frozen=True)
class PlayerParameters(Parameters):
    """What the flight player plays, and how fast."""

    bag: str = parameter('', doc='Flight folder, bag folder or .mcap file')
    rate: float = parameter(
        0.0, minimum=0, maximum=1000, doc='Flight time over wall time; 0: as fast as the estimator answers')
    start_timeout_s: float = parameter(
        60.0, unit='s', minimum=0.1, maximum=600, doc='Wall time until the first odometry')
    answer_timeout_s: float = parameter(
        10.0, unit='s', minimum=0.1, maximum=600, doc='Wall time without odometry: the replay ends')
    recorded: bool = parameter(
        False, doc='Whether to wait for the flight recorder: before the start, when it lags')


@dataclass(frozen=True)
class PreflightParameters(Parameters):
    """Which devices must be there before the flight, and what is asked of them. A rate of 0: any."""

    devices: list[str] = parameter(
        ['imu', 'star_tracker', 'contact', 'rangefinder'], doc='Devices that must be there')
    timeout_s: float = parameter(
        60.0, unit='s', minimum=1, maximum=3600, doc='Wall time until all must be there; then NO GO')
    settle_s: float = parameter(
        2.0, unit='s', minimum=0.2, maximum=600, doc='Wall time that each must be good without a break')
    end_launch: bool = parameter(
        False, doc='Interrupt the parent process, which is the launch, after NO GO')
    clock_tolerance_s: float = parameter(
        0.5, unit='s', minimum=1e-3, maximum=60,
        doc='Largest difference between stamp and clock, and largest jump of the clock')
    rate_tolerance: float = parameter(
        0.2, minimum=0.01, maximum=1, doc='Share by which a rate may be off')
    imu_rate_hz: float = parameter(50.0, unit='Hz', minimum=0, maximum=1e4, doc='Rate of imu')
    star_tracker_rate_hz: float = parameter(
        5.0, unit='Hz', minimum=0, maximum=1e3, doc='Rate of star_tracker')
    ground_velocity_rate_hz: float = parameter(
        10.0, unit='Hz', minimum=0, maximum=1e3, doc='Rate of ground_velocity')
    contact_rate_hz: float = parameter(10.0, unit='Hz', minimum=0, maximum=1e3, doc='Rate of contact')
    rangefinder_rate_hz: float = parameter(
        0.0, unit='Hz', minimum=0, maximum=1e4, doc='Rate of the range finder')

    def __post_init__(self) -> None:
        """Also check that there are such devices."""
        super().__post_init__()
        if not self.devices or not set(self.devices) <= {*self.rates, 'valves', 'rover_release'}:
            there = ', '.join([*self.rates, 'valves', 'rover_release'])
            raise ParameterError('devices', self.devices, f'some of {there}')

    @property
    def rates(self) -> dict[str, float]:
        """Rates [Hz] of the devices that have one, by name."""
        return {name: getattr(self, f'{name}_rate_hz')
                for name in ('imu', 'star_tracker', 'ground_velocity', 'contact', 'rangefinder')}
