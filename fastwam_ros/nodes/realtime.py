"""Real-time for the loop that ticks: the kernel runs it first, and its memory stays in RAM.

Asked for once, when the middleware's threads exist. The thread that asks gets the priority, those
threads one less: what they received is taken under locks that they hold, so a receiver that waits
for the processor makes the loop wait. What any of them starts later is ordinary
(SCHED_RESET_ON_FORK). What the kernel refuses is said with the limit that is missing and where to
write it.

A FIFO thread that never sleeps starves a core. The loop sleeps before each tick; where it does not
because it cannot keep up, the kernel keeps a twentieth of each second for the others
(sched_rt_runtime_us; since Linux 6.12 the fair server).
"""

import ctypes
import os
import resource
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_SYS_NICE, _IPC_LOCK = 23, 14  # numbers of capabilities: linux/capability.h
_CURRENT, _FUTURE = 1, 2  # of mlockall: sys/mman.h
_ROOM = 512 << 20  # [bytes] beyond what is mapped: a thread's stack and heap are 72 MB
_LIMITS = '/etc/security/limits.conf'


@dataclass(frozen=True)
class Rights:
    """What the kernel lets this process do, by limits that capabilities lift.

    rtprio: the highest FIFO priority; memlock: bytes that may be locked, None: any number; mapped:
    bytes of address space in use, which are what is counted.
    """

    rtprio: int
    memlock: int | None
    mapped: int

    @classmethod
    def own(cls) -> 'Rights':
        """This process's, whose soft limits are raised to the hard ones."""
        status = _status()
        capabilities = int(status['CapEff'], 16)
        rtprio, memlock = _raised(resource.RLIMIT_RTPRIO), _raised(resource.RLIMIT_MEMLOCK)
        return cls(
            99 if capabilities >> _SYS_NICE & 1 or rtprio is None else rtprio,
            None if capabilities >> _IPC_LOCK & 1 else memlock,
            int(status['VmSize'].split()[0]) << 10,
        )

    def why_no_fifo(self, priority: int) -> str:
        """What is missing for a priority, or ''."""
        if priority <= self.rtprio:
            return ''
        return f'RLIMIT_RTPRIO is {self.rtprio} and there is no CAP_SYS_NICE'

    def why_no_lock(self) -> str:
        """What is missing to lock all memory, or ''.

        A limit that is merely near would let mlockall succeed, and allocations fail later on.
        """
        needed = self.mapped + _ROOM
        if self.memlock is None or needed <= self.memlock:
            return ''
        limit, wanted = self.memlock / 1e6, needed / 1e6
        return f'RLIMIT_MEMLOCK is {limit:.0f} of {wanted:.0f} MB and there is no CAP_IPC_LOCK'


@dataclass(frozen=True)
class Grant:
    """What was given: the FIFO priority (0: none), memory locked; refused: what was not, or ''."""

    priority: int = 0
    locked: bool = False
    refused: str = ''

    def __str__(self) -> str:
        given = [f'SCHED_FIFO {self.priority}'] if self.priority else []
        return ', '.join(given + ['memory locked'] * self.locked) or 'none'


def claim(priority: int) -> Grant:
    """Ask for a FIFO priority (1 to 99), this thread's, and for all memory to stay in RAM."""
    if sys.platform != 'linux':
        return Grant(refused=f'no real-time: it is asked of Linux, this is {sys.platform}')
    rights = Rights.own()
    unlocked = rights.why_no_lock() or _lock()  # first: it takes its time, which others may need
    unscheduled = rights.why_no_fifo(priority) or _go_first(priority)
    refused = refusal(priority, unscheduled, unlocked)
    return Grant(0 if unscheduled else priority, not unlocked, refused)


def refusal(priority: int, unscheduled: str, unlocked: str) -> str:
    """One line: what is missing, why, and what to write where; '' where nothing is missing."""
    limits, systemd, docker, what = [], [], [], []
    if unscheduled:
        what.append(f'no SCHED_FIFO {priority}: {unscheduled}')
        limits.append(f'"USER - rtprio {priority}"')
        systemd.append(f'LimitRTPRIO={priority}')
        docker.append(f'--cap-add SYS_NICE --ulimit rtprio={priority}')
    if unlocked:
        what.append(f'memory is not locked: {unlocked}')
        limits.append('"USER - memlock unlimited"')
        systemd.append('LimitMEMLOCK=infinity')
        docker.append('--ulimit memlock=-1')
    if not what:
        return ''
    return (
        f'{"; ".join(what)}. Write {" and ".join(limits)} in {_LIMITS} and log in again, '
        f'{" and ".join(systemd)} in a systemd unit, or docker run {" ".join(docker)}; '
        'realtime_priority:=0 asks for none'
    )


def _lock() -> str:
    """Keep everything mapped in RAM, now and later; returns why not, or ''.

    Pages never used so far are read in, too: the code of a rare stop must not wait for a disk.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(_CURRENT | _FUTURE) == 0:
        return ''
    return f'mlockall: {os.strerror(ctypes.get_errno())}'


def _go_first(priority: int) -> str:
    """Run this thread before all ordinary ones, its receivers next; returns why not, or ''."""
    receivers = {int(name) for name in os.listdir('/proc/self/task')} - {threading.get_native_id()}
    try:
        _schedule(0, priority)
        for thread in receivers:
            with suppress(ProcessLookupError):  # it has ended
                _schedule(thread, max(priority - 1, 1))
    except PermissionError:
        return 'its limit allows it, its control group does not (docker: --cpu-rt-runtime)'
    return ''


def _schedule(thread: int, priority: int) -> None:
    policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
    os.sched_setscheduler(thread, policy, os.sched_param(priority))


def _raised(which: int) -> int | None:
    """A limit, after its soft value was raised to the hard one; None: unlimited."""
    hard = resource.getrlimit(which)[1]
    resource.setrlimit(which, (hard, hard))
    return None if hard == resource.RLIM_INFINITY else hard


def _status() -> dict[str, str]:
    rows = Path('/proc/self/status').read_text().splitlines()
    return dict(row.split(':', 1) for row in rows)
