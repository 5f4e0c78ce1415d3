"""A person's ride on torso and chassis: who may, how fast, how it ends."""

import numpy as np
import pytest

from fastwam_ros.loop.carriers import ALONE, FOLLOWS, RESTS, SILENT, TAIL, WAITS, Ride
from fastwam_ros.motion.authority import Mode
from fastwam_ros.robot.carriers import CHASSIS, TORSO

PERIOD = 5_000_000
SECOND = 10**9


class Told:
    """A ride in a person's hands, ticked; what it told by field, and when."""

    def __init__(self, carrier=CHASSIS) -> None:
        self.ride, self.now = Ride(carrier), 7 * SECOND
        self.told: list[tuple[int, dict[str, float]]] = []
        self.mode, self.keeps = Mode.TELEOP, ''

    def go(self, seconds: float, asks=None) -> None:
        """Tick on; asks: speeds that are said at every tick, None: nobody says anything."""
        for _ in range(round(seconds * SECOND / PERIOD)):
            self.now += PERIOD
            if asks is not None:
                assert self.ride.on_asked(self.now, asks) == ''
            said = self.ride.tick(self.now, self.mode, self.keeps)
            if said is not None:
                self.told.append((self.now, said))

    def along(self, field: str) -> np.ndarray:
        return np.array([said[field] for _, said in self.told])


@pytest.fixture
def riding():
    """The chassis at 0.2 m/s ahead."""
    told = Told()
    told.go(0.1, {})
    told.go(1.0, {'linear.x': 0.2})
    assert told.told[-1][1] == {'linear.x': 0.2, 'linear.y': 0.0, 'angular.z': 0.0}
    return told


@pytest.mark.parametrize('mode', [m for m in Mode if m is not Mode.TELEOP])
def test_only_who_holds_the_arms_drives(mode):
    told = Told()
    told.mode = mode
    told.go(0.1, {})
    told.go(0.5, {'linear.x': 0.2})
    assert not told.told and told.ride.why == RESTS


def test_a_stick_that_is_pushed_at_the_takeover_moves_nothing_until_it_was_in_its_middle():
    told = Told()
    told.go(0.5, {'linear.x': 0.2})
    assert not told.told and told.ride.why == WAITS
    told.go(0.02, {})
    told.go(0.1, {'linear.x': 0.2})
    assert told.along('linear.x').max() > 0.0 and told.ride.why == FOLLOWS


def test_speeds_above_the_limits_keep_their_direction():
    told = Told()
    told.go(0.1, {})
    told.go(2.0, {'linear.x': 3.0, 'linear.y': -1.5, 'angular.z': 0.0})
    last = told.told[-1][1]
    assert last == {
        'linear.x': pytest.approx(0.3),
        'linear.y': pytest.approx(-0.15),
        'angular.z': 0.0,
    }


@pytest.mark.parametrize('carrier', [TORSO, CHASSIS])
def test_accelerations_stay_within_the_limits_whatever_is_asked(carrier):
    told, rng = Told(carrier), np.random.default_rng(5)
    told.go(0.1, {})
    for _ in range(60):
        told.mode = Mode.TELEOP if rng.random() < 0.8 else Mode.STOPPING
        told.go(
            rng.uniform(0.01, 0.5),
            dict.fromkeys(carrier.fields, 0.0)
            if rng.random() < 0.3
            else {axis.field: rng.normal() * axis.speed for axis in carrier.axes},
        )
    told.go(2.0)
    times = np.array([now for now, _ in told.told])
    steady = np.diff(times) == PERIOD
    for axis in carrier.axes:
        speeds = told.along(axis.field)
        change = np.abs(np.diff(speeds))[steady] * SECOND / PERIOD
        assert np.abs(speeds).max() <= axis.speed * (1 + 1e-9)
        assert change.max() <= axis.acceleration * (1 + 1e-6)
        assert change.max() > 0.5 * axis.acceleration  # it was used
        assert speeds[-1] == 0.0


@pytest.mark.parametrize('ends', ['silence', 'release', 'remote', 'foreign'])
def test_it_brakes_and_ends_in_zeros_and_does_not_go_on_by_itself(riding, ends):
    begun = len(riding.told)
    asks = None if ends == 'silence' else {'linear.x': 0.2}
    riding.mode = Mode.STOPPING if ends == 'release' else Mode.TELEOP
    riding.keeps = 'the remote control has it' if ends == 'remote' else ''
    if ends == 'foreign':
        riding.ride.on_foreign(riding.now)
    riding.go(0.3 + 0.4 + 0.6, asks)
    speeds = riding.along('linear.x')[begun:]
    waits = round((SILENT if ends == 'silence' else 0) / PERIOD)
    assert speeds[waits + 2] < 0.2 and np.all(np.diff(speeds[waits:]) <= 0.0)
    assert list(speeds[-round(TAIL / PERIOD) :]) == [0.0] * round(TAIL / PERIOD)
    assert riding.ride.over
    riding.mode, riding.keeps = Mode.TELEOP, ''
    riding.now += ALONE
    count = len(riding.told)
    riding.go(0.5, {'linear.x': 0.2})
    assert len(riding.told) == count and riding.ride.why == WAITS
    riding.go(0.02, {})
    riding.go(0.2, {'linear.x': 0.2})
    assert len(riding.told) > count


def test_an_estop_is_zero_at_once_and_says_so_for_a_while(riding):
    begun = len(riding.told)
    riding.mode = Mode.ESTOP
    riding.go(1.0, {'linear.x': 0.2})
    assert list(riding.along('linear.x')[begun:]) == [0.0] * round(TAIL / PERIOD)


def test_somebody_else_is_named(riding):
    riding.ride.on_foreign(riding.now)
    riding.go(0.05, {'linear.x': 0.2})
    assert riding.ride.why == 'somebody else publishes on motion_target/target_speed_chassis'


@pytest.mark.parametrize(
    ('twist', 'words'),
    [
        ({'linear.x': float('nan')}, "speed of the chassis is not finite: {'linear.x': nan}"),
        (
            {'linear.z': 0.1},
            'the chassis has no linear.z: it moves along linear.x, linear.y, angular.z',
        ),
    ],
)
def test_what_it_cannot_do_is_refused_in_words_and_changes_nothing(riding, twist, words):
    assert riding.ride.on_asked(riding.now, twist) == words
    riding.go(0.1)
    assert riding.told[-1][1]['linear.x'] == 0.2
