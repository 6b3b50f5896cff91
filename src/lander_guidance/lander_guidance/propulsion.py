"""What the engines of a vehicle can do, the propellant they have used, and the mass that is left."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import STANDARD_GRAVITY
from lander_common.mass import MASS_SIZE, mass_table
from lander_common.vectors import Vector, limited
from lander_common.vehicle import Thruster, Vehicle
from lander_guidance.parameters import GuidanceParameters

WEIGHT = 1.62  # [m/s^2] gravity at the ground
_SINKING, _BEARING = 0.9, 1.1  # of the weight: thrust that lets the lander sink, thrust that surely bears it
_LEAST_SHARE = 0.02  # of all thrust: pulsed engines can do less, but a direction needs some thrust
_WINDOW = 4.0  # [s] over which small errors of thrust are measured
_QUICK = 0.3  # [s] time constant for large ones
_LARGE, _LASTING = 0.1, 0.3  # [-], [s] a larger difference that lasts longer is believed
_STARTED = 1.5  # [s] of thrust before that
_LEAST_SCALE, _MOST_SCALE = 0.05, 1.3

ENGINES = np.dtype([
    ('main', float),  # [N] along +z, all main engines
    ('main_least', float),  # [N] the same throttled down; equal to `main` if they are on or off
    ('limit', float),  # [N] highest continuous thrust along +z
    ('planned', float), ('low', float),  # [N] in braking
    ('floor', float),  # [N] lowest thrust in powered flight: main engines with which it can land stay on
    ('terminal', float),  # [N] highest thrust in the vertical descent: less if the main engines are off
    ('main_slope', float), ('assist_slope', float),  # [kg/s/N] propellant flow per thrust
    ('torque_limit', float, 3),  # [N m] of the RCS
    ('torque_slope', float, 3),  # [kg/s/N m] RCS propellant flow per torque
])

BODY = np.dtype([
    ('dry', float),  # [kg]
    ('mass', float, MASS_SIZE),  # mass_table
    ('foot', float),  # [m] height of base_link on its feet
    ('bearable', float),  # [m/s] highest sink rate that the legs surely bear
    ('good', float), ('near', float),  # [m/s] sink rate, [m] distance from the target of a good landing
    ('reserve', float),  # [kg] of propellant that is not counted on
])

SCALE = np.dtype([
    ('value', float),  # [-] measured over commanded acceleration: engine and mass errors in one
    ('expected', float), ('measured', float), ('span', float),  # [m/s], [m/s], [s] in the running window
    ('force', float),  # [N] commanded, mean of the last moments
    ('quick_expected', float), ('quick_measured', float),  # [m/s^2] the same of the accelerations
    ('burning', float),  # [s] since thrust began
    ('apart', float),  # [s] since when the quick ratio has been another one
])


def engines(parameters: GuidanceParameters, vehicle: Vehicle) -> np.void:
    """Return the ENGINES of `vehicle`: sums over the groups main, assist and rcs."""
    e = np.zeros(1, ENGINES)[0]
    main, main_flow = _sum(vehicle, 'main')
    assist, assist_flow = _sum(vehicle, 'assist')
    if main + assist <= 0.0:
        raise ValueError(f'vehicle {vehicle.name} has no main or assist engine that pushes up')
    total = main + assist
    least = sum(_up(t) * t.throttle_min for t in _group(vehicle, 'main'))
    e['main'], e['main_least'] = main, least
    e['limit'] = parameters.thrust_limit_share * total
    e['planned'] = parameters.braking_thrust_share * total
    e['low'] = parameters.braking_thrust_low_share * total
    e['floor'], e['terminal'] = max(1.02 * least, _LEAST_SHARE * total), e['limit']
    weight = WEIGHT * vehicle.mass.dry_kg
    if e['floor'] > _SINKING * weight and parameters.thrust_limit_share * assist > _BEARING * weight:
        # The main engines push too hard for a landing, and the others land the vehicle alone: as long as less
        # than they give is asked for, the main engines are off.
        e['floor'] = _LEAST_SHARE * total
        e['terminal'] = min(parameters.thrust_limit_share * assist, 0.98 * least)
    e['floor'] = min(e['floor'], e['limit'])
    e['assist_slope'] = assist_flow / assist if assist > 0.0 else main_flow / main
    e['main_slope'] = main_flow / main if main > 0.0 else e['assist_slope']
    # Pairs push both ways: what turns is half of the sum of all arms.
    rcs = list(vehicle.group('rcs'))
    torque = 0.5 * np.abs(vehicle.wrench_matrix(0.0)[3:, rcs]).sum(axis=1)
    e['torque_limit'] = np.maximum(parameters.torque_share * torque, 1e-6)
    e['torque_slope'] = 0.5 * sum(_flow(vehicle.thrusters[i]) for i in rcs) / np.maximum(torque, 1e-6)
    return e


def body(vehicle: Vehicle, leg_share: float, reserve_share: float) -> np.void:
    """Return the BODY of `vehicle`; its legs bear `leg_share` of what breaks them."""
    b, m = np.zeros(1, BODY)[0], vehicle.mass
    b['dry'], b['mass'] = m.dry_kg, mass_table(m)
    b['foot'], b['bearable'] = -vehicle.legs.foot_z_m, leg_share * vehicle.legs.break_vertical_m_s
    b['good'], b['near'] = vehicle.limits.vertical_speed_m_s, vehicle.limits.distance_from_target_m
    b['reserve'] = reserve_share * m.propellant_kg
    return b


def _group(vehicle: Vehicle, name: str) -> list[Thruster]:
    return [vehicle.thrusters[i] for i in vehicle.group(name)]


def _up(thruster: Thruster) -> float:
    return thruster.thrust_n * float(thruster.axis[2])


def _flow(thruster: Thruster) -> float:
    return thruster.thrust_n / (thruster.isp_s * STANDARD_GRAVITY)


def _sum(vehicle: Vehicle, name: str) -> tuple[float, float]:
    """Return thrust along +z [N] and propellant flow [kg/s] of a group."""
    return sum(map(_up, _group(vehicle, name))), sum(map(_flow, _group(vehicle, name)))


@compiled
def flow(e: np.void, thrust: float) -> float:
    """Return the propellant flow [kg/s] of main and assist engines at `thrust` [N]."""
    main = min(thrust, e.main) if thrust >= e.main_least else 0.0
    return e.main_slope * main + e.assist_slope * (thrust - main)


@compiled
def exhaust_velocity(e: np.void, thrust: float) -> float:
    """Return the effective exhaust velocity [m/s] at `thrust` [N]."""
    return thrust / flow(e, thrust)


@compiled
def spent_for(e: np.void, thrust: float, mass: float, speed: float) -> float:
    """Return the propellant [kg] that changes the speed of `mass` [kg] by `speed` [m/s] at `thrust` [N]."""
    return mass * (1.0 - math.exp(-speed / exhaust_velocity(e, thrust)))


@compiled
def rcs_flow(e: np.void, torque: Vector) -> float:
    """Return the propellant flow [kg/s] of the RCS for a mean torque [N m]."""
    slope = e.torque_slope
    return abs(torque[0]) * slope[0] + abs(torque[1]) * slope[1] + abs(torque[2]) * slope[2]


@compiled
def forget(scale: np.void) -> None:
    """Begin to measure thrust anew; keep what is known."""
    scale.expected = scale.measured = scale.span = 0.0
    scale.force = scale.quick_expected = scale.quick_measured = scale.burning = scale.apart = 0.0


@compiled
def measure(scale: np.void, force: float, mass: float, measured: float, dt: float) -> None:
    """Compare the speed `measured` along +z [m/s], gained in `dt` [s], with `force` [N] on `mass` [kg].

    A slow loop averages over windows: small errors of thrust and mass, and whatever the quick one believed
    wrongly. The quick one believes a large difference that lasts: an engine that failed. Pulses, valves and
    noise do not last. Engines lag behind a command that falls, which is no more thrust.
    """
    scale.burning += dt
    share = dt / (dt + _QUICK)
    scale.force += share * (force - scale.force)
    scale.quick_expected += share * (force / mass - scale.quick_expected)
    scale.quick_measured += share * (measured / dt - scale.quick_measured)
    scale.expected += force / mass * dt
    scale.measured += measured
    scale.span += dt
    ratio = scale.quick_measured / max(scale.quick_expected, 0.1)
    lagging = ratio > scale.value and force < (1.0 - _LARGE) * scale.force
    if abs(ratio - scale.value) > _LARGE and scale.burning > _STARTED and not lagging:
        scale.apart += dt
        if scale.apart > _LASTING:
            scale.value = limited(ratio, _LEAST_SCALE, _MOST_SCALE)
            scale.expected = scale.measured = scale.span = 0.0
    else:
        scale.apart = 0.0
    if scale.span >= _WINDOW and scale.expected > 1.0:
        ratio = scale.measured / scale.expected
        weight = 0.3 if abs(ratio - scale.value) < _LARGE else 1.0
        scale.value += weight * (limited(ratio, _LEAST_SCALE, _MOST_SCALE) - scale.value)
        scale.expected = scale.measured = scale.span = 0.0
