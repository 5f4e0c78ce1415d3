"""One torch thread: on a busy machine two of them wait for each other most of the time."""

import torch

torch.set_num_threads(1)
