"""Backfill of 100,000 invoices with their customers and payments, from a Stripe that answers at once.

Its pages are made in this process, so that what is measured is ours alone: mapping, judging, storing, posting. Beside
it stands COPY of the very rows that it leaves, into the same tables with the same indexes: the least that PostgreSQL
takes for them. Memory is the peak of a process of its own, when a tenth was read and at the end.
"""

import json
import multiprocessing
import resource
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from sqlalchemy import text

from connector.billing.base import Page
from sync.pipeline.backfill import backfill
from sync.pipeline.pages import Gait
from tests.bench.history import INVOICES, named, told
from tests.bench.ledger import Ledger, at, empty, server, settle, tables
from tests.bench.table import Result

WANTED, PAGE = 100_000, 100
COPIES = WANTED // INVOICES
TARGET = 20


def run() -> list[Result]:
    with server() as url, empty(url, "backfilled") as ledger:
        found = _in_a_process(ledger.runtime.database_url)
        _check(ledger)
        rows, took = _copied(ledger)
    ratio, growth = found["seconds"] / took, found["peak"] / found["peak_at_a_tenth"]
    detail = (
        f"{WANTED / found['seconds']:,.0f} invoices/s: {found['read']:,} objects in {found['seconds']:.0f} s; COPY of "
        f"the {rows:,} rows that they are: {took:.1f} s; making the pages took {found['source']:.0f} s more"
    )
    memory = f"{found['peak_at_a_tenth']:.0f} MB when a tenth was read, {found['peak']:.0f} MB at the end"
    return [
        Result(
            f"backfill of {WANTED:,} invoices, against COPY of the same rows",
            f"{ratio:.1f}",
            f"<= {TARGET}",
            ratio <= TARGET,
            detail,
            "backfill",
        ),
        Result(
            "memory of a backfill at its end, against a tenth",
            f"{growth:.2f}",
            "<= 1.1",
            growth <= 1.1,
            memory,
            "backfill",
        ),
    ]


def _in_a_process(url: str) -> dict[str, float]:
    """Run it where nothing else takes memory."""
    context = multiprocessing.get_context("spawn")
    answers = context.SimpleQueue()
    child = context.Process(target=_backfill, args=(url, answers))
    child.start()
    child.join()
    if child.exitcode:
        raise RuntimeError(f"the backfill ended with exit code {child.exitcode}")
    found: dict[str, float] = answers.get()
    return found


def _backfill(url: str, answers: Any) -> None:
    runtime, account = at(url), _Account()
    seen = {"read": 0, "peak_at_a_tenth": 0.0}
    total = COPIES * sum(map(len, told().objects.values()))

    def note(_kind: str, count: int) -> None:
        seen["read"] += count
        if seen["read"] >= total / 10 and not seen["peak_at_a_tenth"]:
            seen["peak_at_a_tenth"] = _peak_mb()

    began = time.perf_counter()
    backfill(runtime.engine, runtime.ingest, account.pages, "main", "stripe", note, gait=Gait(rate=1e9))
    seconds = time.perf_counter() - began - account.seconds
    answers.put({**seen, "peak": _peak_mb(), "seconds": seconds, "source": account.seconds})
    runtime.close()


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class _Account:
    """A Stripe account with many customers of the same history. `seconds`: what making its pages has taken."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def pages(self, _connection: str, kind: str, _after: str | None, _since: int | None) -> Iterator[Page]:
        bodies = (named(body, copy) for copy in range(1, COPIES + 1) for body in told().objects.get(kind, ()))
        left = COPIES * len(told().objects.get(kind, ()))
        while True:
            began = time.perf_counter()
            items = [json.loads(body) for body in islice(bodies, PAGE)]
            left -= len(items)
            page = Page(items, int(time.time()), 0.01, items[-1]["id"] if items else None, left > 0)
            self.seconds += time.perf_counter() - began
            yield page
            if not page.has_more:
                return


def _check(ledger: Ledger) -> None:
    """A backfill that is wrong is not worth timing."""
    owed = sum(json.loads(body)["amount_remaining"] for body in told().objects["invoice"]) * COPIES
    with ledger.engine.connect() as conn:
        found = conn.execute(text("SELECT count(*), sum(balance) FROM invoice WHERE posted")).one()
        wanted = conn.scalar(text("SELECT count(*) FROM object WHERE fetch_at IS NOT NULL"))
    if tuple(found) != (WANTED, owed) or wanted:
        raise RuntimeError(f"in the ledger: {found}, owed at Stripe: {owed}, still to be fetched: {wanted}")


def _copied(ledger: Ledger) -> tuple[int, float]:
    """Empty the tables and COPY their rows in again: how many, and in how many seconds."""
    rows, took = 0, 0.0
    plain = ledger.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with TemporaryDirectory(prefix="dueline-bench-") as folder, psycopg.connect(plain, autocommit=True) as conn:
        names = tables(ledger.engine)
        for name in names:
            rows += _keep(conn, name, Path(folder, name))
        conn.execute(f"TRUNCATE {', '.join(names)} CASCADE")
        settle(ledger.engine)
        for name in names:
            began = time.perf_counter()
            _put_back(conn, name, Path(folder, name))
            took += time.perf_counter() - began
    return rows, took


def _keep(conn: psycopg.Connection[Any], table: str, path: Path) -> int:
    """Write a table's rows to a file; how many they are."""
    cursor = conn.cursor()
    with path.open("wb") as kept, cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as rows:
        for chunk in rows:
            kept.write(chunk)
    return cursor.rowcount


def _put_back(conn: psycopg.Connection[Any], table: str, path: Path) -> None:
    with path.open("rb") as kept, conn.cursor().copy(f"COPY {table} FROM STDIN (FORMAT binary)") as into:
        while chunk := kept.read(1 << 20):
            into.write(chunk)
