"""The training forward equals the recorded losses and velocities of the released code."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from fastwam_ros.wam.training import Batch, Noising, draw_times, loss_weight, losses
from fastwam_ros.wam.video import VideoCoder

from .parity import FOLDER, arrays, close, tiny_model
from .test_vision import SIZE, WEIGHTS

RECORDED = arrays('tiny_training')
SCHEDULES = np.load(FOLDER / 'schedulers.npz')
VARIANTS = ('fastwam', 'joint', 'idm')


@pytest.fixture(scope='module')
def model():
    return tiny_model(imagines=True)


@pytest.fixture(scope='module')
def batch(model) -> Batch:
    coder = VideoCoder(SIZE)
    coder.load(WEIGHTS, 'tiny_vae')
    state = model.state_row(RECORDED['sample_proprio'][:, 0])
    with torch.no_grad():
        latents = coder.encode(RECORDED['sample_video'])
    return Batch(
        latents,
        RECORDED['sample_action'],
        torch.cat((RECORDED['sample_context'], state), dim=1),
        RECORDED['sample_image_is_pad'],
        RECORDED['sample_action_is_pad'],
    )


@pytest.fixture
def noising() -> Noising:
    """The recorded draws; the condition video is noised in half of the samples."""
    noised = RECORDED['u_cond'] < 0.5
    times = torch.where(noised, RECORDED['t_video_cond'], 0.0)
    return Noising(
        RECORDED['t_video'],
        RECORDED['t_action'],
        RECORDED['noise_video'],
        RECORDED['noise_action'],
        (times, RECORDED['noise_video_cond']),
    )


@pytest.mark.parametrize('variant', VARIANTS)
def test_velocities_and_losses(model, batch, noising, variant):
    made = losses(model, variant, batch, noising)
    close(made.video_velocity, RECORDED[f'{variant}_pred_video'])
    close(made.action_velocity, RECORDED[f'{variant}_pred_action'])
    close(made.video, RECORDED[f'{variant}_loss_video'][0])
    close(made.action, RECORDED[f'{variant}_loss_action'][0])
    close(made.total(), RECORDED[f'{variant}_loss_total'][0])
    assert made.total(video=0.0) == made.action


def test_padding_is_in_the_recorded_batch_and_counts():
    """Else nothing above would show that padded steps are left out."""
    assert RECORDED['sample_action_is_pad'].any() and RECORDED['sample_image_is_pad'].any()


@pytest.mark.parametrize(('variant', 'reaches'), [('fastwam', False), ('joint', True)])
def test_whether_the_action_loss_trains_through_the_future(
    model, batch, noising, variant, reaches
):
    """In Fast-WAM no gradient of the action loss comes from a future frame."""
    noise = noising.video.clone().requires_grad_()
    made = losses(model, variant, batch, replace(noising, video=noise))
    (reached,) = torch.autograd.grad(made.action, noise, retain_graph=True)
    assert (reached.abs().sum() > 0) == reaches
    assert torch.autograd.grad(made.video, noise)[0][:, :, 1:].abs().sum() > 0


def test_the_weight_is_the_recorded_bell():
    ours = loss_weight(torch.from_numpy(SCHEDULES['weight_t']))
    np.testing.assert_allclose(ours, SCHEDULES['weight'], atol=1e-5)
    assert abs(loss_weight(torch.tensor(1000.0))) < 1e-6


def test_times_are_drawn_late():
    uniform = torch.from_numpy(SCHEDULES['train_u'])
    np.testing.assert_allclose(draw_times(uniform), SCHEDULES['train_timestep_of_u'], rtol=1e-5)


def test_idm_without_its_condition_is_refused(model, batch, noising):
    with pytest.raises(ValueError, match='IDM is trained with a condition video'):
        losses(model, 'idm', batch, replace(noising, condition=None))
