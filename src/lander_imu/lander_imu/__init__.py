"""Inertial measurement unit: device protocol, averaging, health."""
