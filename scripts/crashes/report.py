"""What was done, what was found, and the table at the end."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field

#: What a violation can be. `other` is anything that documentation rules out and is none of these.
KINDS = ("lost", "doubled", "overshoot", "leaked", "other")
#: How many violations are shown.
MAXIMUM_SHOWN = 60


@dataclass
class Tally:
    """The figures of one scenario. Clients have one each, which are added up."""

    name: str = ""
    cycles: int = 0
    requests: int = 0
    acknowledged: int = 0
    refused: int = 0
    unknown: int = 0
    retried: int = 0
    checks: int = 0
    seconds: float = 0
    notes: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Adds the figures of a client."""
        self.requests += other.requests
        self.acknowledged += other.acknowledged
        self.refused += other.refused
        self.unknown += other.unknown
        self.retried += other.retried


@dataclass(frozen=True)
class Violation:
    """Something that must not be."""

    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind.upper()}: {self.what}"


class Report:
    """Gathers tallies, violations and what was skipped."""

    def __init__(self) -> None:
        self.tallies: list[Tally] = []
        self.violations: list[Violation] = []
        self.skipped: list[tuple[str, str]] = []

    def begin(self, name: str) -> Tally:
        """Starts a scenario."""
        tally = Tally(name, seconds=-time.monotonic())
        self.tallies.append(tally)
        say(f"-- {name}")
        return tally

    def end(self, tally: Tally) -> None:
        """Ends a scenario, unless it has ended."""
        if tally.seconds >= 0:
            return
        tally.seconds += time.monotonic()
        notes = f"; {'; '.join(tally.notes)}" if tally.notes else ""
        say(f"   {tally.cycles} cycles, {tally.requests} requests, {tally.seconds:.1f} s{notes}")

    def violated(self, *violations: Violation) -> None:
        """Notes what must not be, and says it at once."""
        for violation in violations:
            self.violations.append(violation)
            if len(self.violations) <= MAXIMUM_SHOWN:
                say(f"   {violation}")
            elif len(self.violations) == MAXIMUM_SHOWN + 1:
                say("   further violations are only counted")

    def skip(self, name: str, why: str) -> None:
        """Notes loudly that a scenario can't be had here."""
        say(f"-- SKIPPED: {name}: {why}")
        self.skipped.append((name, why))

    def count(self, kind: str) -> int:
        """How many violations of a kind there were."""
        return sum(violation.kind == kind for violation in self.violations)

    def print_table(self) -> None:
        """Prints all figures, what was skipped, and the sums that must be 0."""
        columns = ("cycles", "requests", "acknowledged", "refused", "unknown", "retried", "checks")
        total = Tally("all")
        for tally in self.tallies:
            total.add(tally)
            total.cycles += tally.cycles
            total.checks += tally.checks
            total.seconds += tally.seconds
        header = f"{'scenario':<26}" + "".join(f"{name:>13}" for name in columns)
        say(f"\n{header}{'seconds':>10}")
        for tally in [*self.tallies, total]:
            figures = "".join(f"{getattr(tally, name):>13,}" for name in columns)
            say(f"{tally.name:<26}{figures}{tally.seconds:>10.1f}")
        for name, why in self.skipped:
            say(f"SKIPPED: {name}: {why}")
        say("\n" + ", ".join(f"{self.count(kind)} {kind}" for kind in KINDS))


def say(text: str) -> None:
    """Prints a line at once."""
    print(text, file=sys.stderr, flush=True)
