"""Joining a DDS domain, or one line that says why not.

Knows what Cyclone DDS says when it refuses: its Python API raises the same error for everything
and prints the reason. Refuses to know what is done in a domain.
"""

import os
from collections.abc import Callable
from contextlib import suppress

from cyclonedds.core import DDSException
from cyclonedds.domain import DomainParticipant
from cyclonedds.qos import Policy, Qos

LAST = 232  # beyond it the ports of DDS end
URI = 'CYCLONEDDS_URI'
_SHOWN = 120  # characters of a configuration that is given in the variable itself
_STDERR = 2


class DomainError(RuntimeError):
    """Why a domain cannot be joined: one line."""


def number(given: int | None) -> int:
    """A domain id; None: ROS_DOMAIN_ID, else 0. Raises DomainError."""
    text = os.environ.get('ROS_DOMAIN_ID') or '0' if given is None else str(given)
    if not (text.isascii() and text.isdecimal()) or int(text) > LAST:
        name = 'ROS_DOMAIN_ID' if given is None else 'domain id'
        raise DomainError(f'{name} is {text!r}: use a number from 0 to {LAST}')
    return int(text)


def join(domain_id: int) -> DomainParticipant:
    """A participant of a domain, marked as ROS 2 peers expect it (enclave '/').

    Raises DomainError that names the cause as far as Cyclone tells it.
    """
    quality = Qos(Policy.Userdata(b'enclave=/;'))
    made, said = _listened(lambda: _attempt(domain_id, quality))
    if made is None:
        raise DomainError(_told(domain_id, said))
    if said:
        with suppress(OSError):
            os.write(_STDERR, said)  # a warning
    return made


def _attempt(domain_id: int, quality: Qos) -> DomainParticipant | None:
    try:
        return DomainParticipant(domain_id, qos=quality)
    except DDSException:
        return None


def _listened(
    call: Callable[[], DomainParticipant | None],
) -> tuple[DomainParticipant | None, bytes]:
    """What a call returns and what it writes to the descriptor of stderr, past Python."""
    try:
        before, memory = os.dup(_STDERR), os.memfd_create('stderr')
    except (AttributeError, OSError):  # not on Linux, or there is no stderr
        return call(), b''
    try:
        os.dup2(memory, _STDERR)
        made = call()
    finally:
        os.dup2(before, _STDERR)
        os.close(before)
        said = os.pread(memory, os.fstat(memory).st_size, 0)
        os.close(memory)
    return made, said


def _told(domain_id: int, said: bytes) -> str:
    """The reason in one line; Cyclone puts time, domain and program before it."""
    lines = said.decode(errors='replace').strip().splitlines()
    reason = lines[-1].split(': ', 1)[-1].rstrip('. ') if lines else 'Cyclone DDS says no reason'
    given = os.environ.get(URI, '')
    if 'free participant index' in reason:
        return (
            f'domain {domain_id} is full: all UDP ports for programs in it are taken on this '
            f'machine: end some, or give all of yours another ROS_DOMAIN_ID (0 to {LAST})'
        )
    shown = given if len(given) <= _SHOWN else f'{given[:_SHOWN]}...'
    hint = 'correct it, or unset it to stay on this machine'
    if 'available interface' in reason:
        hint = 'no such network interface here, or it is down (ip address lists them)'
    return f'cannot join domain {domain_id}: {reason}: {URI} is {shown!r}: {hint}'
