"""Convex powered-descent trajectory optimiser; see README.md in this folder."""

from lander_guidance.optimiser.optimise import flight_times, optimise
from lander_guidance.optimiser.problem import DescentProblem, on_the_moon
from lander_guidance.optimiser.trajectory import Check, NoTrajectoryError, Trajectory

__all__ = ['Check', 'DescentProblem', 'NoTrajectoryError', 'Trajectory', 'flight_times', 'on_the_moon',
           'optimise']
