"""What fails between the hosts, as data."""

from dataclasses import dataclass

from fastwam_ros.sim.wire import Break


@dataclass(frozen=True)
class Case:
    """One row: how the network is broken, or by how much [s] the GPU host's clock is off."""

    name: str
    network: Break | None = None
    clock: float = 0.0
    seconds: float = 10.0  # that are looked at, from its beginning on


def _cut(seconds: float, shown: str) -> Case:
    return Case(f'link down {shown}', Break('lose', seconds, 1.0), seconds=seconds)


CASES = (
    Case('nothing'),
    _cut(0.05, '50 ms'),
    _cut(0.5, '500 ms'),
    _cut(5.0, '5 s'),
    Case('1 % of the packets lost, 10 s', Break('lose', 10.0, 0.01)),
    Case('10 % of the packets lost, 10 s', Break('lose', 10.0, 0.1)),
    Case('100 ms later each way, 10 s', Break('delay', 10.0, 0.1)),
    Case("the policy's clock 200 ms ahead", clock=0.2),
    Case("the policy's clock 200 ms behind", clock=-0.2),
    Case("the policy's clock 2 s ahead", clock=2.0),
    Case("the policy's clock 2 s behind", clock=-2.0),
)


def named(words: str) -> list[Case]:
    """The cases whose names hold the words. Raises ValueError that lists all where none does."""
    found = [case for case in CASES if words in case.name]
    if not found:
        raise ValueError(f'no case {words!r}: there are {"; ".join(c.name for c in CASES)}')
    return found
