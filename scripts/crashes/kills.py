"""`kill -9` under load, again and again: clients of all kinds, and a budget that they race for."""

from __future__ import annotations

import threading
import time

from client import Client, Mix, run_all
from context import (Context, check, collect, create_plans, create_tenant, empty_book, merged,
                     settle)
from report import Tally
from server import Server

NAME = "kill -9 under load"
#: Clients that ask at once.
CLIENTS = 6
#: Cycles with the same tenants, between two complete comparisons.
ROUND = 25
#: How long a server is loaded before it is killed, at most.
LOAD_SECONDS = 0.12


class Round:
    """Tenants and clients of some cycles."""

    def __init__(self, context: Context, server: Server, number: int, clients: int) -> None:
        wide, narrow = f"wide-{number}", f"narrow-{number}"
        connection = server.connect()
        create_plans(connection)
        create_tenant(connection, wide, "wide")
        create_tenant(connection, narrow, "narrow")
        connection.close()
        self.tenants = [(wide, "wide"), (narrow, "narrow")]
        self.clients = []
        for index in range(clients):
            mix = Mix(f"{context.seed}/{server.folder.name}/{number}/{index}", wide, narrow)
            self.clients.append(Client(mix.draw, self.empty()))

    def empty(self) -> list:
        """Empty books of the tenants."""
        return [empty_book(tenant, plan) for tenant, plan in self.tenants]

    def finish(self, context: Context, tally: Tally, server: Server) -> None:
        """Settles what is unknown and compares everything, on a running server."""
        settle(self.clients, server)
        check(context, tally, server, merged(self.clients, self.empty()), final=True)
        collect(context, tally, self.clients)

    def check(self, context: Context, tally: Tally, server: Server) -> None:
        """Settles what is unknown and compares the sums, on a running server."""
        settle(self.clients, server)
        check(context, tally, server, merged(self.clients, self.empty()), final=False)


def load(server: Server, clients: list[Client], seconds: float) -> None:
    """Loads a running server for some seconds, then kills it."""
    stop = threading.Event()
    threads = run_all(clients, server.port, server.token, stop)
    time.sleep(seconds)
    server.kill()
    stop.set()
    for thread in threads:
        thread.join()


def run(context: Context) -> None:
    """Kills a server under load as many times as asked for."""
    tally = context.report.begin(NAME)
    random = context.random(NAME)
    server = context.server("kills")
    while tally.cycles < context.kills:
        server.environment["WEIR_DURABILITY"] = random.choice(("fast", "durable"))
        server.start()
        round_ = Round(context, server, tally.cycles // ROUND, CLIENTS)
        for cycle in range(min(ROUND, context.kills - tally.cycles)):
            if cycle > 0:
                server.start()
            if cycle == ROUND // 2:
                round_.check(context, tally, server)
            load(server, round_.clients, random.uniform(0, LOAD_SECONDS))
            tally.cycles += 1
        server.start()
        round_.finish(context, tally, server)
        server.kill()
    server.start()
    context.finish(server)
    context.report.end(tally)
