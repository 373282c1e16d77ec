"""A failure (EIO) and a crash at each sync in turn: while a folder is made, and under work."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from client import Client
from context import (Context, check, collect, create_plans, create_tenant, empty_book, merged,
                     settle)
from report import Tally, Violation
from server import DidNotStart, Server
from sync_gate import Gate, why_not
from tasks import Batch, Reserve, Task, Use

NAME = "EIO, crash at each sync"
#: How long a server that was told EIO may take to end.
EXIT_SECONDS = 5
#: What the server's documentation says it ends with when its disk fails under way.
DISK_FAILED = 70
#: Of the short form: how many points it takes from each series.
SHORT_POINTS = 3
#: Large batches that fill the log until the server takes it over, at 8,192 pages.
FILLING_BATCHES = 40


class PaddedUse(Use):
    """A use that fills the log."""

    def body(self) -> dict:
        return super().body() | {"metadata": {"label": self.label, "padding": "x" * 4000}}


def work() -> list[Task]:
    """The fixed requests: one of each kind, with and without a key."""
    def use(label: str, units: int, keyed: bool = True) -> Use:
        return Use("fixed", {"ai_tokens": units}, label, keyed)

    both = {"ai_tokens": 81, "api_calls": 1}
    return [
        use("a", 1), use("b", 3, keyed=False),
        Use("fixed", {"api_calls": 2}, None, keyed=False),
        Batch([use("c", 9), use("d", 27, keyed=False), use("e", 5)]),
        Reserve("fixed", both, "f", keyed=True),
        Reserve("fixed", {"ai_tokens": 2}, "g", keyed=True),
        Use("fixed", both, "h", keyed=True), use("i", 243),
    ]


def much_work() -> list[Task]:
    """So much that the server takes its log over into the database under way."""
    fill: list[Task] = [
        Batch([PaddedUse("fixed", {"ai_tokens": 1}, f"{batch}.{n}", n % 2 == 0)
               for n in range(200)])
        for batch in range(FILLING_BATCHES)]
    return fill + work()


def make_template(context: Context, name: str, batches: int) -> Server:
    """The folder of a server that was killed after so many large batches."""
    server = context.server(name)
    server.start()
    connection = server.connect()
    create_plans(connection)
    create_tenant(connection, "fixed", "wide")
    before = Client(None, [create_tenant(connection, "before", "wide")])
    for number in range(batches):
        before.perform(connection, Batch(
            [PaddedUse("before", {"ai_tokens": 1}, f"{number}.{n}", False) for n in range(200)]))
    connection.close()
    server.kill()
    return server


@dataclass(frozen=True)
class Place:
    """Where failures are injected."""

    name: str
    #: A server whose folder is copied; without one each attempt has a new folder.
    template: Server | None
    #: What the server is asked.
    tasks: Callable[[], list[Task]]
    #: Whether only the syncs of the database itself are of interest, and those just before.
    checkpoints_only: bool = False


class Attempt:
    """One life of a server behind a gate: what it was asked, and how it ended."""

    def __init__(self, server: Server, gate: Gate, requests: list[Task]) -> None:
        self.server = server
        self.gate = gate
        tasks = iter(requests)
        self.client = Client(lambda: next(tasks), [empty_book("fixed", "wide")])
        self.listened = False
        #: How many syncs there had been when it listened.
        self.syncs_of_start = 0
        #: Whether the failure came while it stopped because it was told to.
        self.stopping = False
        self.code: int | None = None
        try:
            gate.start(server)
            server.wait_until_listening()
            self.listened = True
            self.syncs_of_start = len(gate.points)
            self._work()
            # A server that was told of a failure ends by itself.
            if gate.hit is None:
                self.stopping = True
                self.code = server.stop()
            elif self.excuse() is None:
                self.code = server.wait(EXIT_SECONDS)
            else:
                self.code = server.stop()
        except DidNotStart as error:
            self.code = error.code
        except subprocess.TimeoutExpired:
            server.kill()
        gate.join()

    def _work(self) -> None:
        connection = self.server.connect()
        try:
            while self.client.perform(connection, self.client._next()):
                if self.client.open:
                    self.client.pending.append(self.client.open.popleft())
                if self.client.pending and not self.client.perform(
                        connection, self.client.pending.popleft()):
                    return
        except StopIteration:
            pass
        finally:
            connection.close()

    def excuse(self) -> str | None:
        """Why a server may go on after EIO at this point, or nothing."""
        hit = self.gate.hit
        assert hit is not None
        if self.stopping and hit.file.startswith("ledger.sqlite"):
            return "the log is whole and stays, when the last checkpoint fails"
        if hit.file == self.server.folder.name:
            return "SQLite does not look at the outcome of syncing a folder"
        return None

    def wrong(self) -> list[Violation]:
        """What is wrong with how the server ended."""
        gate, found = self.gate, []
        if gate.failure is not None:
            found.append(f"the gate failed: {gate.failure}")
        if gate.hit is None or gate.kills or self.excuse() is not None:
            return [Violation("other", what) for what in found]
        where = f"{self.server.folder}: EIO at {gate.hit}"
        if self.code is None:
            found.append(f"{where}: it did not end in {EXIT_SECONDS} s")
        elif self.code == 0:
            found.append(f"{where}: it went on, and stopped with 0")
        elif self.listened and not self.stopping and self.code != DISK_FAILED:
            found.append(f"{where}: it ended with {self.code}, not with {DISK_FAILED}")
        retried = [point for point in gate.points[gate.hit.number:] if point.file == gate.hit.file]
        if retried and self.listened:
            found.append(f"{where}: it went on to sync: {', '.join(map(str, retried))}")
        return [Violation("other", what) for what in found]


class Series:
    """All points of one place."""

    def __init__(self, context: Context, tally: Tally, place: Place) -> None:
        self.context = context
        self.tally = tally
        self.place = place

    def _attempt(self, gate: Gate, name: str) -> Attempt:
        template = self.place.template
        server = (self.context.server(name) if template is None
                  else self.context.copy_of(template, name))
        return Attempt(server, gate, self.place.tasks())

    def points(self) -> list[int]:
        """The numbers of the syncs that are of interest, of a run without a failure; behind the
        last one, one more, which is to be passed by."""
        attempt = self._attempt(Gate(), "sync-points/whole")
        self.context.report.violated(*attempt.wrong())
        self.context.discard(attempt.server)
        points = attempt.gate.points
        if not self.place.checkpoints_only:
            return list(range(1, len(points) + 2))
        numbers = {point.number for point in points if point.file == "ledger.sqlite"}
        return sorted(numbers | {number - 1 for number in numbers})

    def run(self, kills: bool, numbers: list[int]) -> int:
        """Fails at each of the points; how many were hit."""
        hits = 0
        for number in numbers:
            kind = "crash" if kills else "eio"
            name = f"sync-points/{self.place.name.replace(' ', '-')}-{kind}-{number}"
            attempt = self._attempt(Gate(number, kills), name)
            before = len(self.context.report.violations)
            self.context.report.violated(*attempt.wrong())
            self._compare(attempt)
            self.tally.cycles += 1
            hits += attempt.gate.hit is not None
            if len(self.context.report.violations) == before:
                self.context.discard(attempt.server)
        return hits

    def _compare(self, attempt: Attempt) -> None:
        """Starts the server again: everything acknowledged is there, and it goes on."""
        server, context = attempt.server, self.context
        try:
            server.start()
            connection = server.connect()
            create_plans(connection)
            create_tenant(connection, "fixed", "wide")
            connection.close()
            settle([attempt.client], server)
            books = merged([attempt.client], [empty_book("fixed", "wide")])
            check(context, self.tally, server, books, final=True)
            collect(context, self.tally, [attempt.client])
            context.finish(server)
        except (DidNotStart, subprocess.TimeoutExpired) as error:
            context.report.violated(Violation(
                "other", f"{server.folder}: after {attempt.gate.hit}: {error}"))


def run(context: Context) -> None:
    """Goes through all syncs of a new folder and of the fixed workload."""
    if (reason := why_not()) is not None:
        context.report.skip(NAME, reason)
        return
    tally = context.report.begin(NAME)
    random = context.random(NAME)
    small = make_template(context, "sync-points/small", 0)
    places = [Place("a new folder", None, list), Place("work", small, work)]
    if not context.short:
        large = make_template(context, "sync-points/large", FILLING_BATCHES - 2)
        places += [Place("a long log", large, work),
                   Place("a checkpoint", small, much_work, checkpoints_only=True)]
    for place in places:
        series = Series(context, tally, place)
        points = series.points()
        hits = []
        for kills in (False, True):
            chosen = points
            if context.short:
                chosen = sorted(random.sample(points, min(SHORT_POINTS, len(points))))
            hits.append(series.run(kills, chosen))
        tally.notes.append(f"{place.name}: EIO at {hits[0]}, crash at {hits[1]} syncs")
    context.report.end(tally)
