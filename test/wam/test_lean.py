"""The packed network: what it packs, what it leaves out, and that neither changes a number.

That it equals the recorded runs step by step is in test_variants.
"""

import math

import pytest
import torch

from fastwam_ros.apps.bench.operators import Operators
from fastwam_ros.wam.checkpoint import load_into, released_names
from fastwam_ros.wam.lean import Lean, _logarithms
from fastwam_ros.wam.model import FastWAM
from fastwam_ros.wam.plain import Plain
from fastwam_ros.wam.sampling import SAMPLINGS, Given, Tables, first_frame
from fastwam_ros.wam.schedule import Schedule, constant_noise

from .networks import INPUTS, LATENT, ROWS, TOKENS, given_of, network_of
from .parity import close, tiny_model, tiny_size, tiny_weights


@pytest.fixture(scope='module')
def model():
    return tiny_model(imagines=True)


@pytest.fixture(scope='module')
def tables(model):
    return Tables.of(model, Schedule.shifted(10), LATENT, ROWS)


def bytes_of(tensors) -> int:
    return sum(
        {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in tensors}.values()
    )


def test_packing_takes_no_memory_of_its_own():
    model = tiny_model(imagines=True)
    before = bytes_of(model.parameters())
    lean = Lean(model)
    packed = [
        lean._action._words.weight,
        lean._video._layers[0].maps['into'].weight,
        lean._video._norms,
    ]
    assert bytes_of([*model.parameters(), *packed]) == before
    saved, weights = released_names(model), tiny_weights()
    assert all(torch.equal(saved[key], weights[key]) for key in weights)


def test_weights_that_come_later_are_the_packed_ones():
    """On the meta device, as a policy loads: one allocation per tensor or pack, none twice."""
    with torch.device('meta'):
        model = FastWAM(tiny_size(), imagines=True)
    lean = Lean(model, 'cpu')
    load_into(model, tiny_weights(), 'tiny')
    query, into = (
        model.action.layers[1].self_attention.query.weight,
        lean._action._layers[1].maps['into'],
    )
    assert torch.equal(into.weight[: len(query)], query)
    assert query.untyped_storage()._cdata == into.weight.untyped_storage()._cdata
    assert bytes_of(model.parameters()) == bytes_of(tiny_model(imagines=True).parameters())


@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16, torch.float16])
def test_two_columns_count_for_the_padding_in_any_precision(dtype):
    for padding in range(129):
        both = _logarithms(padding, dtype).to(dtype).double().exp()
        assert abs(both.sum().item() - padding) <= 2e-4 * padding, padding


@pytest.mark.parametrize('kept', [1, 3, 7])
@pytest.mark.parametrize('padding', [0, 1, 5, 120])
def test_padding_counts_as_if_it_were_read(model, tables, kept, padding):
    rows = torch.randn(kept, 56, generator=torch.Generator().manual_seed(kept))
    chunks = []
    for kind in (Plain, Lean):
        network = kind(model)
        network.reserve(1, 1, TOKENS + ROWS)
        network.place([network.learn(rows, kept + padding)])
        chunks.append(first_frame(network, tables, given_of(network, rows, False)).actions)
    close(chunks[0], chunks[1])


def test_padding_matters_at_all(model, tables):
    """The same words padded less are another context: what the columns stand for is seen."""
    rows, chunks = INPUTS['context'][0, :7], []
    for length in (7, 128):
        network = Lean(model)
        network.reserve(1, 1, TOKENS + ROWS)
        network.place([network.learn(rows, length)])
        chunks.append(first_frame(network, tables, given_of(network, rows, False)).actions)
    assert (chunks[0] - chunks[1]).abs().max() > 1e-3


def observations(count: int):
    """Latents, states and instructions of other lengths."""
    generator = torch.Generator().manual_seed(5)
    lengths = [1 + 4 * n for n in range(count)]
    return (
        torch.randn(count, 48, 1, *LATENT, generator=generator),
        torch.randn(count, 8, generator=generator),
        [torch.randn(n, 56, generator=generator) for n in lengths],
    )


@pytest.mark.parametrize('name', ['first_frame', 'joint', 'idm'])
@pytest.mark.parametrize('kind', [Plain, Lean])
def test_a_batch_is_what_each_of_it_is_alone(model, tables, kind, name):
    """Three observations of two samples each; the instructions' lengths differ."""
    sampling = {**SAMPLINGS['optional_idm'], **SAMPLINGS['joint']}[name]
    latents, states, rows = observations(3)
    noise = torch.cat([constant_noise(ROWS, 7, seed) for seed in (7, 8)])
    future = torch.randn(1, 48, 2, *LATENT, generator=torch.Generator().manual_seed(1))
    network = kind(model)
    network.reserve(4, 2, 3 * TOKENS + ROWS)  # with room to spare
    prompts = [network.learn(one, 20) for one in rows]
    network.place(prompts)
    together = sampling(
        network, tables, Given(latents, *network.texts(states), noise.repeat(3, 1, 1), future)
    )
    for index in (2, 0, 1):
        network.place([prompts[index]])
        one = slice(index, index + 1)
        text = network.texts(states[one])
        alone = sampling(network, tables, Given(latents[one], *text, noise, future))
        close(together.actions[2 * index : 2 * index + 2], alone.actions)
        if alone.video is not None:
            close(together.video[one], alone.video)
    assert (together.actions[0] - together.actions[2]).abs().max() > 1e-2


def test_nothing_is_left_of_the_observation_before(model, tables):
    """A longer instruction, a larger batch and another picture leave no trace in the memory."""
    latents, states, rows = observations(3)

    def alone(network):
        network.place([network.learn(rows[0], 20)])
        text = network.texts(states[:1])
        given = Given(latents[:1], *text, constant_noise(ROWS, 7))
        return first_frame(network, tables, given).actions

    fresh, used = Lean(model), Lean(model)
    for network in (fresh, used):
        network.reserve(3, 1, TOKENS + ROWS)
    used.place([used.learn(one, 20) for one in reversed(rows)])
    given = Given(latents, *used.texts(states), constant_noise(ROWS, 7).repeat(3, 1, 1))
    first_frame(used, tables, given)
    assert torch.equal(alone(used), alone(fresh))


def test_what_was_not_placed_is_not_read(model):
    lean = Lean(model)
    lean.reserve(1, 1, TOKENS + ROWS)
    with pytest.raises(ValueError, match='no instruction is placed'):
        lean.texts(INPUTS['proprio'])


@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
def test_it_issues_far_fewer_operators(dtype):
    """Per layer and step; the released classes issue 74 that are no views."""
    counts, model = {}, tiny_model(imagines=True).to(dtype)
    tables = Tables.of(model, Schedule.shifted(10), LATENT, ROWS)
    for kind in ('plain', 'lean'):
        network = network_of(kind, model)
        given, step = given_of(network, model.action_in.weight), tables.action_modulations[0]
        with torch.no_grad(), Operators() as counted:
            seen = network.prefill(
                given.latent, tables.video_modulations, tables.video_rotary, given.video_text
            )
        assert not counted.waits
        with torch.no_grad(), Operators() as counted:
            network.velocity(given.actions, step, tables.action_rotary, seen, given.action_text)
        counts[kind] = counted.count / model.size.layers
    assert counts['lean'] < 0.7 * counts['plain']
    assert counts['lean'] < 40


def test_a_prompt_s_bias_counts_real_rows_once(model):
    prompt = Lean(model).learn(INPUTS['context'][0, :7], 12)
    assert prompt.bias.shape == (9,) and not prompt.bias[:7].any()
    assert math.isclose(prompt.bias[7:].exp().sum().item(), 5.0, rel_tol=1e-6)


def test_a_placing_that_fails_is_done_again(model, tables):
    """Memory may run out half way: what is there then is not taken for what was asked."""
    rows = observations(2)[2]
    fresh, failed = Lean(model), Lean(model)
    for network in (fresh, failed):
        network.reserve(1, 1, TOKENS + ROWS)
        network.place([network.learn(rows[0], 20)])
    prompts, room = [failed.learn(rows[1], 20)], failed._words
    failed._words = (room[0], None)  # the action expert's copy cannot be made
    with pytest.raises(AttributeError):
        failed.place(prompts)
    failed._words = room
    failed.place(prompts)
    fresh.place([fresh.learn(rows[1], 20)])
    given = (given_of(network, rows[0], False) for network in (failed, fresh))
    chunks = [
        first_frame(n, tables, one).actions for n, one in zip((failed, fresh), given, strict=True)
    ]
    assert torch.equal(*chunks)
