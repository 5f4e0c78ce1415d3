"""What becomes of a chunk: executed, compared as a shadow, or refused with a named verdict.

Whether chunks are wanted is read from the status; judging them is `admission`, joining them to
what moves is the drive's.
"""

from fastwam_ros.motion.admission import OF_BEFORE, Admission
from fastwam_ros.motion.authority import POLICY
from fastwam_ros.motion.blend import blend_named
from fastwam_ros.motion.board import Board
from fastwam_ros.motion.caution import Caution
from fastwam_ros.motion.chunk import Chunk
from fastwam_ros.motion.drive import Drive
from fastwam_ros.motion.limits import Array, Ns
from fastwam_ros.motion.shadow import Shadow
from fastwam_ros.motion.splice import Refusal, Splice
from fastwam_ros.motion.status import ACCEPTED, SHADOW, Settings, Verdict
from fastwam_ros.motion.uncertainty import HOLD, UNCERTAIN, Doubt


class Reception:
    """Takes the chunks of one executor."""

    def __init__(self, settings: Settings, board: Board, drive: Drive) -> None:
        self._settings, self._board, self._drive = settings, board, drive
        self.admission = Admission(settings)
        self._blend = blend_named(settings.blending, settings.limits.names)
        self.doubt = Doubt(settings.doubt)
        self.caution = Caution(settings, drive)
        self._shadow = Shadow(settings.limits.names)

    def begin(self, now: Ns) -> None:
        """Run was accepted: chunks of another epoch have no say any more."""
        self.admission.begin(now)
        self._blend.reset()
        self.doubt.reset()

    def take(self, now: Ns, last_tick: Ns, chunk: Chunk) -> Verdict:
        """Judge a chunk and, where it may be executed, put it in force from the next tick on."""
        verdict = self._judge(now, last_tick, chunk)
        self._board.count({ACCEPTED: 'accepted', SHADOW: 'shadowed'}.get(verdict.name, 'refused'))
        self._board.tell(judged=(chunk.epoch, chunk.sequence), verdict=str(verdict))
        return verdict

    def commanded(self, now: Ns, q: Array) -> None:
        """q [D] is commanded now: a shadow chunk is held against it."""
        self._shadow.see(now, q)

    def another_source(self) -> None:
        """Somebody else moves the arms: a comparison with what was commanded ends."""
        self._shadow.clear()

    def _judge(self, now: Ns, last_tick: Ns, chunk: Chunk) -> Verdict:
        self.admission.note(now, chunk)
        status = self._board.status
        if status.standing is not POLICY and not status.pending:
            return self._compare(now, chunk)

        def planned(t: Ns) -> Array:
            return self._drive.at(max(t - last_tick, 0) + self._drive.now).q

        refusal = self.admission.refuse(now, chunk, status.epoch, status.pending, planned)
        if refusal is not None and status.pending and refusal.verdict in OF_BEFORE:
            return Verdict(SHADOW, refusal.detail)  # was on its way when run was requested
        if refusal is not None:
            return Verdict(refusal.verdict, refusal.detail)
        return self._splice(chunk, last_tick + self._settings.period)

    def _splice(self, chunk: Chunk, next_tick: Ns) -> Verdict:
        degree = self.doubt.judge(chunk.disagreement)
        if degree.name == HOLD:
            return Verdict(UNCERTAIN, degree.text)
        rows = self._blend.rows(chunk, next_tick)
        found = self._drive.splice(chunk, rows, next_tick, degree.at_least)
        if isinstance(found, Splice):
            found = self.caution.judge(found)
        if isinstance(found, Refusal):
            return Verdict(found.verdict, found.detail)
        self._drive.take(found, chunk, next_tick)
        self._blend.accept(chunk, rows)
        self._execute(chunk, found, degree.text)
        return Verdict(ACCEPTED)

    def _compare(self, now: Ns, chunk: Chunk) -> Verdict:
        if self.admission.unsound(now, chunk) is None:
            self._board.tell(difference=self._shadow.take(now, chunk))
        return Verdict(SHADOW)

    def _execute(self, chunk: Chunk, splice: Splice, doubt: str) -> None:
        self.admission.accepted(chunk)
        soft, hard = self.admission.ages(chunk)
        self._board.new_plan(
            epoch=chunk.epoch,
            sequence=chunk.sequence,
            stamp=chunk.stamp,
            slow=splice.slow,
            slowed_by=splice.slowed_by or doubt,
            soft_age=soft,
            hard_age=hard,
        )
        if self._board.status.pending:
            self._board.tell(standing=POLICY, pending=False, reason='first chunk after run')
