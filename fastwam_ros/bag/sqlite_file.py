"""One sqlite3 file of rosbag2, whole, still being written or damaged, in the order of writing.

Rows are asked for in small groups by their number. Where one cannot be read, the file is damaged,
and what is behind it is read from its pages. The file is opened to be read only; with a
write-ahead log beside it, what is in that is read as well.
"""

import sqlite3
from collections.abc import Collection, Container, Iterator
from contextlib import closing, suppress
from pathlib import Path

from fastwam_ros.bag.sqlite_pages import Row, rows
from fastwam_ros.bag.storage import BagError, Definition, Progress, Record

MAGIC = b'SQLite format 3\x00'
_GROUP = 64  # rows at once
_GROUPED = (
    'SELECT rowid, topic_id, timestamp, data FROM messages '
    'WHERE rowid BETWEEN ? AND ? AND +timestamp BETWEEN ? AND ? '  # +: without the index
    'AND topic_id IN ({}) ORDER BY rowid'
)


class SqliteFile:
    """A Storage."""

    def __init__(self, path: Path) -> None:
        """Raises BagError for a database that is no bag, or whose list of topics is lost."""
        self.path, self.size = path, path.stat().st_size
        self.metadata: dict[str, dict[str, str]] = {}
        self.problem = ''
        with closing(self._connect()) as base:
            try:
                self._read_topics(base)
            except sqlite3.Error as error:
                raise BagError(f'{path} is no bag of ROS 2, or too damaged: {error}') from None
        self.begin = next((row.received for row in self._rows(1)), 2**63)

    def messages(
        self,
        topics: Container[str] | None,
        since: int,
        until: int,
        progress: Progress | None = None,
    ) -> Iterator[Record]:
        """See Storage."""
        wanted = {key for key, (name, _) in self._ids.items() if topics is None or name in topics}
        for row in self._rows(_GROUP, wanted, since, until, progress):
            yield Record(*self._ids[row.topic], row.received, row.data)

    def _rows(
        self,
        group: int,
        topics: Collection[int] | None = None,
        since: int = 0,
        until: int = 2**63 - 1,
        progress: Progress | None = None,
    ) -> Iterator[Row]:
        """By way of the tree as far as it leads, then page by page."""
        topics = self._ids.keys() if topics is None else topics
        ask = _GROUPED.format(', '.join(map(str, topics)))
        last = 0
        with closing(self._connect()) as base:
            try:
                ((first, end),) = base.execute('SELECT min(rowid), max(rowid) FROM messages')
                for start in range(first or 1, (end or 0) + 1, group):
                    if progress is not None:
                        progress((start - first + 1) / (end - first + 1))
                    found = base.execute(ask, (start, start + group - 1, since, until)).fetchall()
                    yield from map(Row._make, found)
                    last = start + group - 1
                return
            except sqlite3.Error as error:
                self.problem = (
                    f'{self.path.name} is cut off or damaged ({error}): read as far as it goes'
                )
        for row in rows(self.path, last):
            if row.topic in topics and since <= row.received <= until:
                yield row

    def _connect(self) -> sqlite3.Connection:
        """What is beside it is looked into only where there is something: else it is not asked."""
        log = self.path.with_name(f'{self.path.name}-wal')
        if log.exists() and log.stat().st_size:
            base = self._opened('mode=ro')
            try:
                base.execute('SELECT count(*) FROM sqlite_master')
                return base
            except sqlite3.Error as error:  # e.g. in a folder that must not be written to
                base.close()
                self.problem = f'{log.name} cannot be read ({error}): what is in it is left out'
        return self._opened('immutable=1')

    def _opened(self, mode: str) -> sqlite3.Connection:
        uri = f'{self.path.resolve().as_uri()}?{mode}'
        base = sqlite3.connect(uri, uri=True, check_same_thread=False)
        base.text_factory = lambda text: text.decode(errors='replace')
        # A file that is shorter than it says is refused otherwise.
        base.execute('PRAGMA writable_schema = ON')
        return base

    def _read_topics(self, base: sqlite3.Connection) -> None:
        columns = {row[1] for row in base.execute('PRAGMA table_info(topics)')}
        offered = 'offered_qos_profiles' if 'offered_qos_profiles' in columns else "''"
        rows = list(base.execute(f'SELECT id, name, type, {offered} FROM topics'))
        self._ids = {key: (name, kind) for key, name, kind, _ in rows}
        self.topics = dict(self._ids.values())
        self.offered = {name: quality for _, name, _, quality in rows}
        self.definitions: dict[str, Definition] = {}
        with suppress(sqlite3.Error):  # Humble keeps none
            for kind, encoding, text in base.execute(
                'SELECT topic_type, encoding, encoded_message_definition FROM message_definitions'
            ):
                self.definitions[kind] = Definition(encoding, text)
        base.execute('SELECT rowid FROM messages LIMIT 0')
