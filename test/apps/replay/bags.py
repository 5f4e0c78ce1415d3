"""Small recordings for replays: arms that wave, and chunks that continue it; no pictures."""

from pathlib import Path

from fastwam_ros.bag.run import Facts, robot_bounds
from fastwam_ros.bag.spoken import Spoken
from fastwam_ros.bag.writer import BagWriter
from fastwam_ros.loop.telling import chunk_fields, header
from fastwam_ros.robot.joints import ARM_PARTS
from fastwam_ros.robot.roles import ROLES
from test.motion.robot import PERIOD, START, chunk, wave, wave_rows

LATE = 200_000_000  # from a head stamp to its chunk
EVERY = 400_000_000  # from a chunk to the next


class Wave:
    """A bag of arms that wave for some seconds."""

    def __init__(self, path: Path, namespace: str = '', ours: bool = True) -> None:
        """namespace: of the robot that speaks from now on; ours: with our recorder's facts."""
        self.path, self.namespace, self._ours = path, namespace, ours
        self._bag = BagWriter(path)
        self._voices: dict[str, Spoken] = {}

    @property
    def voice(self) -> Spoken:
        return self._voices.setdefault(self.namespace, Spoken(self._bag, self.namespace))

    def say(self, role: str, now: int, fields: dict) -> None:
        self.voice.tell(role, now, fields)

    def arms(
        self, now: int, commands: bool = True, seventh: bool = False, stamp: int | None = None
    ) -> None:
        """Feedback and commands of one moment. seventh: with the gripper; stamp: if not now."""
        q = wave((now - START) / 1e9)
        head = header(now if stamp is None else stamp)
        for side, part in ARM_PARTS.items():
            told = [*q[part], 50.0] if seventh else q[part]
            grip = {'header': head, 'position': [50.0]}
            self.say(f'arm_measured_{side}', now, {'header': head, 'position': told})
            self.say(f'gripper_measured_{side}', now, grip)
            if commands:
                self.say(f'arm_command_{side}', now, {'header': head, 'position': q[part]})
                self.say(f'gripper_command_{side}', now, grip)

    def torn(self, role: str, now: int) -> None:
        """Bytes that are no message."""
        self.voice.write(role, ROLES[role], now, bytes(7))

    def chunk(self, now: int, sequence: int, shift: float = 0.0, **fields) -> None:
        """The chunk that continues the wave, `shift` [rad] off."""
        rows = wave_rows(now - LATE) + shift
        made = chunk(now - LATE, rows, sequence=sequence, **fields)
        self.say('chunk', now, chunk_fields(made))

    def close(self) -> Path:
        if self._ours:
            names = {role: self.voice.full(row.name) for role, row in ROLES.items()}
            Facts('r1lite', 200.0, robot_bounds(), names).write(self._bag)
        self._bag.close()
        return self.path


def waving(path: Path, seconds: float = 3.0, shift: float = 0.0, **how) -> Path:
    """A bag of a wave with the chunks that continue it."""
    bag, sequence = Wave(path, **how), 0
    for now in range(START, START + round(seconds * 1e9), PERIOD):
        bag.arms(now)
        if now > START and (now - START) % EVERY == 0:
            sequence += 1
            bag.chunk(now, sequence, shift)
    return bag.close()
