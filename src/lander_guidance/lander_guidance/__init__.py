"""Guidance: phases, descent laws, attitude control."""
