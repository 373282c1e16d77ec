"""Two servers on one data folder: the second refuses to start, the first goes on unharmed."""

from __future__ import annotations

import threading
import time

from client import run_all
from context import Context
from kills import Round
from report import Violation
from server import DidNotStart, Server

NAME = "two servers, one folder"
CLIENTS = 4
#: What the one that refuses must say.
REFUSAL = "another server uses the data folder"


def refused(server: Server) -> list[Violation]:
    """Waits for a spawned server to refuse; what is wrong with how it did."""
    try:
        server.wait_until_listening()
    except DidNotStart as error:
        if error.code != 1 or REFUSAL not in error.output:
            return [Violation("other", f"a second server ended with {error}")]
        return []
    server.kill()
    return [Violation("other", f"two servers run on {server.folder}")]


def race(first: Server, second: Server) -> tuple[Server, list[Violation]]:
    """Starts both at once; the one that listens, which exactly one must do."""
    first.spawn()
    second.spawn()
    listening, violations = [], []
    for server in (first, second):
        try:
            server.wait_until_listening()
            listening.append(server)
        except DidNotStart as error:
            if error.code != 1 or REFUSAL not in error.output:
                violations.append(Violation("other", f"the slower server ended with {error}"))
    if len(listening) != 1:
        violations.append(Violation("other", f"{len(listening)} of two servers listen"))
    if not listening:
        raise DidNotStart(None, "neither of two servers listens")
    return listening[0], violations


def run(context: Context) -> None:
    """Starts a second server under load, and two at once, again and again."""
    tally = context.report.begin(NAME)
    server = context.server("two-servers")
    second = context.server("two-servers")
    second.token = server.token
    server.start()
    round_ = Round(context, server, 0, CLIENTS)
    for _ in range(2 if context.short else 20):
        stop = threading.Event()
        threads = run_all(round_.clients, server.port, server.token, stop)
        second.spawn()
        context.report.violated(*refused(second))
        time.sleep(0.05)
        stop.set()
        for thread in threads:
            thread.join()
        if any(client.pending and client.pending[0].sent_before for client in round_.clients):
            context.report.violated(Violation("other", "the first server lost a connection"))
        round_.check(context, tally, server)
        server.kill()
        winner, violations = race(server, second)
        context.report.violated(*violations)
        round_.check(context, tally, winner)
        # The next pass goes on with the winner as the first.
        server, second = winner, second if winner is server else server
        tally.cycles += 1
    round_.finish(context, tally, server)
    context.finish(server)
    context.report.end(tally)
