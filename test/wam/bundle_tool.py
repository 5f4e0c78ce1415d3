"""The bundle tool's command line, in this process."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from unittest.mock import patch

import pytest

from fastwam_ros.apps.bundle.__main__ import main


def tool(*words) -> tuple[int, str, str]:
    """Its exit status and what it said; a complaint begins with its name."""
    out, err = io.StringIO(), io.StringIO()
    called = patch.object(sys, 'argv', ['fastwam-bundle', *map(str, words)])
    with called, redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main()
    assert all(line.startswith('fastwam-bundle: ') for line in err.getvalue().splitlines())
    return ended.value.code, out.getvalue(), err.getvalue()
