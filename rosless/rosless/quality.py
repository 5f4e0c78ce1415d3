"""The quality of service of a writer or reader, as rmw_cyclonedds asks Cyclone for it.

Knows the policies of Cyclone. Refuses to know rclpy's names for them: that is qos.py.
Source: ros2/rmw_cyclonedds (Humble), rmw_node.cpp.
"""

from dataclasses import dataclass

from cyclonedds.qos import Policy, Qos
from cyclonedds.util import duration

FOREVER = duration(infinite=True)


@dataclass(frozen=True)
class Quality:
    """The quality of service of a writer or reader. depth None: keep all; lifespan in ns."""

    depth: int | None = 10
    reliable: bool = True
    latched: bool = False  # transient local
    lifespan: int | None = None
    deadline: int | None = None  # ns
    manual: bool = False  # the writer says itself that it is alive
    lease: int | None = None  # ns without a sign of life; None: for ever

    def policies(self, ignore_local: bool = False, user_data: bytes = b'') -> Qos:
        """The same as a Cyclone Qos."""
        if self.depth is None:
            keep = Policy.History.KeepAll
        else:
            keep = Policy.History.KeepLast(max(1, self.depth))
        reliable = Policy.Reliability.Reliable(FOREVER)
        chosen = [
            keep,
            reliable if self.reliable else Policy.Reliability.BestEffort,
            Policy.DataRepresentation(use_cdrv0_representation=True),
            Policy.WriterDataLifecycle(autodispose=False),
        ]
        if self.latched:
            chosen.append(Policy.Durability.TransientLocal)
            chosen.append(Policy.DurabilityService(0, keep, -1, -1, -1))
        if self.lifespan is not None:
            chosen.append(Policy.Lifespan(self.lifespan))
        if self.deadline is not None:
            chosen.append(Policy.Deadline(self.deadline))
        alive = Policy.Liveliness.ManualByTopic if self.manual else Policy.Liveliness.Automatic
        chosen.append(alive(FOREVER if self.lease is None else self.lease))
        if ignore_local:
            chosen.append(Policy.IgnoreLocal.Participant)
        if user_data:
            chosen.append(Policy.Userdata(user_data))
        return Qos(*chosen)
