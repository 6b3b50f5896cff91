"""Parameters of the thruster allocator and of the valve driver."""

from dataclasses import dataclass

from lander_common.canbus.bus import FORMS
from lander_common.canbus.parameters import BusParameters
from lander_common.canbus.valves import MOST_PER_BOARD
from lander_common.parameters import Parameters, parameter


@dataclass(frozen=True)
class AllocatorParameters(Parameters):
    """How a wrench is shared out over the thrusters, and how a share becomes pulses."""

    vehicle_file: str = parameter('', doc='Vehicle file (config/vehicles)')
    window_s: float = parameter(
        0.1, unit='s', minimum=0.01, maximum=1.0, doc='Pulse window: one pulse per thruster in each')
    vertical_force_scale_n: float = parameter(
        100.0, unit='N', minimum=0.1, maximum=1e6,
        doc='Force error along z that weighs as much as torque_scale_n_m')
    lateral_force_scale_n: float = parameter(
        500.0, unit='N', minimum=0.1, maximum=1e6, doc='Force error along x or y that weighs the same')
    torque_scale_n_m: float = parameter(
        10.0, unit='N m', minimum=0.1, maximum=1e6, doc='Torque error that weighs the same')
    duty_cost: float = parameter(
        1e-5, minimum=1e-9, maximum=1.0, doc='Cost of a squared duty; keeps the allocation unique')
    role_cost: float = parameter(
        1e-2, minimum=0.0, maximum=10.0, doc='Cost of torque by assist engines and of force z by RCS')
    force_dead_band_n: float = parameter(
        2.0, unit='N', minimum=0.0, maximum=1e3, doc='Forces up to this size count as none, per axis')
    torque_dead_band_n_m: float = parameter(
        0.3, unit='N m', minimum=0.0, maximum=1e3, doc='Torques up to this size count as none, per axis')
    main_on_share: float = parameter(
        1.0, minimum=0.5, maximum=2.0, doc='Force z over main thrust, above which the main engine starts')
    main_off_share: float = parameter(
        0.9, minimum=0.1, maximum=1.0, doc='Force z over main thrust, below which the main engine stops')
    hold_s: float = parameter(
        0.5, unit='s', minimum=0.0, maximum=5.0, doc='A bad wrench is bridged so long; then all valves close')
    failed_mask: int = parameter(
        0, minimum=0, maximum=2**32 - 1, doc='Bit i set: thruster i is known to have failed at the start')
    detect_faults: bool = parameter(True, doc='Look for faulty thrusters in the IMU samples')
    false_alarm_h: float = parameter(
        1e6, unit='h', minimum=1.0, maximum=1e12, doc='Mean flight time between false alarms, at least')
    evidence_window_s: float = parameter(
        0.05, unit='s', minimum=0.01, maximum=1.0, doc='Motion is compared over so long')
    imu_age_s: float = parameter(
        0.015, unit='s', minimum=0.0, maximum=0.5, doc='IMU samples count from this age on: all have arrived')
    weak_loss: float = parameter(
        0.4, minimum=0.05, maximum=1.0, doc='Share of thrust that a weak thruster lacks; half is no fault')
    thrust_spread: float = parameter(
        0.03, minimum=1e-3, maximum=0.5, doc='Standard deviation of impulses, and of the thrust of a group')
    misalignment_deg: float = parameter(
        0.2, unit='deg', minimum=0.0, maximum=10.0, doc='Standard deviation of engine alignment, each axis')
    centre_spread_m: float = parameter(
        0.006, unit='m', minimum=0.0, maximum=1.0, doc='Standard deviation of the centre of mass, each axis')
    drift_time_s: float = parameter(
        100.0, unit='s', minimum=1.0, maximum=1e5, doc='After this time what was learnt is forgotten')
    accel_noise_m_s_rt_s: float = parameter(
        4e-4, unit='m/s/sqrt(s)', minimum=1e-7, maximum=1.0, doc='Velocity random walk of the IMU')
    accel_bias_m_s2: float = parameter(
        2e-3, unit='m/s^2', minimum=0.0, maximum=1.0, doc='Standard deviation of accelerometer bias')
    gyro_noise_rad_rt_s: float = parameter(
        2e-5, unit='rad/sqrt(s)', minimum=1e-9, maximum=1.0, doc='Angle random walk of the IMU')


@dataclass(frozen=True)
class AllocatorNodeParameters(AllocatorParameters):
    """What the node is told besides; the core knows nothing of it."""

    deadline_s: float = parameter(
        0.0, unit='s', minimum=0.0, maximum=10.0,
        doc='Longest time from one cycle of the ring to the next; 0: nobody watches it')


@dataclass(frozen=True)
class ValveDriverParameters(BusParameters):
    """The bus to the valve boards, and when to close the valves."""

    vehicle_file: str = parameter('', doc='Vehicle file (config/vehicles)')
    bus: str = parameter('socketcan:can0', doc=f'CAN bus: {FORMS}')
    bitrate: int = parameter(
        500_000, unit='bit/s', minimum=10_000, maximum=1_000_000,
        doc='Of the bus; that of socketcan is set by the system')
    valves_per_board: int = parameter(
        16, minimum=1, maximum=MOST_PER_BOARD, doc='Valve i belongs to board i // valves_per_board')
    watchdog_s: float = parameter(
        0.1, unit='s', minimum=0.02, maximum=10.0,
        doc='All valves close when no good command comes for so long')
    longest_on_s: float = parameter(
        2.5, unit='s', minimum=0.01, maximum=6.5, doc='Longest on-time; a longer one is refused')
    board_timeout_s: float = parameter(
        0.25, unit='s', minimum=0.05, maximum=10.0, doc='A board not heard for so long is silent')
    settle_s: float = parameter(
        0.03, unit='s', minimum=0.0, maximum=1.0,
        doc='So long after a change the reported state of a valve is not judged')
    autostart: bool = parameter(True, doc='Configure and activate the node when it starts')
