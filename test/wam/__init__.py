"""One torch thread: on a busy machine two of them wait for each other most of the time."""

import pytest

pytest.importorskip('torch', reason='the model needs torch').set_num_threads(1)
