"""The driver without bytes: samples as those of `RangefinderDriver`, from and to a record."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.parameters import ParameterError
from lander_common.samples import RangeSample
from lander_rangefinder.parameters import RangefinderParameters
from lander_rangefinder.record import (
    BUSY,
    ENDED,
    FASTEST,
    NEW,
    NO_ECHO,
    RANGEFINDER,
    SILENT,
    TOO_FAR,
    TOO_NEAR,
)
from lander_rangefinder.step import poll
from lander_rangefinder.vectronix import REFUSALS, format_target


class DirectRangefinder:
    """One range finder in the process of its simulated device. All times are flight times [s]."""

    def __init__(self, parameters: RangefinderParameters, record: np.ndarray | None = None):
        """Be ready for the first poll; `record`: (1,) of RANGEFINDER to work on.

        Raises:
            ParameterError: the device is of another kind than the record.
        """
        self.record = np.zeros(1, RANGEFINDER) if record is None else record
        if parameters.protocol != 'vectronix_ascii':
            raise ParameterError('protocol', parameters.protocol, 'vectronix_ascii without a link')
        if parameters.rate_hz > FASTEST:
            raise ParameterError('rate_hz', parameters.rate_hz, f'at most {FASTEST} [Hz] without a link')
        p, r = parameters.of_device(), self.record[0]
        self._p, self._state = p, r
        low, high = p.minimum_range_m, p.maximum_range_m
        r['rate_hz'], r['pulse_delay'], r['timeout'] = p.rate_hz, p.pulse_delay_s, p.timeout_s
        r['assumed_variance'], r['nearest'], r['farthest'] = p.sigma_m**2, low, high
        r['beam'], r['state'], r['next_shot'] = p.beam, NEW, -math.inf

    def poll(self, time: float) -> list[RangeSample]:
        """Read, judge, and ask if it is time; return the shot that ended, if one has.

        Raises:
            ValueError: `time` is not finite.
        """
        if not math.isfinite(time):
            raise ValueError(f'time of a poll must be finite, not {time}')
        return [self.sample()] if _poll(self.record, time) else []

    def sample(self) -> RangeSample:
        """Return the shot that ended last."""
        r = self._state
        return RangeSample(float(r['time']), float(r['received']), int(r['validity']), self._reason(),
                           float(r['range_m']), float(r['variance']), float(r['quality']), int(r['beam']))

    def close(self) -> None:
        """Do nothing: there is no link."""

    def _reason(self) -> str:
        r = self._state
        centimetres = int(r['centimetres'])
        code = format_target(centimetres / 100 if centimetres else None)
        return {NO_ECHO: f'no return ({code})', TOO_NEAR: f'below minimum range ({code})',
                TOO_FAR: f'above maximum range ({code})', BUSY: f'refused: {REFUSALS["5"]} (NA,5)',
                ENDED: 'ended without an answer',
                SILENT: f'no answer within {self._p.timeout_s:g} s'}.get(int(r['cause']), '')


@compiled
def _poll(rangefinder: np.ndarray, time: float) -> bool:
    return poll(rangefinder[0], time)
