from pathlib import Path

import pytest
from hypothesis import settings

# The first call of a kernel compiles it.
settings.register_profile('compiled', deadline=None)
settings.load_profile('compiled')

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope='session')
def config():
    """The folder config/ of the repository."""
    return ROOT / 'config'
