"""The state of the true vehicle, and all that can be read from it."""

import hashlib
import math

import numpy as np

from lander_common import moon, rotations
from lander_common.constants import MOON_RATE
from lander_common.mass import mass_table
from lander_common.vehicle import Vehicle
from lander_sim.contact import Ground, load_contacts
from lander_sim.flight_step import FirstContact, motion
from lander_sim.propulsion import Propulsion
from lander_sim.rigid_body import ATTITUDE, INTEGRALS, POSITION, RATE, VELOCITY
from lander_sim.truth import PROPELLANT, TRUTH

REST_TIME = 2.0  # [s]
_TIPPED_OVER = math.radians(60.0)


class VehicleState:
    """Truth about one vehicle. Positions and velocities are those of base_link in `moon`."""

    def __init__(self, vehicle: Vehicle, terrain: Ground, record: np.ndarray | None = None):
        """Write `vehicle` to `record`, (1,) of TRUTH, with full tanks, far above the ground of `terrain`."""
        self.vehicle, self.terrain = vehicle, terrain
        self._truth = np.zeros(1, TRUTH) if record is None else record
        record = self._truth[0]
        record['mass'], record['legs'] = mass_table(vehicle.mass), vehicle.legs.count
        self._y, self._contacts = record['y'], record['contacts']
        self._increments = self._y[INTEGRALS].reshape(2, 3)
        self._propulsion = Propulsion(record['propulsion'], vehicle.thrusters)
        load_contacts(self._contacts, vehicle)
        self.set_state(np.array([2e6, 0.0, 0.0]), np.zeros(3), np.array([0.0, 0.0, 0.0, 1.0]), np.zeros(3),
                       vehicle.mass.propellant_kg)

    def set_state(self, position_moon: np.ndarray, velocity_moon: np.ndarray, q_moon_body: np.ndarray,
                  omega_body: np.ndarray, propellant: float, time: float = 0.0) -> None:
        """Start anew, valves closed, from this state of base_link.

        Args:
            position_moon: (3,) [m].
            velocity_moon: (3,) [m/s] relative to the rotating Moon.
            q_moon_body: (4,).
            omega_body: (3,) [rad/s] base_link, relative to inertial space.
            propellant: [kg] left.
            time: [s] of the flight clock.
        """
        y, truth, contacts = self._y, self._truth[0], self._contacts
        y[POSITION], y[VELOCITY], y[RATE] = position_moon, velocity_moon, omega_body
        y[ATTITUDE] = rotations.normalise(np.array(q_moon_body, dtype=float))
        y[INTEGRALS], y[PROPELLANT] = 0.0, propellant
        self._propulsion.fractions[:], self._propulsion.positions[:] = 0.0, 1.0
        contacts['planes'], contacts['anchors'] = np.nan, 0.0
        contacts['crushed'], contacts['normal_forces'] = 0.0, 0.0
        truth['speed'], truth['clearance'] = np.linalg.norm(y[VELOCITY]), 0.0
        truth['rest'], truth['first_contact'] = 0.0, np.nan
        truth['time'], truth['dt'], truth['altitude'] = time, 0.0, np.nan

    @property
    def time(self) -> float:
        """Flight clock [s]."""
        return float(self._truth[0]['time'])

    @property
    def first_contact(self) -> FirstContact | None:
        """How the first point of the vehicle met the ground; None in flight."""
        contact = self._truth[0]['first_contact'].tolist()
        return None if math.isnan(contact[0]) else FirstContact(*contact)

    @property
    def foot_contact(self) -> tuple[bool, ...]:
        """Whether each foot is pressed on the ground."""
        return tuple((self.foot_loads > 0.0).tolist())

    @property
    def foot_loads(self) -> np.ndarray:
        """Force of the ground along its normal on each foot [N], (count,)."""
        return self._contacts['normal_forces'][:self.vehicle.legs.count]

    @property
    def position(self) -> np.ndarray:
        """Position of base_link [m] moon, (3,)."""
        return self._y[POSITION].copy()

    @property
    def altitude(self) -> float:
        """Height of base_link above the ground [m].

        Raises:
            TerrainError: the terrain has no data here.
        """
        altitude = float(self._truth[0]['altitude'])
        if math.isnan(altitude):
            position = self.position
            altitude = moon.height(position) - self.terrain.height_at(position)
            self._truth[0]['altitude'] = altitude
        return altitude

    def is_below(self, limit: float) -> bool:
        """Return whether `altitude` is less than `limit` [m]; measure it only when it may be."""
        truth = self._truth[0]
        if math.isnan(truth['altitude']):
            if truth['clearance'] + truth['reach'] >= limit:
                return False
            truth['clearance'] = self.altitude - truth['reach']
        return self.altitude < limit

    @property
    def velocity(self) -> np.ndarray:
        """Velocity of base_link relative to the rotating Moon [m/s] moon, (3,)."""
        return self._y[VELOCITY].copy()

    @property
    def q_moon_body(self) -> np.ndarray:
        """Attitude, (4,)."""
        return self._y[ATTITUDE].copy()

    @property
    def body_rate(self) -> np.ndarray:
        """Rate relative to inertial space [rad/s] base_link, (3,)."""
        return self._y[RATE].copy()

    @property
    def body_rate_moon(self) -> np.ndarray:
        """Rate relative to the Moon [rad/s] base_link, (3,)."""
        return self._y[RATE] - MOON_RATE * rotations.to_matrix(self._y[ATTITUDE])[2]

    @property
    def increments(self) -> np.ndarray:
        """Integrals of body rate [rad] and specific force [m/s] over the last step, base_link, (2, 3)."""
        return self._increments.copy()

    @property
    def mean_rate(self) -> np.ndarray:
        """Mean of `body_rate` over the last step [rad/s] base_link, (3,)."""
        dt = self._truth[0]['dt']
        return self.increments[0] / dt if dt else self.body_rate

    @property
    def mean_specific_force(self) -> np.ndarray:
        """Mean specific force at base_link over the last step [m/s^2] base_link, (3,); 0 before any."""
        dt = self._truth[0]['dt']
        return self.increments[1] / dt if dt else np.zeros(3)

    @property
    def propellant(self) -> float:
        """Propellant left [kg]."""
        return float(self._y[PROPELLANT])

    @property
    def mass(self) -> float:
        """Mass [kg]."""
        return self.vehicle.mass.dry_kg + self.propellant

    @property
    def centre_of_mass(self) -> np.ndarray:
        """Position of the centre of mass [m] moon, (3,)."""
        arm = self.vehicle.centre_of_mass(self.propellant)
        return self._y[POSITION] + rotations.rotate(self.q_moon_body, arm)

    @property
    def thrust_fractions(self) -> np.ndarray:
        """Thrust of each thruster over its full thrust [-], (n,)."""
        return self._propulsion.fractions * self._propulsion.positions

    @property
    def tilt(self) -> float:
        """Angle between base_link +z and the local vertical [rad]."""
        return motion(self._y)[3]

    @property
    def normal_forces(self) -> np.ndarray:
        """Force of the ground along its normal on each foot, then on the body's corners [N], (3 count,)."""
        return self._contacts['normal_forces'][:self._contacts['count']].copy()

    @property
    def crushed(self) -> np.ndarray:
        """By how much each leg, then each corner of the body, has become shorter [m], (3 count,)."""
        return self._contacts['crushed'][:self._contacts['count']].copy()

    @property
    def broken(self) -> bool:
        """Whether the first contact was faster than the legs bear."""
        contact, legs = self.first_contact, self.vehicle.legs
        return contact is not None and (contact.vertical_speed > legs.break_vertical_m_s
                                        or contact.horizontal_speed > legs.break_horizontal_m_s)

    @property
    def at_rest(self) -> bool:
        """Whether the vehicle has been on the ground without moving for 2 s."""
        return bool(self._truth[0]['rest'] >= REST_TIME)

    @property
    def tipped_over(self) -> bool:
        """Whether the vehicle leans by more than 60 deg."""
        return self.tilt > _TIPPED_OVER

    def ground_slope(self) -> float:
        """Return the mean slope of the ground below the feet [rad]."""
        arms = self.vehicle.legs.feet @ rotations.to_matrix(self._y[ATTITUDE]).T
        normal = np.sum([self.terrain.plane_at(self._y[POSITION] + arm)[1] for arm in arms], axis=0)
        up = self.position
        return math.atan2(rotations.norm(rotations.cross(up, normal)), float(up @ normal))

    def state_bytes(self) -> bytes:
        """Return motion, propellant, valves, throttles and contact of this moment, float64."""
        y = np.delete(self._y, INTEGRALS)
        points = slice(int(self._contacts['count']))
        anchors, crushed = self._contacts['anchors'][points], self._contacts['crushed'][points]
        p = self._propulsion
        return (y.tobytes() + p.fractions.tobytes() + p.positions.tobytes() + anchors.tobytes()
                + crushed.tobytes())

    def state_hash(self) -> str:
        """Return the SHA-256 of `state_bytes` in hexadecimal."""
        return hashlib.sha256(self.state_bytes()).hexdigest()
