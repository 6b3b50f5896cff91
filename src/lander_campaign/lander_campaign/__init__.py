"""The flight cores in one process, and campaigns of many dispersed flights."""
