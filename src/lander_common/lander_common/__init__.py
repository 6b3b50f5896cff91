"""Shared models of the Frigoris lander: frames, rotations, constants, vehicle, site, samples."""
