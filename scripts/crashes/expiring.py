"""Reservations that expire while the server is dead, starts, or is killed: each as it was told."""

from __future__ import annotations

import threading
import time

from book import Book
from check import check_events, pages
from client import Client, run_all
from context import (Context, check, collect, create_plans, create_tenant, empty_book, merged,
                     settle)
from connection import Answer
from report import Violation
from server import Server
from tasks import Ledger, Reserve, Task

NAME = "expiry across kills"
CLIENTS = 3
#: How long a reservation waits for word, at most.
MOST_MILLISECONDS = 600
#: How long expired reservations may stay open.
GRACE_SECONDS = 10


class Expiring(Reserve):
    """A reservation that nobody ends, with an instruction for that."""

    def __init__(self, tenant: str, units: int, label: str, ttl_ms: int, on_expiry: str) -> None:
        super().__init__(tenant, {"ai_tokens": units}, label, keyed=True)
        self.ttl_ms = ttl_ms
        self.on_expiry = on_expiry

    def body(self) -> dict:
        return super().body() | {"ttl_ms": self.ttl_ms, "on_expiry": self.on_expiry}

    def answered(self, answer: Answer, ledger: Ledger) -> list[Task]:
        if answer.status != 201:
            return self.again(answer, ledger)
        ledger.tally.acknowledged += 1
        # As it will be, once it has expired.
        book = ledger.books[self.tenant]
        if self.on_expiry == "post":
            book.charge(self.charges, self.label)
        elif self.on_expiry == "suspect":
            book.meters["ai_tokens"].suspect += self.charges["ai_tokens"]
        return []


def client(context: Context, tenant: str, index: int) -> Client:
    """A client that reserves and leaves it at that."""
    random = context.random(f"{tenant}/{index}")
    count = 0

    def draw() -> Task:
        nonlocal count
        count += 1
        return Expiring(
            tenant, random.randint(1, 1000), f"{index}/{count}",
            random.randint(50, MOST_MILLISECONDS), random.choice(("post", "suspect", "void")))

    return Client(draw, [empty_book(tenant, "wide")])


def wait_until_expired(server: Server, tenant: str) -> list[Violation]:
    """Waits until nothing is held any more."""
    connection = server.connect()
    deadline = time.monotonic() + MOST_MILLISECONDS / 1000 + GRACE_SECONDS
    while held := pages(connection, f"/api/admin/reservations?tenant={tenant}"):
        if time.monotonic() > deadline:
            return [Violation("leaked", f"{tenant}: {len(held)} reservations do not expire")]
        time.sleep(0.05)
    connection.close()
    return []


def run(context: Context) -> None:
    """Kills a server on which reservations expire; tenant after tenant."""
    tally = context.report.begin(NAME)
    random = context.random(NAME)
    server = context.server("expiring")
    for number in range(1 if context.short else 6):
        tenant = f"expiring-{number}"
        clients = [client(context, tenant, index) for index in range(CLIENTS)]
        for _ in range(8):
            server.start()
            connection = server.connect()
            create_plans(connection)
            create_tenant(connection, tenant, "wide")
            connection.close()
            stop = threading.Event()
            threads = run_all(clients, server.port, server.token, stop)
            time.sleep(random.uniform(0, 0.1))
            if random.random() < 0.5:
                # Some expire before the kill, with nobody asking.
                stop.set()
                time.sleep(random.uniform(0, 0.2))
            server.kill()
            stop.set()
            for thread in threads:
                thread.join()
            # And some while no server runs.
            time.sleep(random.uniform(0, 0.2))
            tally.cycles += 1
        server.start()
        settle(clients, server)
        context.report.violated(*wait_until_expired(server, tenant))
        books: list[Book] = merged(clients, [empty_book(tenant, "wide")])
        check(context, tally, server, books, final=False)
        connection = server.connect()
        context.report.violated(*check_events(connection, books[0]))
        connection.close()
        collect(context, tally, clients)
        server.kill()
    server.start()
    context.finish(server)
    context.report.end(tally)
