"""The parameters with which a flight was recorded, as far as its bag and its folder tell them."""

import dataclasses
import json
from pathlib import Path
from typing import Any

from lander_campaign.software import Software
from lander_common.parameters import ParameterError, make
from lander_common.yaml_file import FileError, read
from lander_telemetry.bag_files import find_files
from lander_telemetry.codec import Codec
from lander_telemetry.playback import read_bag, read_topics

NODES = ('state_estimator', 'guidance', 'thruster_allocator')
"""The nodes that are replayed."""

ARGUMENTS = 'arguments.json'
"""In the flight folder: the launch arguments, left by `frigoris land`."""

_EVENTS = '/parameter_events'
_FIELDS = ('', 'bool_value', 'integer_value', 'double_value', 'string_value', 'byte_array_value',
           'bool_array_value', 'integer_array_value', 'double_array_value', 'string_array_value')
_OF_EVERY_NODE = ('use_sim_time', 'start_type_description_service')


@dataclasses.dataclass(frozen=True)
class Recorded:
    """What is known of the flight software of a recorded flight."""

    software: Software
    notes: list[str]  # where each part of it comes from


def recorded_parameters(bag: Path, config: Path, vehicle: str = '', site: str = '') -> Recorded:
    """Return the parameters of the replayed nodes: those told in the bag, else the defaults.

    Args:
        bag: a flight folder, its bag folder, or an .mcap file, cut off or not.
        config: the folder with vehicles/ and sites/.
        vehicle: name of a file there; empty: as in the flight.
        site: name of a file there; empty: as in the flight.

    Raises:
        FileError: the bag cannot be read, or nothing says which vehicle or site it was.
        ParameterError: a recorded value is not allowed any more.
    """
    told, later = _told(bag)
    arguments = _beside(bag, ARGUMENTS)
    changed, paths, notes = _changed(arguments), {}, []
    for name, option, given in (('vehicle_file', 'vehicle', vehicle), ('site_file', 'site', site)):
        paths[name], note = _file(bag, config, option, given, arguments, next(
            (str(v[name]) for v in told.values() if v.get(name)), ''))
        notes.append(note)
    software = Software()
    for node in NODES:
        software = dataclasses.replace(software, **{node: _of_node(
            node, getattr(software, node), told[node], changed.get(node, {}), paths, notes)})
    notes += [f'{name} was changed during the flight: not replayed' for name in later]
    return Recorded(software, notes)


def _file(bag: Path, config: Path, option: str, given: str, arguments: dict[str, Any],
          path: str) -> tuple[str, str]:
    """Return the path of the vehicle or site file and a note that says where it comes from."""
    sources = ((given, f'--{option}'), (Path(path).stem, f'named in {_EVENTS}'),
               (arguments.get(option, ''), f'named in {ARGUMENTS}'),
               (_beside(bag, 'summary.json').get(option, ''), 'named in summary.json'))
    name, source = next((s for s in sources if s[0]), ('', ''))
    if not name:
        raise FileError(f'{bag}: neither the bag nor {ARGUMENTS} or summary.json beside it says which '
                        f'{option} this was; give --{option}')
    ours = config / f'{option}s' / f'{name}.yaml'
    file = Path(path) if not given and path and Path(path).is_file() else ours
    return str(file), f'{option}: {file.resolve()} ({source})'


def _of_node(node: str, defaults: Any, told: dict[str, Any], changed: dict[str, Any], paths: dict[str, str],
             notes: list[str]) -> Any:
    names = [f.name for f in dataclasses.fields(defaults)]
    own = [name for name in names if name not in paths]
    used = {name: value for name, value in {**changed, **told}.items() if name in own}
    gone = [n for n in told if n not in names and n not in _OF_EVERY_NODE and not n.startswith('qos_')]
    found = sum(name in told for name in own)
    text = f'{node}: {found} of {len(own)} parameters from {_EVENTS}' if found else ''
    if set(changed) - set(told):
        text += f'{text and "; "}{node}: {", ".join(sorted(set(changed) - set(told)))} from {ARGUMENTS}'
    if text and found < len(own):
        text += '; the others by default'
    text = text or f'{node}: defaults of this version, neither the bag nor its folder tells others'
    if gone:
        text += f'; unknown to this version: {", ".join(gone)}'
    notes.append(text)
    try:
        return make(type(defaults), {**dataclasses.asdict(defaults), **used,
                                     **{n: p for n, p in paths.items() if n in names}})
    except ParameterError as error:
        raise error.within('the recorded parameters', f'{node}.') from None


def _changed(arguments: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what the parameter file of the launch sets, but for what substitutions make of it."""
    file = str(arguments.get('params_file', ''))
    if not file:
        return {}
    content = read(file)
    return {node: {name: value for name, value in content[node].get('ros__parameters', {}).items()
                   if '$(' not in str(value)} for node in NODES if isinstance(content.get(node), dict)}


def _told(bag: Path) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Return the values by node and name, and what was changed after the start of the flight."""
    told: dict[str, dict[str, Any]] = {node: {} for node in NODES}
    later: list[str] = []
    topics = read_topics(bag, cut=True)
    if _EVENTS not in topics:
        return told, later
    topic, definition = topics[_EVENTS]
    codec = Codec(topic.type_name, definition)
    for message in read_bag(bag, (_EVENTS,), cut=True):
        event = codec.decode(message.data)
        node = event.node.rpartition('/')[2]
        if node not in told:
            continue
        for parameter in event.new_parameters:
            told[node][parameter.name] = _value(parameter.value)
        later += [f'{node}.{p.name}' for p in event.changed_parameters if p.name not in _OF_EVERY_NODE]
    return told, later


def _value(value: Any) -> Any:
    found = getattr(value, _FIELDS[value.type]) if value.type else None
    return list(found) if value.type >= 5 else found


def _beside(bag: Path, name: str) -> dict[str, Any]:
    """Return the content of a JSON file in the flight folder; empty if there is none."""
    file = find_files(bag)[0]
    for folder in (file.parent, file.parent.parent):
        try:
            content = json.loads((folder / name).read_text(encoding='utf-8'))
        except (OSError, ValueError):
            continue
        return content if isinstance(content, dict) else {}
    return {}
