"""Walls around a worker, for the case that the sandbox has a hole: bounds of memory, and no system calls but those that
computing needs.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct

DATA_BYTES = 384 * 1024 * 1024
"""Writable memory of the whole process, the engine's code included (RLIMIT_DATA)."""
NICENESS = 5
"""How far scripts step back behind everything else (nice(2))."""


def limit() -> None:
    """Limits that hold from the beginning."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (DATA_BYTES, DATA_BYTES))
    os.nice(NICENESS)


ALLOWED = {
    "x86_64": (
        0xC000003E,
        (
            *(0, 1, 3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 19, 20, 23, 24, 25, 28, 35, 39, 60, 63, 72, 96, 98, 127),
            *(131, 186, 201, 202, 204, 218, 228, 229, 230, 231, 232, 233, 270, 271, 281, 291, 318, 334, 441),
        ),
    ),
    "aarch64": (
        0xC00000B7,
        (
            *(20, 21, 22, 25, 57, 62, 63, 64, 65, 66, 72, 73, 80, 93, 94, 96, 98, 99, 101, 113, 115, 122, 123, 124),
            *(132, 134, 135, 139, 165, 172, 178, 179, 214, 215, 216, 222, 226, 227, 233, 278, 293, 441),
        ),
    ),
}
"""Per machine its audit number and the system calls that are left: reading and writing what is open, memory, time,
waiting, random bytes, the end. Everything else answers EPERM: files, sockets, programs, other processes.
"""
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER, _EPERM = 38, 22, 2, 1


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def no_files() -> None:
    """Nothing can be written to a file any more; the engine did, to memory that is one."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def wall_in() -> bool:
    """Leave no system calls but those. False where this machine has no such walls."""
    try:
        arch, numbers = ALLOWED[platform.machine()]
        libc = ctypes.CDLL(None, use_errno=True)
    except (KeyError, OSError):
        return False
    load, equal, answer = 0x20, 0x15, 0x06
    refuse = (answer, 0, 0, 0x00050000 | _EPERM)
    code = [(load, 0, 0, 4), (equal, 1, 0, arch), refuse, (load, 0, 0, 0)]
    for left, number in zip(range(len(numbers), 0, -1), numbers, strict=True):
        code.append((equal, left, 0, number))
    code += [refuse, (answer, 0, 0, 0x7FFF0000)]
    raw = b"".join(struct.pack("=HBBI", *each) for each in code)
    room = ctypes.create_string_buffer(raw, len(raw))
    program = _Program(len(code), ctypes.cast(room, ctypes.c_void_p))
    libc.prctl.argtypes = (ctypes.c_int, *([ctypes.c_ulong] * 4))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.addressof(program), 0, 0) == 0)
