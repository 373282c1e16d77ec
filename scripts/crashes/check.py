"""Compares what a server says with what its answers said: nothing lost, doubled, over or leaked."""

from __future__ import annotations

import time
from collections import Counter
from urllib.parse import quote

from book import SEATS, Book, MeterBook
from client import Client
from connection import Answer, Connection
from report import Violation
from tasks import Batch, Ledger, Use

#: How long units of a killed life may stay away before they count as leaked.
REGAIN_SECONDS = 10
#: The first date of which use is read: nothing was used before a scenario began.
FIRST_DATE = "2000-01-01"


class Unreadable(Exception):
    """A read that should have been answered was not."""


def read(connection: Connection, path: str) -> Answer:
    """Reads a path that must be there, or a tenant that was perhaps never created (404)."""
    answer = connection.get(path)
    if answer.status not in (200, 404):
        raise Unreadable(f"GET {path} was answered with {answer}")
    return answer


def pages(connection: Connection, path: str) -> list[dict]:
    """All items of a list."""
    items: list[dict] = []
    cursor = ""
    while True:
        answer = read(connection, f"{path}&limit=1000{cursor}")
        if answer.status == 404:
            return items
        page = answer.json()
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = f"&cursor={quote(page['next_cursor'], safe='')}"


def limits(connection: Connection, tenant: str) -> dict[str, dict]:
    """What a tenant's limits show, by meter; all zeros while the tenant is unknown."""
    answer = read(connection, f"/api/v1/usage?tenant={quote(tenant, safe='')}")
    if answer.status != 200:
        return {}
    usage = answer.json()
    return {row["meter"]: row for row in usage["limits"] + usage["allocations"]}


def between(what: str, found: int, certain: int, possible: int) -> list[Violation]:
    """Says when a sum is not what was acknowledged, give or take what was never answered."""
    expected = f"{certain:,}" if possible == 0 else f"{certain:,} to {certain + possible:,}"
    if found < certain:
        return [Violation("lost", f"{what}: {found:,}, and {expected} was acknowledged")]
    if found > certain + possible:
        return [Violation("doubled", f"{what}: {found:,}, and {expected} was acknowledged")]
    return []


def check_sums(connection: Connection, book: Book) -> list[Violation]:
    """Compares the limits and the daily sums of one tenant; nothing of it may be pending."""
    violations: list[Violation] = []
    shown = limits(connection, book.tenant)
    path = f"/api/admin/tenants/{quote(book.tenant, safe='')}/usage?from={FIRST_DATE}"
    sums = {row["meter"]: row for row in pages(connection, f"{path}&group_by=meter")}
    for meter, expected in book.meters.items():
        what = f"{book.tenant} {meter}"
        row = shown.get(meter, {"used": 0, "held": 0, "suspect": 0})
        settled = row["used"] - row["held"] - row["suspect"]
        certain, possible = expected.certain, expected.possible
        violations += between(f"{what} used", settled, certain.units, possible.units)
        violations += between(f"{what} held", row["held"], expected.held, expected.possibly_held)
        violations += between(f"{what} suspect", row["suspect"], expected.suspect, 0)
        if row["used"] > book.capacity[meter]:
            violations.append(
                Violation("overshoot", f"{what}: {row['used']} of {book.capacity[meter]} are used"))
        if certain.units > book.capacity[meter]:
            violations.append(
                Violation("overshoot", f"{what}: {certain.units} were acknowledged"))
        if meter == SEATS:
            # Days have what was consumed.
            continue
        daily = sums.get(meter, {"units": 0, "requests": 0})
        if daily["units"] != settled:
            kind = "lost" if daily["units"] < settled else "doubled"
            violations.append(
                Violation(kind, f"{what}: {daily['units']} on its days, {settled} in its limit"))
        violations += between(
            f"{what} postings", daily["requests"], certain.postings, possible.postings)
    return violations


def check_events(connection: Connection, book: Book) -> list[Violation]:
    """Compares each single use of a tenant: there once, with its units, and no other."""
    violations: list[Violation] = []
    path = f"/api/admin/tenants/{quote(book.tenant, safe='')}/events?from={FIRST_DATE}"
    events = pages(connection, path)
    for meter, expected in book.meters.items():
        found: Counter[str] = Counter()
        for event in (event for event in events if event["meter"] == meter):
            label = event["idempotency_key"] or (event["metadata"] or {}).get("label", "")
            found[label] += 1
            violations += _event(f"{book.tenant} {meter} {label}", label, event, expected)
        for label, count in found.items():
            if count > 1:
                violations.append(
                    Violation("doubled", f"{book.tenant} {meter} {label}: {count} events"))
        for label in expected.labelled.keys() - found.keys():
            violations.append(
                Violation("lost", f"{book.tenant} {meter} {label} was acknowledged and is gone"))
    return violations


def _event(what: str, label: str, event: dict, expected: MeterBook) -> list[Violation]:
    units = expected.labelled.get(label, expected.possibly_labelled.get(label))
    if units is None:
        return [Violation("doubled", f"{what}: {event['units']} units that nobody was granted")]
    return between(what, event["units"], units, 0)


def end_holds(connection: Connection, book: Book) -> list[Violation]:
    """Voids reservations whose answers never came; nothing may be held afterwards.

    Those that were answered must have ended before."""
    violations: list[Violation] = []
    path = f"/api/admin/reservations?tenant={quote(book.tenant, safe='')}"
    open_holds = pages(connection, path)
    for hold in open_holds:
        answer = connection.post(f"/api/v1/reservations/{hold['reservation_id']}/void", {})
        if answer.status != 200:
            violations.append(Violation("other", f"a void was answered with {answer}"))
        for charge in hold["charges"]:
            meter = book.meters[charge["meter"]]
            meter.possibly_held -= charge["held"]
            if meter.possibly_held < 0:
                violations.append(
                    Violation("leaked", f"{book.tenant} holds what was never asked for or ended"))
    for meter in book.meters.values():
        meter.possibly_held = 0
    return violations


def drain(connection: Connection, book: Book, meter: str) -> list[Violation]:
    """Takes the rest of a budget unit by unit: all of it can be had, and not one more.

    Writes what it takes into the book."""
    if not (shown := limits(connection, book.tenant)):
        return []
    rest = book.capacity[meter] - shown[meter]["used"]
    client = Client(None, [])
    client.ledger = Ledger({book.tenant: book})
    before, count = book.meters[meter].certain.units, 0
    deadline = time.monotonic() + REGAIN_SECONDS
    while (taken := book.meters[meter].certain.units - before) < rest:
        size = min(100, rest - taken)
        uses = [Use(book.tenant, {meter: 1}, f"drain {count + n}", True) for n in range(size)]
        count += size
        client.pending.append(Batch(uses))
        client.settle(connection)
        if time.monotonic() > deadline:
            what = f"{book.tenant} {meter}: {rest} units are left, and only {taken} can be had"
            return client.ledger.violations + [Violation("leaked", what)]
        if book.meters[meter].certain.units - before == taken:
            time.sleep(0.02)
    used = limits(connection, book.tenant)[meter]["used"]
    answer = connection.post("/api/v1/consume", Use(book.tenant, {meter: 1}, None, False).body())
    if answer.status != 429 or used != book.capacity[meter]:
        what = f"{book.tenant} {meter}: {used} of {book.capacity[meter]} used, then {answer}"
        return client.ledger.violations + [Violation("overshoot", what)]
    return client.ledger.violations
