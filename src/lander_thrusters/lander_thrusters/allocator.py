"""The allocator: a wrench comes in, valve on-times go out."""

import numpy as np

from lander_common.compiled import compiled
from lander_common.samples import ImuSample, ThrusterCommand, Wrench
from lander_common.vehicle import Vehicle
from lander_thrusters import step as kernels
from lander_thrusters.fault_detection import TROUBLES, restart
from lander_thrusters.fault_test import KINDS
from lander_thrusters.masks import set_masks
from lander_thrusters.parameters import AllocatorParameters
from lander_thrusters.record import allocator_record
from lander_thrusters.status import AllocationStatus, saturation

Health = tuple[bool, int, str]
"""Whether the last wrench was valid, the mask of thrusters not used, and the trouble of fault detection."""


class ThrusterAllocator:
    """Shares a wrench out over the thrusters and turns each share into pulses.

    At the start of each window the duties are found by bounded least squares and become one pulse per
    thruster. What the pulses leave over is a wrench, which is added to the demand of the next window:
    the accumulated error is always that of less than one shortest pulse per thruster.

    All that is remembered is in `record`, (1,) of record.ALLOCATOR, on which the kernels of `step` work.
    """

    def __init__(self, parameters: AllocatorParameters, vehicle: Vehicle):
        """Start with all valves closed.

        Raises:
            ParameterError: the window is too short for the pulses of the vehicle.
        """
        self.record = allocator_record(parameters, vehicle)
        self._names = [t.name for t in vehicle.thrusters]
        self._fields = self.record[0]
        n = len(self._names)
        self._on_time, self._throttle = self._fields['on_time'][:n], self._fields['throttle'][:n]
        # Once with nothing asked, so that no cycle waits for the compiler.
        trial, zero = self.record.copy(), np.zeros(3)
        _add_imu(trial, 0.0, zero, zero)
        _step(trial, 0.0, zero, zero)

    def set_failed(self, mask: int, burning: int = 0) -> None:
        """Use no thruster whose bit is set in `mask`; the others take over with the next wrench.

        Those of them with a bit in `burning` are stuck on: the others also make up for what they do.
        """
        _set_failed(self.record, mask, burning)

    def clear_faults(self) -> None:
        """Forget the faults that were found: every thruster not known to have failed is tried again."""
        _clear_faults(self.record)

    def take_valves(self, stuck_open: int, stuck_closed: int) -> None:
        """Take what the valve boards say: a bit for each thruster whose valve does not do as it was told.

        Found faulty by that, it stays so until `clear_faults`: one that is no longer told to open looks well.
        """
        _take_valves(self.record, stuck_open, stuck_closed)

    def excuse(self) -> None:
        """Hold nothing against the thrusters that has been measured until now, or will be in a moment.

        For valves that are closed for a known reason: commands did not reach them.
        """
        _excuse(self.record)

    def add_imu(self, sample: ImuSample) -> None:
        """Take an IMU sample to find faults with; ignored unless `detect_faults`."""
        _add_imu(self.record, sample.time, sample.angular_velocity, sample.specific_force)

    def step(self, wrench: Wrench) -> ThrusterCommand:
        """Return the on-times left from `wrench.time` on, and the throttles.

        A wrench with NaN, infinity or absurd size is replaced by the last good one for `hold_s`, then
        by none, and reported in the status.

        Raises:
            ValueError: the time does not increase.
        """
        if not _step(self.record, wrench.time, wrench.force, wrench.torque):
            raise ValueError(f'wrench at {wrench.time} s after one at {self._fields["time"]} s')
        return ThrusterCommand(wrench.time, self._on_time.copy(), self._throttle.copy())

    def health(self) -> Health:
        """Return whether all is well: what is worth a status at once when it changes."""
        al = self._fields
        return bool(al['valid']), int(al['failed_mask']), TROUBLES[al['detector']['trouble']]

    def status(self) -> AllocationStatus:
        """Return the state of the present window."""
        al, n = self._fields, len(self._names)
        duty, matrix = al['duty'][:n].copy(), al['wrench'][:, :n]
        given = matrix @ duty
        if al['limited']:  # then the pulses are not made good along z: they count, not the duties
            open_share = np.minimum(al['pulse'][:n] / al['window'], 1.0) * al['throttle'][:n]
            given[2] = matrix[2] @ open_share
        unachieved = al['asked_then'] - al['target'] + al['target_now'] - given
        found = sorted((i for i in range(n) if al['kind'][i] >= 0), key=lambda i: al['found'][i])
        faults = tuple(f'{self._names[i]} {KINDS[al["kind"][i]]}, found at {al["found"][i]:.2f} s'
                       for i in found)
        valid, failed, trouble = self.health()
        limits = saturation(matrix, al['weights'], duty, al['target_now'])
        return AllocationStatus(float(al['time']), duty, limits, unachieved[:3], unachieved[3:], failed,
                                valid, float(al['propellant']), faults, trouble)


@compiled
def _step(record, time, force, torque):
    return kernels.step(record[0], time, force, torque)


@compiled
def _add_imu(record, time, rate, force):
    kernels.add_imu(record[0], time, rate, force)


@compiled
def _set_failed(record, mask, burning):
    set_masks(record[0], mask, burning)


@compiled
def _take_valves(record, stuck_open, stuck_closed):
    kernels.take_valves(record[0], stuck_open, stuck_closed)


@compiled
def _excuse(record):
    al, d = record[0], record[0].detector
    newest = d.samples[d.waiting - 1, 0] if d.waiting > 0 else al.time  # the wrenches may be far behind
    restart(d, max(newest, al.time))


@compiled
def _clear_faults(record):
    kernels.clear_faults(record[0])
