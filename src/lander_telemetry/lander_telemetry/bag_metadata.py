"""The metadata.yaml of a bag folder, version 9, as rosbag2 of ROS 2 Jazzy writes it."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lander_telemetry.bag_files import METADATA

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


@dataclass
class FileContent:
    """What one file of a bag holds."""

    name: str
    start: int = 2**63 - 1  # [ns] first and last time
    end: int = 0
    counts: Counter[str] = field(default_factory=Counter)  # messages by topic

    @property
    def messages(self) -> int:
        """How many there are."""
        return self.counts.total()


def describe(files: list[FileContent], topics: list[Topic]) -> dict[str, Any]:
    """Return what rosbag2 stores about a bag of these files."""
    counts = sum((file.counts for file in files), Counter())
    return {
        'version': VERSION, 'storage_identifier': 'mcap', **_span(files),
        'topics_with_message_count': [
            {'topic_metadata': {'name': t.name, 'type': t.type_name, 'serialization_format': 'cdr',
                                'offered_qos_profiles': t.qos, 'type_description_hash': t.type_hash},
             'message_count': counts[t.name]} for t in topics],
        'compression_format': '', 'compression_mode': '',  # of whole files or messages; chunks are MCAP's own
        'relative_file_paths': [file.name for file in files],
        'files': [{'path': file.name, **_span([file])} for file in files],
        'custom_data': None, 'ros_distro': DISTRO}


def write(folder: Path, files: list[FileContent], topics: list[Topic]) -> None:
    """Write metadata.yaml into the bag folder, whole or not at all.

    Raises:
        OSError: the disk is full or gone.
    """
    draft = folder / f'{METADATA}.part'
    try:
        draft.write_text(to_yaml({'rosbag2_bagfile_information': describe(files, topics)}), encoding='utf-8')
        draft.replace(folder / METADATA)
    finally:
        draft.unlink(missing_ok=True)


def to_yaml(content: Any) -> str:
    """Return YAML in block style, keys in the given order, nothing abbreviated by anchors."""
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, default_flow_style=False)


def _span(files: list[FileContent]) -> dict[str, Any]:
    full = [file for file in files if file.messages]
    start = min((file.start for file in full), default=0)
    end = max((file.end for file in full), default=0)
    return {'starting_time': {'nanoseconds_since_epoch': start}, 'duration': {'nanoseconds': end - start},
            'message_count': sum(file.messages for file in full)}


class _Dumper(yaml.CSafeDumper):  # in C: with 40 topics, Python takes half a second at each split
    def ignore_aliases(self, data: Any) -> bool:
        return True
