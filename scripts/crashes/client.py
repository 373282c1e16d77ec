"""A client: draws requests by its seed, keeps its book, and asks again for what it must know."""

from __future__ import annotations

import random
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable

from book import Book
from connection import Connection, NoAnswer
from tasks import Allocate, Batch, Ledger, Reserve, Task, Use

#: How long a client goes on asking for what it must know, of a server that answers.
SETTLE_SECONDS = 30
#: The most reservations and seats that a client leaves for later.
MAXIMUM_OPEN = 8


class Mix:
    """Draws the requests of one client. `wide` always has room, `narrow` is raced for."""

    def __init__(self, seed: str, wide: str, narrow: str | None) -> None:
        self.random = random.Random(seed)
        self.seed = seed
        self.wide = wide
        self.narrow = narrow
        self.count = 0

    def draw(self) -> Task:
        """The next request."""
        self.count += 1
        label = f"{self.seed}/{self.count}"
        chance = self.random.random()
        if self.narrow is not None and chance < 0.25:
            charges = {"ai_tokens": self.random.randint(1, 30)}
            if chance < 0.04:
                return Reserve(self.narrow, charges, label, keyed=chance < 0.03)
            return Use(self.narrow, charges, label, keyed=chance < 0.15)
        if chance < 0.40:
            uses = [self._use(f"{label}.{n}") for n in range(self.random.randint(2, 8))]
            return Batch(uses)
        if chance < 0.55:
            charges = {"ai_tokens": self.random.randint(1, 2000)}
            if chance < 0.45:
                charges["api_calls"] = 1
            return Reserve(self.wide, charges, label, keyed=chance < 0.52)
        if chance < 0.60:
            return Allocate(self.wide, self.random.randint(1, 3), label)
        return self._use(label)

    def _use(self, label: str) -> Use:
        chance = self.random.random()
        tokens = self.random.randint(1, 2000)
        if chance < 0.45:
            return Use(self.wide, {"ai_tokens": tokens}, label, keyed=True)
        if chance < 0.60:
            return Use(self.wide, {"ai_tokens": tokens}, label, keyed=False)
        if chance < 0.80:
            return Use(self.wide, {"api_calls": self.random.randint(1, 3)}, None, keyed=False)
        return Use(self.wide, {"ai_tokens": tokens, "api_calls": 1}, label, keyed=chance < 0.95)


class Client:
    """One client. Not for use by two threads at once."""

    def __init__(self, draw: Callable[[], Task] | None, books: Iterable[Book]) -> None:
        self.draw = draw
        self.ledger = Ledger({book.tenant: book for book in books})
        #: What must be asked before anything new, the oldest first.
        self.pending: deque[Task] = deque()
        self.open: deque[Task] = deque()

    def run(self, connection: Connection, stop: threading.Event) -> None:
        """Asks, first for what is pending, until told to stop or the server is gone."""
        # What is pending is asked for once in each run, lest two that conflict spin.
        for _ in range(len(self.pending)):
            if stop.is_set() or not self.perform(connection, self.pending.popleft()):
                return
        while not stop.is_set():
            if not self.perform(connection, self._next()):
                return

    def _next(self) -> Task:
        assert self.draw is not None
        if len(self.open) > MAXIMUM_OPEN:
            return self.open.popleft()
        return self.draw()

    def perform(self, connection: Connection, task: Task) -> bool:
        """Sends one request and writes down what came of it; whether the server answered."""
        tally = self.ledger.tally
        tally.requests += 1
        tally.retried += task.sent_before
        try:
            answer = connection.call("POST", task.path, task.body())
        except NoAnswer as error:
            if error.sent:
                self._keep(task.lost(self.ledger), sent=True)
            elif task.repeatable:
                self.pending.append(task)
            return False
        for follow in task.answered(answer, self.ledger):
            if follow.can_wait and follow is not task:
                self.open.append(follow)
            else:
                self._keep([follow], sent=True)
        return True

    def _keep(self, tasks: Iterable[Task], sent: bool) -> None:
        for task in tasks:
            if sent and not task.sent_before:
                self.ledger.tally.unknown += 1
                task.sent_before = True
            self.pending.append(task)

    def settle(self, connection: Connection) -> None:
        """Asks until nothing is pending or open; the server must answer."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while self.pending or self.open:
            queue = self.pending or self.open
            task = queue.popleft()
            if not self.perform(connection, task):
                self.ledger.other(f"the server went away while {task.path} was asked for again")
                return
            if time.monotonic() > deadline:
                self.ledger.other(f"{task.path} {task.body()} gets no answer that settles it")
                return


def run_all(clients: list[Client], port: int, token: str, stop: threading.Event,
            timeout_seconds: float = 30) -> list[threading.Thread]:
    """Starts a thread for each client."""
    def run(client: Client) -> None:
        connection = Connection(port, token, timeout_seconds)
        try:
            client.run(connection, stop)
        except Exception:
            client.ledger.other(traceback.format_exc())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(client,), daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    return threads
