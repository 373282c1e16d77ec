"""Starts, kills and stops the server under test, on one data folder."""

from __future__ import annotations

import atexit
import os
import secrets
import selectors
import signal
import subprocess
import time
from pathlib import Path

from connection import Connection

#: How long a start may take before it counts as hung.
START_SECONDS = 60
#: How long a stop may take: the server gives requests under way 30 seconds.
STOP_SECONDS = 45
ANNOUNCEMENT = "weir is listening on http://127.0.0.1:"


class DidNotStart(Exception):
    """The server ended before it listened; `code` is its exit code, negative for a signal."""

    def __init__(self, code: int | None, output: str) -> None:
        super().__init__(f"exit code {code}: {output.strip()}")
        self.code = code
        self.output = output


class EndedByItself(Exception):
    """The server was gone before it was killed."""


class Server:
    """One data folder, and the server that runs on it now and then."""

    #: All that was started and may still run, so that nothing stays behind.
    running: set[subprocess.Popen[bytes]] = set()

    def __init__(self, program: Path, folder: Path, environment: dict[str, str] | None = None,
                 launcher: list[str] | None = None, token: str | None = None) -> None:
        self.program = program
        self.folder = folder
        self.log = folder.with_name(folder.name + ".log")
        self.token = token or f"torture-{secrets.token_hex(16)}"
        self.environment = environment or {}
        #: What runs the program, with the program and its arguments behind.
        self.launcher = launcher or []
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def spawn(self, pass_fds: tuple[int, ...] = ()) -> None:
        """Starts the process without waiting for it."""
        assert self.process is None, "a server runs already"
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "WEIR_ADMIN_TOKEN": self.token,
            # Verified at the end of each scenario, and not beside it.
            "WEIR_VERIFY_INTERVAL_SECONDS": "0",
            **self.environment,
        }
        arguments = [str(self.program), "serve", "--host", "127.0.0.1", "--port", "0",
                     "--data", str(self.folder), "--log-level", "error"]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.launcher, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=log, env=environment, cwd=self.folder.parent, pass_fds=pass_fds,
                # So that an interrupt of the terminal is ours to handle.
                start_new_session=True)
        Server.running.add(self.process)

    def wait_until_listening(self) -> None:
        """Reads the announcement, else raises `DidNotStart`."""
        assert self.process is not None and self.process.stdout is not None
        deadline = time.monotonic() + START_SECONDS
        output = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while True:
                if not selector.select(max(0, deadline - time.monotonic())):
                    self.kill()
                    raise DidNotStart(None, f"neither listening nor ended in {START_SECONDS} s")
                received = os.read(self.process.stdout.fileno(), 4096)
                output += received
                for line in output.decode().splitlines(keepends=True):
                    if line.startswith(ANNOUNCEMENT) and line.endswith("\n"):
                        self.port = int(line[len(ANNOUNCEMENT):])
                        return
                if not received:
                    code = self.wait(START_SECONDS)
                    raise DidNotStart(code, output.decode() + self.last_words())

    def start(self) -> None:
        """Starts the server and waits until it listens."""
        self.spawn()
        self.wait_until_listening()

    def connect(self, timeout_seconds: float = 30) -> Connection:
        """A connection to the running server, as its administrator."""
        return Connection(self.port, self.token, timeout_seconds)

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to the process, which may be gone already."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """`kill -9`, and waits until it is gone; it must not have been gone before."""
        self.signal(signal.SIGKILL)
        code = self.wait(STOP_SECONDS)
        if code != -signal.SIGKILL:
            raise EndedByItself(f"{self.folder}: exit code {code}: {self.last_words()}")

    def stop(self) -> int:
        """Stops it gracefully; its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait(STOP_SECONDS)

    def wait(self, seconds: float) -> int:
        """Waits for its end, else raises `subprocess.TimeoutExpired`; its exit code."""
        assert self.process is not None
        code = self.process.wait(seconds)
        if self.process.stdout is not None:
            self.process.stdout.close()
        Server.running.discard(self.process)
        self.process = None
        return code

    def verify(self) -> str | None:
        """Runs `weir verify` on the folder; what differs, or nothing."""
        result = subprocess.run(
            [str(self.program), "verify", "--data", str(self.folder)],
            capture_output=True, text=True, timeout=300, check=False,
            env={"PATH": os.environ.get("PATH", "")})
        return None if result.returncode == 0 else result.stdout + result.stderr

    def last_words(self, size: int = 2000) -> str:
        """The end of what it wrote to standard error, over all its lives."""
        return self.log.read_bytes()[-size:].decode(errors="replace")

    @classmethod
    def kill_all(cls) -> None:
        """Ends all that was started and still runs."""
        for process in list(cls.running):
            process.kill()
            process.wait()
            cls.running.discard(process)


atexit.register(Server.kill_all)
