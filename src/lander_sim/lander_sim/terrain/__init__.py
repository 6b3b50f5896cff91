"""Ground heights of the Moon: synthetic, from elevation models, or both."""

from lander_sim.terrain.description import TerrainDescription
from lander_sim.terrain.factory import load_terrain
from lander_sim.terrain.synthetic import synthetic_terrain
from lander_sim.terrain.terrain import RayHit, Terrain, TerrainError

__all__ = ['RayHit', 'Terrain', 'TerrainDescription', 'TerrainError', 'load_terrain', 'synthetic_terrain']
