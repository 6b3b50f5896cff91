"""The one way to compile a kernel: Numba, cached on disk, IEEE arithmetic kept in order."""

import numba

compiled = numba.njit(cache=True, fastmath=False, error_model='numpy')
"""Decorator for functions of floats and arrays that run every cycle. Results are bit-reproducible."""
