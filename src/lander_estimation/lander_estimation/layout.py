"""Where each quantity lives in the nominal state `x`, shape (18,), and in the error state, 17 wide.

Nominal: position and velocity over the ground in `moon`, quaternion from base_link to `moon`,
accelerometer bias, gyro bias, terrain height, range bias. The error of the attitude is a rotation vector in
`moon` that turns the estimated attitude into the true one.
"""

POSITION, VELOCITY, QUATERNION, ACCELEROMETER_BIAS, GYRO_BIAS, TERRAIN, RANGE_BIAS = 0, 3, 6, 10, 13, 16, 17
NOMINAL_SIZE = 18

D_POSITION, D_VELOCITY, D_ATTITUDE, D_ACCELEROMETER_BIAS, D_GYRO_BIAS, D_TERRAIN, D_RANGE_BIAS = (
    0, 3, 6, 9, 12, 15, 16)
ERROR_SIZE = 17
