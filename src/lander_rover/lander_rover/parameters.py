"""Parameters of the rover deployment."""

from dataclasses import dataclass

from lander_common.canbus.bus import FORMS
from lander_common.canbus.parameters import BusParameters
from lander_common.parameters import Parameters, parameter


@dataclass(frozen=True)
class RoverParameters(Parameters):
    """Interlocks, limits and times of the deployment. All times are flight time."""

    max_speed_m_s: float = parameter(
        0.3, unit='m/s', minimum=0, maximum=5, doc='The lander counts as moving above this estimated speed')
    max_rate_deg_s: float = parameter(
        1.0, unit='deg/s', minimum=0, maximum=50, doc='The lander counts as moving above this body rate')
    max_tilt_deg: float = parameter(
        15.0, unit='deg', minimum=0, maximum=60, doc='No deployment from a lander tilted more than this')
    min_battery: float = parameter(
        0.2, minimum=0, maximum=1, doc='No deployment below this charge, as a share of a full battery')
    assume_power: bool = parameter(False, doc='Deploy although no battery has ever been heard of')
    navigation_timeout_s: float = parameter(
        2.0, unit='s', minimum=0.1, maximum=60, doc='Navigation older than this counts as none')
    still_time_s: float = parameter(
        5.0, unit='s', minimum=0, maximum=600, doc='The lander must have been still for so long')
    check_timeout_s: float = parameter(
        60.0, unit='s', minimum=1, maximum=3600, doc='Longest wait for the lander to be still')
    release_timeout_s: float = parameter(
        120.0, unit='s', minimum=1, maximum=3600, doc='Longest time from release to the first rover odometry')
    drive_distance_m: float = parameter(
        2.0, unit='m', minimum=0.1, maximum=100, doc='How far to drive off when the goal does not say')
    drive_speed_m_s: float = parameter(
        0.05, unit='m/s', minimum=0.001, maximum=1, doc='Speed that is commanded while driving off')
    drive_timeout_factor: float = parameter(
        3.0, minimum=1.1, maximum=100, doc='Longest drive, as a multiple of distance over speed')
    odometry_timeout_s: float = parameter(
        3.0, unit='s', minimum=0.2, maximum=60, doc='The drive has failed when odometry is silent so long')
    image_timeout_s: float = parameter(
        30.0, unit='s', minimum=1, maximum=3600, doc='Longest wait for the first image')
    image_retry_s: float = parameter(
        5.0, unit='s', minimum=0.1, maximum=600, doc='The image is asked for again after so long')
    autostart: bool = parameter(True, doc='Configure and activate at start; else a lifecycle manager does it')


@dataclass(frozen=True)
class RoverReleaseParameters(BusParameters):
    """The device that lets the rover go, and whether it may."""

    inhibit: bool = parameter(True, doc='Send nothing to the device, whatever is asked')
    bus: str = parameter('socketcan:can0', doc=f'CAN bus: {FORMS}')
    bitrate: int = parameter(
        500_000, unit='bit/s', minimum=10_000, maximum=1_000_000,
        doc='Of the bus; that of socketcan is set by the system')
    request_timeout_s: float = parameter(
        1.0, unit='s', minimum=0.1, maximum=60, doc='A request that is not repeated for so long has ended')
    device_timeout_s: float = parameter(
        0.5, unit='s', minimum=0.2, maximum=60, doc='A device not heard for so long is silent')
    confirm_timeout_s: float = parameter(
        5.0, unit='s', minimum=0.1, maximum=600, doc='From firing to the opening of the separation switch')
    attempts: int = parameter(2, minimum=1, maximum=10, doc='Arm and fire so often before it has failed')
    autostart: bool = parameter(True, doc='Configure and activate the node when it starts')
