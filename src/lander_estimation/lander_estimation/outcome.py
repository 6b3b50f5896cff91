"""Codes of what became of a measurement, and the words for them."""

FUSED, REJECTED, TERRAIN_CHANGE = range(3)
"""As in AidSourceStatus.msg."""

(NO_REASON, ABOVE_GATE, NOT_COMPUTABLE, NOT_TIME, NO_STATE, TOO_OLD, FUTURE, DUPLICATE, QUEUE_FULL,
 BAD_RANGE, BAD_VARIANCE, BAD_QUATERNION, BAD_VELOCITY, MISSES, GRAZES, GROUND_CHANGED, FIXES_AGREE,
 VELOCITIES_AGREE, ALTITUDE_WRONG, SENSOR_BROKEN, STANDS_STILL, LATCHED, NO_BEAM, OFF_MAP) = range(24)

REASONS = (
    '', 'innovation above gate', 'not computable', 'time is not a number', 'no state vector yet',
    'older than the fusion horizon', 'from the future', 'duplicate', 'queue full',
    'range is not a positive number within full scale', 'variance is not a positive number',
    'not a unit quaternion', 'velocity is beyond full scale', 'beam misses the ground',
    'beam grazes the ground', 'rejected ranges follow the motion: the ground has changed',
    'rejected fixes agree with each other: believed again',
    'rejected velocities agree with each other: believed again',
    'rejected ranges follow the motion: the altitude was wrong',
    'innovation above gate: the range finder is probably broken', 'range stands still while the lander moves',
    'shut out by the altitude latch', 'no such beam', 'off the map')
