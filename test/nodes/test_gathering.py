"""Callers in threads of their own: who is served with whom, and who gets which error."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from fastwam_ros.nodes.gathering import Gathering


class Doubling:
    """Doubles numbers; what it is given in one call, and whether two calls ever overlap."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.gate = threading.Event()
        self.gate.set()
        self._inside = threading.Lock()

    def __call__(self, numbers: list[int]) -> list[int]:
        assert self._inside.acquire(blocking=False), 'two calls at a time'
        try:
            self.calls.append(numbers)
            assert self.gate.wait(10.0)
            if 13 in numbers:
                raise ValueError('thirteen')
            return [2 * number for number in numbers]
        finally:
            self._inside.release()


def ask_all(gathering, numbers):
    with ThreadPoolExecutor(len(numbers)) as pool:
        return list(pool.map(gathering.ask, numbers))


def test_each_gets_its_own_result_and_nobody_is_asked_twice():
    call = Doubling()
    gathering = Gathering(call, most=3, window=0.01, callers=8)
    numbers = list(range(100, 140))
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(gathering.ask, numbers)) == [2 * number for number in numbers]
    assert sorted(number for numbers in call.calls for number in numbers) == numbers
    assert max(map(len, call.calls)) <= 3


def test_all_who_could_ask_are_one_call_before_the_window_ends():
    call = Doubling()
    begun = time.monotonic()
    assert ask_all(Gathering(call, most=4, window=60.0, callers=4), [1, 2, 3, 4]) == [2, 4, 6, 8]
    assert [sorted(numbers) for numbers in call.calls] == [[1, 2, 3, 4]]
    assert time.monotonic() - begun < 30.0


def test_a_lonely_one_waits_no_longer_than_the_window():
    call = Doubling()
    assert Gathering(call, most=4, window=0.02, callers=4).ask(7) == 14
    assert call.calls == [[7]]


def test_what_comes_while_it_works_is_the_next_call():
    call = Doubling()
    call.gate.clear()
    gathering = Gathering(call, most=8, window=0.0, callers=5)
    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(gathering.ask, 1)
        while not call.calls:
            time.sleep(0.001)
        rest = [pool.submit(gathering.ask, number) for number in (2, 3, 4, 5)]
        while len(gathering._waiting) < 4:
            time.sleep(0.001)
        call.gate.set()
        assert [first.result(), *(one.result() for one in rest)] == [2, 4, 6, 8, 10]
    assert call.calls[0] == [1] and sorted(call.calls[1]) == [2, 3, 4, 5]


def test_an_error_reaches_all_of_its_call_and_nobody_else():
    call = Doubling()
    gathering = Gathering(call, most=2, window=60.0, callers=2)

    def outcome(number):
        try:
            return gathering.ask(number)
        except ValueError as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(outcome, [1, 13])) == ['thirteen', 'thirteen']
        assert list(pool.map(outcome, [1, 2])) == [2, 4]


def test_nobody_hangs_when_the_call_is_no_error_of_theirs():
    def broken(_):
        raise KeyError('ours')

    with pytest.raises(KeyError):
        Gathering(broken, most=1, window=0.0, callers=1).ask(1)
