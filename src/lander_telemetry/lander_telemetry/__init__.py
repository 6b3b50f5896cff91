"""Flight recorder, mission control and pictures of a flight."""
