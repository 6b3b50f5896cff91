"""The ring as one compiled loop: whole flights at the speed of the cores.

It calls the kernels of the cores in the order in which `Flight.step` calls their classes, on the same
records, so both can take turns and end in the same bits.
"""

import numpy as np

from lander_campaign import observer
from lander_common.compiled import compiled
from lander_estimation import step as estimation
from lander_guidance import step as guidance_kernels
from lander_rangefinder.step import poll
from lander_sim.fault_watch import tell_phase
from lander_sim.terrain.surface import Landscape
from lander_sim.verdict import FLYING
from lander_sim.world_step import OK, Streams
from lander_sim.world_step import step as step_world
from lander_thrusters import step as thrusters


@compiled
def fly(worlds: np.ndarray, land: Landscape, streams: Streams, estimators: np.ndarray, guidances: np.ndarray,
        allocators: np.ndarray, observers: np.ndarray, closed: np.ndarray, cycles: int) -> int:
    """Fly up to `cycles` cycles, or until Python has to look; return the code of world_step.

    Args:
        worlds: (1,) of WORLD.
        land: the ground.
        streams: random numbers of the sensors.
        estimators: (1,) of ESTIMATOR.
        guidances: (1,) of GUIDANCE.
        allocators: (1,) of ALLOCATOR.
        observers: (1,) of OBSERVER.
        closed: (32,) zeros: valves closed.
        cycles: the most that are flown.
    """
    world, estimator, guidance, allocator = worlds[0], estimators[0], guidances[0], allocators[0]
    ground = Landscape(land.surface[0], land.raster)
    for _ in range(cycles):
        flying = _navigate(world, estimator, guidance)
        if flying:
            _command(world, estimator, guidance, allocator)
        tell_phase(world.watch, world.time, guidance.phase)
        if flying:
            code = step_world(world, ground, streams, allocator.on_time, allocator.throttle)
        else:
            code = step_world(world, ground, streams, closed, closed)
        if code != OK:
            return code  # observed after Python has looked
        observer.look(observers[0], world, ground, estimator, guidance)
        if world.verdict.result != FLYING:
            return OK
    return OK


@compiled
def _navigate(world: np.void, estimator: np.void, guidance: np.void) -> bool:
    """Hand what the sensors say to filter and guidance; return whether there is an estimate."""
    time = world.time
    if world.attitude_due:
        estimation.add_attitude(estimator, time, world.attitude_valid, world.attitude,
                                world.attitude_variance)
    if world.velocity_due:
        estimation.add_velocity(estimator, time, world.velocity, world.velocity_variance)
    if world.contact_due:
        guidance_kernels.set_contact(guidance, time, world.feet)
    known = estimation.step(estimator, time, world.imu_rate, world.imu_force)
    # As in the ring, a range sample reaches the estimator after the sample that triggered it.
    r = world.rangefinder
    if poll(r, time):
        estimation.add_range(estimator, r.time, r.received, r.validity, r.range_m, r.variance, r.beam)
    return known


@compiled
def _command(world: np.void, estimator: np.void, guidance: np.void, allocator: np.void) -> None:
    """From the estimate to the command of the thrusters."""
    n = estimator.navigation
    if estimation.status_due(estimator, n.time):
        estimation.update_ground(estimator)
        guidance_kernels.set_ground(guidance, estimator.ground)
    guidance_kernels.step(guidance, n.time, n.position_map, n.q_map_body, n.velocity_body, n.angular_velocity)
    thrusters.add_imu(allocator, world.time, world.imu_rate, world.imu_force)
    thrusters.step(allocator, guidance.wrench_time, guidance.force, guidance.torque)
