"""What the policy's eyes would say of recorded pictures: frozen, black, of one colour, no picture.

Frozen cameras are looked for in every picture; a second's first picture is decoded and looked at.
"""

from collections import defaultdict
from collections.abc import Iterator

from fastwam_ros.loop.contact import Finding, Severity
from fastwam_ros.loop.contact_cameras import SKEW
from fastwam_ros.loop.eyesight import Blindness, Eyesight, blindness
from fastwam_ros.loop.joints import JointHistory
from fastwam_ros.loop.pictures import picture
from fastwam_ros.loop.synchroniser import Frame, Synchroniser
from fastwam_ros.motion.limits import SECOND, Array, Ns

_REMEDY = 'a policy makes no chunk of such pictures: leave that part out, or look at the camera'


class Sight:
    """Eyes on the cameras of a recording, and what they saw wrong."""

    def __init__(self, cameras: tuple[str, ...]) -> None:
        """cameras: those with pictures; the first is the reference of a set."""
        self._cameras, self._joints = cameras, JointHistory()
        self._eyes = Eyesight(cameras)
        self._frames = Synchroniser(cameras, round(SKEW * SECOND)) if cameras else None
        self._set: Ns = 0
        self._looked: dict[str, Ns] = {}
        self._count: dict[str, int] = defaultdict(int)
        self._wrong: dict[tuple[str, str], list[tuple[Ns, Blindness]]] = defaultdict(list)

    def feel(self, kind: str, side: str, stamp: Ns, position: Array) -> None:
        """A reading of an arm [6 or 7 rad] or a gripper [wire units]."""
        if kind == 'arm':
            self._joints.add_arm(side, stamp, position)
        elif len(position):
            self._joints.add_gripper(side, stamp, float(position[0]))

    def see(self, camera: str, frame: Frame) -> None:
        """A camera's next picture."""
        if self._frames is None:
            return
        self._look(camera, frame)
        if self._frames.add(camera, frame):
            self._eyes.repeats(camera, frame.stamp)
            if stuck := self._eyes.stuck:
                self._note(frame.stamp, stuck)
            return
        self._eyes.see(camera, frame, self._joints.at)
        for frames in self._frames.sets(after=self._set):
            if isinstance(self._joints.at(frames.stamp), dict):
                self._set = frames.stamp
                if frozen := self._eyes.frozen(frames, self._joints.at):
                    self._note(frames.stamp, frozen)
                return

    def findings(self) -> Iterator[Finding]:
        """One of each camera's each fault, and one where there are none."""
        for (camera, fact), seen in self._wrong.items():
            (first, what), last = seen[0], seen[-1][0]
            looked = f' of {self._count[camera]} looked at' if fact != 'frozen' else ''
            text = (
                f'{len(seen)} pictures{looked} from stamp {first / SECOND:.3f} to '
                f'{last / SECOND:.3f}: {what.words}'
            )
            yield Finding(Severity.ERROR, f'{camera} camera', text, _REMEDY)
        for camera in self._cameras:
            if not any(camera == each for each, _ in self._wrong):
                fact = f'{self._count[camera]} pictures were looked at: none is frozen or blank'
                yield Finding(Severity.OK, f'{camera} camera', fact)

    def _look(self, camera: str, frame: Frame) -> None:
        if abs(frame.stamp - self._looked.get(camera, -SECOND)) < SECOND:
            return
        self._looked[camera] = frame.stamp
        self._count[camera] += 1
        try:
            found = blindness(camera, picture(camera, frame))
        except ValueError as error:
            found = Blindness(camera, 'no picture', str(error))
        if found is not None:
            self._note(frame.stamp, found)

    def _note(self, stamp: Ns, found: Blindness) -> None:
        self._wrong[found.camera, found.fact].append((stamp, found))
