"""Whose turn it is: what an executor waits for, in rounds.

Knows entities by what they say: a DDS reader or a time to wait for, a callback group. Refuses to
know threads: who is given a turn runs where the executor says.
"""

import threading
import time

from rosless.refusal import Partial
from rosless.waits import Wait


class ExternalShutdownException(Exception):
    """The context was shut down from elsewhere while an executor waited."""


class Turns(Partial):
    """The part of an executor that waits, and keeps the order of turns."""

    def _start_turns(self):
        self._wait = Wait(self._context._graph.participant)
        self._nodes = []
        self._state = None  # of which nodes, at which version, the wait set is made
        self._stale = True  # that may be out of date
        self._entities, self._timed, self._places = [], [], {}  # in the order of their turns
        self._round = []  # those of them that had no turn yet, the next one last
        self._blocked, self._put_off = [], []  # ready, and their callback group is not
        self._contended = False  # groups are free again that several wait for
        self._tasks, self._tasks_lock = [], threading.Lock()
        self._steps = None  # tasks that had no turn in this round; None: nobody looked
        self._graph = self._context._graph
        self._graph.watch(self._wait)

    def _run_next(self):
        """Gives the next one its turn. False: nobody is left in this round."""
        while self._round:
            if self._run(self._round.pop()):
                return True
        return bool(self._tasks) and self._step_next()

    def _run(self, entity):
        """Runs an entity's callback. False: there was nothing to do."""
        raise NotImplementedError

    def _step_next(self):
        """Goes on with a task, the newest first, as in Humble; each once a round."""
        if self._steps is None:
            self._steps = self._tasks[:]
        while self._steps:
            task = self._steps.pop()
            if not task.done() and not task.executing():
                self._give(task)
                return True
        with self._tasks_lock:
            self._tasks = [task for task in self._tasks if not task.done()]
        return False

    def _give(self, task):
        """Goes on with a task, here or in another thread."""
        task()
        if task.exception() is not None:
            raise task.exception()

    def _next_round(self, end):
        """Waits until `end` (None: for ever) for something; False: there was nothing."""
        self._asleep = True
        try:
            self._refresh()
            self._put_aside()
            ready = self._wait.wait(self._patience(end))
        finally:
            self._asleep = False
        if not self._is_shutdown and not self._context.ok():
            raise ExternalShutdownException
        self._refresh()
        self._steps = None
        self._round = self._turns(ready or ())
        return bool(self._round or ready is not None or end is None) or time.monotonic_ns() < end

    def _turns(self, ready):
        """The entities that have work, the first one last."""
        places = [self._places[reader] for reader in ready if reader in self._places]
        if len(places) < len(ready):
            self._graph.drain()
        if self._timed:
            places += [place for place, entity in self._timed if entity._ready()]
        places.sort(reverse=True)
        turns = [self._entities[place] for place in places]
        if self._contended:
            turns.sort(key=lambda entity: -entity._turn)  # who has waited longest
            self._contended = False
        return turns

    def _patience(self, end):
        """How long to wait [ns], None for ever: until `end` or a timer's call."""
        if self._woken:
            self._woken = False
            return 0
        left = None if end is None else max(0, end - time.monotonic_ns())
        for _, entity in self._timed:
            wait = entity._remaining()
            if wait is not None and (left is None or wait < left) and self.can_execute(entity):
                left = wait
        return left

    def _put_aside(self):
        """A reader whose group is busy would end every wait: it comes back when that is free."""
        if not (self._put_off or self._blocked):
            return
        for entity in self._put_off[:]:
            if self.can_execute(entity):
                self._put_off.remove(entity)
                self._contended = True
                self._wait.attach(entity._reader)
        for entity in self._blocked:
            if entity._reader is not None and not self.can_execute(entity):
                self._wait.detach(entity._reader)
                self._put_off.append(entity)
        self._blocked = []

    def _refresh(self):
        """Makes the wait set anew when nodes came or went, or one has other entities."""
        if not self._stale:
            return
        self._stale = False
        state = [(node, node._version) for node in self._nodes]
        if state == self._state:
            return
        wanted = [entity for node in self._nodes for entity in node._waits_for()]
        for entity in self._entities:
            if entity._reader is not None and entity not in wanted:
                self._wait.detach(entity._reader)
        for entity in wanted:
            if entity._reader is not None:
                self._wait.attach(entity._reader)
        timed = [(place, entity) for place, entity in enumerate(wanted) if entity._reader is None]
        places = {entity._reader: place for place, entity in enumerate(wanted)}
        self._entities, self._timed, self._places = wanted, timed, places
        self._state, self._round, self._put_off = state, [], []
