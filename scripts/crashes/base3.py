"""Charges of 1, 3, 9, 27 … units, each with its own key, with retries, doubles and crashes.

Read in base 3, the balance shows each charge by itself: 0 is lost, 1 is right, 2 is doubled.
"""

from __future__ import annotations

import threading
import time

from book import Book
from check import limits
from client import Client, run_all
from context import Context, check, collect, create_plans, settle
from report import Tally, Violation
from server import Server
from tasks import Task, Use

NAME = "base 3"
#: 3^0 … 3^32 add up to less than the largest amount, 2^53 - 1.
CHARGES = 33
#: Clients that send the same requests, each in an order of its own.
CLIENTS = 3
PLAN = "powers"


def create_plan(server: Server) -> None:
    """A plan with room for all charges."""
    connection = server.connect()
    create_plans(connection)
    limit = {"meter": "ai_tokens", "window": "lifetime", "limit": 3**CHARGES}
    connection.post("/api/admin/plans", {"id": PLAN, "limits": [limit]})
    connection.close()


class Powers:
    """One tenant with its charges, which all clients send, over several lives of the server."""

    def __init__(self, context: Context, tenant: str) -> None:
        self.tenant = tenant
        self.clients = []
        for index in range(CLIENTS):
            order = list(range(CHARGES))
            context.random(f"{tenant}/{index}").shuffle(order)
            client = Client(self._draw, [self.book()])
            client.pending.extend(self.task(power) for power in order)
            self.clients.append(client)

    def book(self) -> Book:
        """The tenant's book, empty."""
        return Book(self.tenant, {"ai_tokens": 3**CHARGES})

    def task(self, power: int) -> Task:
        """The charge of 3 to this power."""
        return Use(self.tenant, {"ai_tokens": 3**power}, f"3^{power}", keyed=True)

    def _draw(self) -> Task:
        # All charges are answered: again, any of them, until the server dies.
        return self.task(int(time.monotonic() * 1e6) % CHARGES)

    def violations(self, server: Server) -> list[Violation]:
        """Reads the balance in base 3 on a running server."""
        connection = server.connect()
        used = limits(connection, self.tenant)["ai_tokens"]["used"]
        connection.close()
        found = []
        for power in range(CHARGES):
            digit = used // 3**power % 3
            if digit != 1:
                kind = "lost" if digit == 0 else "doubled"
                found.append(Violation(kind, f"{self.tenant}: 3^{power} was booked {digit} times"))
        if used >= 3**CHARGES:
            found.append(Violation("doubled", f"{self.tenant}: {used} is more than all charges"))
        return found


def run(context: Context) -> None:
    """Sends the charges to tenant after tenant while the server is killed."""
    tally = context.report.begin(NAME)
    server = context.server("base3")
    for number in range(2 if context.short else 20):
        _tenant(context, tally, server, f"powers-{number}")
    server.start()
    context.finish(server)
    context.report.end(tally)


def _tenant(context: Context, tally: Tally, server: Server, tenant: str) -> None:
    powers = Powers(context, tenant)
    random = context.random(tenant)
    for _ in range(random.randint(3, 6)):
        server.start()
        create_plan(server)
        connection = server.connect()
        connection.post("/api/admin/tenants", {"id": tenant, "plan": PLAN})
        connection.close()
        stop = threading.Event()
        threads = run_all(powers.clients, server.port, server.token, stop)
        time.sleep(random.uniform(0, 0.1))
        server.kill()
        for thread in threads:
            thread.join()
        tally.cycles += 1
    server.start()
    settle(powers.clients, server)
    context.report.violated(*powers.violations(server))
    # What several clients were acknowledged is one use.
    book = powers.book()
    for power in range(CHARGES):
        book.charge({"ai_tokens": 3**power}, f"3^{power}")
    check(context, tally, server, [book], final=True)
    collect(context, tally, powers.clients)
    server.kill()
