"""Breaks the accounts on purpose, each time in one way, and demands that the comparison sees it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from book import Book
from check import check_events, check_sums, drain, end_holds
from client import Client, Mix
from context import Context, create_plans, create_tenant, empty_book, merged, settle
from report import Tally, Violation
from server import Server
from tasks import Reserve, Use

NAME = "teeth"
REQUESTS = 60
TENANTS = [("wide", "wide"), ("narrow", "narrow")]

#: Edits of a stopped server's database: what is edited, by which statements, and which kinds of
#: violations that must give. `ledger` stands for what `weir verify` finds.
EDITS: list[tuple[str, list[str], set[str]]] = [
    ("a balance that is too high",
     ["UPDATE accounts SET posted = posted + 5, available = available - 5 WHERE tenant = 'wide'"],
     {"doubled", "ledger"}),
    ("a balance that is too low",
     ["UPDATE accounts SET posted = posted - 5, available = available + 5 WHERE tenant = 'narrow' "
      "AND limit_name = 'tenant:ai_tokens/lifetime'"],
     {"lost", "overshoot", "ledger"}),
    ("a unit that nobody holds",
     ["UPDATE accounts SET escrowed = escrowed + 5, available = available - 5 "
      "WHERE tenant = 'narrow'"],
     {"doubled", "ledger"}),
    ("the last event removed",
     ["DELETE FROM events WHERE (tenant, admitted_at_ns, id, meter) = (SELECT tenant, "
      "admitted_at_ns, id, meter FROM events WHERE tenant = 'wide' "
      "ORDER BY admitted_at_ns DESC LIMIT 1)"],
     {"lost", "ledger"}),
    ("an hour with too little",
     ["UPDATE hourly_usage SET units = units - 1 WHERE tenant = 'wide'"],
     {"lost", "ledger"}),
    ("a day with too little",
     ["UPDATE daily_meter_usage SET units = units - 1 WHERE tenant = 'wide'"],
     {"ledger"}),
    ("the last answer forgotten",
     ["DELETE FROM answers WHERE number = (SELECT max(number) FROM answers)"], {"doubled"}),
    ("the last entry removed",
     ["DELETE FROM entries WHERE (batch, position) = (SELECT batch, position FROM entries "
      "ORDER BY batch DESC, position DESC LIMIT 1)"],
     {"ledger"}),
]


def forget(book: Book) -> None:
    """A client that forgets an acknowledged unit."""
    book.meters["ai_tokens"].certain.units -= 1


def imagine(book: Book) -> None:
    """A client that counts a unit which nobody acknowledged."""
    book.meters["ai_tokens"].certain.units += 1


def forget_use(book: Book) -> None:
    """A client that forgets which uses it made."""
    book.meters["ai_tokens"].labelled.popitem()


def imagine_hold(book: Book) -> None:
    """A client that believes to hold what it does not."""
    book.meters["ai_tokens"].held += 1


BOOKS: list[tuple[Callable[[Book], None], str]] = [
    (forget, "doubled"), (imagine, "lost"), (forget_use, "doubled"), (imagine_hold, "lost")]


class Bite:
    """A whole ledger and the book that fits it."""

    def __init__(self, context: Context, tally: Tally) -> None:
        self.context = context
        self.tally = tally
        self.server = context.server("teeth/whole")
        self.server.start()
        connection = self.server.connect()
        create_plans(connection)
        for tenant in TENANTS:
            create_tenant(connection, *tenant)
        mix = Mix(f"{context.seed}/teeth", "wide", "narrow")
        self.client = Client(mix.draw, [empty_book(*tenant) for tenant in TENANTS])
        for _ in range(REQUESTS):
            self.client.perform(connection, mix.draw())
        settle([self.client], self.server)
        #: The last that is asked, and asked again after an edit.
        self.last = Use("wide", {"ai_tokens": 7}, "the last", keyed=True)
        self.client.perform(connection, self.last)
        connection.close()

    def books(self) -> list[Book]:
        """What must be in the ledger."""
        return merged([self.client], [empty_book(*tenant) for tenant in TENANTS])

    def kinds(self, server: Server, books: list[Book], drains: bool) -> set[str]:
        """The kinds of violations that a comparison gives."""
        found = []
        connection = server.connect()
        for book in books:
            found += check_sums(connection, book) + check_events(connection, book)
            found += end_holds(connection, book) if drains else []
            if drains and book.refuses:
                found += drain(connection, book, "ai_tokens") + check_sums(connection, book)
        connection.close()
        return {violation.kind for violation in found}

    def demand(self, what: str, found: set[str], expected: set[str]) -> None:
        """Complains unless all that was expected was found, and nothing where nothing was."""
        self.tally.checks += 1
        self.tally.cycles += 1
        if not expected <= found or (not expected and found):
            self.context.report.violated(Violation(
                "other", f"{what}: the comparison finds {sorted(found)}, not {sorted(expected)}"))


def run(context: Context) -> None:
    """Each sabotage by itself: in the book, in the requests, in the database."""
    tally = context.report.begin(NAME)
    bite = Bite(context, tally)
    bite.demand("nothing", bite.kinds(bite.server, bite.books(), drains=False), set())
    for sabotage, kind in BOOKS:
        books = bite.books()
        sabotage(books[0])
        bite.demand(str(sabotage.__doc__), bite.kinds(bite.server, books, False), {kind})
    if (code := bite.server.stop()) != 0:
        context.report.violated(Violation("other", f"{NAME}: stopped with {code}"))
    _unnoted(context, bite)
    for number, (what, statements, expected) in enumerate(EDITS):
        _edit(context, bite, f"teeth/edit-{number}", what, statements, expected)
    tally.add(bite.client.ledger.tally)
    context.report.end(tally)


def _unnoted(context: Context, bite: Bite) -> None:
    """Requests that no client notes: a use again with another key, a hold that nobody ends."""
    again = Use(bite.last.tenant, bite.last.charges, "another key", keyed=True)
    hold = Reserve("narrow", {"ai_tokens": 1}, "a hold", keyed=True)
    for number, (task, expected) in enumerate(((again, {"doubled"}), (hold, {"leaked"}))):
        server = context.copy_of(bite.server, f"teeth/unnoted-{number}")
        server.start()
        connection = server.connect()
        answer = connection.post(task.path, task.body())
        connection.close()
        bite.demand(f"{answer.status} for {task}", bite.kinds(server, bite.books(), True), expected)
        server.kill()
        context.discard(server)


def _edit(context: Context, bite: Bite, name: str, what: str, statements: list[str],
          expected: set[str]) -> None:
    server = context.copy_of(bite.server, name)
    with sqlite3.connect(server.folder / "ledger.sqlite") as database:
        triggers = database.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'entries'")
        for (trigger,) in triggers.fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        changed = sum(database.execute(statement).rowcount for statement in statements)
    database.close()
    found = {"ledger"} if server.verify() is not None else set()
    server.start()
    connection = server.connect()
    connection.post(bite.last.path, bite.last.body())
    connection.close()
    found |= bite.kinds(server, bite.books(), drains=True)
    server.kill()
    bite.demand(f"{what} ({changed} rows)", found, expected)
    context.discard(server)
