"""What a client asks a server for, and what each outcome means for its book."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from book import SEATS, Book, Charges
from connection import Answer
from report import Tally, Violation

#: Long enough that nothing that a scenario holds expires under it.
HOLD_MILLISECONDS = 86_400_000


@dataclass
class Ledger:
    """Where a client writes down what it learned: books, figures, and answers that must not be."""

    books: dict[str, Book] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    violations: list[Violation] = field(default_factory=list)
    #: How many answers were 503.
    unavailable: int = 0
    #: Whether 503 is taken at its word, that nothing was recorded; a server that dies of a failed
    #: sync can't know what is on its disk.
    unavailable_means_nothing: bool = False

    def other(self, what: str) -> None:
        """An answer that the documentation rules out."""
        self.violations.append(Violation("other", what))


class Task:
    """One request, which may have to be sent more than once."""

    path = "/api/v1/consume"
    #: Whether it may be sent again when no answer came.
    repeatable = True
    sent_before = False
    #: Whether it can wait until something else was asked.
    can_wait = False

    def body(self) -> dict:
        """The request's body: each time the same."""
        raise NotImplementedError

    def answered(self, answer: Answer, ledger: Ledger) -> list[Task]:
        """Writes an answer down; returns what is to be asked next, itself to be asked again."""
        raise NotImplementedError

    def lost(self, ledger: Ledger) -> list[Task]:
        """Writes down that no answer came; returns what is to be asked next."""
        raise NotImplementedError

    def again(self, answer: Answer, ledger: Ledger) -> list[Task]:
        """What follows an answer that says neither yes nor no: 409, 503."""
        if answer.status == 503:
            ledger.unavailable += 1
        if answer.status in (409, 503):
            if self.repeatable:
                return [self]
            return [] if ledger.unavailable_means_nothing else self.lost(ledger)
        ledger.other(f"{self.path} {self.body()} was answered with {answer}")
        return []


@dataclass
class Use(Task):
    """A consumption of one tenant: alone, or an item of a batch."""

    tenant: str
    charges: Charges
    #: Names the use in the list of events; without one only sums show it.
    label: str | None
    #: Whether the label is an idempotency key, else it is metadata.
    keyed: bool

    @property
    def repeatable(self) -> bool:  # type: ignore[override]
        return self.keyed

    def body(self) -> dict:
        body: dict = {
            "tenant": self.tenant,
            "charges": [{"meter": meter, "amount": n} for meter, n in self.charges.items()],
        }
        if self.keyed:
            body["idempotency_key"] = self.label
        elif self.label is not None:
            body["metadata"] = {"label": self.label}
        return body

    def answered(self, answer: Answer, ledger: Ledger) -> list[Task]:
        return self.decided(answer.status, answer, ledger)

    def decided(self, status: int, answer: Answer, ledger: Ledger) -> list[Task]:
        """Writes one decision down; a batch has several in one answer."""
        if status == 200:
            ledger.tally.acknowledged += 1
            ledger.books[self.tenant].charge(self.charges, self.label)
            return []
        if status == 429:
            ledger.tally.refused += 1
            if not ledger.books[self.tenant].refuses:
                ledger.other(f"{self.tenant} has room and was refused: {answer}")
            return []
        if status == answer.status:
            return self.again(answer, ledger)
        return self.again(Answer(status, answer.body), ledger)

    def lost(self, ledger: Ledger) -> list[Task]:
        if self.keyed:
            return [self]
        ledger.tally.unknown += 1
        ledger.books[self.tenant].may_charge(self.charges, self.label)
        return []


@dataclass
class Batch(Task):
    """Several uses in one request, each decided by itself."""

    uses: list[Use]
    path = "/api/v1/batch"

    def body(self) -> dict:
        return {"operation": "consume", "items": [use.body() for use in self.uses]}

    def answered(self, answer: Answer, ledger: Ledger) -> list[Task]:
        if answer.status != 200:
            if answer.status != 503:
                ledger.other(f"a batch was answered with {answer}")
            return [task for use in self.uses for task in use.again(answer, ledger)]
        results = answer.json()["results"]
        if len(results) != len(self.uses):
            ledger.other(f"a batch of {len(self.uses)} has {len(results)} results")
            return self.lost(ledger)
        follow: list[Task] = []
        for use, result in zip(self.uses, results):
            follow += use.decided(result["status"], answer, ledger)
        return follow

    def lost(self, ledger: Ledger) -> list[Task]:
        # What has a key is asked for one by one: a batch's items are requests like any.
        return [task for use in self.uses for task in use.lost(ledger)]


@dataclass
class Reserve(Task):
    """A reservation, which is settled or voided afterwards."""

    tenant: str
    charges: Charges
    label: str
    keyed: bool
    path = "/api/v1/reserve"

    @property
    def repeatable(self) -> bool:  # type: ignore[override]
        return self.keyed

    def body(self) -> dict:
        use = Use(self.tenant, self.charges, self.label, self.keyed)
        return use.body() | {"ttl_ms": HOLD_MILLISECONDS}

    def answered(self, answer: Answer, ledger: Ledger) -> list[Task]:
        book = ledger.books[self.tenant]
        if answer.status == 201:
            ledger.tally.acknowledged += 1
            book.hold(self.charges)
            return [End(self, answer.json()["reservation_id"])]
        if answer.status == 429:
            ledger.tally.refused += 1
            if not book.refuses:
                ledger.other(f"{self.tenant} has room and was refused: {answer}")
            return []
        return self.again(answer, ledger)

    def lost(self, ledger: Ledger) -> list[Task]:
        if self.keyed:
            return [self]
        ledger.tally.unknown += 1
        ledger.books[self.tenant].may_hold(self.charges)
        return []


class End(Task):
    """Settles or voids a reservation; the first outcome stands, so a repeat does no harm."""

    can_wait = True

    def __init__(self, reserve: Reserve, reservation: str) -> None:
        self.reserve = reserve
        chance = random.Random(reserve.label)
        self.settled: Charges | None = None
        if chance.random() < 0.7:
            self.settled = {meter: chance.randint(0, n) for meter, n in reserve.charges.items()}
        verb = "void" if self.settled is None else "settle"
        self.path = f"/api/v1/reservations/{reservation}/{verb}"

    def body(self) -> dict:
        if self.settled is None:
            return {}
        return {"charges": [{"meter": meter, "amount": n} for meter, n in self.settled.items()]}

    def answered(self, answer: Answer, ledger: Ledger) -> list[Task]:
        if answer.status == 200:
            ledger.tally.acknowledged += 1
            book = ledger.books[self.reserve.tenant]
            book.release(self.reserve.charges)
            if self.settled is not None:
                book.charge(self.settled, self.reserve.label)
            return []
        return self.again(answer, ledger) if answer.status == 503 else self._wrong(answer, ledger)

    def _wrong(self, answer: Answer, ledger: Ledger) -> list[Task]:
        ledger.other(f"{self.path} was answered with {answer}")
        return []

    def lost(self, ledger: Ledger) -> list[Task]:
        return [self]


@dataclass
class Allocate(Task):
    """Takes seats, or gives some of them back; always with a key."""

    tenant: str
    delta: int
    label: str
    path = "/api/v1/allocations"

    @property
    def can_wait(self) -> bool:  # type: ignore[override]
        return self.delta < 0

    def body(self) -> dict:
        return {"tenant": self.tenant, "meter": SEATS, "delta": self.delta,
                "idempotency_key": self.label}

    def answered(self, answer: Answer, ledger: Ledger) -> list[Task]:
        if answer.status != 200:
            return self.again(answer, ledger)
        ledger.tally.acknowledged += 1
        ledger.books[self.tenant].allocate(SEATS, self.delta, self.label)
        back = random.Random(self.label).randint(0, max(0, self.delta))
        return [Allocate(self.tenant, -back, f"{self.label} back")] if back else []

    def lost(self, ledger: Ledger) -> list[Task]:
        return [self]
