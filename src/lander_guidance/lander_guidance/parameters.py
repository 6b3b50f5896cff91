"""Parameters of guidance. Everything about engines, mass and feet comes from the vehicle file instead."""

from dataclasses import dataclass

from lander_common.parameters import Parameters, parameter


@dataclass(frozen=True)
class GuidanceParameters(Parameters):
    """What the descent should look like, and how hard attitude control works."""

    vehicle_file: str = parameter('', doc='Vehicle file (config/vehicles)')
    site_file: str = parameter('', doc='Site file (config/sites)')
    trust_estimate: bool = parameter(
        False, doc='Fly on the estimated altitude instead of its lowest credible value, as Missions 1 and 2')
    perilune_height_m: float = parameter(
        18e3, unit='m', minimum=5e3, maximum=60e3, doc='Perilune after deorbit, above the site ground')
    perilune_lead_deg: float = parameter(
        2.0, unit='deg', minimum=-20, maximum=20, doc='Perilune beyond the expected start of braking')
    braking_thrust_share: float = parameter(
        0.93, minimum=0.5, maximum=1.0, doc='Planned thrust in braking, of all main and assist engines')
    thrust_limit_share: float = parameter(
        0.95, minimum=0.5, maximum=1.0, doc='Highest thrust commanded, of all main and assist engines')
    braking_thrust_low_share: float = parameter(
        0.75, minimum=0.3, maximum=1.0, doc='Lowest thrust planned in braking, of all engines')
    replan_period_s: float = parameter(
        1.0, unit='s', minimum=0.2, maximum=10, doc='At least, between two solutions of the braking burn')
    gate_height_m: float = parameter(
        2900.0, unit='m', minimum=500, maximum=10e3, doc='End of braking, above the site ground')
    gate_range_m: float = parameter(
        680.0, unit='m', minimum=0, maximum=10e3, doc='End of braking, before the target')
    gate_forward_m_s: float = parameter(
        34.0, unit='m/s', minimum=0, maximum=100, doc='Forward speed at the end of braking')
    gate_sink_m_s: float = parameter(
        48.0, unit='m/s', minimum=5, maximum=100,
        doc='Sink rate at the end of braking, and until the ground is seen')
    approach_sink_m_s: float = parameter(
        62.0, unit='m/s', minimum=5, maximum=100, doc='Sink rate in the approach, once the ground is seen')
    approach_deceleration_m_s2: float = parameter(
        1.6, unit='m/s^2', minimum=0.1, maximum=5, doc='Of the sink rate, down to terminal_sink_m_s')
    terminal_height_m: float = parameter(
        60.0, unit='m', minimum=20, maximum=2e3, doc='Start of the vertical descent, above the ground')
    terminal_sink_m_s: float = parameter(
        12.0, unit='m/s', minimum=1, maximum=50, doc='Sink rate at the start of the vertical descent')
    soft_height_m: float = parameter(
        6.0, unit='m', minimum=0, maximum=100, doc='Feet above the ground: constant sink rate from here on')
    hold_height_m: float = parameter(
        25.0, unit='m', minimum=0, maximum=500, doc='Below it only speed is nulled, not position')
    touchdown_sink_m_s: float = parameter(
        1.2, unit='m/s', minimum=0.3, maximum=3, doc='Sink rate at contact')
    sink_margin: float = parameter(
        0.75, minimum=0.3, maximum=1.0, doc='Share of the available deceleration the sink limit counts on')
    wake_chance: float = parameter(
        0.5, minimum=0.0, maximum=0.99, doc='Probability that a range finder that is silent still works')
    wake_time_s: float = parameter(
        30.0, unit='s', minimum=0.1, maximum=1e4, doc='Mean time until it then wakes up')
    range_see_height_m: float = parameter(
        2500.0, unit='m', minimum=100, maximum=10e3, doc='Below it the range finder must see the ground')
    range_see_tilt_deg: float = parameter(
        22.0, unit='deg', minimum=2, maximum=60, doc='Largest tilt below range_see_height_m')
    touchdown_tilt_deg: float = parameter(
        3.0, unit='deg', minimum=0.5, maximum=15, doc='Largest tilt commanded at the ground')
    slew_deg_s: float = parameter(
        4.0, unit='deg/s', minimum=0.2, maximum=20, doc='Fastest turn under thrust')
    coast_slew_deg_s: float = parameter(
        1.0, unit='deg/s', minimum=0.1, maximum=5, doc='Fastest turn in orbit and coast')
    attitude_gain: float = parameter(
        0.7, unit='1/s', minimum=0.01, maximum=5, doc='Rate commanded per attitude error')
    rate_gain: float = parameter(
        2.5, unit='1/s', minimum=0.05, maximum=20, doc='Angular acceleration commanded per rate error')
    torque_share: float = parameter(
        0.7, minimum=0.1, maximum=1.0, doc='Of the RCS torque that is used')
    sample_age_s: float = parameter(
        0.015, unit='s', minimum=0, maximum=1, doc='Contact and ground samples are used from this age on')
    rest_time_s: float = parameter(
        3.0, unit='s', minimum=0.1, maximum=60, doc='Still for so long means landed')
    rest_speed_m_s: float = parameter(
        0.5, unit='m/s', minimum=0.01, maximum=5, doc='Slower than this is still')
    rest_rate_deg_s: float = parameter(
        1.0, unit='deg/s', minimum=0.01, maximum=20, doc='Turning slower than this is still')


@dataclass(frozen=True)
class GuidanceNodeParameters(GuidanceParameters):
    """What the node is told besides; the core knows nothing of it."""

    preflight: bool = parameter(
        False, doc='Stay in WAIT, with a zero wrench, until the preflight check has said GO')
