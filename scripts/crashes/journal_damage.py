"""A damaged journal: cut at any byte, its end zeroed, any bit flipped.

A server on it must show the first charges of those that were acknowledged, without a gap, or
refuse to start and name the file and the offset. Every byte and bit is tried on files alone by
`Tests/UsageJournalTests`; here some are, through a whole server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from base3 import CHARGES, Powers, create_plan
from check import limits
from context import Context
from report import Tally, Violation
from server import DidNotStart, Server

NAME = "journal damage"
#: From Documentation/journal-format.md: what a segment begins with, and what a record takes.
HEADER_BYTES = 4096
SLOT_BYTES = 64
#: The header's fields, its hash, and the two sync marks.
HEADER_PARTS = [*range(0, 208), *range(448, 456), *range(1024, 1056), *range(2048, 2080)]
TENANT = "journal"
#: Damages of each kind: in the last two records, in the header, anywhere in the records.
SHORT_SAMPLES = (2, 1, 2)
LONG_SAMPLES = (128, 48, 64)


@dataclass(frozen=True)
class Damage:
    """What is done to one file: `cut` or `zero` from a byte on, or `flip` a bit of it."""

    kind: str
    byte: int
    bit: int = 0

    def apply(self, file: Path) -> None:
        """Damages the file."""
        with open(file, "r+b") as opened:
            size = opened.seek(0, 2)
            if self.kind == "cut":
                opened.truncate(self.byte)
            elif self.kind == "zero":
                opened.seek(self.byte)
                opened.write(bytes(size - self.byte))
            else:
                opened.seek(self.byte)
                value = opened.read(1)[0]
                opened.seek(self.byte)
                opened.write(bytes([value ^ 1 << self.bit]))


def end_of_records(content: bytes) -> int:
    """Behind the last slot that is not all zeros."""
    used = len(content[HEADER_BYTES:].rstrip(b"\0"))
    return HEADER_BYTES + -(-used // SLOT_BYTES) * SLOT_BYTES


def make_journal(context: Context) -> Server:
    """A folder of a server that was killed after all charges were acknowledged, in order."""
    server = context.server("journal/whole")
    server.start()
    create_plan(server)
    connection = server.connect()
    connection.post("/api/admin/tenants", {"id": TENANT, "plan": "powers"})
    powers = Powers(context, TENANT)
    for power in range(CHARGES):
        answer = connection.post("/api/v1/consume", powers.task(power).body())
        if answer.status != 200:
            context.report.violated(Violation("other", f"a charge was answered with {answer}"))
    server.kill()
    return server


def find_journal(folder: Path) -> Path | None:
    """The segment with the most records, if there is any journal."""
    files = sorted((folder / "journal").glob("*.journal"))
    return max(files, key=lambda file: end_of_records(file.read_bytes()), default=None)


class Trial:
    """A server on a copy of the folder, its journal damaged."""

    def __init__(self, context: Context, tally: Tally, whole: Server, journal: Path) -> None:
        self.context = context
        self.tally = tally
        self.whole = whole
        #: The journal's place within the data folder.
        self.journal = journal.relative_to(whole.folder)

    def run(self, damage: Damage | None) -> str:
        """Damages a copy and starts a server on it: what it did."""
        name = "none" if damage is None else f"{damage.kind}-{damage.byte}-{damage.bit}"
        server = self.context.copy_of(self.whole, f"journal/{name}")
        if damage is not None:
            damage.apply(server.folder / self.journal)
        before = len(self.context.report.violations)
        self.tally.cycles += 1
        try:
            server.start()
            outcome = self._started(server, damage is not None)
        except DidNotStart as error:
            outcome = self._refused(error, server, damage is not None)
        if len(self.context.report.violations) == before:
            self.context.discard(server)
        return outcome

    def _started(self, server: Server, is_damaged: bool) -> str:
        connection = server.connect()
        used = limits(connection, TENANT)["ai_tokens"]["used"]
        sums = [(3**count - 1) // 2 for count in range(CHARGES + 1)]
        found = []
        if used not in sums:
            found.append(Violation("other", f"{server.folder}: {used} is no sum of first charges"))
        elif used != sums[-1] and not is_damaged:
            found.append(Violation("lost", f"{server.folder}: {used} of {sums[-1]}"))
        # Asked again with their keys, all charges are there once.
        powers = Powers(self.context, TENANT)
        for power in range(CHARGES):
            connection.post("/api/v1/consume", powers.task(power).body())
        self.context.report.violated(*found, *powers.violations(server))
        self.tally.checks += 1
        connection.close()
        self.context.finish(server)
        return "whole" if used == sums[-1] else "shorter"

    def _refused(self, error: DidNotStart, server: Server, is_damaged: bool) -> str:
        message = error.output
        says_where = self.journal.name in message and re.search(
            r"\d", message.replace(self.journal.name, "").replace(str(server.folder), ""))
        if not is_damaged or error.code is None or error.code <= 0 or not says_where:
            self.context.report.violated(
                Violation("other", f"{server.folder}: refused without file and offset: {error}"))
        return "refused"


def damages(context: Context, end: int) -> list[Damage]:
    """A sample of all damages, by the seed."""
    random = context.random(NAME)
    last, header, anywhere = SHORT_SAMPLES if context.short else LONG_SAMPLES
    tail = range(max(HEADER_BYTES, end - 2 * SLOT_BYTES), end)
    bytes_ = random.sample(tail, min(last, len(tail)))
    bytes_ += random.sample(HEADER_PARTS, header)
    bytes_ += [random.randrange(HEADER_BYTES, end) for _ in range(anywhere)]
    return [Damage(kind, byte, random.randrange(8))
            for byte in bytes_ for kind in ("cut", "zero", "flip")]


def run(context: Context) -> None:
    """Damages copies of one journal, each in one way."""
    whole = make_journal(context)
    journal = find_journal(whole.folder)
    end = HEADER_BYTES if journal is None else end_of_records(journal.read_bytes())
    tally = context.report.begin(NAME)
    if journal is None or end == HEADER_BYTES:
        context.report.violated(Violation("other", f"{whole.folder} has no journal"))
        return
    trial = Trial(context, tally, whole, journal)
    outcomes = [trial.run(damage) for damage in [None, *damages(context, end)]]
    tally.notes.append(", ".join(
        f"{outcomes.count(kind)} {kind}" for kind in ("whole", "shorter", "refused")))
    context.report.end(tally)
