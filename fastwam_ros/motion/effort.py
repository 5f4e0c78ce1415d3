"""Whether a drive works near what it is rated for: an arm that pushes against something.

Observes only: efforts as the robot reports them, beside the joints' rated ones. What they are not
is a measure of contact: gravity, friction and acceleration are in them.
"""

import numpy as np

from fastwam_ros.motion.limits import SECOND, Array, Ns, frozen

SHARE, LASTS = 0.9, 0.05  # of the rated effort, for so long [s]: the arms must stop at once
GONE, FOR = 0.8, 0.2  # share below which a joint must be, for so long [s], to be clear again


class Effort:
    """Watches the efforts of all joints [D], in the rated ones' unit (Nm).

    hard: which joint works too hard, in words, until all have been clear for a while; '' where
    none does. A joint that reports no effort is not watched.
    """

    def __init__(self, names: tuple[str, ...], rated: Array) -> None:
        """Raises ValueError for a rated effort that is not above 0."""
        if not (rated > 0.0).all():
            wrong = names[int(np.argmin(rated > 0.0))]
            raise ValueError(f'rated effort of {wrong} is not above 0: check the joint table')
        self._names, self._rated = names, frozen(rated)
        self.begin()

    def begin(self) -> None:
        """Forget what was: nothing has been too much yet."""
        self._over: dict[int, Ns] = {}  # joint -> since when it is over
        self._seen: Ns = 0  # when a joint was last not clear
        self.hard = ''

    def take(self, stamp: Ns, effort: Array) -> None:
        """Efforts [D] received at stamp; NaN where a joint reports none."""
        share = np.abs(effort) / self._rated
        worst = np.fmax.reduce(share)  # passes over what is not reported
        if worst > SHARE or self.hard:
            self._judge(stamp, share)
        elif self._over:
            self._over = {}

    def _judge(self, stamp: Ns, share: Array) -> None:
        over = np.flatnonzero(share > SHARE)
        self._over = {int(j): self._over.get(int(j), stamp) for j in over}
        lasting = [j for j, since in self._over.items() if stamp - since >= LASTS * SECOND]
        if lasting and not self.hard:
            self.hard = self._words(max(lasting, key=lambda j: share[j]), share)
        if (share > GONE).any():
            self._seen = stamp
        elif self.hard and stamp - self._seen >= FOR * SECOND:
            self.hard = ''

    def _words(self, joint: int, share: Array) -> str:
        rated = self._rated[joint]
        return (
            f'{self._names[joint]} works with {share[joint] * rated:.1f} Nm for {LASTS} s, limit '
            f'{SHARE * rated:.1f} of rated {rated:.0f}: does it push against something?'
        )
