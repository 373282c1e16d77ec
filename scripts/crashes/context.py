"""What every scenario needs: the program, a folder, the seed, and how long it may take."""

from __future__ import annotations

import random
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from book import SEATS, Book
from check import Unreadable, check_events, check_sums, drain, end_holds
from client import Client
from connection import Connection, NoAnswer
from report import Report, Tally, Violation
from server import Server

#: A budget that no scenario uses up.
WIDE = 10**12
#: The budget that is raced for, as in the first case of the list of faults.
NARROW = 1000
#: How long a server that listens may take to get ready.
READY_SECONDS = 30


@dataclass
class Context:
    """How the scenarios run."""

    program: Path
    folder: Path
    seed: int
    short: bool
    #: How many cycles of `kill -9` under load are asked for.
    kills: int
    report: Report
    #: Settings of the server, beside those that a scenario sets.
    environment: dict[str, str]
    #: A Python that has PyPI's `standardwebhooks`; None where it can't be had.
    verifier: str | None = None

    def random(self, name: str) -> random.Random:
        """Random numbers for one purpose, by the seed."""
        return random.Random(f"{self.seed}/{name}")

    def server(self, name: str) -> Server:
        """A server on a new folder."""
        folder = self.folder / name
        folder.parent.mkdir(parents=True, exist_ok=True)
        return Server(self.program, folder, dict(self.environment))

    def copy_of(self, server: Server, name: str) -> Server:
        """A server, not started, on a copy of a folder that nobody uses now."""
        copy = self.server(name)
        copy.token = server.token
        shutil.copytree(server.folder, copy.folder)
        return copy

    def discard(self, server: Server) -> None:
        """Removes the folder of a server that ended well."""
        shutil.rmtree(server.folder)
        server.log.unlink(missing_ok=True)

    def finish(self, server: Server) -> None:
        """Stops the server gracefully and verifies its ledger."""
        code = server.stop()
        if code != 0:
            self.report.violated(Violation("other", f"{server.folder}: stopped with {code}"))
        self.verify(server)

    def verify(self, server: Server) -> None:
        """Verifies the ledger of a folder on which no server runs."""
        if (differs := server.verify()) is not None:
            self.report.violated(Violation("other", f"{server.folder}: weir verify: {differs}"))


def create_plans(connection: Connection) -> None:
    """Creates the plans of the scenarios, unless they are there."""
    for name, quantity in (("wide", WIDE), ("narrow", NARROW)):
        limits = [{"meter": meter, "window": "lifetime", "limit": quantity}
                  for meter in ("ai_tokens", "api_calls")]
        limits.append({"meter": SEATS, "window": "none", "limit": quantity})
        answer = connection.post("/api/admin/plans", {"id": name, "limits": limits})
        if answer.status not in (201, 409):
            raise Unreadable(f"a plan was answered with {answer}")


def create_tenant(connection: Connection, tenant: str, plan: str) -> Book:
    """Creates a tenant, unless it is there; its book is empty."""
    answer = connection.post("/api/admin/tenants", {"id": tenant, "plan": plan})
    if answer.status not in (201, 409):
        raise Unreadable(f"a tenant was answered with {answer}")
    return empty_book(tenant, plan)


def empty_book(tenant: str, plan: str) -> Book:
    """The book of a tenant on one of the plans."""
    quantity = WIDE if plan == "wide" else NARROW
    capacity = {"ai_tokens": quantity, "api_calls": quantity, SEATS: quantity}
    return Book(tenant, capacity, refuses=plan == "narrow")


def wait_until_ready(server: Server) -> None:
    """Waits until what the last life left is taken over: before that, sums may not be exact."""
    connection = server.connect()
    deadline = time.monotonic() + READY_SECONDS
    while (answer := connection.get("/readyz")).status != 200:
        if time.monotonic() > deadline:
            raise Unreadable(f"{server.folder} listens and does not get ready: {answer}")
        time.sleep(0.02)
    connection.close()


def settle(clients: list[Client], server: Server) -> None:
    """Lets all clients ask until everything they must know is known."""
    wait_until_ready(server)
    connection = server.connect()
    for client in clients:
        client.settle(connection)
    connection.close()


def merged(clients: list[Client], empty: list[Book]) -> list[Book]:
    """The books of all clients, added up, for each of the given tenants."""
    for book in empty:
        for client in clients:
            if book.tenant in client.ledger.books:
                book.merge(client.ledger.books[book.tenant])
    return empty


def check(context: Context, tally: Tally, server: Server, books: list[Book],
          final: bool) -> None:
    """Compares all books with the running server; finally also ends what is held, takes what is
    left of narrow budgets, and looks at single events."""
    tally.checks += 1
    connection = server.connect()
    try:
        for book in books:
            if final:
                context.report.violated(*end_holds(connection, book))
            context.report.violated(*check_sums(connection, book))
            if final:
                if book.refuses:
                    context.report.violated(*drain(connection, book, "ai_tokens"))
                    context.report.violated(*check_sums(connection, book))
                context.report.violated(*check_events(connection, book))
    except (NoAnswer, Unreadable) as error:
        context.report.violated(Violation("other", f"{server.folder}: {error}"))
    finally:
        connection.close()


def collect(context: Context, tally: Tally, clients: list[Client]) -> None:
    """Takes over the figures and violations of clients that are done."""
    for client in clients:
        tally.add(client.ledger.tally)
        context.report.violated(*client.ledger.violations)
