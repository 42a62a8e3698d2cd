"""How a listening socket comes to its end: nobody who got in is put out."""

from __future__ import annotations

import ctypes
import socket
import struct
import sys
from contextlib import suppress

_SO_ATTACH_FILTER = 26  # asm-generic/socket.h
_SYN, _ACK = 0x02, 0x10
# A classic BPF program over the TCP header: (code, jump if true, jump if false, operand).
_DROP_SYN = (
    (0x30, 0, 0, 13),  # load the byte of flags
    (0x54, 0, 0, _SYN | _ACK),  # keep these two
    (0x15, 0, 1, _SYN),  # a SYN alone opens a connection:
    (0x06, 0, 0, 0),  # drop it
    (0x06, 0, 0, 0xFFFFFFFF),  # pass all else, the last step of a handshake too
)


def let_no_more_in(listener: socket.socket) -> None:
    """Let the kernel begin no further connection at *listener*; those begun come through.

    To close a listening socket resets each connection that the kernel has made and nobody has
    accepted, and until then it makes new ones. After this, all can be accepted and the socket
    closed with none left. A client meanwhile hears nothing, knocks again after a second, and is
    refused then as by any closed port, or let in by the next process that listens there.

    Linux alone can do so; elsewhere a few microseconds are left in which one may be reset.
    """
    if sys.platform != "linux" or listener.family not in (socket.AF_INET, socket.AF_INET6):
        return
    program = b"".join(struct.pack("HBBI", *instruction) for instruction in _DROP_SYN)
    buffer = ctypes.create_string_buffer(program)
    # A sandboxed kernel may not know filters.
    with suppress(OSError):
        listener.setsockopt(
            socket.SOL_SOCKET,
            _SO_ATTACH_FILTER,
            struct.pack("HP", len(_DROP_SYN), ctypes.addressof(buffer)),
        )
