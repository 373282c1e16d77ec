"""Crashes a server in every way of the list and compares what is left with what was acknowledged.

`scripts/torture crashes` runs this; `--help` lists the arguments.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from types import ModuleType

import base3
import expiring
import full_disk
import journal_damage
import kills
import recovering
import stopped
import streaming
import sync_points
import teeth
import two_servers
import webhooks
from context import Context
from report import Report, Violation, say
from server import Server

#: In the order in which they run.
SCENARIOS = {
    "teeth": teeth,
    "kills": kills,
    "base3": base3,
    "recovering": recovering,
    "expiring": expiring,
    "stopped": stopped,
    "streaming": streaming,
    "webhooks": webhooks,
    "two-servers": two_servers,
    "full-disk": full_disk,
    "sync-points": sync_points,
    "journal-damage": journal_damage,
}
SHORT_KILLS = 30
LONG_KILLS = 1000


def arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="scripts/torture crashes", description=__doc__)
    parser.add_argument("--program", type=Path, required=True, help="the weir to crash")
    parser.add_argument("--short", action="store_true", help="some of everything")
    parser.add_argument("--seed", type=int, default=4711, help="of requests and moments")
    parser.add_argument("--kills", type=int, help="cycles of kill -9 under load")
    parser.add_argument("--verifier", help="a Python that has standardwebhooks")
    parser.add_argument("--only", action="append", choices=SCENARIOS, metavar="SCENARIO",
                        help=f"run this one, once or several times: {', '.join(SCENARIOS)}")
    return parser.parse_args()


def run(context: Context, scenario: ModuleType) -> None:
    """Runs one scenario; what it did not expect is a violation as well."""
    try:
        scenario.run(context)
    except Exception:
        context.report.violated(
            Violation("other", f"{scenario.NAME}: {traceback.format_exc()}"))
    finally:
        Server.kill_all()
        for tally in context.report.tallies:
            context.report.end(tally)


def main() -> int:
    """Runs the scenarios; 1 when anything was not as it must be."""
    chosen = arguments()
    # So that what was started ends, and what was mounted goes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report = Report()
    folder = Path(tempfile.mkdtemp(prefix="weir-torture-"))
    kill_count = chosen.kills or (SHORT_KILLS if chosen.short else LONG_KILLS)
    context = Context(
        chosen.program.resolve(), folder, chosen.seed, chosen.short, kill_count, report, {},
        chosen.verifier)
    try:
        for name, scenario in SCENARIOS.items():
            if not chosen.only or name in chosen.only:
                run(context, scenario)
        report.print_table()
    finally:
        if report.violations:
            say(f"seed {chosen.seed}; the folders are kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
