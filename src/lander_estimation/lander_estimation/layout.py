"""Where each quantity lives in the nominal state `x`, shape (17,), and in the error state, 16 wide.

Nominal: position and velocity over the ground in `moon`, quaternion from base_link to `moon`,
accelerometer bias, gyro bias, terrain height. The error of the attitude is a rotation vector in `moon`
that turns the estimated attitude into the true one.
"""

POSITION, VELOCITY, QUATERNION, ACCELEROMETER_BIAS, GYRO_BIAS, TERRAIN = 0, 3, 6, 10, 13, 16
NOMINAL_SIZE = 17

D_POSITION, D_VELOCITY, D_ATTITUDE, D_ACCELEROMETER_BIAS, D_GYRO_BIAS, D_TERRAIN = 0, 3, 6, 9, 12, 15
ERROR_SIZE = 16
