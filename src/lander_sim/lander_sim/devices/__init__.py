"""Emulators of real devices: they speak the device's protocol over a real link."""
