"""From a description to a terrain."""

from collections.abc import Sequence
from pathlib import Path

from lander_common.site import Site
from lander_sim.terrain.description import TerrainDescription
from lander_sim.terrain.raster import raster_terrain
from lander_sim.terrain.synthetic import synthetic_terrain
from lander_sim.terrain.terrain import Terrain, TerrainError


def load_terrain(description: TerrainDescription, site: Site, seed: int,
                 search: Sequence[Path] = ()) -> Terrain:
    """Make the terrain that a description asks for.

    Args:
        description: kind, file and parameters.
        site: where the synthetic relief is centred, and where the data must reach.
        seed: of everything random in the ground.
        search: folders in which a relative file name is looked for, in this order.

    Raises:
        TerrainError: the file is missing (and there is no fallback), broken, or does not hold the site.
    """
    if description.kind == 'synthetic':
        return synthetic_terrain(description, site, seed)
    candidates = [Path(folder) / description.file for folder in search] or [Path(description.file)]
    path = next((c for c in candidates if c.is_file()), None)
    if path is None:
        text = f'{description.file or "(no name)"}: no such terrain file in ' + ', '.join(
            str(c.parent) for c in candidates)
        if not description.fallback:
            raise TerrainError(text)
        terrain = synthetic_terrain(description, site, seed)
        terrain.source += f' (instead of {text})'
        return terrain
    return raster_terrain(path, description, site, seed, search)
