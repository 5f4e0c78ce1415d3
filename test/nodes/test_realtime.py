"""Real-time that is granted and refused, garbage, memory, and a process that was stopped."""

import gc
import itertools
import json
import os
import signal
import subprocess
import sys
import time
import tracemalloc
import weakref
from types import SimpleNamespace

import numpy as np
import pytest
from sensor_msgs.msg import JointState

from fastwam_ros.loop.execution import LIMITS, UNWATCHED, Execution
from fastwam_ros.nodes import pulse, qos
from fastwam_ros.nodes.messages import from_chunk
from fastwam_ros.nodes.realtime import Rights, refusal
from fastwam_ros.nodes.ticker import Ticker
from fastwam_ros.robot.joints import SIDES
from fastwam_ros.robot.topics import ARM_TARGET
from test.motion.robot import HOME, PERIOD, START, Rig, chunk, ratios, wave_rows
from test.nodes.conftest import ROOT
from test.nodes.test_loop import worst

pytestmark = pytest.mark.alone

MB = 1 << 20
COMMANDS = ARM_TARGET['left']


@pytest.mark.parametrize(
    ('rtprio', 'priority', 'words'),
    [
        (0, 49, 'RLIMIT_RTPRIO is 0 and there is no CAP_SYS_NICE'),
        (48, 49, 'RLIMIT_RTPRIO is 48'),
        (49, 49, ''),
        (99, 49, ''),
    ],
)
def test_a_priority_needs_its_limit(rtprio, priority, words):
    said = Rights(rtprio, None, 800 * MB).why_no_fifo(priority)
    assert said.startswith(words)
    assert bool(said) == bool(words)


@pytest.mark.parametrize(
    ('memlock', 'words'),
    [
        (8 * MB, 'RLIMIT_MEMLOCK is 8 of 1376 MB and there is no CAP_IPC_LOCK'),
        (900 * MB, 'RLIMIT_MEMLOCK is 944 of 1376 MB'),  # all that is mapped, and no room to grow
        (1400 * MB, ''),
        (None, ''),
    ],
)
def test_locked_memory_needs_its_limit_with_room_to_grow(memlock, words):
    said = Rights(0, memlock, 800 * MB).why_no_lock()
    assert said.startswith(words)
    assert bool(said) == bool(words)


def test_a_refusal_says_what_to_write_where_and_nothing_else():
    nice, lock = 'no SCHED_FIFO 49: why. Write "USER - rtprio 49" in /etc', 'memory is not locked'
    assert refusal(49, '', '') == ''
    assert refusal(49, 'why', '').startswith(nice)
    assert 'memlock' not in refusal(49, 'why', '').lower()
    only = refusal(49, '', 'why')
    assert only.startswith(lock)
    assert 'rtprio' not in only.lower()
    both = refusal(49, 'one', 'other')
    for words in (
        '"USER - rtprio 49" and "USER - memlock unlimited" in /etc/security/limits.conf',
        'LimitRTPRIO=49 and LimitMEMLOCK=infinity',
        '--cap-add SYS_NICE --ulimit rtprio=49 --ulimit memlock=-1',
        'realtime_priority:=0 asks for none',
    ):
        assert words in both
    assert '\n' not in both


CLAIM = """
import json, os, resource, sys, threading, time
from fastwam_ros.nodes import realtime
{before}
sleeper = threading.Thread(target=time.sleep, args=(60,), daemon=True)
sleeper.start()
grant = realtime.claim(49)
late = threading.Thread(target=time.sleep, args=(60,), daemon=True)
late.start()
bytearray(64 << 20)  # what is asked for later is given
def way(thread):
    policy = os.sched_getscheduler(thread) & ~os.SCHED_RESET_ON_FORK
    return policy == os.SCHED_FIFO, os.sched_getparam(thread).sched_priority
told = dict(row.split(':', 1) for row in open('/proc/self/status'))
print(json.dumps(dict(
    given=str(grant), priority=grant.priority, locked=grant.locked, refused=grant.refused,
    own=way(0), earlier=way(sleeper.native_id), later=way(late.native_id),
    kb=int(told['VmLck'].split()[0]), soft=resource.getrlimit(resource.RLIMIT_MEMLOCK),
)), flush=True)
os._exit(0)
"""
POOR = """
resource.setrlimit(resource.RLIMIT_RTPRIO, (0, 0))
resource.setrlimit(resource.RLIMIT_MEMLOCK, (1 << 20, 8 << 20))
if os.getuid() == 0:
    os.setuid(65534)  # which drops all capabilities
"""


def claimed(before: str) -> dict:
    """What became of a process that asked, after a preparation."""
    done = subprocess.run(
        [sys.executable, '-c', CLAIM.format(before=before)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(sys.platform != 'linux', reason='scheduling of Linux')
def test_without_rights_nothing_changes_and_the_line_says_why():
    told = claimed(POOR)
    assert (told['given'], told['priority'], told['locked'], told['kb']) == ('none', 0, False, 0)
    assert [told[thread][0] for thread in ('own', 'earlier', 'later')] == [False] * 3
    assert 'RLIMIT_RTPRIO is 0' in told['refused']
    assert 'RLIMIT_MEMLOCK is 8 of ' in told['refused']  # the hard one, which the soft one is now
    assert told['soft'] == [8 * MB, 8 * MB]


@pytest.mark.skipif(sys.platform != 'linux', reason='scheduling of Linux')
def test_with_rights_the_thread_goes_first_its_elders_next_and_no_later_one():
    told = claimed('')
    if told['refused']:
        pytest.skip(told['refused'])
    assert told['given'] == 'SCHED_FIFO 49, memory locked'
    assert (told['own'], told['earlier']) == ([True, 49], [True, 48])
    assert told['later'] == [False, 0]
    assert told['kb'] > 10_000


class Loop:
    """A loop in which every message takes longer than a period."""

    def __init__(self):
        self.heard = 0

    def spin_once(self, timeout_sec):
        assert timeout_sec >= 0.0
        self.heard += 1
        time.sleep(1.5 * PERIOD / 1e9)


def stub(**fields):
    """As much of a node as the loop looks at."""
    executor = SimpleNamespace(
        settings=SimpleNamespace(period=PERIOD), terminate=lambda: None, silent=True
    )
    execution = SimpleNamespace(executor=executor)
    carriers = SimpleNamespace(over=True, halt=lambda stamp: None)
    own = {'execution': execution, 'carriers': carriers, 'now': time.time_ns}
    return SimpleNamespace(**own, simulated=False, claim=lambda: None, **fields)


def test_a_loop_that_cannot_keep_up_still_hears_a_message_per_tick():
    loop = Loop()
    ticks = pulse.own_ticks(stub(), loop)
    for count in range(1, 6):
        assert next(ticks).number == count
        assert loop.heard >= count


def test_plans_go_on_where_they_were_after_twenty_missed_ticks():
    """A pause of the process, of its garbage collector, of the machine: the same to the plan."""
    rig, monotonic = Rig(), 0
    rig.run()
    rig.tick(40)
    begun, start, ticker = len(rig.commands), rig.now, Ticker(PERIOD, 0)
    for k in range(30):
        monotonic += ticker.remaining(monotonic) + 20 * PERIOD * (k == 12)
        tick = ticker.tick(monotonic, start + monotonic)
        rig.tick(gap=tick.stamp - rig.now, late=tick.late)
    assert rig.now - start == 50 * PERIOD
    assert rig.executor.status.late_ticks == 1
    sent = np.array(rig.commands[begun - 4 :])
    assert (ratios(LIMITS, sent) <= 1.0 + 1e-4).all()
    assert len(sent) == 34  # none is made up for
    assert rig.mode == 'POLICY'


class Cycle:
    """Garbage that only a collector finds."""

    def __init__(self):
        self.itself = self


class Littering:
    """A node that leaves a cycle behind at every tick, and is told to end after some."""

    def __init__(self, ticks):
        self._left, self.alive, self.most = ticks, [], 0
        self.collecting = False
        vars(self).update(vars(stub()))

    def tick(self, tick):
        self.collecting |= gc.isenabled()
        cycle = Cycle()
        self.alive = [*(each for each in self.alive if each() is not None), weakref.ref(cycle)]
        self.most = max(self.most, len(self.alive))
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture
def own_signals():
    """The handlers that the loop replaces, and the collector that it turns off, put back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    gc.enable()
    gc.unfreeze()
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_loop_collects_its_garbage_at_its_own_time_and_leaves_none(own_signals, monkeypatch):
    node = Littering(ticks=1000)
    quick = (pulse.Tick(k, k, False, False, 0) for k in range(1, 10_000))
    monkeypatch.setattr(pulse, 'own_ticks', lambda *_: quick)
    monkeypatch.setattr(pulse, 'SingleThreadedExecutor', lambda: Nodes())
    pulse.run(node)
    assert not node.collecting
    assert 100 < node.most <= 200


class Nodes:
    """A loop that only takes nodes."""

    def add_node(self, node):
        pass


class Life:
    """An execution with everything that comes in at 200 Hz, and a chunk every 40 ms."""

    def __init__(self):
        self.execution = Execution(200.0, epoch=1, tracker=UNWATCHED)
        self.now, self.sequence, self.asked = START, 0, 0
        self.q = HOME.copy()

    def ask(self, verb):
        self.asked += 1
        return self.execution.on_request(self.now, verb, self.asked, 'test')

    def tick(self, count):
        for k in range(count):
            self.now += PERIOD
            for i, side in enumerate(SIDES):
                q = self.q[6 * i : 6 * i + 6] + 1e-9 * (k % 2)
                self.execution.on_arm(self.now, side, q, np.zeros(6), np.zeros(6), self.now)
                self.execution.on_gripper(self.now, side, [50.0])
            if k % 8 == 7:
                self._offer()
            commands = self.execution.tick(self.now)
            if commands is not None:
                self.q = np.concatenate([commands.arms[side] for side in SIDES])

    def _offer(self):
        self.sequence += 1
        stamp, epoch = self.now - 100_000_000, self.execution.executor.status.epoch
        made = chunk(stamp, wave_rows(stamp), epoch=epoch, sequence=self.sequence)
        self.execution.on_chunk(self.now, made)


def test_memory_does_not_grow_with_ticks_and_chunks_and_no_cycles_are_left(own_signals):
    """With the loop's own collections, which also give back what Python keeps for reuse."""
    gc.disable()
    tracemalloc.start()
    life = Life()
    life.tick(20)
    assert life.ask('engage') == 'ok'
    life.tick(20)
    assert life.ask('run') == 'ok'
    life.tick(1500)  # whatever is kept of the last is full now
    gc.collect()
    accepted = life.execution.executor.status.accepted
    held, cycles = [tracemalloc.get_traced_memory()[0]], 0
    for _ in range(4):
        life.tick(1000)
        cycles += gc.collect()
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert life.execution.executor.status.accepted == accepted + 500
    # Ten bytes a tick: a number that is kept of each takes more. What is kept for a while, and
    # given back, comes to as much in one part, not in each of them.
    assert min(later - earlier for earlier, later in itertools.pairwise(held)) < 10_000, held
    assert cycles < 20


@pytest.fixture(scope='module')
def moving(probe, processes):
    """A driving executor, engaged, and chunks and readings that keep it moving while called."""
    for side in SIDES:
        probe.hear(JointState, ARM_TARGET[side], qos.REQUESTS)
    processes.start('executor', 'dry_run:=false', 'require_deadman:=false', "tracker:='off'")
    assert probe.until(lambda: probe.state is not None), processes.said('executor')
    sent = {'sequence': 0, 'due': 0.0, 'count': 0}

    def play() -> None:
        told = probe.heard[COMMANDS]
        arm = list(told[-1][1].position) if told else HOME[:6].tolist()
        sent['count'] += 1
        arm[0] += 1e-6 * (sent['count'] % 2)  # an encoder is never still
        probe.feedback(arm=tuple(arm))
        if time.monotonic() >= sent['due']:
            sent['due'], sent['sequence'] = time.monotonic() + 0.1, sent['sequence'] + 1
            stamp = probe.now() - 50_000_000
            rows = np.tile(wave_rows(stamp)[:, :6], 2)  # both arms alike
            made = chunk(stamp, rows, epoch=probe.state.epoch, sequence=sent['sequence'])
            probe.chunks.publish(from_chunk(made))

    probe.listen(0.5, play)
    probe.engage(play)
    return play


@pytest.mark.parametrize('seconds', [0.2, 2.0])
def test_a_process_that_was_stopped_never_jumps(probe, processes, moving, seconds):
    if probe.mode != 'POLICY':
        assert probe.answer('run', moving) == 'ok'
        assert probe.until(lambda: probe.mode == 'POLICY', 5.0, moving), probe.state.reason
    probe.listen(1.0, moving)
    assert probe.mode == 'POLICY', probe.state.reason
    begun, late = probe.now(), probe.state.late_ticks
    executor = processes.running['executor']
    executor.send_signal(signal.SIGSTOP)
    probe.listen(seconds, moving)
    heard = len(probe.heard[COMMANDS])
    probe.listen(0.0)
    executor.send_signal(signal.SIGCONT)
    probe.listen(1.5, moving)
    assert probe.until(lambda: len(probe.heard[COMMANDS]) > heard + 200, 10.0, moving)
    assert probe.state.late_ticks > late
    assert (worst(probe, begun - 500_000_000) <= 1.0 + 1e-4).all()
    settled = probe.until(lambda: probe.mode in ('POLICY', 'HOLD'), 5.0, moving)
    assert settled, probe.state.reason
    if seconds > 1.0:  # the robot has stopped by itself: nothing goes on unasked
        assert probe.mode == 'HOLD' and 'held up' in probe.state.reason
