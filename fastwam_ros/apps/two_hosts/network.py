"""Two hosts on one machine: network namespaces, and between them a wire that this process is.

Each host has one network card, a tap device; every frame that one sends is read here and given to
the other, unless the wire is broken (sim/wire.py). So a cable can be pulled, frames lost or late,
without a kernel that has netem. Needs root, `ip` (iproute2) and /dev/net/tun.
"""

import ctypes
import fcntl
import os
import select
import shutil
import struct
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType

from fastwam_ros.sim.wire import Break, Wire

HOSTS = ('robot', 'gpu')
CARD = 'fastwam0'
_CLONE_NEWNET, _TUNSETIFF = 0x40000000, 0x400454CA
_TAP, _NO_INFO = 0x0002, 0x1000
_FRAME = 1 << 16
_DISCOVERY = f"""<CycloneDDS><Domain Id="any"><General><Interfaces>
<NetworkInterface name="{CARD}"/></Interfaces></General><Internal>
<SocketReceiveBufferSize min="4MB"/></Internal></Domain></CycloneDDS>"""
_libc = ctypes.CDLL(None, use_errno=True)


class NoNetworkError(RuntimeError):
    """Why two hosts cannot be made here."""


def why_not() -> str:
    """Why no hosts can be made on this machine, or ''."""
    if os.geteuid() != 0:
        return 'network namespaces need root'
    if shutil.which('ip') is None:
        return 'ip is missing: apt install iproute2'
    return '' if Path('/dev/net/tun').exists() else '/dev/net/tun is missing'


class Network:
    """Both hosts and the wire between them. Ends with the body of `with`."""

    def __init__(self) -> None:
        """Raises NoNetworkError."""
        if why := why_not():
            raise NoNetworkError(why)
        self._names = {host: f'fastwam-{host}-{os.getpid()}' for host in HOSTS}
        self._wires = (Wire(), Wire())  # from the robot, from the GPU host
        self._lock = threading.Lock()  # guards the wires
        self._ended = threading.Event()
        self._ends: list[int] = []
        try:
            self._ends = [self._host(host, 1 + at) for at, host in enumerate(HOSTS)]
        except (OSError, NoNetworkError):
            self._remove()
            raise
        self._relay = threading.Thread(target=self._carry, name='wire', daemon=True)
        self._relay.start()

    def __enter__(self) -> 'Network':
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._relay.join()
        self._remove()

    def inside(self, host: str) -> tuple[str, ...]:
        """What a command on a host begins with."""
        return ('ip', 'netns', 'exec', self._names[host])

    @property
    def environment(self) -> dict[str, str]:
        """Of a process on either host: DDS on its card, found by multicast as on any network."""
        return {'CYCLONEDDS_URI': _DISCOVERY}

    def break_down(self, how: Break) -> None:
        """Both ways, from now on."""
        with self._lock:
            for wire in self._wires:
                wire.break_down(time.monotonic(), how)

    @property
    def hit(self) -> int:
        """Frames that the present break met."""
        return sum(wire.hit for wire in self._wires)

    def _host(self, host: str, number: int) -> int:
        """A namespace with its card up; the end of it that is here."""
        name = self._names[host]
        _ip('netns', 'add', name)
        end = _card(name)
        _ip('-n', name, 'addr', 'add', f'10.231.7.{number}/24', 'dev', CARD)
        for device in ('lo', CARD):
            _ip('-n', name, 'link', 'set', device, 'up')
        return end

    def _carry(self) -> None:
        poll = select.poll()
        for end in self._ends:
            poll.register(end, select.POLLIN)
        while not self._ended.is_set():
            for end, _ in poll.poll(self._patience()):
                self._take(self._ends.index(end))
            for at in range(len(self._ends)):
                self._give(at)

    def _patience(self) -> int:
        """Milliseconds to wait for a frame: few while some are late."""
        with self._lock:
            return 1 if any(wire.waits for wire in self._wires) else 100

    def _take(self, at: int) -> None:
        frame = os.read(self._ends[at], _FRAME)
        with self._lock:
            self._wires[at].send(time.monotonic(), frame)

    def _give(self, at: int) -> None:
        with self._lock:
            arrived = list(self._wires[at].arrived(time.monotonic()))
        for frame in arrived:
            os.write(self._ends[1 - at], frame)

    def _remove(self) -> None:
        for end in self._ends:
            os.close(end)
        for name in self._names.values():
            subprocess.run(['ip', 'netns', 'delete', name], stderr=subprocess.DEVNULL)


def _ip(*words: str) -> None:
    done = subprocess.run(['ip', *words], stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise NoNetworkError(f'ip {" ".join(words)}: {done.stderr.strip()}')


def _card(name: str) -> int:
    """A tap device in a namespace: made there by a thread of its own, which moves alone."""
    made: list[int | OSError] = []

    def make() -> None:
        try:
            made.append(_tap(name))
        except OSError as error:
            made.append(error)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    if isinstance(made[0], OSError):
        raise NoNetworkError(f'no network card in {name}: {made[0]}')
    return made[0]


def _tap(name: str) -> int:
    space = os.open(f'/run/netns/{name}', os.O_RDONLY)
    try:
        if _libc.setns(space, _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), 'setns')
    finally:
        os.close(space)
    end = os.open('/dev/net/tun', os.O_RDWR)
    fcntl.ioctl(end, _TUNSETIFF, struct.pack('16sH22x', CARD.encode(), _TAP | _NO_INFO))
    return end
