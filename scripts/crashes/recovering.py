"""`kill -9` while the server recovers from the last one, at random moments, many times in a row."""

from __future__ import annotations

import time

from context import Context
from kills import Round, load

NAME = "kill -9 while recovering"
CLIENTS = 4
#: The last moment after a start at which it is killed: it may listen by then, or not.
LATEST_SECONDS = 0.3
#: Kills in a row, between two times that it may come up and is loaded.
ROW = 12


def run(context: Context) -> None:
    """Kills row after row of starts, each behind a server that died under load."""
    tally = context.report.begin(NAME)
    random = context.random(NAME)
    server = context.server("recovering")
    server.start()
    round_ = Round(context, server, 0, CLIENTS)
    for row in range(2 if context.short else 20):
        if row > 0:
            server.start()
        load(server, round_.clients, random.uniform(0.05, 0.3))
        for _ in range(ROW):
            server.spawn()
            time.sleep(random.uniform(0, LATEST_SECONDS))
            server.kill()
            tally.cycles += 1
        server.start()
        round_.check(context, tally, server)
        server.kill()
    server.start()
    round_.finish(context, tally, server)
    context.finish(server)
    context.report.end(tally)
