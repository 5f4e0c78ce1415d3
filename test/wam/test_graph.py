"""A call is recorded once per key and played from then on; the same numbers to the last bit."""

import numpy as np
import pytest
import torch

from fastwam_ros.wam import assembly
from fastwam_ros.wam.graph import BY_OPERATORS, Recorded, recorder_of
from fastwam_ros.wam.guidance import Prefix
from fastwam_ros.wam.instruction import sentence, write_cached
from fastwam_ros.wam.observation import Observation
from fastwam_ros.wam.policy import Policy
from fastwam_ros.wam.sampling import Sample

from . import small_bundle
from .tape import Tape

VARIANTS = ('fastwam', 'joint', 'idm', 'optional_idm')
PICTURES = torch.randint(0, 256, (2, 64, 32, 3), generator=torch.Generator().manual_seed(1)).to(
    torch.uint8
)
STATES = torch.tensor([[0.3, -0.5, 0.06], [-0.7, 1.1, 0.09]])
PREFIX = Prefix(torch.full((2, 6, 3), 0.2), torch.linspace(1, 0, 6)[None, :, None].repeat(2, 1, 1))
LONG = 'a long one'  # of more rows than fit where the others lie
LENGTHS = 2  # of the bundle's instructions


@pytest.fixture(scope='module')
def folders(tmp_path_factory):
    return {variant: folder(tmp_path_factory.mktemp(variant), variant) for variant in VARIANTS}


def folder(path, variant):
    small_bundle.write(path, variant)
    small_bundle.edit_contract(path, 'prompt.length', 20)
    rows = torch.randn(20, 8, generator=torch.Generator().manual_seed(2))
    write_cached(path / 'prompts', sentence(LONG, 'do: {task}'), rows, torch.arange(20) < 12)
    return path


@pytest.fixture
def tape(monkeypatch):
    made = Tape()
    monkeypatch.setattr(assembly, 'recorder_of', lambda _: made)
    return made


def engine_of(folder, **more):
    return Policy.load(folder, batch=2, **more)._engine


def asked(engine, mode='', tasks=('reach', 'rest'), prefix=None):
    count = len(tasks)
    part = prefix and Prefix(prefix.rows[:count], prefix.weights[:count])
    return engine.sample(PICTURES[:count], STATES[:count], tasks, mode, part)


def same(one: Sample, other: Sample) -> bool:
    return all(map(torch.equal, one.tensors, other.tensors))


@pytest.mark.parametrize('variant', VARIANTS)
def test_all_that_can_be_asked_is_recorded_at_load_and_never_again(folders, tape, variant):
    engine = engine_of(folders[variant])
    assert tape.recorded == 2 * 2 * LENGTHS * len(engine.modes)  # observations, prefix or none
    before = tape.recorded, tape.forgotten
    for mode in engine.modes:
        for tasks in (('reach',), ('rest',), ('reach', 'rest'), ('rest', 'rest')):
            for prefix in (None, PREFIX):
                told = asked(engine, mode, tasks, prefix)
                with engine.recorded.off():
                    assert same(told, asked(engine, mode, tasks, prefix))
    assert (tape.recorded, tape.forgotten) == before


def test_recorded_again_exactly_when_a_longer_instruction_is_placed(folders, tape):
    engine = engine_of(folders['fastwam'])
    recorded, forgotten = tape.recorded, tape.forgotten
    engine.learn(LONG)
    asked(engine)
    assert (tape.recorded, tape.forgotten) == (recorded, forgotten)
    for tasks, more in (((LONG,), 1), ((LONG,), 1), (('rest',), 2), ((LONG,), 2), (('rest',), 2)):
        told = asked(engine, tasks=tasks)
        assert (tape.recorded, tape.forgotten) == (recorded + more, forgotten + 1)
        with engine.recorded.off():
            assert same(told, asked(engine, tasks=tasks))


@pytest.mark.parametrize('variant', VARIANTS)
def test_what_a_caller_holds_is_his(folders, tape, variant):
    engine = engine_of(folders[variant])
    first = asked(engine)
    kept = first.copy()
    asked(engine, tasks=('rest', 'reach'))
    assert same(first, kept)
    places = {part.data_ptr() for part in engine.recorded.outputs}
    assert places and not places & {part.data_ptr() for part in first.tensors}


@pytest.mark.parametrize('variant', VARIANTS)
@pytest.mark.parametrize('prefix', [None, PREFIX])
def test_nothing_is_left_of_the_call_before(folders, tape, variant, prefix):
    """All that a call writes is broken before the next."""
    engine = engine_of(folders[variant])
    told = asked(engine, prefix=prefix)
    kept = told.copy()
    for part in (*told.tensors, *engine.recorded.outputs, engine._network.memory[0]):
        part.fill_(np.nan)
    assert same(asked(engine, prefix=prefix), kept)


def test_several_samples_are_recorded_too(folders, tape):
    engine = engine_of(folders['joint'], seeds=3)
    told = asked(engine, prefix=PREFIX)
    with engine.recorded.off():
        assert same(told, asked(engine, prefix=PREFIX))
    assert len(told.actions) == 6


def test_gradients_are_taken_of_no_recording(folders, tape):
    engine = engine_of(folders['fastwam'], jacobian='vjp')
    asked(engine, prefix=PREFIX)
    assert tape.recorded == 0
    assert engine.recorded.how == BY_OPERATORS


def test_how_it_runs_is_said(folders, tape):
    assert Policy.load(folders['fastwam']).how == 'on cpu: full precision, kernels torch, a tape'


def test_a_cpu_makes_every_call_anew(folders):
    assert recorder_of('cpu') is None
    policy = Policy.load(folders['fastwam'])
    assert policy.how == f'on cpu: full precision, kernels torch, {BY_OPERATORS}'
    observation = Observation(PICTURES[0].numpy(), STATES[0].numpy(), 'reach')
    first, second = (policy.predict_all([observation])[0].rows for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_what_cannot_be_recorded_is_not_kept():
    class Broken(Tape):
        def record(self, call):
            raise RuntimeError('no memory')

    recorded = Recorded(Broken())
    for _ in range(2):
        with pytest.raises(RuntimeError, match='no memory'):
            recorded('key', lambda: None)
    assert not recorded.outputs
