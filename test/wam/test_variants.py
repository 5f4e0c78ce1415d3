"""Joint, IDM and both ways of Optional-IDM equal the recorded runs; who can reach whom."""

from dataclasses import replace

import pytest
import torch

from fastwam_ros.wam.sampling import SAMPLINGS, Given, Tables, first_frame, idm, joint
from fastwam_ros.wam.schedule import Schedule, constant_future, constant_noise

from .parity import arrays, close, tiny_model

INPUTS = arrays('tiny_inputs')
LATENT = (4, 6)


class Watched:
    """The model, with what its parts gave at every call."""

    def __init__(self, model) -> None:
        self.model, self.motions, self.velocities, self.futures = model, [], [], []
        self._imagine, self._velocity = model.imagine, model.velocity
        self._prefill, self.seen = model.prefill, None
        model.imagine, model.velocity = self._on_imagine, self._on_velocity

    def _on_imagine(self, future, *rest):
        motion, seen = self._imagine(future, *rest)
        self.futures.append(future)
        self.motions.append(motion)
        return motion, seen

    def _on_velocity(self, actions, modulations, rotary, seen, text):
        self.seen = seen
        velocity = self._velocity(actions, modulations, rotary, seen, text)
        self.velocities.append(velocity)
        return velocity


def given_of(model, future=True) -> Given:
    context = torch.cat((INPUTS['context'], model.state_row(INPUTS['proprio'])), dim=1)
    return Given(
        arrays('tiny_infer_joint_fp32')['first_frame_latents'],
        model.video.read(context),
        model.action.read(context),
        constant_noise(32, 7),
        constant_future(3, 48, LATENT) if future else None,
    )


@pytest.fixture(scope='module')
def model():
    return tiny_model(imagines=True)


@pytest.fixture(scope='module')
def tables(model):
    return Tables.of(model, Schedule.shifted(10, rounded=False), LATENT, 32)


def test_the_future_s_noise_is_the_recorded_one():
    assert torch.equal(constant_future(3, 48, LATENT), INPUTS['noise_video_seed42'][:, :, 1:])


@pytest.mark.parametrize(('name', 'sampling'), [('joint', joint), ('idm', idm)])
def test_every_step_of_the_recorded_run(tables, name, sampling):
    """Velocities and latents of video and actions, and what they end as."""
    run, watched = arrays(f'tiny_infer_{name}_fp32'), Watched(tiny_model(imagines=True))
    sample = sampling(watched.model, tables, given_of(watched.model))
    close(tables.deltas, run['video_deltas'])
    close(torch.stack(watched.motions), run['video_pred'][:, :, :, 1:])
    after = torch.stack([*watched.futures[1:], sample.video[:, :, 1:]])
    close(after, run['video_latents'][:, :, :, 1:])
    close(torch.stack(watched.velocities), run['action_pred'])
    close(sample.actions[0], run['action'])
    close(sample.video[:, :, :1], run['first_frame_latents'])
    if name == 'idm':
        close(sample.video, run['final_video_latents'])
        for kind, index in (('k', 0), ('v', 1)):
            ours = torch.stack([pair[index].transpose(1, 2).flatten(2) for pair in watched.seen])
            close(ours, run[f'prefill_{kind}'])


def test_the_first_frame_mode_is_plain_fast_wam(model, tables):
    assert SAMPLINGS['optional_idm'] == {'idm': idm, 'first_frame': first_frame}
    sample = first_frame(model, tables, given_of(model))
    close(sample.actions[0], arrays('tiny_infer_fastwam_fp32')['action'])
    assert sample.video is None


def test_a_model_without_a_head_imagines_nothing():
    model = tiny_model()
    plain = Tables.of(model, Schedule.shifted(10), LATENT, 32)
    assert plain.future is None and not hasattr(model, 'video_out')
    with pytest.raises(ValueError, match='no video head'):
        joint(model, plain, given_of(model))


@pytest.mark.parametrize(
    ('sampling', 'reaches'), [(first_frame, False), (joint, True), (idm, True)]
)
def test_whether_the_imagined_future_reaches_the_actions(model, tables, sampling, reaches):
    """By gradient, and by changing it."""
    given = given_of(model)
    noise = given.future.clone().requires_grad_()
    actions = sampling(model, tables, replace(given, future=noise)).actions
    assert actions.requires_grad is reaches
    if reaches:
        actions.sum().backward()
        assert noise.grad.abs().sum() > 0
    moved = sampling(model, tables, replace(given, future=given.future + 1)).actions
    assert (moved - actions).abs().max().item() > 1e-3 if reaches else torch.equal(moved, actions)


def test_actions_never_reach_the_video(model, tables):
    given = given_of(model)
    noise = given.actions.clone().requires_grad_()
    for sampling in (joint, idm):
        sample = sampling(model, tables, replace(given, actions=noise))
        assert sample.actions.requires_grad and not sample.video.requires_grad


@pytest.mark.parametrize('sampling', [first_frame, joint, idm])
def test_bf16_is_near_fp32_with_the_schedule_that_it_is_trained_with(sampling):
    """Within what bf16 costs: a schedule that is not rounded shows as a mean of 0.046."""
    exact, coarse = tiny_model(imagines=True), tiny_model(imagines=True).bfloat16()
    rounded, made = Schedule.shifted(10), []
    for model in (exact, coarse):
        like = model.action_in.weight
        context = torch.cat(
            (INPUTS['context'].to(like), model.state_row(INPUTS['proprio'].to(like))), dim=1
        )
        latent = arrays('tiny_infer_joint_fp32')['first_frame_latents'].to(like)
        given = Given(
            latent,
            model.video.read(context),
            model.action.read(context),
            constant_noise(32, 7).to(like),
            constant_future(3, 48, LATENT).to(like),
        )
        sample = sampling(model, Tables.of(model, rounded, LATENT, 32), given)
        assert sample.actions.dtype == like.dtype
        made.append(sample.actions.float())
    apart = (made[0] - made[1]).abs()
    assert apart.max() < 0.06 and apart.mean() < 0.012
