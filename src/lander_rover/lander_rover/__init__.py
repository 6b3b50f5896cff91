"""Rover deployment: sequence and interlocks."""
