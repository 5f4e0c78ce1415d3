"""Policy and executor on two hosts, for two rows of docs/two_hosts.md."""

import pytest

from fastwam_ros.apps.two_hosts.__main__ import trials
from fastwam_ros.apps.two_hosts.cases import CASES, named
from fastwam_ros.apps.two_hosts.network import why_not

pytestmark = [
    pytest.mark.torch,
    pytest.mark.alone,
    pytest.mark.skipif(bool(why_not()), reason=f'no hosts here: {why_not()}'),
]


@pytest.fixture(scope='module')
def rows(tmp_path_factory):
    cases = [*named('link down 5 s'), *named('2 s ahead')]
    return trials(cases, tmp_path_factory.mktemp('hosts'), 92)


def test_a_cable_that_is_pulled_stops_the_arms_until_somebody_asks(rows):
    trial, seen = rows[0]
    assert trial.frames > 100
    assert seen is not None and seen.modes[-1] == 'HOLD' and seen.person
    assert 'late' in seen.figures.reason
    assert seen.figures.moved < 0.01
    assert list(seen.beyond()) == []


def test_a_clock_that_is_off_by_two_seconds_changes_nothing(rows):
    _, seen = rows[1]
    assert seen is not None and seen.accepted > 3 and not seen.refused
    assert list(seen.beyond()) == []


def test_a_case_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(ValueError, match='link down 50 ms'):
        named('flood')
    assert len({case.name for case in CASES}) == len(CASES)
