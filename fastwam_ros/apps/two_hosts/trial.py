"""One trial: let the policy drive, break the network, watch, and let a person go on.

Notes when what was done; what the arms did is read from the recording of the robot's host, by the
figures of `faults`. Reads the clock.
"""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from fastwam_ros.apps.faults.cases import POLICY
from fastwam_ros.apps.faults.operator import Operator
from fastwam_ros.apps.faults.stage import StageError
from fastwam_ros.apps.faults.trial import Marks
from fastwam_ros.apps.two_hosts.cases import Case
from fastwam_ros.apps.two_hosts.hosts import Hosts
from fastwam_ros.apps.two_hosts.network import Network

_START = 60.0  # [s] for processes to start: torch on a busy machine
_BEGIN = 120.0  # [s] until the policy drives for the first time
_DRIVEN = 2.0  # [s] that it drives before something breaks
_TRIES = 5
_AFTER = 3.0  # [s] that are watched after everything is over
_RECOVER = 60.0  # [s] for a person to get the policy to drive again
_SEED = 1  # of what is lost


@dataclass(frozen=True)
class Trial:
    """A case, when what was done, and how many frames the broken wire met."""

    case: Case
    marks: Marks
    frames: int = 0


class Trials:
    """One trial after the other, on processes that live on."""

    def __init__(self, hosts: Hosts, network: Network, folder: Path) -> None:
        """Starts everything. Raises StageError where nothing drives."""
        self._hosts, self._network = hosts, network
        self.recording = folder / 'run.mcap'
        self._operator = Operator(hosts.start('faults'))
        hosts.start('witness', '-p', f'output:={self.recording}')
        for name in ('sim', 'executor', 'policy'):
            hosts.start(name)
        speaks = self._operator.until(lambda: self._operator.mode != '', _START)
        if not speaks or not self._operator.runs(_BEGIN):
            raise StageError(f'the policy does not drive: {self._operator.words}')

    def run(self, case: Case) -> Trial:
        """One; what goes otherwise than it should is in the marks."""
        operator = self._operator
        if not self._drives(case.clock):
            return Trial(case, Marks(trouble=f'the policy does not drive: {operator.words}'))
        now = time.time_ns()
        marks = Marks(begun=now - round(_DRIVEN * 1e9), fault=now)
        if case.network is not None:
            self._network.break_down(replace(case.network, seed=_SEED))
        operator.wait(case.seconds)
        marks = replace(marks, over=time.time_ns())
        frames = self._network.hit if case.network is not None else 0
        return Trial(case, self._go_on(marks), frames)

    def _drives(self, ahead: float) -> bool:
        """Whether a policy whose clock is so far off drives for a while."""
        if ahead != self._hosts.clock:
            self._hosts.clock = ahead
            self._hosts.kill('policy')
            self._hosts.start('policy')
        for _ in range(_TRIES):
            if not self._operator.runs(_BEGIN):
                return False
            self._operator.wait(_DRIVEN)
            if self._operator.mode == POLICY:
                return True
        return False

    def _go_on(self, marks: Marks) -> Marks:
        """Watch what happens by itself, then do as a person would."""
        operator = self._operator
        operator.wait(_AFTER)
        marks = replace(marks, watched=time.time_ns())
        operator.acted = 0
        runs = operator.runs(_RECOVER)
        why = '' if runs else f'the policy does not drive again: {operator.words}'
        again = time.time_ns() if runs else 0
        return replace(marks, asked=operator.acted, again=again, trouble=why)
