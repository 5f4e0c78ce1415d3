"""The engine's call as a graph: all it reads is in memory that stays, and nothing waits."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch.fx.experimental.proxy_tensor import make_fx

from fastwam_ros.apps.bench.operators import Operators
from fastwam_ros.wam.guidance import Prefix
from fastwam_ros.wam.policy import Observation, Policy

from . import small_bundle

RNG = np.random.default_rng(3)
PICTURES = RNG.integers(0, 256, (3, 64, 32, 3)).astype(np.uint8)
STATES = np.array([[0.3, -0.5, 0.06], [0.0, 0.1, 0.02], [-0.7, 1.1, 0.09]])
TASKS = ('reach', 'rest', 'reach')


@dataclass(frozen=True)
class Wanted:
    rows: np.ndarray
    weights: np.ndarray


@pytest.fixture(scope='module')
def folders(tmp_path_factory):
    return {
        variant: small_bundle.write(tmp_path_factory.mktemp(variant), variant)
        for variant in ('fastwam', 'joint', 'idm', 'optional_idm')
    }


def observations(count=3, prefix=None):
    given = zip(PICTURES, STATES, TASKS, strict=True)
    return [Observation(*one, prefix) for one in given][:count]


@pytest.mark.parametrize('variant', ['fastwam', 'joint', 'idm'])
@pytest.mark.parametrize('guided', [False, True])
def test_the_call_is_one_graph(folders, variant, guided):
    """Recorded once on black pictures; replayed on others it gives what the engine gives."""
    engine = Policy.load(folders[variant], batch=2)._engine
    sampling = engine._samplings[engine.modes[0]]
    with torch.no_grad():
        replay = make_fx(lambda _: engine._run(sampling, 2, guided).actions)(torch.zeros(()))
    states = torch.tensor(STATES[:2], dtype=torch.float32)
    prefix = Prefix(torch.randn(2, 6, 3), torch.rand(2, 6, 1)) if guided else None
    told = engine.sample(torch.tensor(PICTURES[:2]), states, TASKS[:2], prefix=prefix)
    assert torch.equal(replay(torch.zeros(())), told.actions)
    other = engine.sample(torch.tensor(PICTURES[1:]), states, TASKS[1:], prefix=prefix)
    assert torch.equal(replay(torch.zeros(())), other.actions)
    assert not torch.equal(told.actions, other.actions)


@pytest.mark.parametrize('variant', ['fastwam', 'joint', 'idm'])
def test_nothing_in_it_waits_for_the_device(folders, variant):
    engine = Policy.load(folders[variant])._engine
    with torch.no_grad(), Operators() as counted:
        engine._run(engine._samplings[engine.modes[0]], 1, True)
    assert counted.count > 100 and not counted.waits
    with Operators() as counted:  # so that the list above is no blind one
        bool(torch.ones(()).isfinite().all())
    assert counted.waits == ['_local_scalar_dense']


@pytest.mark.parametrize('variant', ['fastwam', 'joint', 'idm', 'optional_idm'])
@pytest.mark.parametrize('seeds', [1, 3])
def test_several_robots_in_one_call_get_what_each_would_get(folders, variant, seeds):
    policy = Policy.load(folders[variant], batch=3, seeds=seeds)
    for mode in policy.modes:
        together = policy.predict_all(observations(), mode)
        for one, told in zip(observations(), together, strict=True):
            alone = policy.predict_all([one], mode)[0]
            np.testing.assert_allclose(told.rows, alone.rows, atol=2e-6)
            np.testing.assert_allclose(told.disagreement, alone.disagreement, rtol=1e-3)
    assert np.abs(together[0].rows - together[1].rows).max() > 1e-6


def test_one_robot_s_prefix_binds_no_other(folders):
    policy = Policy.load(folders['fastwam'], batch=3)
    wanted = Wanted(np.full((6, 3), 0.04), np.r_[1.0, 1.0, 0.5, 0.0, 0.0, 0.0])
    free, bound = observations(), observations()
    bound[1] = observations(prefix=wanted)[1]
    before, after = policy.predict_all(free), policy.predict_all(bound)
    for index in (0, 2):
        np.testing.assert_array_equal(before[index].rows, after[index].rows)
    error = [np.abs(told[1].rows[:2] - 0.04).max() for told in (before, after)]
    assert error[1] < 0.3 * error[0]  # in three steps


def test_what_has_no_room(folders):
    policy = Policy.load(folders['fastwam'], batch=2)
    with pytest.raises(ValueError, match=r'3 observations, the engine has room for 1\.\.2'):
        policy.predict_all(observations())
    with pytest.raises(ValueError, match=r'0 observations'):
        policy.predict_all([])
    with pytest.raises(ValueError, match='0 batch: the engine needs at least 1'):
        Policy.load(folders['fastwam'], batch=0)


def test_the_network_s_own_jacobian_leads_too(folders):
    """Another number than the identity's, the same without a prefix."""
    own = Policy.load(folders['fastwam'], jacobian='vjp')
    assumed = Policy.load(folders['fastwam'])
    free = [policy.predict_all(observations(1))[0].rows for policy in (own, assumed)]
    np.testing.assert_allclose(*free, atol=1e-6)
    wanted = Wanted(np.full((6, 3), 0.04), np.r_[np.ones(3), np.zeros(3)])
    led = [p.predict_all(observations(1, wanted))[0].rows for p in (own, assumed)]
    errors = [np.abs(rows[:3] - 0.04).max() for rows in (free[0], *led)]
    assert errors[1] < 0.5 * errors[0] and errors[2] < 0.5 * errors[0]
    assert np.abs(led[0] - led[1]).max() > 1e-5
    with pytest.raises(ValueError, match="'newton' is none of identity, vjp"):
        Policy.load(folders['fastwam'], jacobian='newton')
