"""Laser range finder: device protocols, health."""
