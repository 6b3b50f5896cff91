"""Thruster allocation and pulse modulation."""
