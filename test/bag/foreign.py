"""Bags of other makers for tests: by the writer of rosbags, in both storages."""

from collections.abc import Iterable
from pathlib import Path

from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer

from test.bag.messages import STORE

MCAP, SQLITE = StoragePlugin.MCAP, StoragePlugin.SQLITE3
Message = tuple[str, str, int, bytes]  # topic, short type, receive time [ns], CDR


def written(
    path: Path,
    messages: Iterable[Message],
    storage: StoragePlugin = MCAP,
    packed: CompressionMode = CompressionMode.NONE,
) -> Path:
    """A folder of rosbag2."""
    writer = Writer(path, version=8, storage_plugin=storage)
    writer.set_compression(packed, CompressionFormat.ZSTD)
    channels = {}
    with writer:
        for topic, kind, received, data in messages:
            if topic not in channels:
                full = next(key for key in STORE.types if key.endswith(f'/{kind}'))
                channels[topic] = writer.add_connection(topic, full, typestore=STORE)
            writer.write(channels[topic], received, data)
    return path
