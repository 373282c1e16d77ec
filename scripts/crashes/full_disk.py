"""A full disk: budgets refuse with 503 and a reason, reads go on, and no row is left in parts.

The data folder lies on a small tmpfs, which a file beside it fills.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from pathlib import Path

from check import check_used
from client import Client, Mix
from connection import NoAnswer
from context import (Context, check, collect, create_plans, create_tenant, empty_book, merged,
                     settle)
from report import Tally, Violation
from server import DidNotStart, Server
from tasks import Use

NAME = "full disk"
#: The least size of the disk; it is at least three times what a small folder takes.
DISK_BYTES = 32 << 20
#: What is left free when the disk is filled, at most: so the failure comes in the midst of work.
ROOM_BYTES = 256 << 10
#: Requests in which a full disk must be noticed.
MOST_REQUESTS = 300
#: More than a lease has: the ledger is asked for it. All passes together have room for it.
NEVER_LEASED = 50_000_000_000
TENANTS = [("wide", "wide"), ("narrow", "narrow")]


class Disk:
    """A tmpfs of its own, and the file that fills it."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self.filler = folder / "filler"
        folder.mkdir(parents=True)
        result = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "weir-torture", str(folder)],
            capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise PermissionError(result.stderr.partition("\n")[0] or "mount failed")

    def fill(self, room: int) -> None:
        """Leaves so many bytes free, or none where there are fewer."""
        with open(self.filler, "ab") as file:
            for step in (1 << 20, 1 << 12):
                while True:
                    status = os.statvfs(self.folder)
                    if status.f_bavail * status.f_bsize < room + step:
                        break
                    try:
                        os.posix_fallocate(file.fileno(), file.tell(), step)
                    except OSError as error:
                        if error.errno != errno.ENOSPC:
                            raise
                        break
                    file.seek(0, os.SEEK_END)

    def free(self) -> None:
        """Removes what filled it."""
        self.filler.unlink()

    def unmount(self) -> None:
        """Takes the disk away with all that is on it."""
        subprocess.run(["umount", str(self.folder)], check=True)


def size_of(folder: Path) -> int:
    """The bytes of all files of a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def needed(context: Context) -> int:
    """How large a disk must be on which a server works well for a while."""
    server = context.server("disk-size")
    server.start()
    connection = server.connect()
    create_plans(connection)
    for number in range(50):
        connection.post("/api/v1/consume", Use("wide", {"ai_tokens": 1}, str(number), True).body())
    server.kill()
    size = size_of(server.folder)
    context.discard(server)
    return max(DISK_BYTES, 3 * size)


def work_until_full(server: Server, client: Client) -> list[Violation]:
    """Asks on: what is leased may be spent; for more there is a 503. What is wrong with that."""
    connection = server.connect()
    draw, refused = client.draw, 0
    assert draw is not None
    try:
        for _ in range(MOST_REQUESTS):
            refused += client.ledger.unavailable > 0
            client.ledger.unavailable = 0
            client.perform(connection, draw())
            if refused >= 20:
                break
        ask = Use("wide", {"ai_tokens": NEVER_LEASED}, f"why {client.ledger.tally.requests}", keyed=True)
        answer = connection.post(ask.path, ask.body())
        if answer.status == 200:
            # The log has pages that can be written over.
            ask.answered(answer, client.ledger)
        elif answer.status != 503 or not answer.json().get("detail"):
            return [Violation("other", f"a full disk is answered with {answer}")]
        return []
    except NoAnswer as error:
        return [Violation("other", f"a server with a full disk went away: {error}")]
    finally:
        connection.close()


class Pass:
    """Fills the disk under one server, and frees it again."""

    def __init__(self, context: Context, tally: Tally, disk: Disk, server: Server) -> None:
        self.context = context
        self.tally = tally
        self.disk = disk
        self.server = server
        mix = Mix(f"{context.seed}/full", "wide", "narrow")
        self.client = Client(mix.draw, [empty_book(*tenant) for tenant in TENANTS])
        # 503 says that nothing was recorded; here it is held to that.
        self.client.ledger.unavailable_means_nothing = True

    def books(self) -> list:
        """What must be in the ledger now."""
        return merged([self.client], [empty_book(*tenant) for tenant in TENANTS])

    def run(self, room: int, killed: bool) -> None:
        """Once full and free again, with or without a death in between."""
        report, server = self.context.report, self.server
        self.disk.fill(room)
        report.violated(*work_until_full(server, self.client))
        if server.process is not None and server.process.poll() is None:
            self._read()
            if killed:
                server.kill()
        else:
            server.wait(1)
        if server.process is None:
            self._start_on_full_disk()
        self.disk.free()
        if server.process is None:
            server.start()
        settle([self.client], server)
        check(self.context, self.tally, server, self.books(), final=False)
        self.tally.cycles += 1

    def _read(self) -> None:
        connection = self.server.connect()
        try:
            for book in self.books():
                self.context.report.violated(*check_used(connection, book))
        except NoAnswer as error:
            self.context.report.violated(Violation("other", f"no reads on a full disk: {error}"))
        connection.close()

    def _start_on_full_disk(self) -> None:
        try:
            self.server.start()
            self._read()
            self.tally.notes.append("starts on a full disk")
        except DidNotStart as error:
            self.tally.notes.append("does not start on a full disk")
            if error.code is None or error.code <= 0 or not error.output.strip():
                self.context.report.violated(
                    Violation("other", f"a start on a full disk ended with {error}"))


def run(context: Context) -> None:
    """Fills and frees the disk some times, and compares all that was answered."""
    disk_size = needed(context)
    try:
        disk = Disk(context.folder / "disk", disk_size)
    except (PermissionError, FileNotFoundError) as error:
        context.report.skip(NAME, f"a tmpfs can't be mounted here: {error}")
        return
    tally = context.report.begin(NAME)
    random = context.random(NAME)
    server = context.server("disk/data")
    # Not on the full disk: its last words are wanted.
    server.log = context.folder / "full-disk.log"
    try:
        server.start()
        connection = server.connect()
        create_plans(connection)
        for tenant in TENANTS:
            create_tenant(connection, *tenant)
        connection.close()
        passes = Pass(context, tally, disk, server)
        for number in range(2 if context.short else 12):
            passes.run(random.randint(0, ROOM_BYTES), killed=number % 2 == 1)
        check(context, tally, server, passes.books(), final=True)
        collect(context, tally, [passes.client])
        context.finish(server)
    finally:
        Server.kill_all()
        if context.report.violations:
            shutil.copytree(disk.folder / "data", context.folder / "full-disk")
        tally.notes = [f"{tally.notes.count(note)} × {note}" for note in sorted(set(tally.notes))]
        disk.unmount()
    context.report.end(tally)
