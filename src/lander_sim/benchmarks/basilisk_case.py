"""The burn of bench_dynamics.py in Basilisk: one hub, one fuel tank, 16 thrusters, Moon with J2."""

import math
import time

import numpy as np
from Basilisk.architecture import messaging
from Basilisk.simulation import fuelTank, gravityEffector, spacecraft, thrusterDynamicEffector
from Basilisk.utilities import SimulationBaseClass, macros

from lander_common import constants
from lander_common.vehicle import Vehicle


def fly(vehicle: Vehicle, position: np.ndarray, velocity: np.ndarray, mrp: np.ndarray, seconds: float,
        dt: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Burn with all thrusters from an inertial state, (3,) [m], [m/s]; `mrp`: attitude sigma_BN, (3,).

    Returns:
        Inertial position and velocity at the end, and the processor time [s] of the run without its set-up.
    """
    simulation = SimulationBaseClass.SimBaseClass()
    simulation.SetProgressBar(False)
    process = simulation.CreateNewProcess('process')
    process.addTask(simulation.CreateNewTask('task', macros.sec2nano(dt)))
    craft = spacecraft.Spacecraft()
    _load_hub(craft, vehicle, position, velocity, mrp)
    craft.gravField.gravBodies = spacecraft.GravBodyVector([_moon()])
    tank = _tank(vehicle)
    craft.addStateEffector(tank)
    engines, command = _thrusters(vehicle, craft, tank, seconds)
    for priority, model in ((3, engines), (2, tank), (1, craft)):
        simulation.AddModelToTask('task', model, priority)
    simulation.InitializeSimulation()
    simulation.ConfigureStopTime(macros.sec2nano(seconds))
    start = time.process_time()
    simulation.ExecuteSimulation()
    took = time.process_time() - start
    state = craft.scStateOutMsg.read()
    del command
    return np.array(state.r_BN_N), np.array(state.v_BN_N), took


def _load_hub(craft: spacecraft.Spacecraft, vehicle: Vehicle, position: np.ndarray, velocity: np.ndarray,
              mrp: np.ndarray) -> None:
    craft.hub.mHub = vehicle.mass.dry_kg
    craft.hub.r_BcB_B = [[c] for c in vehicle.mass.dry_centre_m]
    craft.hub.IHubPntBc_B = np.diag(vehicle.mass.dry_inertia_kg_m2).tolist()
    craft.hub.r_CN_NInit, craft.hub.v_CN_NInit = position.tolist(), velocity.tolist()
    craft.hub.sigma_BNInit, craft.hub.omega_BN_BInit = mrp.tolist(), [0.0, 0.0, 0.0]


def _moon() -> gravityEffector.GravBodyData:
    model = gravityEffector.SphericalHarmonicsGravityModel()
    model.muBody, model.radEquator, model.maxDeg = constants.MOON_GM, constants.MOON_GRAVITY_RADIUS, 2
    model.cBar = [[1.0], [0.0, 0.0], [-constants.MOON_J2 / math.sqrt(5.0), 0.0, 0.0]]
    model.sBar = [[0.0], [0.0, 0.0], [0.0, 0.0, 0.0]]
    moon = gravityEffector.GravBodyData()
    moon.planetName, moon.isCentralBody = 'moon', True
    moon.mu, moon.radEquator = constants.MOON_GM, constants.MOON_GRAVITY_RADIUS
    moon.gravityModel = model
    return moon


def _tank(vehicle: Vehicle) -> fuelTank.FuelTank:
    tank, model = fuelTank.FuelTank(), fuelTank.FuelTankModelConstantVolume()
    model.propMassInit, model.maxFuelMass = vehicle.mass.propellant_kg, vehicle.mass.propellant_kg
    model.r_TcT_TInit = [[c] for c in vehicle.mass.propellant_centre_m]
    model.radiusTankInit = math.sqrt(2.5 * vehicle.mass.propellant_gyration_m2[0])
    tank.setTankModel(model)
    tank.setR_TB_B([[0.0], [0.0], [0.0]])
    tank.setNameOfMassState('fuel')
    return tank


def _thrusters(vehicle: Vehicle, craft: spacecraft.Spacecraft, tank: fuelTank.FuelTank,
               seconds: float) -> tuple[thrusterDynamicEffector.ThrusterDynamicEffector, object]:
    engines = thrusterDynamicEffector.ThrusterDynamicEffector()
    for t in vehicle.thrusters:
        engine = thrusterDynamicEffector.THRSimConfig()
        engine.thrLoc_B, engine.thrDir_B = [[x] for x in t.position_m], [[x] for x in t.axis]
        engine.MaxThrust, engine.steadyIsp, engine.MinOnTime = t.thrust_n, t.isp_s, 0.0
        engines.addThruster(engine)
    craft.addDynamicEffector(engines)
    tank.addThrusterSet(engines)
    request = messaging.THRArrayOnTimeCmdMsgPayload()
    request.OnTimeRequest = [seconds + 10.0] * len(vehicle.thrusters)
    command = messaging.THRArrayOnTimeCmdMsg().write(request)
    engines.cmdsInMsg.subscribeTo(command)
    return engines, command
