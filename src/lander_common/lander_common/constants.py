"""Constants of the Moon. Sources: Williams et al. 2014 (GRAIL), LOLA data products."""

MOON_GM = 4902.80007e9  # [m^3/s^2] gravitational parameter
MOON_RADIUS = 1_737_400.0  # [m] reference sphere of elevation models, of `map` and of altitudes
MOON_GRAVITY_RADIUS = 1_738_000.0  # [m] reference radius of the J2 term
MOON_J2 = 2.0307e-4  # [-]
MOON_RATE = 2.6617e-6  # [rad/s] rotation about moon +z
STANDARD_GRAVITY = 9.80665  # [m/s^2] turns specific impulse into exhaust velocity
