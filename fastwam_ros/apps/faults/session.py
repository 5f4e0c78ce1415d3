"""Many trials, one after the other, each recording with the trials that are in it.

The processes live on from trial to trial. Where a trial leaves them in a state from which no
operator's request leads on, or one ends by itself, all are started anew and so is the recording.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from fastwam_ros.apps.faults.cases import Plan
from fastwam_ros.apps.faults.operator import GoneError
from fastwam_ros.apps.faults.stage import Stage, StageError
from fastwam_ros.apps.faults.trial import Marks, Trials

Tell = Callable[[Plan], None]


@dataclass
class Session:
    """folder: for recordings and logs; until: when no more trials are begun [s, monotonic]."""

    folder: Path
    domain: int
    until: float
    done: dict[Path, list[tuple[Plan, Marks]]] = field(default_factory=dict)
    ended_early: str = ''

    def run(self, plans: Sequence[Plan], tell: Tell) -> None:
        """All trials, or as many as there is time for. Raises StageError; ends all processes."""
        left, part = list(plans), 0
        while left:
            part += 1
            folder = self.folder / f'part_{part}'
            folder.mkdir(parents=True)
            left = self._part(folder, left, tell)

    def _part(self, folder: Path, left: list[Plan], tell: Tell) -> list[Plan]:
        """Trials on one set of processes; those that are left."""
        stage = Stage(folder, self.domain)
        try:
            trials = Trials(stage, folder)
            trials.begin()
            done = self.done.setdefault(trials.recording, [])
            for at, plan in enumerate(left):
                if time.monotonic() > self.until:
                    self.ended_early = f'time was up before {len(left) - at} of the trials'
                    return []
                tell(plan)
                done.append((plan, self._trial(stage, trials, plan)))
                if not done[-1][1].again:
                    return left[at + 1 :]
            return []
        finally:
            stage.end()

    def _trial(self, stage: Stage, trials: Trials, plan: Plan) -> Marks:
        try:
            marks = trials.run(plan)
        except (GoneError, StageError) as error:
            return Marks(trouble=str(error))
        ended = [f'{name} ended by itself, status {code}' for name, code in stage.ended().items()]
        return replace(marks, trouble=', '.join(ended), again=0) if ended else marks
