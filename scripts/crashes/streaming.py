"""`kill -9` while the gateway relays: a stream that was cut costs what it held, and nothing is lost.

What had ended for its caller is booked to the token, once; of what was cut no less is booked than
had been passed on, and no reservation stays open for longer than its time to live.
"""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from check import FIRST_DATE, limits, pages
from connection import Connection
from context import Context, wait_until_ready
from report import Violation
from server import Server

NAME = "kill -9 in mid-stream"
CLIENTS = 4
#: How long a server is loaded before it is killed, at most: some streams end, and some do not.
LOAD_SECONDS = 0.5
TOTAL_TIMEOUT_MILLISECONDS = 1000
#: How much longer than that units are held.
MARGIN_SECONDS = 60
#: How long expired reservations may stay open.
GRACE_SECONDS = 15
PIECE = re.compile(rb'"content":" ')


@dataclass
class Stream:
    """One request, as its caller saw it."""

    name: str
    pieces: int = 0
    #: The backend's tokens, once the answer had come to its end.
    tokens: int | None = None


@dataclass
class Caller:
    """A tenant's client, which asks for one stream after the other."""

    index: int
    key: str
    streams: list[Stream] = field(default_factory=list)

    def run(self, port: int, stop: threading.Event) -> None:
        """Asks until told to stop or the server is gone."""
        while not stop.is_set():
            stream = Stream(f"torture-{self.index}-{len(self.streams)}")
            self.streams.append(stream)
            try:
                self.ask(port, stream)
            except (OSError, http.client.HTTPException):
                return

    def ask(self, port: int, stream: Stream) -> None:
        """Reads one stream to its end."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        body = {"model": "small", "stream": True, "stream_options": {"include_usage": True},
                "messages": [{"role": "user", "content": "hello"}]}
        connection.request("POST", "/v1/chat/completions", json.dumps(body), {
            "Authorization": f"Bearer {self.key}", "Content-Type": "application/json",
            "X-Request-Id": stream.name})
        answer = connection.getresponse()
        usage = None
        while line := answer.readline():
            if PIECE.search(line):
                stream.pieces += 1
            elif b'"usage":{' in line:
                usage = json.loads(line[len(b"data: "):])["usage"]
        # The end of the body: the hold had ended before it was written.
        if answer.status == 200 and usage is not None and answer.isclosed():
            stream.tokens = usage["total_tokens"]
        connection.close()


def start_backend(context: Context) -> tuple[subprocess.Popen[bytes], str]:
    """Starts a backend that takes its time; its address."""
    process = subprocess.Popen(
        [str(context.program), "mock-backend", "--port", "0", "--model", "small",
         "--tokens-per-second", "200", "--output-tokens", "120"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin"}, start_new_session=True)
    Server.running.add(process)
    assert process.stdout is not None
    line = process.stdout.readline().decode()
    return process, line[line.index("http"):].strip()


def configure(context: Context, backend: str) -> Path:
    """Writes the file that puts a gateway before a backend."""
    file = context.folder / "streaming.yaml"
    file.write_text(json.dumps({"gateway": {
        "total_timeout_ms": TOTAL_TIMEOUT_MILLISECONDS, "probe_interval_ms": 0,
        "models": {"small": {"price": "free", "backends": [
            {"url": f"{backend}/v1", "kind": "openai", "model": "small"}]}}}}))
    return file


def create(connection: Connection, tenant: str) -> str:
    """Creates a tenant without limits that it could reach; a key of it."""
    limits_ = [{"meter": meter, "window": "month", "limit": 10**12}
               for meter in ("ai_tokens", "api_calls")]
    connection.post("/api/admin/plans", {"id": "streams", "limits": limits_})
    connection.post("/api/admin/tenants", {"id": tenant, "plan": "streams"})
    answer = connection.post("/api/admin/keys", {"tenant": tenant, "name": "torture"})
    return answer.json()["key"]


def compare(connection: Connection, tenant: str, streams: list[Stream]) -> list[Violation]:
    """Compares what is booked and held with what the callers saw."""
    violations: list[Violation] = []
    path = f"/api/admin/tenants/{tenant}/events?from={FIRST_DATE}"
    booked: dict[str, Counter[str]] = {"ai_tokens": Counter(), "api_calls": Counter()}
    for event in pages(connection, path):
        name = (event["metadata"] or {}).get("request_id")
        if name is None:
            continue
        if booked[event["meter"]][name]:
            violations.append(Violation("doubled", f"{tenant}: {name} is booked twice"))
        booked[event["meter"]][name] += event["units"]
    for stream in streams:
        found = booked["ai_tokens"][stream.name]
        if stream.tokens is not None and found != stream.tokens:
            kind = "lost" if found < stream.tokens else "doubled"
            violations.append(Violation(
                kind, f"{tenant}: {stream.name} took {stream.tokens} tokens, booked are {found}"))
    shown = limits(connection, tenant)
    least = sum(stream.tokens or stream.pieces for stream in streams)
    if shown["ai_tokens"]["used"] < least:
        violations.append(Violation(
            "lost", f"{tenant}: {shown['ai_tokens']['used']} tokens for {least} that came"))
    whole = sum(stream.tokens is not None for stream in streams)
    if not whole <= shown["api_calls"]["used"] <= len(streams):
        violations.append(Violation(
            "lost" if shown["api_calls"]["used"] < whole else "doubled",
            f"{tenant}: {shown['api_calls']['used']} requests of {whole} to {len(streams)}"))
    return violations


def wait_until_expired(connection: Connection, tenant: str) -> list[Violation]:
    """Waits until nothing is held any more."""
    seconds = TOTAL_TIMEOUT_MILLISECONDS / 1000 + MARGIN_SECONDS + GRACE_SECONDS
    deadline = time.monotonic() + seconds
    while held := pages(connection, f"/api/admin/reservations?tenant={tenant}"):
        if time.monotonic() > deadline:
            return [Violation("leaked", f"{tenant}: {len(held)} holds do not expire")]
        time.sleep(0.2)
    return []


def run(context: Context) -> None:
    """Kills a server that relays streams, again and again."""
    tally = context.report.begin(NAME)
    random = context.random(NAME)
    backend, address = start_backend(context)
    server = context.server("streaming")
    server.environment["WEIR_CONFIG"] = str(configure(context, address))
    tenant = "streaming"
    server.start()
    connection = server.connect()
    key = create(connection, tenant)
    connection.close()
    callers = [Caller(index, key) for index in range(CLIENTS)]
    for cycle in range(5 if context.short else 40):
        if cycle > 0:
            server.start()
        stop = threading.Event()
        threads = [threading.Thread(target=caller.run, args=(server.port, stop), daemon=True)
                   for caller in callers]
        for thread in threads:
            thread.start()
        time.sleep(random.uniform(0, LOAD_SECONDS) + (1 if cycle % 4 == 0 else 0))
        server.kill()
        stop.set()
        for thread in threads:
            thread.join()
        tally.cycles += 1
    streams = [stream for caller in callers for stream in caller.streams]
    tally.requests = len(streams)
    tally.acknowledged = sum(stream.tokens is not None for stream in streams)
    tally.unknown = tally.requests - tally.acknowledged
    if tally.acknowledged == 0 or not any(
            stream.pieces and stream.tokens is None for stream in streams):
        context.report.violated(Violation("other", f"{NAME}: no stream ended, or none was cut"))
    server.start()
    wait_until_ready(server)
    connection = server.connect()
    context.report.violated(*compare(connection, tenant, streams))
    tally.checks += 1
    if not context.short:
        # What was cut is booked as held when its time has passed: a minute, which is too long here.
        context.report.violated(*wait_until_expired(connection, tenant))
        context.report.violated(*compare(connection, tenant, streams))
        tally.checks += 1
    connection.close()
    context.finish(server)
    backend.kill()
    backend.wait()
    Server.running.discard(backend)
    context.report.end(tally)
