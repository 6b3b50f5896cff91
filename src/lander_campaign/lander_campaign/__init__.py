"""The flight cores in one process: batch flights."""
