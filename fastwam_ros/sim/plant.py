"""How the robot takes targets: one arm's joint tracker and one gripper's controller.

The arm follows the newest target within the tracker's velocity, acceleration and jerk, after its
delay and only while targets keep coming; a gripper target counts once a second one follows it.
This module does not know physics: it says where servos shall be, not where the arm is.
"""

import math
from collections import deque
from collections.abc import Sequence

import numpy as np

from fastwam_ros.motion.chaser import Chaser
from fastwam_ros.robot.joints import ARM_SIZE, GRIPPER_SPEED, arm_joints
from fastwam_ros.robot.tracker import TrackerModel
from fastwam_ros.robot.units import GRIPPER_FULL, opening

_Target = tuple[int, list[float], list[float]]  # takes effect at [ns], position, speed caps


class ArmTracker:
    """One arm's tracker, stepped with a fixed period.

    Joints are not synchronised with each other (assumed). Targets beyond a joint's limit are
    taken as that limit (assumed).
    """

    def __init__(self, side: str, model: TrackerModel, period_ns: int) -> None:
        joints = arm_joints(side)
        self._side, self._model = side, model
        self._lower = np.array([joint.lower for joint in joints])
        self._upper = np.array([joint.upper for joint in joints])
        self._delay = round(model.delay * 1e9)
        self._timeout = round(model.stream_timeout * 1e9)
        limits = model.velocity, model.acceleration, model.jerk
        self._chaser = Chaser(period_ns * 1e-9, *limits)
        self.reset(np.zeros(ARM_SIZE))

    def reset(self, position: np.ndarray) -> None:
        """At rest at `position` [6, rad], without a stream."""
        self._waiting: deque[_Target] = deque()
        self._aim: tuple[list[float], list[float]] | None = None
        self._heard: int | None = None
        self._chaser.begin(position.tolist())

    def receive(self, position: Sequence[float], caps: Sequence[float], now: int) -> str:
        """Take a target [6, rad] with tracking speed caps [6, rad/s] (none: the model's).

        Returns why it is ignored, in words, or an empty string.
        """
        fault = self._fault(position, caps)
        if fault:
            return fault
        limits = self._model.velocity
        speeds = [min(cap, limit) for cap, limit in zip(caps or limits, limits, strict=True)]
        goal = np.clip(np.asarray(position, float), self._lower, self._upper)
        self._waiting.append((now + self._delay, goal.tolist(), speeds))
        self._heard = now
        return ''

    def _fault(self, position: Sequence[float], caps: Sequence[float]) -> str:
        who = f'{self._side} arm target'
        if len(position) != ARM_SIZE:
            return f'{who} has {len(position)} positions: the tracker takes {ARM_SIZE}'
        if len(caps) not in (0, ARM_SIZE):
            return f'{who} has {len(caps)} velocities: the tracker takes none or {ARM_SIZE}'
        if not all(map(math.isfinite, (*position, *caps))):
            return f'{who} is not finite: {[*position]} at velocities {[*caps]}'
        if any(cap < 0.0 for cap in caps):
            return f'{who} has a negative tracking speed: {[*caps]}'
        return ''

    def tick(self, now: int) -> tuple[np.ndarray, np.ndarray]:
        """Where the servos shall be now: position [6, rad] and velocity [6, rad/s]."""
        aim = self._due(now)
        if aim != self._aim:
            self._head_for(aim)
        try:
            self._chaser.step()
        except ArithmeticError as error:
            raise ArithmeticError(f'{self._side} arm: {error}') from error
        position, velocity, _ = self._chaser.motion
        return np.array(position), np.array(velocity)

    def _due(self, now: int) -> tuple[list[float], list[float]] | None:
        if self._heard is None or now - self._heard > self._timeout:
            self._waiting.clear()
            return None
        aim = self._aim
        while self._waiting and self._waiting[0][0] <= now:
            _, *newest = self._waiting.popleft()
            aim = (newest[0], newest[1])
        return aim

    def _head_for(self, aim: tuple[list[float], list[float]] | None) -> None:
        """Track `aim`; a joint without a speed, or all without an aim, come to rest and stay."""
        self._aim = aim
        if aim is None:
            self._chaser.rest()
        else:
            self._chaser.head_for(*aim)


class GripperDrive:
    """One gripper: the opening moves at the drive's speed to the newest streamed target."""

    def __init__(self, side: str, model: TrackerModel, period_ns: int) -> None:
        self._side = side
        self._timeout = round(model.stream_timeout * 1e9)
        self._reach = GRIPPER_SPEED * period_ns * 1e-9  # [m] in one period
        self._period = period_ns * 1e-9
        self.reset(0.0)

    def reset(self, metres: float) -> None:
        """At rest at an opening [m], without a stream."""
        self._at = self._goal = metres
        self._heard: int | None = None

    def receive(self, position: Sequence[float], now: int) -> str:
        """Take a wire target (one value, 0..100); returns why it is ignored, or ''.

        The first of a stream only announces it: the robot ignores one-shots.
        """
        if len(position) != 1:
            return f'{self._side} gripper target has {len(position)} positions: it takes 1'
        if not math.isfinite(position[0]):
            return f'{self._side} gripper target is not finite: {position[0]}'
        follows = self._heard is not None and now - self._heard <= self._timeout
        self._heard = now
        if follows:
            self._goal = opening(min(max(position[0], 0.0), GRIPPER_FULL))
        return ''

    def tick(self) -> tuple[float, float]:
        """Where the fingers shall be now: opening [m] and its speed [m/s]."""
        step = min(max(self._goal - self._at, -self._reach), self._reach)
        self._at += step
        return self._at, step / self._period
