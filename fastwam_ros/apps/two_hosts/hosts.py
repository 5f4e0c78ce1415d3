"""The processes of a trial on their hosts: the policy on the GPU host, all else on the robot."""

import sys
from pathlib import Path

from fastwam_ros.apps.faults.stage import ROOT, Stage
from fastwam_ros.apps.two_hosts import clock
from fastwam_ros.apps.two_hosts.network import Network

_BUNDLE = ROOT / 'bundles' / 'tiny_r1lite'
_WORDS = {
    'sim': ('-p', 'scene:=bar', '-p', 'camera_rate:=6.0'),
    'policy': ('-p', f'bundle:={_BUNDLE}'),
    'witness': Stage.words('witness'),
}


class Hosts(Stage):
    """Processes on two hosts. clock [s]: by how much a policy that starts is ahead."""

    def __init__(self, folder: Path, domain: int, network: Network) -> None:
        super().__init__(folder, domain)
        self._network, self.clock = network, 0.0

    def command(self, name: str) -> list[str]:
        """On its host, by its host's clock."""
        host = 'gpu' if name == 'policy' else 'robot'
        python, flag, program, *words = super().command(name)
        assert (python, flag, program) == (sys.executable, '-m', 'rosless')
        if host == 'gpu' and self.clock:
            program, words = clock.__name__, [str(self.clock), *words]
        return [*self._network.inside(host), python, flag, program, *words]

    @staticmethod
    def words(name: str) -> tuple[str, ...]:
        """Its own ROS arguments: no wire of `faults` is in between, only the network."""
        return _WORDS.get(name, ())

    def environment(self, name: str) -> dict[str, str]:
        """On its host's card."""
        return super().environment(name) | self._network.environment
