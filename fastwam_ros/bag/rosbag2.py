"""A folder's metadata.yaml, by which `ros2 bag` knows the mcap files in it.

In the form of ROS 2 Humble (version 5), which later distributions read as well.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from fastwam_ros.bag.mcap_growing import GrowingMcap, Topic

NAME = 'metadata.yaml'
_VERSION = 5
# Messages wait while a recording is split: yaml's own dumper takes 50 ms for its topics.
_DUMPER = getattr(yaml, 'CSafeDumper', yaml.SafeDumper)


def write(folder: Path, files: Sequence[GrowingMcap], topics: Sequence[Topic]) -> None:
    """Describe the files so far, the last of which may still grow. Raises OSError."""
    whole = {'rosbag2_bagfile_information': description(files, topics)}
    text = yaml.dump(whole, Dumper=_DUMPER, sort_keys=False)
    draft = folder / f'{NAME}.new'
    draft.write_text(text)
    draft.replace(folder / NAME)  # there is never half of one


def description(files: Sequence[GrowingMcap], topics: Sequence[Topic]) -> dict[str, Any]:
    """What rosbag2 wants to know; the files' channels are the topics, in their order."""
    begun = [file for file in files if file.first]
    first = min((file.first for file in begun), default=0)
    last = max((file.last for file in begun), default=0)
    return {
        'version': _VERSION,
        'storage_identifier': 'mcap',
        'relative_file_paths': [file.path.name for file in files],
        **_span(first, last),
        'message_count': sum(sum(file.counts) for file in files),
        'topics_with_message_count': [
            {
                'topic_metadata': {
                    'name': topic.name,
                    'type': topic.type,
                    'serialization_format': 'cdr',
                    'offered_qos_profiles': topic.profiles,
                },
                'message_count': sum(file.counts[i] for file in files if i < len(file.counts)),
            }
            for i, topic in enumerate(topics)
        ],
        'compression_format': '',
        'compression_mode': '',
        'files': [
            {
                'path': file.path.name,
                **_span(file.first, file.last),
                'message_count': sum(file.counts),
            }
            for file in files
        ],
    }


def _span(first: int, last: int) -> dict[str, Any]:
    return {
        'starting_time': {'nanoseconds_since_epoch': first},
        'duration': {'nanoseconds': last - first},
    }
