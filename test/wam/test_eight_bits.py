"""Weights of 8 bits: how far off they are, in every variant, and what they give back."""

import numpy as np
import pytest
import torch

from fastwam_ros.wam.eight_bits import FORMS, form_of, narrowed
from fastwam_ros.wam.lean import Lean
from fastwam_ros.wam.packing import Linear
from fastwam_ros.wam.policy import Policy
from fastwam_ros.wam.sampling import SAMPLINGS, Tables
from fastwam_ros.wam.schedule import Schedule

from . import small_bundle
from .networks import INPUTS, LATENT, ROWS, TOKENS, given_of, network_of
from .parity import tiny_model

# Of one product with normal weights, and of a whole chunk of the recorded model [relative L2].
PRODUCT = {'fp8': (0.015, 0.04), 'int8': (0.003, 0.015)}
CHUNK = {'fp8': 0.06, 'int8': 0.02}


@pytest.mark.parametrize('name', FORMS)
def test_a_narrowed_map_is_near_the_wide_one(name):
    generator = torch.Generator().manual_seed(0)
    wide = Linear(
        torch.randn(300, 200, generator=generator) * torch.logspace(-3, 3, 300)[:, None],
        torch.randn(300, generator=generator),
    )
    narrow, x = narrowed(wide, FORMS[name]), torch.randn(50, 200, generator=generator)
    error = (narrow(x) - wide(x)).norm(dim=0) / (wide(x) - wide.bias).norm(dim=0)
    low, high = PRODUCT[name]
    assert low < error.median() < high and error.max() < 2 * high  # at any size of the weights
    assert narrow.weight.element_size() == 1
    assert torch.equal(narrow.behind(100)(x), narrow(x)[:, 100:])


@pytest.mark.parametrize('name', FORMS)
def test_weights_of_nothing_stay_nothing(name):
    narrow = narrowed(Linear(torch.zeros(3, 4), torch.ones(3)), FORMS[name])
    assert torch.equal(narrow(torch.randn(2, 4)), torch.ones(2, 3))


@pytest.mark.parametrize('variant', ['fastwam', 'joint', 'idm'])
@pytest.mark.parametrize('name', FORMS)
def test_chunks_are_near_those_of_the_full_weights(name, variant):
    chunks, (sampling,) = [], SAMPLINGS[variant].values()
    for form in (None, FORMS[name]):
        model = tiny_model(imagines=True)
        tables = Tables.of(model, Schedule.shifted(10), LATENT, ROWS)
        network = Lean(model)
        network.reserve(1, 1, 3 * TOKENS + ROWS)
        if form is not None:
            network.narrow(form)
        network.place([network.learn(INPUTS['context'][0, :7], 12)])
        given = given_of(network, model.action_in.weight)
        chunks.append(sampling(network, tables, given).actions)
    error = (chunks[1] - chunks[0]).norm() / chunks[0].norm()
    assert 1e-4 < error < CHUNK[name]


def test_the_wide_weights_are_given_back():
    network = network_of('lean', tiny_model(imagines=True))
    network.narrow(FORMS['int8'])
    layers = [*network.model.video.layers, *network.model.action.layers]
    held = [part for layer in layers for part in layer.parameters() if part.dim() == 2]
    assert not any(part.numel() for part in held)
    assert {part.dtype for part in network.weights} == {torch.int8}


def test_an_unknown_precision_is_refused_with_the_known_ones():
    assert form_of('full') is None
    with pytest.raises(ValueError, match="precision 'int4' is none of full, fp8, int8"):
        form_of('int4')


def test_a_policy_runs_by_the_precision_that_is_asked_for(tmp_path):
    folder = small_bundle.write(tmp_path / 'b')
    full, narrow = (Policy.load(folder, precision=name) for name in ('full', 'int8'))
    mosaic = full.tile({name: np.full((48, 64, 3), 90, np.uint8) for name in full.cameras})
    state = np.zeros(len(full.state_names))
    rows = [policy.infer_mosaic(mosaic, state, full.tasks[0]) for policy in (full, narrow)]
    assert 0 < np.abs(rows[1] - rows[0]).max() < 0.05 * np.abs(rows[0]).max()
    assert 'int8 precision' in narrow.how
    with pytest.raises(ValueError, match='takes precision full and kernels torch'):
        Policy.load(folder, precision='int8', jacobian='vjp')
