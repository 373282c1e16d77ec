"""What the answers of a server say that its ledger must hold, kept apart from the server.

A use is *certain* once it was acknowledged, and *possible* when the connection died before the
answer. Possible uses with an idempotency key are asked for again until they are answered, so that
only those without a key stay possible.
"""

from __future__ import annotations

from dataclasses import dataclass, field

#: The meter that is allocated, and not consumed.
SEATS = "team_members"
#: Units by meter, as in a request's `charges`.
Charges = dict[str, int]


@dataclass
class Sum:
    """Units, and how many postings they came in."""

    units: int = 0
    postings: int = 0

    def add(self, units: int) -> None:
        """Adds one posting; one of 0 units leaves none."""
        if units > 0:
            self.units += units
            self.postings += 1


@dataclass
class MeterBook:
    """One meter of one tenant."""

    certain: Sum = field(default_factory=Sum)
    possible: Sum = field(default_factory=Sum)
    held: int = 0
    possibly_held: int = 0
    suspect: int = 0
    #: Uses that can be found one by one: units by label.
    labelled: dict[str, int] = field(default_factory=dict)
    possibly_labelled: dict[str, int] = field(default_factory=dict)


@dataclass
class Book:
    """One tenant: what it may use at most, and what it must have used."""

    tenant: str
    #: The capacity of its budgets; they never start anew.
    capacity: Charges
    #: Whether a refusal can be right at all.
    refuses: bool = False
    meters: dict[str, MeterBook] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for meter in self.capacity:
            self.meters.setdefault(meter, MeterBook())

    def charge(self, charges: Charges, label: str | None) -> None:
        """An acknowledged use."""
        for meter, units in charges.items():
            book = self.meters[meter]
            book.certain.add(units)
            if label is not None and units > 0:
                book.labelled[label] = units

    def may_charge(self, charges: Charges, label: str | None) -> None:
        """A use without a key whose answer never came."""
        for meter, units in charges.items():
            book = self.meters[meter]
            book.possible.add(units)
            if label is not None:
                book.possibly_labelled[label] = units

    def allocate(self, meter: str, delta: int, label: str) -> None:
        """Acknowledged units of an allocation, taken or given back."""
        book = self.meters[meter]
        book.certain.units += delta
        book.labelled[label] = delta

    def hold(self, charges: Charges) -> None:
        """An acknowledged reservation."""
        for meter, units in charges.items():
            self.meters[meter].held += units

    def release(self, charges: Charges) -> None:
        """An acknowledged reservation ended; what it settled is charged besides."""
        for meter, units in charges.items():
            self.meters[meter].held -= units

    def may_hold(self, charges: Charges) -> None:
        """A reservation without a key whose answer never came."""
        for meter, units in charges.items():
            self.meters[meter].possibly_held += units

    def merge(self, other: Book) -> None:
        """Adds what another client of the same tenant knows."""
        assert (self.tenant, self.capacity) == (other.tenant, other.capacity)
        for meter, theirs in other.meters.items():
            ours = self.meters[meter]
            for mine, its in ((ours.certain, theirs.certain), (ours.possible, theirs.possible)):
                mine.units += its.units
                mine.postings += its.postings
            ours.held += theirs.held
            ours.possibly_held += theirs.possibly_held
            ours.suspect += theirs.suspect
            ours.labelled.update(theirs.labelled)
            ours.possibly_labelled.update(theirs.possibly_labelled)
