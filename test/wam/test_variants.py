"""Joint, IDM and both ways of Optional-IDM equal the recorded runs; who can reach whom."""

from dataclasses import replace

import pytest
import torch

from fastwam_ros.wam.sampling import SAMPLINGS, Tables, first_frame, idm, joint
from fastwam_ros.wam.schedule import Schedule, constant_future

from .networks import INPUTS, KINDS, LATENT, given_of, kept, network_of
from .parity import arrays, close, tiny_model


class Watched:
    """A network, with what its parts gave at every call."""

    def __init__(self, network) -> None:
        self.own, self.motions, self.velocities, self.futures = network, [], [], []
        self.prefill, self.seen = network.prefill, None

    def imagine(self, future, *rest):
        motion, seen = self.own.imagine(future, *rest)
        self.futures.append(future)
        self.motions.append(motion)
        return motion, seen

    def velocity(self, actions, modulations, rotary, seen, text):
        velocity = self.own.velocity(actions, modulations, rotary, seen, text)
        self.seen = kept(self.own, seen).clone()
        self.velocities.append(velocity)
        return velocity


@pytest.fixture(scope='module')
def model():
    return tiny_model(imagines=True)


@pytest.fixture(scope='module', params=KINDS)
def network(request):
    return network_of(request.param, tiny_model(imagines=True))


@pytest.fixture(scope='module')
def plain(model):
    return network_of('plain', model)


@pytest.fixture(scope='module')
def tables(model):
    return Tables.of(model, Schedule.shifted(10, rounded=False), LATENT, 32)


def given(network):
    return given_of(network, torch.zeros(()))


def test_the_future_s_noise_is_the_recorded_one():
    assert torch.equal(constant_future(3, 48, LATENT), INPUTS['noise_video_seed42'][:, :, 1:])


@pytest.mark.parametrize(('name', 'sampling'), [('joint', joint), ('idm', idm)])
def test_every_step_of_the_recorded_run(network, tables, name, sampling):
    """Velocities and latents of video and actions, what is kept of it, and what they end as."""
    run, watched = arrays(f'tiny_infer_{name}_fp32'), Watched(network)
    sample = sampling(watched, tables, given(network))
    close(tables.deltas, run['video_deltas'])
    close(torch.stack(watched.motions), run['video_pred'][:, :, :, 1:])
    after = torch.stack([*watched.futures[1:], sample.video[:, :, 1:]])
    close(after, run['video_latents'][:, :, :, 1:])
    close(torch.stack(watched.velocities), run['action_pred'])
    close(sample.actions[0], run['action'])
    close(sample.video[:, :, :1], run['first_frame_latents'])
    if name == 'idm':
        close(sample.video, run['final_video_latents'])
        close(watched.seen[0], run['prefill_k'])
        close(watched.seen[1], run['prefill_v'])


def test_the_first_frame_mode_is_plain_fast_wam(network, tables):
    assert SAMPLINGS['optional_idm'] == {'idm': idm, 'first_frame': first_frame}
    run, watched = arrays('tiny_infer_fastwam_fp32'), Watched(network)
    sample = first_frame(watched, tables, given(network))
    close(torch.stack(watched.velocities), run['action_pred'])
    close(sample.actions[0], run['action'])
    close(watched.seen[0], run['prefill_k'])
    close(watched.seen[1], run['prefill_v'])
    assert sample.video is None


def test_what_the_last_steps_took_the_chunk_for(network, tables):
    """The last guess is a step of the exact schedule away from the chunk: nothing."""
    sample = first_frame(network, tables, given(network))
    run = arrays('tiny_infer_fastwam_fp32')
    assert sample.late.shape == (3, 1, 32, 7)
    close(sample.late[-1], sample.actions)
    before = run['action_latents'][6] - tables.sigmas[7] * run['action_pred'][7]
    close(sample.late[0], before)
    wavering = sample.late.double().std(0, unbiased=False).square().mean().sqrt()
    close(sample.wavering(), wavering[None])


def test_a_model_without_a_head_imagines_nothing():
    model = tiny_model()
    network = network_of('plain', model)
    none = Tables.of(model, Schedule.shifted(10), LATENT, 32)
    assert none.future is None and not hasattr(model, 'video_out')
    with pytest.raises(ValueError, match='no video head'):
        joint(network, none, given(network))


@pytest.mark.parametrize(
    ('sampling', 'reaches'), [(first_frame, False), (joint, True), (idm, True)]
)
def test_whether_the_imagined_future_reaches_the_actions(plain, tables, sampling, reaches):
    """By gradient, and by changing it."""
    start = given(plain)
    noise = start.future.clone().requires_grad_()
    actions = sampling(plain, tables, replace(start, future=noise)).actions
    assert actions.requires_grad is reaches
    if reaches:
        actions.sum().backward()
        assert noise.grad.abs().sum() > 0
    moved = sampling(plain, tables, replace(start, future=start.future + 1)).actions
    assert (moved - actions).abs().max().item() > 1e-3 if reaches else torch.equal(moved, actions)


def test_actions_never_reach_the_video(plain, tables):
    start = given(plain)
    noise = start.actions.clone().requires_grad_()
    for sampling in (joint, idm):
        sample = sampling(plain, tables, replace(start, actions=noise))
        assert sample.actions.requires_grad and not sample.video.requires_grad


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('sampling', [first_frame, joint, idm])
def test_bf16_is_near_fp32_with_the_schedule_that_it_is_trained_with(kind, sampling):
    """Within what bf16 costs: a schedule that is not rounded shows as a mean of 0.046."""
    exact, coarse = tiny_model(imagines=True), tiny_model(imagines=True).bfloat16()
    rounded, made = Schedule.shifted(10), []
    for model in (exact, coarse):
        network, like = network_of(kind, model), model.action_in.weight
        sample = sampling(network, Tables.of(model, rounded, LATENT, 32), given_of(network, like))
        assert sample.actions.dtype == like.dtype
        made.append(sample.actions.float())
    apart = (made[0] - made[1]).abs()
    assert apart.max() < 0.06 and apart.mean() < 0.012
