"""One run of a campaign: a flight, and what is kept of it."""

import dataclasses
import math
import time

import numpy as np

from lander_campaign.flight import Flight
from lander_campaign.observer import LEVELS_M
from lander_campaign.software import Software
from lander_campaign.workers import Failure
from lander_common.vehicle import TouchdownLimits, Vehicle
from lander_sim.parameters import SimulatorParameters
from lander_sim.verdict import Report
from lander_telemetry.flight import RESULTS

nan = math.nan
FAILED = 'failed'
"""Result of a run that has no verdict: the program broke down, or its process died."""


def seed_of(campaign: int, index: int) -> int:
    """Return the seed of run `index`, 0 to 2**31 - 1, which `frigoris land --seed` takes as well.

    It follows from the seed of the campaign and the index alone: upper 31 bits of the first word of NumPy's
    SeedSequence with the index as spawn key.
    """
    return int(np.random.SeedSequence(campaign, spawn_key=(index,)).generate_state(1)[0]) >> 1


@dataclasses.dataclass(frozen=True)
class Task:
    """A flight that is to be flown."""

    index: int
    parameters: SimulatorParameters
    software: Software = Software()


@dataclasses.dataclass(frozen=True)
class Run:
    """What is kept of a flight; NaN where it did not come to it. One row of runs.parquet.

    The fields that a limit of the vehicle holds for have the names of `TouchdownLimits`.
    """

    index: int
    seed: int
    passed: bool  # landed within every limit of the vehicle
    result: str  # landed, tipped_over, crashed, timeout or failed
    reason: str
    vertical_speed_m_s: float = nan  # positive down; this and the next three at the first contact
    horizontal_speed_m_s: float = nan
    tilt_deg: float = nan
    rate_deg_s: float = nan
    distance_from_target_m: float = nan
    east_m: float = nan  # of the target, map; this and the above where the flight ended
    north_m: float = nan
    rest_tilt_deg: float = nan
    slope_deg: float = nan  # of the ground below
    propellant_left_kg: float = nan
    first_range_altitude_m: float = nan  # true, when the first valid range arrived
    altitude_error_m: float = nan  # largest, from 1 s after the first valid range to the ground
    ranges_taken: int = 0  # by the filter, as measurement or as change of the terrain
    longest_wait_s: float = nan  # time during which valid ranges came and the filter took none
    longest_surface_wait_s: float = nan  # of it, the time during which they came from one surface
    faults_found: str = ''  # thrusters that the allocator took for broken, separated by '; '
    braking_s: float = nan  # flight time when guidance came to this phase
    pitch_up_s: float = nan
    terminal_s: float = nan
    touchdown_s: float = nan
    flight_time_s: float = nan
    wall_time_s: float = nan  # the only field that differs when the run is repeated
    state_hash: str = ''
    sink_rates_m_s: tuple[float, ...] = (nan,) * len(LEVELS_M)  # when first as low as LEVELS_M above ground


def fly(task: Task) -> Run:
    """Fly to the verdict."""
    began = time.monotonic()
    flight = Flight(task.parameters, task.software)
    run = of_report(task, flight.run(), flight.simulation.vehicle)
    return dataclasses.replace(
        run, wall_time_s=time.monotonic() - began,
        faults_found='; '.join(flight.cores.allocator.status().faults), **flight.observer.values())


def failed(task: Task, reason: str) -> Run:
    """Return the run that a broken program or process leaves."""
    return Run(task.index, task.parameters.seed, False, FAILED, reason)


def run_of(task: Task, answer: Run | Failure) -> Run:
    """Return the run that a worker's answer stands for."""
    return failed(task, answer.reason) if isinstance(answer, Failure) else answer


def of_report(task: Task, report: Report, vehicle: Vehicle) -> Run:
    """Return what the report of the simulation says."""
    run = Run(
        task.index, task.parameters.seed, False, RESULTS[report.result], report.reason,
        vertical_speed_m_s=report.vertical_speed, horizontal_speed_m_s=report.horizontal_speed,
        tilt_deg=math.degrees(report.tilt), rate_deg_s=math.degrees(report.rate),
        distance_from_target_m=report.distance_from_target,
        east_m=float(report.position_map[0]), north_m=float(report.position_map[1]),
        rest_tilt_deg=math.degrees(report.rest_tilt), slope_deg=math.degrees(report.slope),
        propellant_left_kg=report.propellant_left, flight_time_s=report.time, state_hash=report.state_hash)
    return dataclasses.replace(run, passed=within(run, vehicle.limits))


def within(run: Run, limits: TouchdownLimits) -> bool:
    """Whether the run landed and keeps every limit; a value that is not known keeps none."""
    return run.result == 'landed' and all(
        getattr(run, name) <= limit for name, limit in dataclasses.asdict(limits).items())
