"""The one place where an executor's status changes: what everybody reads, and who may move."""

from dataclasses import replace
from typing import Any

from fastwam_ros.motion.authority import Standing
from fastwam_ros.motion.limits import Ns
from fastwam_ros.motion.status import InForce, Status


class Board:
    """Holds the status; every change of it is a new record."""

    def __init__(self, epoch: int) -> None:
        self.status = Status(epoch=epoch)

    @property
    def standing(self) -> Standing:
        """Who may move the arms."""
        return self.status.standing

    def tell(self, **changes: Any) -> None:
        """Change fields of the status."""
        self.status = replace(self.status, **changes)

    def count(self, what: str) -> None:
        """One more accepted, refused, shadowed chunk or late tick."""
        self.tell(**{what: getattr(self.status, what) + 1})

    def new_plan(self, **chunk: Any) -> None:
        """Another plan is in force, from no chunk unless one is named."""
        self.tell(in_force=InForce(plan_id=self.status.in_force.plan_id + 1, **chunk))

    def same_path(self, why: str, rate: float = 1.0) -> None:
        """The plan in force got another timing: a plan of its own, from the same chunk."""
        force = self.status.in_force
        number, pace = force.plan_id + 1, force.pace * rate
        again = replace(force, plan_id=number, first_tick=0, pace=pace, slowed_by=why)
        self.tell(in_force=again)

    def first_tick(self, now: Ns) -> None:
        """The first command from the plan in force was given now."""
        if not self.status.in_force.first_tick:
            self.tell(in_force=replace(self.status.in_force, first_tick=now))
