"""The model equals the recorded run of the released classes, array by array."""

import numpy as np
import pytest
import torch

from fastwam_ros.wam.blocks import join
from fastwam_ros.wam.rotary import grid_rotary, sequence_rotary
from fastwam_ros.wam.schedule import Schedule, constant_noise

from .parity import CONFIG, arrays, close, tiny_model

RUN = arrays('tiny_infer_fastwam_fp32')
INPUTS = arrays('tiny_inputs')
HEADS, HEAD_DIM = CONFIG['video']['num_heads'], CONFIG['video']['attn_head_dim']


class Recomputed:
    """One run, every intermediate kept."""

    def __init__(self) -> None:
        model = self.model = tiny_model()
        self.context = torch.cat((INPUTS['context'], model.state_row(INPUTS['proprio'])), dim=1)
        self.video_rotary = grid_rotary(1, 2, 3, HEAD_DIM)
        self.action_rotary = sequence_rotary(32, HEAD_DIM)
        self.schedule = Schedule.shifted(10, rounded=False)
        still = torch.zeros(())
        self.seen = model.prefill(
            RUN['first_frame_latents'],
            model.video.modulations(still),
            self.video_rotary,
            model.video.read(self.context),
        )
        self.text = model.action.read(self.context)
        self.predictions, self.latents = self._denoise(constant_noise(32, 7))

    def _denoise(self, actions):
        predictions, latents = [], []
        for timestep, delta in zip(self.schedule.timesteps, self.schedule.deltas, strict=True):
            mods = self.model.action.modulations(timestep)
            predictions.append(self.predict(actions, mods))
            actions = actions + delta * predictions[-1]
            latents.append(actions)
        return torch.stack(predictions), torch.stack(latents)

    def predict(self, actions, modulations):
        return self.model.velocity(actions, modulations, self.action_rotary, self.seen, self.text)


@pytest.fixture(scope='module')
def run() -> Recomputed:
    return Recomputed()


def test_noise_is_the_recorded_one():
    assert torch.equal(constant_noise(32, 7), INPUTS['noise_action_seed42'])


def test_schedule(run):
    close(run.schedule.timesteps, RUN['action_timesteps'])
    close(run.schedule.deltas, RUN['action_deltas'])
    close(run.schedule.deltas, RUN['action_delta'])


def test_rotary_tables():
    tables = {
        'action': sequence_rotary(32, HEAD_DIM, torch.complex128),
        'prefill_video': grid_rotary(1, 2, 3, HEAD_DIM, torch.complex128),
    }
    for name, turns in tables.items():
        np.testing.assert_allclose(turns.real[:, None], RUN[f'{name}_freqs_re'], atol=1e-12)
        np.testing.assert_allclose(turns.imag[:, None], RUN[f'{name}_freqs_im'], atol=1e-12)


def test_video_inputs(run):
    model = run.model
    close(model.video_tokens(RUN['first_frame_latents']), RUN['prefill_video_tokens'])
    close(model.video.text(run.context), RUN['prefill_context'])
    modulation = model.video.time_modulation(torch.zeros(1, 6)).squeeze(-2)  # a time per token
    close(modulation, RUN['prefill_video_t_mod'])


def test_action_inputs(run):
    model = run.model
    close(model.action_in(INPUTS['noise_action_seed42']), RUN['action_pre_tokens_step0'])
    close(model.action.text(run.context), RUN['action_context_emb'])
    modulation = model.action.time_modulation(run.schedule.timesteps[:1]).squeeze(-2)
    close(modulation, RUN['action_t_mod_step0'])


def test_prefill_keys_and_values(run):
    for name, index in (('prefill_k', 0), ('prefill_v', 1)):
        ours = torch.stack([pair[index].transpose(1, 2).flatten(2) for pair in run.seen])
        close(ours, RUN[name])


def test_every_step(run):
    close(run.predictions, RUN['action_pred'])
    close(run.latents, RUN['action_latents'])
    close(run.latents[-1][0], RUN['action'])


def test_text_read_in_two_parts_is_text_read_at_once(run):
    prompt = run.model.action.read(INPUTS['context'])
    state = run.model.action.read(run.model.state_row(INPUTS['proprio']))
    for whole, first, second in zip(run.text, prompt, state, strict=True):
        for ours, recorded in zip(join(first, second), whole, strict=True):
            close(ours, recorded)


def test_who_sees_whom(run):
    """The recorded masks, from gradients: what reaches what through one layer's attention."""
    model, video, total = run.model, 6, 38
    reach = torch.zeros(total, total, dtype=torch.bool)
    reach[:video, :video] = _reach(model.video.blocks[0], *_offer(run, 'video'))
    reach[video:] = _reach(model.action.blocks[0], *_offer(run, 'action'))
    assert torch.equal(reach, RUN['mot_mask'])
    assert torch.equal(reach[:video, :video], RUN['prefill_video_mask'])


def _offer(run, expert):
    model, noise = run.model, INPUTS['noise_action_seed42']
    if expert == 'video':
        mods = model.video.modulations(torch.zeros(()))[0]
        tokens = model.video_tokens(RUN['first_frame_latents'])
        return model.video.blocks[0].offer(tokens, mods, run.video_rotary)
    mods = model.action.modulations(torch.tensor(1000.0))[0]
    query, own = model.action.blocks[0].offer(model.action_in(noise), mods, run.action_rotary)
    return query, join(run.seen[0], own)


def _reach(block, query, seen):
    key, value = seen[0], seen[1].clone().requires_grad_()
    gathered = block.self_attention.gather(query, (key, value))[0].sum(-1)
    rows = [torch.autograd.grad(row, value, retain_graph=True)[0] for row in gathered]
    return torch.stack([row[0].abs().amax((0, 2)) > 0 for row in rows])


def test_the_picture_never_sees_the_actions(run):
    actions = INPUTS['noise_action_seed42'].clone().requires_grad_()
    run.predict(actions, run.model.action.modulations(torch.tensor(500.0))).sum().backward()
    assert actions.grad is not None and actions.grad.abs().sum() > 0
    assert not any(tensor.requires_grad for pair in run.seen for tensor in pair)


def test_a_batch_equals_one_by_one(run):
    """A time per sample, one picture for all."""
    noise = torch.randn(3, 32, 7, generator=torch.Generator().manual_seed(1))
    times = torch.tensor([1000.0, 500.0, 30.0])
    text = [tuple(x.expand(3, -1, -1, -1) for x in pair) for pair in run.text]
    together = run.model.velocity(
        noise, run.model.action.modulations(times), run.action_rotary, run.seen, text
    )
    for index, time in enumerate(times):
        alone = run.predict(noise[index : index + 1], run.model.action.modulations(time))
        close(together[index : index + 1], alone)
