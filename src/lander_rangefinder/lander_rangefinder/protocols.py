"""The device protocols by the name that the parameter `protocol` gives them.

Another package adds one of its own by an entry point in its setup.py or pyproject.toml:

    entry_points={'frigoris.range_finders': ['my_lidar = my_package.my_lidar:MyLidar']}
"""

from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from lander_common.parameters import ParameterError
from lander_rangefinder.protocol import DeviceProtocol

GROUP = 'frigoris.range_finders'
OURS = {
    'vectronix_ascii': 'vectronix:VectronixAscii',
    'noptel': 'noptel:Noptel',
    'lightware_sf45': 'lightware_sf45:LightwareSf45',
    'lightware_ascii': 'lightware_ascii:LightwareAscii',
    'lightware_binary': 'lightware_binary:LightwareBinary',
    'benewake_tfmini': 'benewake:BenewakeTfmini',
    'benewake_tf02': 'benewake:BenewakeTf02',
    'benewake_tf03': 'benewake:BenewakeTf03',
}


def known() -> list[str]:
    """Return the names of all protocols: ours, then those of other packages."""
    return [*OURS, *sorted(_others())]


@cache
def find(name: str) -> type[DeviceProtocol]:
    """Return the class of a protocol. Our names cannot be taken by other packages.

    Raises:
        ParameterError: there is none of that name, which lists those there are; or it cannot be loaded.
    """
    if name in OURS:
        module, _, cls = OURS[name].partition(':')
        return getattr(import_module(f'lander_rangefinder.{module}'), cls)
    others = _others()
    if name not in others:
        raise ParameterError('protocol', name, 'one of ' + ', '.join(known()))
    try:
        found = others[name].load()
    except Exception as error:  # whatever a foreign module does while it is loaded
        raise ParameterError('protocol', name, f'a protocol that can be loaded ({error})') from error
    if not (isinstance(found, type) and issubclass(found, DeviceProtocol)):
        raise ParameterError('protocol', name, f'a class on the base of DeviceProtocol, not {found!r}')
    return found


def _others() -> dict[str, EntryPoint]:
    return {e.name: e for e in entry_points(group=GROUP) if e.name not in OURS}
