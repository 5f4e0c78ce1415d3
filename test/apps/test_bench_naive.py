"""What the engine is compared with computes the same numbers."""

import pytest
import torch

from fastwam_ros.apps.bench.naive import Naive
from fastwam_ros.wam.schedule import Schedule, constant_future, constant_noise

from ..wam.parity import arrays, close, tiny_model

INPUTS = arrays('tiny_inputs')


@pytest.mark.parametrize('variant', ['fastwam', 'joint', 'idm'])
def test_it_equals_the_recorded_run(variant):
    model, run = tiny_model(imagines=True), arrays(f'tiny_infer_{variant}_fp32')
    naive = Naive(model, Schedule.shifted(10, rounded=False))
    context = torch.cat((INPUTS['context'], model.state_row(INPUTS['proprio'])), dim=1)
    made = getattr(naive, variant)(
        run['first_frame_latents'],
        context,
        constant_noise(32, 7),
        constant_future(3, 48, (4, 6)),
    )
    close(made[0], run['action'])
