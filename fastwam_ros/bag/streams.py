"""Recorded messages of one topic as arrays.

Knows message layouts, not their meaning: units stay those of the wire.
"""

import struct
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastwam_ros.bag.reader import Bag, Record

Times = NDArray[np.int64]
Array = NDArray[np.float64]
SECOND = 10**9


def nanoseconds(stamp: Any) -> int:
    """A decoded builtin_interfaces/Time as ns."""
    return int(stamp.sec) * SECOND + int(stamp.nanosec)


def stamp_of(data: bytes) -> int:
    """The header stamp [ns] of a serialized message that begins with a std_msgs/Header.

    Read from the bytes, so that pictures need no decoding. Raises ValueError for too few.
    """
    if len(data) < 12:
        raise ValueError(f'a message of {len(data)} bytes has no header stamp')
    sec, nanosec = struct.unpack_from(_stamp_form(data), data, 4)
    return sec * SECOND + nanosec


def later(data: bytes, by: int) -> bytes:
    """A serialized message that begins with a std_msgs/Header, stamped so many ns later."""
    stamp = divmod(stamp_of(data) + by, SECOND)
    return data[:4] + struct.pack(_stamp_form(data), *stamp) + data[12:]


def _stamp_form(data: bytes) -> str:
    """Seconds and nanoseconds, in the byte order that the encapsulation says."""
    return '<iI' if data[1] & 1 else '>iI'


@dataclass(frozen=True)
class Stamps:
    """When messages were received and stamped: [N] each, ns, in recorded order."""

    received: Times
    stamps: Times

    @classmethod
    def of(cls, pairs: Sequence[tuple[int, int]]) -> 'Stamps':
        """From (received, stamp) pairs."""
        table = np.array(pairs, np.int64).reshape(-1, 2)
        return cls(table[:, 0], table[:, 1])

    def rate(self) -> float:
        """Messages per second by their stamps [Hz]; NaN below two."""
        span = int(np.ptp(self.stamps)) if len(self.stamps) > 1 else 0
        return (len(self.stamps) - 1) * SECOND / span if span else float('nan')


@dataclass(frozen=True)
class JointStream:
    """JointStates of one topic: received, stamps [N] ns; position [N, D] in wire units.

    odd: messages whose number of positions was not one of the wanted, or whose positions were not
    all finite; they have no row.
    """

    received: Times
    stamps: Times
    position: Array
    odd: int = 0

    @classmethod
    def of(cls, bag: Bag, records: Iterable[Record], width: int, widest: int = 0) -> 'JointStream':
        """Decode JointState records with `width` positions each. Raises BagError.

        widest: of up to so many positions the first ones are taken.
        """
        rows = JointRows(width, widest)
        for record in records:
            rows.add(record.received, bag.decode(record))
        return rows.stream()

    def __len__(self) -> int:
        return len(self.stamps)


class JointRows:
    """A JointStream that grows, in packed numbers: an hour of a robot has millions of messages."""

    def __init__(self, width: int, widest: int = 0) -> None:
        """As `JointStream.of`."""
        self._width, self._widest = width, max(width, widest)
        self._times, self._values, self._odd = array('q'), array('d'), 0

    def add(self, received: int, message: Any) -> None:
        """A decoded JointState, received at [ns]."""
        row = np.asarray(message.position, np.float64)
        if not self._width <= len(row) <= self._widest or not np.isfinite(row).all():
            self._odd += 1
            return
        self._times.extend((received, nanoseconds(message.header.stamp)))
        self._values.frombytes(row[: self._width].tobytes())

    def stream(self) -> JointStream:
        """All of it."""
        table = np.array(self._times, np.int64).reshape(-1, 2)
        position = np.array(self._values, np.float64).reshape(-1, self._width)
        return JointStream(table[:, 0], table[:, 1], position, self._odd)
