"""SIGSTOP for some seconds under load, then SIGCONT or `kill -9`: clients give up and ask again."""

from __future__ import annotations

import signal
import threading
import time

from check import limits
from client import Client, run_all
from context import Context
from kills import Round
from server import Server

NAME = "SIGSTOP under load"
CLIENTS = 6
#: How long clients wait for an answer before they give it up.
PATIENCE_SECONDS = 0.4
#: How long sums must stay as they are, before requests that were given up count as done.
QUIET_SECONDS = 0.7


def load(server: Server, clients: list[Client], seconds: float) -> None:
    """Loads the server, whether it runs or is stopped, with clients of little patience."""
    stop = threading.Event()
    threads = run_all(clients, server.port, server.token, stop, PATIENCE_SECONDS)
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()


def wait_until_quiet(server: Server, tenants: list[str]) -> None:
    """Waits until a server that runs again has done what was given up meanwhile."""
    connection = server.connect()
    before: list[dict] = []
    while (now := [limits(connection, tenant) for tenant in tenants]) != before:
        before = now
        time.sleep(QUIET_SECONDS)
    connection.close()


def run(context: Context) -> None:
    """Stops the server again and again; every other time it dies while it is stopped."""
    tally = context.report.begin(NAME)
    random = context.random(NAME)
    server = context.server("stopped")
    server.start()
    round_ = Round(context, server, 0, CLIENTS)
    for cycle in range(2 if context.short else 10):
        timer = threading.Timer(
            random.uniform(0.1, 0.3), server.signal, args=(signal.SIGSTOP,))
        timer.start()
        load(server, round_.clients, 0.5)
        timer.join()
        # The same requests again, by those who had no answer.
        load(server, round_.clients, 1.0 if context.short else random.uniform(1, 5))
        if cycle % 2 == 0:
            server.signal(signal.SIGCONT)
            load(server, round_.clients, 0.2)
            wait_until_quiet(server, [tenant for tenant, _ in round_.tenants])
        else:
            server.kill()
            server.start()
        round_.check(context, tally, server)
        tally.cycles += 1
    round_.finish(context, tally, server)
    context.finish(server)
    context.report.end(tally)
