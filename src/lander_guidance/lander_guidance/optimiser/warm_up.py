"""Compiles every kernel of the optimiser into Numba's cache, by solving one small descent."""

from lander_guidance.optimiser import DescentProblem, on_the_moon, optimise


def main() -> None:
    """Solve a descent that uses every limit; takes ten seconds the first time, none later."""
    problem = DescentProblem(
        position_m=[-300.0, 20.0, 400.0], velocity_m_s=[15.0, 0.0, -20.0], mass_kg=420.0, dry_mass_kg=340.0,
        thrust_min_n=300.0, thrust_max_n=1600.0, exhaust_velocity_m_s=2850.0, glide_angle_deg=5.0,
        tilt_limit_deg=20.0, tilt_time_s=5.0, speed_limit_m_s=60.0, **on_the_moon(1.0))
    optimise(problem, intervals=10)
