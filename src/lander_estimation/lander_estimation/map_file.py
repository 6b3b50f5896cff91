"""The file of a terrain map: NumPy's .npz with `heights`, `east_m`, `north_m`, `spacing_m` and `sigma_m`."""

from pathlib import Path

import numpy as np

from lander_common.parameters import ParameterError
from lander_estimation.record import MAP, MAP_SIZE


def load_map(path: str) -> np.ndarray:
    """Return the array of one MAP, of size 0 if `path` is empty.

    `heights` [m] above the reference sphere, rows from south to north, columns from west to east; `east_m`
    and `north_m` in `map` of its first; `spacing_m` of rows and columns; `sigma_m` of a height.

    Raises:
        ParameterError: there is no such file, or it does not hold such a map.
    """
    result = np.zeros(1, MAP)
    if not path:
        return result
    try:
        with np.load(Path(path), allow_pickle=False) as content:
            heights = np.asarray(content['heights'], float)
            numbers = [float(content[name]) for name in ('east_m', 'north_m', 'spacing_m', 'sigma_m')]
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise ParameterError('terrain_map_file', path, f'an .npz file with a map ({error})') from error
    if heights.ndim != 2 or not all(2 <= n <= MAP_SIZE for n in heights.shape):
        raise ParameterError('heights', heights.shape, f'2 to {MAP_SIZE} rows and columns', path)
    if not (np.isfinite(heights).all() and np.isfinite(numbers).all() and min(numbers[2:]) > 0.0):
        raise ParameterError('heights', 'not a number', 'finite numbers, spacing and sigma positive', path)
    rows, columns = heights.shape
    map_ = result[0]
    map_['rows'], map_['columns'] = rows, columns
    map_['heights'][:rows, :columns] = heights
    map_['east'], map_['north'], map_['spacing'] = numbers[:3]
    map_['variance'] = numbers[3]**2
    return result
