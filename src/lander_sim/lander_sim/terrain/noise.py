"""Fractal relief: octaves of gradient noise whose slopes follow a given power law of the baseline."""

import functools

import numpy as np

from lander_common.compiled import compiled

_DIRECTIONS = 64
_ANGLES = 2.0 * np.pi * (np.arange(_DIRECTIONS) + 0.5) / _DIRECTIONS
# Rounded, so that they are the same doubles whatever the machine's cosine.
_GRADIENTS = np.round(np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)]), 6)
_TURN = 2.399963  # [rad] golden angle: no two octaves share lattice directions
_MEDIAN = 0.67449  # [-] median of |x| of a standard normal x


@compiled
def lattice_hash(i: int, j: int, seed: int) -> np.uint64:
    """Return 64 well-mixed bits for a cell of an unbounded integer lattice."""
    h = np.uint64(seed) ^ (np.uint64(i) * np.uint64(0x9E3779B97F4A7C15))
    h = (h ^ (h >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    h ^= np.uint64(j) * np.uint64(0xC2B2AE3D27D4EB4F)
    h = (h ^ (h >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    h = (h ^ (h >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    return h ^ (h >> np.uint64(32))


@compiled
def _corner(i: int, j: int, seed: int, dx: float, dy: float) -> float:
    k = int(lattice_hash(i, j, seed) & np.uint64(_DIRECTIONS - 1))
    return _GRADIENTS[k, 0] * dx + _GRADIENTS[k, 1] * dy


@compiled
def gradient_noise(x: float, y: float, seed: int) -> float:
    """Return smooth noise of unit lattice spacing and zero mean; its slope is continuous."""
    i = int(np.floor(x))
    j = int(np.floor(y))
    dx = x - i
    dy = y - j
    u = dx * dx * dx * (dx * (dx * 6.0 - 15.0) + 10.0)
    v = dy * dy * dy * (dy * (dy * 6.0 - 15.0) + 10.0)
    south = (1.0 - u) * _corner(i, j, seed, dx, dy) + u * _corner(i + 1, j, seed, dx - 1.0, dy)
    north = ((1.0 - u) * _corner(i, j + 1, seed, dx, dy - 1.0)
             + u * _corner(i + 1, j + 1, seed, dx - 1.0, dy - 1.0))
    return (1.0 - v) * south + v * north


@compiled
def fractal(x: float, y: float, seed: int, octaves: np.ndarray, column: int, finest: float) -> float:
    """Return the relief [m] at x, y [m].

    `octaves` comes from `octave_table`, `column` says which of its amplitudes to use, 1 or 2; wavelengths
    below `finest` [m] are left out.
    """
    total = 0.0
    for k in range(octaves.shape[0]):
        wavelength = octaves[k, 0]
        if wavelength < finest:
            break
        if octaves[k, column] != 0.0:
            c, s = octaves[k, 3], octaves[k, 4]
            total += octaves[k, column] * gradient_noise(
                (c * x + s * y) / wavelength + octaves[k, 5], (c * y - s * x) / wavelength + octaves[k, 6],
                seed + k)
    return total


def octave_table(longest: float, shortest: float, slope: float, baseline: float, hurst: float,
                 raster_step: float = 0.0) -> np.ndarray:
    """Return octaves from the longest to the shortest wavelength [m], each half of the one before, (n, 7).

    Columns: wavelength [m], amplitude [m], amplitude [m] over a raster of posting `raster_step` [m] that
    holds the longer waves already, cosine and sine of the lattice's direction, its offset x and y.
    `slope` is the median of |height difference| over distance at the distance `baseline` [m]; it goes with
    distance to the power of `hurst` - 1.
    """
    n = int(np.floor(np.log2(longest / shortest))) + 1
    k = np.arange(n)
    wavelength = longest * 0.5**k
    share = wavelength**hurst
    variance = np.sum(share**2 * np.array([_structure(baseline / w) for w in wavelength]))
    amplitude = share * (slope * baseline / _MEDIAN) / np.sqrt(variance)
    detail = np.where(wavelength < 2.0 * raster_step, amplitude, 0.0)
    angle = _TURN * k
    direction = np.round([np.cos(angle), np.sin(angle)], 6)
    offset = np.array([(0.37 + 0.618034 * k) % 1.0, (0.71 + 0.324718 * k) % 1.0])
    return np.vstack([wavelength, amplitude, detail, direction, offset]).T.copy()


@functools.cache
def _structure(lag: float, samples: int = 24, directions: int = 8) -> float:
    """Return the exact mean square difference of gradient noise over a distance, by quadrature."""
    phase = (np.arange(samples) + 0.5) / samples
    px, py = (p.ravel()[:, None] for p in np.meshgrid(phase, phase))
    i, j = (c.ravel()[None, :] for c in np.meshgrid(np.arange(2.0), np.arange(2.0)))
    variance = 0.5 * np.mean(np.sum(_weight(px - i, py - j) ** 2 * ((px - i) ** 2 + (py - j) ** 2), axis=1))
    covariance = 0.0
    for angle in np.pi / 2.0 * (np.arange(directions) + 0.5) / directions:
        ax, ay, bx, by = px - i, py - j, px - i + lag * np.cos(angle), py - j + lag * np.sin(angle)
        covariance += 0.5 * np.mean(np.sum(
            _weight(ax, ay) * _weight(bx, by) * (ax * bx + ay * by), axis=1)) / directions
    return 2.0 * (variance - covariance)


def _weight(dx: np.ndarray, dy: np.ndarray) -> np.ndarray:
    u, v = np.clip(1.0 - np.abs(dx), 0.0, 1.0), np.clip(1.0 - np.abs(dy), 0.0, 1.0)
    return u**3 * (u * (u * 6 - 15) + 10) * v**3 * (v * (v * 6 - 15) + 10)
