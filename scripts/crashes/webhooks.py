"""`kill -9` of the server, and of the receiver, while webhooks are delivered: none is lost, and one
that comes twice has the same id and body.

Each delivery is verified with PyPI's `standardwebhooks`, as a receiver would.
"""

from __future__ import annotations

import json
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from connection import Connection
from context import Context, wait_until_ready
from report import Violation

NAME = "kill -9 while webhooks are delivered"
#: How many tenants use up their limit in one cycle.
TENANTS = 12
#: How long the server runs in one cycle after its last request, at most.
RUN_SECONDS = 0.4
#: How long everything may take to arrive in the end: what found the receiver gone twice is tried
#: again after five minutes and up to a tenth more.
ARRIVAL_SECONDS = 400
#: How long after the crossing a delivery comes, while both are up.
BOUND_SECONDS = 1.0


class Receiver:
    """What webhooks are delivered to; it can be killed and started on the same port."""

    def __init__(self) -> None:
        self.deliveries: list[dict] = []
        #: How many of them were verified.
        self.verified = 0
        self.lock = threading.Lock()
        self.port = 0
        self.server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Listens; on the port it had before."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.lock:
                    receiver.deliveries.append({
                        "headers": {name.lower(): value for name, value in self.headers.items()
                                    if name.lower().startswith("webhook-")},
                        "body": body.decode(), "at": time.monotonic()})
                self.send_response(204)
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                pass

        ThreadingHTTPServer.allow_reuse_address = True
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def kill(self) -> None:
        """Stops listening at once."""
        assert self.server is not None
        self.server.shutdown()
        self.server.server_close()
        self.server = None

    def arrived(self) -> dict[tuple[str, str], set[str]]:
        """The ids that came for each tenant and type."""
        found: dict[tuple[str, str], set[str]] = {}
        with self.lock:
            for delivery in self.deliveries:
                body = json.loads(delivery["body"])
                key = (body["data"]["tenant"], body["type"])
                found.setdefault(key, set()).add(delivery["headers"]["webhook-id"])
        return found


def spend(connection: Connection, tenant: str) -> None:
    """Uses up a limit; what was not answered is asked again, once."""
    body = {"tenant": tenant, "plan": "small", "idempotency_key": tenant,
            "charges": [{"meter": "ai_tokens", "amount": 10}]}
    answer = connection.post("/api/v1/consume", body)
    assert answer.status == 200, str(answer)


def verify(context: Context, receiver: Receiver, secret: str) -> list[Violation]:
    """Has every delivery that came since the last time verified by the official library."""
    file = context.folder / "webhooks.json"
    deliveries = receiver.deliveries[receiver.verified:]
    receiver.verified += len(deliveries)
    file.write_text(json.dumps([{"secret": secret, **delivery} for delivery in deliveries]))
    script = Path(__file__).parent.parent / "verify_webhooks.py"
    found = subprocess.run([context.verifier, str(script), str(file)], check=True,
                           stdout=subprocess.PIPE)
    return [Violation("other", f"{NAME}: {verdict}")
            for verdict in json.loads(found.stdout) if verdict != "verified"]


def compare(receiver: Receiver, expected: set[tuple[str, str]]) -> list[Violation]:
    """Compares what came with what had to come."""
    arrived = receiver.arrived()
    violations = [Violation("lost", f"{tenant} never heard of {kind}")
                  for tenant, kind in sorted(expected - set(arrived))]
    violations += [Violation("doubled", f"{key} came under the ids {sorted(ids)}")
                   for key, ids in sorted(arrived.items()) if len(ids) > 1]
    bodies: dict[str, str] = {}
    for delivery in receiver.deliveries:
        known = bodies.setdefault(delivery["headers"]["webhook-id"], delivery["body"])
        if known != delivery["body"]:
            violations.append(Violation("other", f"{delivery['headers']} has two bodies"))
    return violations


def measure(connection: Connection, receiver: Receiver) -> list[Violation]:
    """How long a delivery takes while both are up."""
    begun = time.monotonic()
    spend(connection, "prompt")
    while ("prompt", "quota.exhausted") not in receiver.arrived():
        if time.monotonic() - begun > BOUND_SECONDS:
            return [Violation("other", f"{NAME}: no delivery within {BOUND_SECONDS} s")]
        time.sleep(0.005)
    print(f"  a delivery took {1000 * (time.monotonic() - begun):.0f} ms", flush=True)
    return []


def run(context: Context) -> None:
    """Kills server and receiver again and again."""
    if context.verifier is None:
        print(f"SKIPPED: {NAME}: standardwebhooks of PyPI is not there", flush=True)
        return
    tally = context.report.begin(NAME)
    random = context.random(NAME)
    receiver = Receiver()
    receiver.start()
    server = context.server("webhooks")
    server.environment["WEIR_WEBHOOK_ALLOW"] = "127.0.0.0/8"
    server.start()
    connection = server.connect()
    connection.post("/api/admin/plans", {"id": "small", "limits": [
        {"meter": "ai_tokens", "window": "month", "limit": 10}]})
    answer = connection.post("/api/admin/webhooks", {
        "id": "torture", "url": f"http://127.0.0.1:{receiver.port}/hook"})
    assert answer.status == 201, str(answer)
    secret = answer.json()["secret"]
    context.report.violated(*measure(connection, receiver))
    tenants: list[str] = ["prompt"]
    for cycle in range(5 if context.short else 40):
        if cycle > 0:
            server.start()
            connection = server.connect()
        if cycle % 5 == 3:
            receiver.kill()
        for number in range(TENANTS):
            tenant = f"t{cycle}-{number}"
            spend(connection, tenant)
            tenants.append(tenant)
        time.sleep(random.uniform(0, RUN_SECONDS))
        if receiver.server is None:
            time.sleep(0.5)
            receiver.start()
        connection.close()
        server.kill()
        tally.cycles += 1
    tally.requests = tally.acknowledged = len(tenants)
    server.start()
    wait_until_ready(server)
    expected = {(tenant, kind) for tenant in tenants
                for kind in ("quota.threshold_reached", "quota.exhausted")}
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while True:
        # The library refuses what is more than five minutes old.
        context.report.violated(*verify(context, receiver, secret))
        if expected <= set(receiver.arrived()) or time.monotonic() > deadline:
            break
        time.sleep(1)
    # What came while the last were verified.
    context.report.violated(*verify(context, receiver, secret))
    context.report.violated(*compare(receiver, expected))
    print(f"  {receiver.verified} verified deliveries of {len(expected)} notifications", flush=True)
    tally.checks += 2
    context.finish(server)
    receiver.kill()
    context.report.end(tally)
