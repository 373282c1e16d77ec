"""Stands before every sync of a process: lets it through, fails it with EIO, or kills at it.

What `strace -e inject` does, but counted over all threads (strace counts for each thread anew, and
a server syncs on whichever thread is free) and without tracing anything else. The process is
started through this file as a launcher: it installs a seccomp filter that reports its syncs to
the descriptor that the gate reads (seccomp_unotify(2)), and becomes the program.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server import Server

#: Numbers of system calls by machine: the audit architecture, seccomp itself, and the syncs.
MACHINES = {
    "x86_64": (0xC000003E, 317, {
        26: "msync", 74: "fsync", 75: "fdatasync", 162: "sync", 277: "sync_file_range",
        306: "syncfs"}),
    "aarch64": (0xC00000B7, 277, {
        227: "msync", 82: "fsync", 83: "fdatasync", 81: "sync", 84: "sync_file_range",
        267: "syncfs"}),
}
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_SET_MODE_FILTER = 1
SECCOMP_FILTER_FLAG_NEW_LISTENER = 8
SECCOMP_RET_USER_NOTIF = 0x7FC00000
SECCOMP_RET_ALLOW = 0x7FFF0000
SECCOMP_IOCTL_NOTIF_RECV = 0xC0502100
SECCOMP_IOCTL_NOTIF_SEND = 0xC0182101
SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1
#: Bytes of a notification: id, process, flags, then the call with its number and six arguments.
NOTIFICATION = struct.Struct("=QIIiIQ6Q")


def why_not() -> str | None:
    """Why syncs can't be caught on this machine, or nothing."""
    if sys.platform != "linux" or platform.machine() not in MACHINES:
        return f"seccomp on {sys.platform} {platform.machine()} is not known here"
    try:
        with open("/proc/sys/kernel/seccomp/actions_avail", encoding="ascii") as file:
            known = "user_notif" in file.read().split()
    except OSError as error:
        return f"seccomp is not there: {error}"
    if not known:
        return "this kernel's seccomp has no user_notif"
    ours, theirs = socket.socketpair()
    with ours, theirs:
        trial = subprocess.run(
            [*_launcher(theirs), "/bin/true"], pass_fds=(theirs.fileno(),), capture_output=True,
            text=True, check=False)
    return trial.stderr.strip() or f"exit code {trial.returncode}" if trial.returncode else None


def _launcher(handover: socket.socket) -> list[str]:
    """What starts a program behind a gate; its listener comes through the socket."""
    return [sys.executable, "-B", "-S", "-E", os.path.abspath(__file__), str(handover.fileno())]


@dataclass(frozen=True)
class Point:
    """A sync that a process asked for."""

    number: int
    call: str
    file: str

    def __str__(self) -> str:
        return f"sync {self.number} ({self.call} {self.file})"


class Gate:
    """Watches the syncs of one process. `at` is the number of the one that fails, 0 for none;
    `kills` says that the process dies there instead."""

    def __init__(self, at: int = 0, kills: bool = False) -> None:
        self.at = at
        self.kills = kills
        self.points: list[Point] = []
        self.hit: Point | None = None
        self.failure: str | None = None
        self._thread: threading.Thread | None = None

    def start(self, server: Server) -> None:
        """Starts the server behind the gate; it need not come to listen."""
        ours, theirs = socket.socketpair()
        server.launcher = _launcher(theirs)
        server.spawn(pass_fds=(theirs.fileno(),))
        server.launcher = []
        theirs.close()
        ours.settimeout(20)
        _, descriptors, _, _ = socket.recv_fds(ours, 16, 1)
        ours.close()
        if not descriptors:
            raise OSError("the seccomp filter could not be installed: " + server.last_words())
        assert server.process is not None
        self._thread = threading.Thread(
            target=self._watch, args=(descriptors[0], server.process.pid), daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Waits until the process is gone."""
        assert self._thread is not None
        self._thread.join(30)

    def _watch(self, listener: int, process: int) -> None:
        poll = select.poll()
        poll.register(listener, select.POLLIN)
        try:
            while not any(events & select.POLLHUP for _, events in poll.poll()):
                self._one(listener, process)
        except OSError as error:
            self.failure = str(error)
        finally:
            os.close(listener)

    def _one(self, listener: int, process: int) -> None:
        buffer = bytearray(NOTIFICATION.size)
        try:
            fcntl.ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, buffer)
        except OSError as error:
            # The process died between the two.
            if error.errno == errno.ENOENT:
                return
            raise
        notification = NOTIFICATION.unpack(buffer)
        call = MACHINES[platform.machine()][2][notification[3]]
        point = Point(len(self.points) + 1, call, _file(process, call, notification[6]))
        self.points.append(point)
        if point.number == self.at:
            self.hit = point
            if self.kills:
                os.kill(process, signal.SIGKILL)
                return
            response = struct.pack("=QqiI", notification[0], 0, -errno.EIO, 0)
        else:
            response = struct.pack(
                "=QqiI", notification[0], 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE)
        try:
            fcntl.ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, response)
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise


def _file(process: int, call: str, descriptor: int) -> str:
    if call in ("msync", "sync"):
        return "a mapping" if call == "msync" else "everything"
    try:
        return os.path.basename(os.readlink(f"/proc/{process}/fd/{descriptor}"))
    except OSError:
        return f"descriptor {descriptor}"


def _launch(descriptor: int, arguments: list[str]) -> None:
    """Installs the filter, hands its listener over, and becomes the program."""
    architecture, seccomp, calls = MACHINES[platform.machine()]
    # Each instruction: code, jump if true, jump if false, value. Loads are from seccomp_data.
    program = [(0x20, 0, 0, 4), (0x15, 0, len(calls) + 1, architecture), (0x20, 0, 0, 0)]
    for index, number in enumerate(calls):
        program.append((0x15, len(calls) - index, 0, number))
    program += [(0x06, 0, 0, SECCOMP_RET_ALLOW), (0x06, 0, 0, SECCOMP_RET_USER_NOTIF)]
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
    instructions = ctypes.create_string_buffer(code, len(code))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]

    filter_ = Program(len(program), ctypes.addressof(instructions))
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    listener = library.syscall(
        seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
        ctypes.byref(filter_))
    if listener < 0:
        sys.exit(f"seccomp: {os.strerror(ctypes.get_errno())}")
    with socket.socket(fileno=descriptor) as theirs:
        socket.send_fds(theirs, [b"gate"], [listener])
    os.execv(arguments[0], arguments)


if __name__ == "__main__":
    _launch(int(sys.argv[1]), sys.argv[2:])
