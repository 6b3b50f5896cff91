"""Simulator: vehicle dynamics, terrain, sensors, contact, faults, device emulators."""
