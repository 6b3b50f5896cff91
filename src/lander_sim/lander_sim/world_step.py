"""One cycle of the world as a single compiled kernel; `Simulation.step` does the same, bit for bit.

What is rare is left to Python: the kernel flies the cycle and then says that `Simulation.attend` has to look.
"""

import numpy as np

from lander_common import moon
from lander_common.compiled import compiled
from lander_common.quaternions import conjugate, rotate
from lander_common.vectors import add, add_scaled, put
from lander_sim.contact import feel_surface
from lander_sim.devices import direct
from lander_sim.fault_watch import phase_starts_fault
from lander_sim.flight_step import BAD_COMMAND, GROUND_NEAR, NEAR, STEEP, motion, step_above, step_near
from lander_sim.sensors import contact_switches, ground_velocity, imu, laser, star_tracker
from lander_sim.sensors.sensor import active, begin, fault, is_due
from lander_sim.terrain.raycast import cast
from lander_sim.terrain.surface import Landscape, height
from lander_sim.verdict import changes

QUIET_BEFORE_COAST = 5.0  # [s] without main or assist engines before the cycles get long
COAST_ALTITUDE = 15e3  # [m] lowest height above ground for long cycles
HIGH = 3e3  # [m] above the landing site: everything is slower there

OK = 0
ATTEND = 1
"""The cycle is flown; a fault starts or ends, or the verdict has changed: call `Simulation.attend`."""
NO_DATA, NO_COMMAND, NOT_FINITE = 2, 3, 4
"""The cycle could not be flown to its end: `Simulation.attend` raises the error."""

Streams = tuple[np.random.Generator, ...]
"""Random numbers of the IMU, of its faults, of star tracker, ground velocity sensor and laser."""


@compiled
def altitude(truth: np.void, land: Landscape) -> float:
    """Return the height of base_link above the ground [m], NaN without data; measured once in a step."""
    if np.isnan(truth.altitude):
        position = truth.y[0], truth.y[1], truth.y[2]
        truth.altitude = moon.height(position) - height(position, land, 0.0)
    return truth.altitude


@compiled
def step(world: np.void, land: Landscape, streams: Streams, on_time: np.ndarray,
         throttle: np.ndarray) -> int:
    """Fly one cycle under a command and write what the sensors then say to `world`.

    Args:
        world: of world.WORLD.
        land: the ground.
        streams: `Simulation.streams`.
        on_time: (n,) or longer [s], how long each valve is open from now on.
        throttle: (n,) or longer [-], share of full thrust while open.

    Returns:
        OK or one of the constants above.
    """
    truth = world.truth
    propulsion = truth.propulsion
    for i in range(propulsion.count):
        propulsion.command[i], propulsion.throttle[i] = on_time[i], throttle[i]
    # The ground is handed on only where it is asked for: each time, the references to its raster are counted.
    low = truth.clearance + truth.reach <= COAST_ALTITUDE
    if may_coast(world) and low and np.isnan(altitude(truth, land)):
        return NO_DATA
    dt = cycle_length(world)
    if world.direct == 1 and hear(world) and not fire(world, land, streams[4]):
        return NO_DATA
    tick(world, dt)
    before = np.inf  # too high for the sensor, or not asked
    bound = truth.clearance + truth.reach
    if is_due(world.ground_velocity, world.time) and bound <= world.ground_velocity.highest:
        before = altitude(truth, land)
    speed = step_above(truth, dt)
    if speed == GROUND_NEAR:
        speed = move_low(truth, land, dt)
    if np.isnan(before) or speed == GROUND_NEAR:
        return NO_DATA
    if not speed >= 0.0:
        return NO_COMMAND if speed == BAD_COMMAND else NOT_FINITE
    sense(world, streams, before)
    if direct.due(world.device) <= world.time and hear(world) and not fire(world, land, streams[4]):
        return NO_DATA
    watch = world.watch
    if world.time >= watch.next_time:
        return ATTEND
    if truth.clearance + truth.reach < watch.highest:  # the bound says that it may be
        if np.isnan(altitude(truth, land)):
            return NO_DATA
        truth.clearance = truth.altitude - truth.reach
        if truth.altitude < watch.highest:
            return ATTEND
    if phase_starts_fault(watch, world.time) or changes(world.verdict, truth, world.time):
        return ATTEND
    return OK


@compiled
def may_coast(world: np.void) -> bool:
    """Return whether the engines have been quiet for long enough for long cycles."""
    for k in range(world.engine_count):
        if world.truth.propulsion.command[world.engines[k]] != 0.0:
            world.engines_last_on = world.time
            return False
    return world.time - world.engines_last_on > QUIET_BEFORE_COAST


@compiled
def cycle_length(world: np.void) -> float:
    """Return how long this cycle is [s]: longer high above the ground, long in coast."""
    truth = world.truth
    above = truth.clearance + truth.reach if np.isnan(truth.altitude) else truth.altitude
    long = world.time - world.engines_last_on > QUIET_BEFORE_COAST and above > COAST_ALTITUDE
    if long:
        return world.coast_step_s
    return world.high_step_s if moon.height(truth.y) - world.site_level > HIGH else world.step_s


@compiled
def tick(world: np.void, dt: float) -> None:
    """Let the clock go on; the truth still stands at the time before."""
    world.truth.time = world.time
    world.clock += int(np.rint(dt * 1e9))
    world.time, world.dt = world.clock * 1e-9, dt
    world.cycle += 1
    world.star_tracker.due = world.ground_velocity.due = 0


@compiled
def move_low(truth: np.void, land: Landscape, dt: float) -> float:
    """Fly on for dt [s] near the ground, as VehicleDynamics.step; return GROUND_NEAR without data."""
    above, way = altitude(truth, land), STEEP * truth.speed * dt
    if np.isnan(above):
        return GROUND_NEAR
    truth.clearance = above - truth.reach
    if truth.clearance - way >= NEAR:
        return step_above(truth, dt)
    truth.clearance -= way
    if not feel_surface(truth.y, truth.contacts, land):
        return GROUND_NEAR
    return step_near(truth, dt)


@compiled
def sense(world: np.void, streams: Streams, altitude_before: float) -> None:
    """Let every sensor but the range finder measure; `altitude_before` [m] is that before the step."""
    y, t = world.truth.y, world.time
    imu.draw(world.imu, world.dt, streams[0], streams[1])
    imu.measure(world.imu, world.dt, y[13:19])
    if begin(world.star_tracker, t):
        star_tracker.draw(world.star_tracker, streams[2])
        star_tracker.measure(world.star_tracker, y[6:10], y[10:13])
    if begin(world.ground_velocity, t):
        ground_velocity.draw(world.ground_velocity, streams[3])
        velocity = rotate(conjugate(y[6:10]), y[3:6])
        ground_velocity.measure(world.ground_velocity, velocity, altitude_before, motion(y)[3])
    contact_switches.listen(world.switches, t, world.truth.contacts.normal_forces)
    contact_switches.tell(world.switches, world.cycle)


@compiled
def hear(world: np.void) -> bool:
    """Let the range finder without a link live up to now; return whether its laser fires."""
    if active(world.laser.faults, laser.UNPLUGGED):
        direct.unplug(world.device, world.rangefinder)
        return False
    latency = fault(world.laser.faults, laser.LATENCY)
    if direct.hear(world.device, world.rangefinder, latency, world.time):
        return True
    direct.answer(world.device, world.rangefinder, world.time)
    return False


@compiled
def fire(world: np.void, land: Landscape, stream: np.random.Generator) -> bool:
    """Fire the laser, and answer if it is time; return False where the ground is not known."""
    y, q = world.truth.y, world.truth.y[6:10]
    origin, aim = add(y, rotate(q, world.aperture)), rotate(q, world.beam)
    distance, cosine = cast(origin, aim, laser.reach(world.laser), land)
    if np.isnan(distance):
        return False
    if distance < 0.0:
        distance, cosine = np.inf, 1.0
    put(world.footprint, add_scaled(origin, distance, aim))
    laser.draw(world.laser, stream)
    world.device.fired = 1
    world.device.range_m = laser.echo(world.laser, distance, cosine, world.laser.reflectance)
    direct.answer(world.device, world.rangefinder, world.time)
    return True


@compiled
def tick_of(worlds: np.ndarray, dt: float) -> None:
    """Do as `tick`; `worlds`: (1,) of WORLD."""
    tick(worlds[0], dt)
