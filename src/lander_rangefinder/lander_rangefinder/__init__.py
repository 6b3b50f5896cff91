"""Laser range finder: device protocols, transports, health."""
