"""A wire that is broken for a while: what arrives, when, and that nothing else is touched."""

import pytest

from fastwam_ros.sim.wire import KINDS, Break, Wire

RATE = 0.1  # [s] between messages


def passed(kind: str, amount: float, seed: int = 3, count: int = 60) -> list[tuple[float, int]]:
    """When messages 0, 1, ... arrive through a wire that is broken from 1 s to 4 s."""
    wire, found = Wire(broken=-1), []
    for number in range(count):
        now = number * RATE
        if number == 10:
            wire.break_down(now, Break(kind, 3.0, amount, seed))
        wire.send(now, number)
        found += [(now, message) for message in wire.arrived(now)]
        found += [(now + RATE / 2, message) for message in wire.arrived(now + RATE / 2)]
    return found


def numbers(found: list[tuple[float, int]]) -> list[int]:
    return [number for _, number in found]


def test_a_sound_wire_passes_everything_on_at_once():
    wire = Wire()
    wire.send(1.0, 'a')
    assert list(wire.arrived(1.0)) == ['a']
    assert list(wire.arrived(2.0)) == []


def test_all_messages_are_lost_while_it_is_broken_and_none_before_or_after():
    assert numbers(passed('lose', 1.0)) == [*range(10), *range(40, 60)]


def test_a_share_of_them_is_lost_and_the_seed_says_which():
    found = numbers(passed('lose', 0.5))
    assert 20 + 5 < len(found) < 20 + 35
    assert found == numbers(passed('lose', 0.5)) != numbers(passed('lose', 0.5, seed=4))


def test_doubled_ones_come_twice_and_at_once():
    assert numbers(passed('double', 1.0))[8:14] == [8, 9, 10, 10, 11, 11]


def test_late_ones_keep_their_order_and_are_overtaken_by_what_follows_the_break():
    found = passed('delay', 0.25)
    assert (pytest.approx(1.25), 10) in [(at, n) for at, n in found if n == 10]
    late = [n for _, n in found if 10 <= n < 40]
    assert late == sorted(late) and len(late) == 30
    assert numbers(found).index(40) < numbers(found).index(39)


def test_swapped_ones_come_after_the_next_and_none_is_lost():
    found = numbers(passed('swap', 1.0))
    assert found[10:14] == [11, 10, 13, 12]
    assert sorted(found) == list(range(60))


def test_one_that_waits_for_the_next_comes_when_the_break_is_over():
    wire = Wire()
    wire.break_down(0.0, Break('swap', 1.0, 1.0))
    wire.send(0.5, 'last')
    assert list(wire.arrived(0.9)) == []
    assert list(wire.arrived(1.0)) == ['last']


def test_spoilt_ones_are_replaced():
    assert numbers(passed('spoil', 1.0)) == [*range(10), *[-1] * 30, *range(40, 60)]


def test_it_counts_what_it_hit():
    wire = Wire()
    wire.break_down(0.0, Break('lose', 1.0, 1.0))
    for _ in range(3):
        wire.send(0.5, 'x')
    assert wire.hit == 3
    wire.send(1.5, 'x')
    assert wire.hit == 3


def test_what_it_cannot_do_is_named():
    with pytest.raises(
        ValueError, match=f"no fault 'lsoe' of a wire: there are {', '.join(KINDS)}"
    ):
        Break('lsoe', 1.0, 1.0)
    with pytest.raises(ValueError, match='broken for'):
        Break('lose', 0.0, 1.0)
