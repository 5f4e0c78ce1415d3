"""On a GPU: what one CUDA graph gives is what its operators give, to the last bit."""

import numpy as np
import pytest
import torch

from fastwam_ros.wam.policy import Policy

from .test_graph import LONG, PREFIX, VARIANTS, asked, folder, same

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason='a CUDA graph needs a GPU'),
]


@pytest.fixture(scope='module', params=VARIANTS)
def policy(request, tmp_path_factory):
    bundle = folder(tmp_path_factory.mktemp(request.param), request.param)
    return Policy.load(bundle, device='cuda', batch=2, seeds=2)


def both(engine, *given):
    """Replayed and by operators."""
    replayed = asked(engine, *given)
    with engine.recorded.off():
        return replayed, asked(engine, *given)


def test_it_says_so(policy):
    assert policy.how.endswith(', one CUDA graph')


@pytest.mark.parametrize('tasks', [('reach',), ('rest',), ('reach', 'rest')])
@pytest.mark.parametrize('prefix', [None, PREFIX], ids=['free', 'led'])
def test_replay_equals_eager(policy, tasks, prefix):
    engine = policy._engine
    for mode in engine.modes:
        assert same(*both(engine, mode, tasks, prefix))


def test_and_after_a_longer_instruction(policy):
    engine = policy._engine
    engine.learn(LONG)
    for tasks in ((LONG,), ('reach', LONG), ('reach',), (LONG, LONG)):
        for prefix in (None, PREFIX):
            assert same(*both(engine, '', tasks, prefix))


def test_nothing_is_left_of_the_call_before(policy):
    engine = policy._engine
    told = asked(engine, prefix=PREFIX)
    kept = told.copy()
    for part in (*told.tensors, *engine.recorded.outputs, engine._network.memory[0]):
        part.fill_(np.nan)
    again = asked(engine, prefix=PREFIX)
    assert again.finite and same(again, kept)


def test_a_call_waits_for_nothing(policy):
    """Not for its pictures, states and prefix either, which are staged."""
    asked(policy._engine, prefix=PREFIX)
    torch.cuda.set_sync_debug_mode('error')
    try:
        asked(policy._engine, prefix=PREFIX)
    finally:
        torch.cuda.set_sync_debug_mode('default')


def test_two_calls_on_their_way_do_not_meet(policy):
    """What is staged for the second leaves that of the first alone."""
    engine = policy._engine
    alone = [asked(engine, tasks=tasks).copy() for tasks in (('reach',), ('rest',))]
    torch.cuda.synchronize()
    together = [asked(engine, tasks=tasks) for tasks in (('reach',), ('rest',))]
    assert all(map(same, alone, together))
