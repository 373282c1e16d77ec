"""HTTP/1.1 over one socket, with a clear word on what happened when no answer came."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass

#: The longest head of an answer that is read.
MAXIMUM_HEAD_BYTES = 64 * 1024


class NoAnswer(Exception):
    """No answer came. `sent` says whether the server may have seen the request."""

    def __init__(self, reason: str, sent: bool) -> None:
        super().__init__(reason)
        self.sent = sent


@dataclass(frozen=True)
class Answer:
    """What the server answered."""

    status: int
    body: bytes

    def json(self) -> dict:
        """The body, which every answer of the API has in JSON."""
        return json.loads(self.body)

    def __str__(self) -> str:
        return f"{self.status} {self.body[:300].decode(errors='replace')}"


class Connection:
    """One connection, opened by its first call and closed by any failure."""

    def __init__(self, port: int, token: str, timeout_seconds: float = 30) -> None:
        self.port = port
        self.token = token
        self.timeout_seconds = timeout_seconds
        self._socket: socket.socket | None = None

    def get(self, path: str) -> Answer:
        """Reads a path."""
        return self.call("GET", path, None)

    def post(self, path: str, body: dict) -> Answer:
        """Sends a body in JSON."""
        return self.call("POST", path, body)

    def call(self, method: str, path: str, body: dict | None) -> Answer:
        """Sends one request and waits for its answer, else raises `NoAnswer`."""
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        sent = False
        try:
            if self._socket is None:
                self._socket = socket.create_connection(
                    ("127.0.0.1", self.port), timeout=self.timeout_seconds
                )
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.settimeout(self.timeout_seconds)
            sent = True
            self._socket.sendall(head.encode() + content)
            return self._read(self._socket)
        except (OSError, EOFError, ValueError) as error:
            self.close()
            raise NoAnswer(f"{method} {path}: {error!r}", sent) from error

    def close(self) -> None:
        """Closes the socket; the next call opens another one."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _read(self, connected: socket.socket) -> Answer:
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._some(connected)
            if len(received) > MAXIMUM_HEAD_BYTES:
                raise ValueError("the head of the answer does not end")
        lines = received[:end].decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in lines[1:])
        body = received[end + 4 :]
        length = int(fields.get("content-length", "0"))
        if fields.get("transfer-encoding") == "chunked":
            raise ValueError("an answer in chunks was not expected")
        while len(body) < length:
            body += self._some(connected)
        if fields.get("connection") == "close":
            self.close()
        return Answer(int(lines[0].split(" ")[1]), body)

    @staticmethod
    def _some(connected: socket.socket) -> bytes:
        received = connected.recv(65536)
        if not received:
            raise EOFError("the connection ended")
        return received
