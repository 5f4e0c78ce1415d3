"""A prefix through a whole policy: kept, and what changed is followed all the same.

`python -m test.wam.test_rtc` prints the figures of docs/rtc.md.
"""

import time
from pathlib import Path

import numpy as np
import pytest

from fastwam_ros.wam.observation import Observation
from fastwam_ros.wam.policy import JACOBIANS, Policy
from fastwam_ros.wam.prefix import Wanted, prefix_weights

TINY = Path(__file__).parents[2] / 'bundles' / 'tiny_r1lite'
HOME = np.array([0.0, 1.2, -1.55, 0.9, 0.0, 0.0, 0.05] * 2)
GREY = np.full((384, 320, 3), 100, np.uint8)
COMMITTED, LATER, END = 6, 12, 20  # rows: until it takes over, between chunks, of the old chunk


def led(policy: Policy, count: int) -> dict[str, float]:
    """Over observations 12 rows after a chunk, the arms a little beside it, [rad] rms.

    How far committed rows are from the chunk before, without and with the prefix; how far the
    last row of another instruction is from where it would go freely, and had it been ignored; and
    what the prefix costs, as a ratio.
    """
    rng, wave, rest = np.random.default_rng(0), policy.tasks[0], policy.tasks[2]
    found: dict[str, list] = {'free': [], 'led': [], 'changed': [], 'ignored': []}
    took = [0.0, 0.0]
    for _ in range(count):
        before = rows(policy, HOME + 0.05 * rng.standard_normal(14), wave)
        state = before[LATER - 1] + 0.02 * rng.standard_normal(14)
        wanted = np.zeros_like(before)
        wanted[:END] = before[LATER:]
        prefix = Wanted(wanted, prefix_weights(32, COMMITTED, END))
        begun = time.perf_counter()
        free = rows(policy, state, wave)
        between = time.perf_counter()
        bound = rows(policy, state, wave, prefix)
        took = [took[0] + between - begun, took[1] + time.perf_counter() - between]
        other = rows(policy, state, rest)
        found['free'].append((free - wanted)[:COMMITTED])
        found['led'].append((bound - wanted)[:COMMITTED])
        found['changed'].append((rows(policy, state, rest, prefix) - other)[-1])
        found['ignored'].append((free - other)[-1])
    made = {name: float(np.sqrt(np.square(errors).mean())) for name, errors in found.items()}
    return {**made, 'cost': took[1] / took[0]}


def rows(policy: Policy, state: np.ndarray, task: str, prefix: Wanted | None = None) -> np.ndarray:
    return policy.predict_all([Observation(GREY, state, task, prefix)])[0].rows


@pytest.mark.parametrize(('jacobian', 'kept'), [('identity', 0.15), ('vjp', 0.7)])
def test_committed_rows_are_kept_and_another_instruction_is_followed(jacobian, kept):
    found = led(Policy.load(TINY, jacobian=jacobian), 4)
    assert found['led'] < kept * found['free']
    assert found['changed'] < 0.15 * found['ignored']


if __name__ == '__main__':
    for name in JACOBIANS:
        print(
            name,
            {
                key: round(value, 4)
                for key, value in led(Policy.load(TINY, jacobian=name), 40).items()
            },
        )
