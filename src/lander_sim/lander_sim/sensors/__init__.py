"""Simulated sensors: truth in, measurement out, with noise of their own and faults on request."""
