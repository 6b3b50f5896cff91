"""The metadata.yaml of a bag folder, version 9, as rosbag2 of ROS 2 Jazzy writes it."""

from dataclasses import dataclass
from typing import Any

import yaml

VERSION = 9
DISTRO = 'jazzy'


@dataclass
class Topic:
    """One recorded topic."""

    name: str
    type_name: str  # package/msg/Name
    type_hash: str  # RIHS01_..., empty if unknown
    qos: list[dict[str, Any]]  # offered by the publishers, in the words of rosbag2
    count: int = 0  # messages


def describe(file: str, topics: list[Topic], start: int, end: int) -> dict[str, Any]:
    """Return what rosbag2 stores about a bag of one file; `start`, `end` are the first and last time [ns]."""
    count = sum(t.count for t in topics)
    span = {'starting_time': {'nanoseconds_since_epoch': start if count else 0},
            'duration': {'nanoseconds': end - start if count else 0}, 'message_count': count}
    return {
        'version': VERSION, 'storage_identifier': 'mcap', **span,
        'topics_with_message_count': [
            {'topic_metadata': {'name': t.name, 'type': t.type_name, 'serialization_format': 'cdr',
                                'offered_qos_profiles': t.qos, 'type_description_hash': t.type_hash},
             'message_count': t.count} for t in topics],
        'compression_format': '', 'compression_mode': '',
        'relative_file_paths': [file], 'files': [{'path': file, **span}],
        'custom_data': None, 'ros_distro': DISTRO}


def to_yaml(content: Any) -> str:
    """Return YAML in block style, keys in the given order, nothing abbreviated by anchors."""
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, default_flow_style=False)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True
