"""Finance's page among 100,000 invoices, 1,000 unlinked customers and 10,000 parked items: server time of each screen.

Every address of the page that can be opened is asked for, with real ids of that book, as finance and as somebody of
sales who sees their own accounts only; searches, filters and later pages too. A request runs through the whole
application in this process. What asks Salesforce or a billing system live is measured without its answer: there is no
org here, and the page says so.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from flask import Flask
from sqlalchemy import text

from sync import web
from sync.admin.app import make_app
from sync.admin.gate import Screen
from sync.admin.rights import Right
from sync.bootstrap import Current, Runtime
from sync.db import migrate
from sync.settings import Settings
from tests.bench.admin_book import Size, fill
from tests.bench.ledger import server
from tests.bench.table import Result
from tests.browsing import Visitor, visitor

LIMIT_MS = 200
_ADMIN = {"DUELINE_ADMIN_PASSWORD": "a-password-of-nobody", "DUELINE_STRIPE__MAIN__WEBHOOK_SECRETS": "whsec_bench"}
ROUNDS = 60  # of each address, after one that warms it up
FILES = (".csv",)  # everything at once, sent while it is read: no screen

# What stands in addresses, by screen and part: something of the book. The account is the one with most invoices.
SAMPLES = {
    ("setup", "name"): "SELECT 'main'",
    ("people", "name"): "SELECT name FROM member LIMIT 1",
    ("mapping", "kind"): "SELECT 'account'",
    ("matching", "key"): "SELECT key FROM customer WHERE account IS NULL ORDER BY key LIMIT 1",
    ("health", "number"): "SELECT id FROM inbox WHERE status = 'parked' ORDER BY id LIMIT 1",
    ("health", "cause"): "SELECT cause FROM record WHERE parked IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
    ("health", "kind"): "SELECT 'invoice'",
    ("health", "key"): "SELECT key FROM record WHERE parked IS NOT NULL AND kind = 'invoice' ORDER BY key LIMIT 1",
    ("receivables", "account_id"): "SELECT account FROM customer JOIN invoice ON invoice.customer = customer.key "
    "WHERE account IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1",
    ("receivables", "key"): "SELECT key FROM invoice WHERE balance > 0 ORDER BY key LIMIT 1",
    ("matching", "number"): "SELECT 1",
    ("progress", "number"): "SELECT 1",
}
OWNER = "SELECT owner FROM account WHERE owner IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
# Beyond the plain addresses: what people do there all day.
MORE = (
    "/matching/?q=steel",
    "/matching/?page=15",
    "/receivables/accounts?sort=outstanding&down=1",
    "/receivables/accounts?q=steel",
    "/receivables/accounts?page=50",
    "/history/?q=linked",
)


def run() -> list[Result]:
    with server() as url, _page(url) as (run, app, client):
        found = {sample: _one(run, query) for sample, query in SAMPLES.items()}
        addresses = sorted({*_addresses(app, found), *MORE})
        owner = _one(run, OWNER)
        people = {"finance": visitor(run, client, "finance"), "sales": visitor(run, client, "viewer", owner)}
        took = {(who, path): _times(person, path) for who, person in people.items() for path in addresses}
        return [_result({key: times for key, times in took.items() if times})]


@contextmanager
def _page(url: str) -> Iterator[tuple[Runtime, Flask, Flask]]:
    full = url.replace("postgresql://", "postgresql+psycopg://", 1)
    migrate.upgrade(full)
    with tempfile.TemporaryDirectory(prefix="dueline-bench-") as home:
        places = {"DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:1/0", "DUELINE_HOME": home, **_ADMIN}
        with patch.dict(os.environ, places):
            run = Runtime(Settings())
        fill(run.engine, Size())
        now = Current(run)
        yield run, make_app(now), web.make_app(now)
        run.close()


def _one(run: Runtime, query: str) -> str:
    with run.engine.connect() as conn:
        return str(conn.execute(text(query)).scalar_one())


def _addresses(app: Flask, samples: dict[tuple[str, str], str]) -> Iterator[str]:
    """Every address that answers a GET and shows something. A part of one that is not known here is a mistake."""
    rights = {
        f"{screen.name}.{name}": right
        for screen in app.blueprints.values()
        if isinstance(screen, Screen)
        for name, right in screen.rights.items()
    }
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        shown = "GET" in (rule.methods or ()) and rights.get(rule.endpoint, Right.OPEN) is not Right.OPEN
        if shown and not rule.rule.endswith(FILES):
            screen = rule.endpoint.partition(".")[0]
            yield adapter.build(rule.endpoint, {name: samples[screen, name] for name in rule.arguments})


def _times(person: Visitor, path: str) -> list[float]:
    """Milliseconds of each request; none where this person may not look."""
    if person.get(path).status_code != 200:
        return []
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        person.get(path)
        took.append((time.perf_counter() - began) * 1000)
    return took


def _result(took: dict[tuple[str, str], list[float]]) -> Result:
    worst = {key: statistics.quantiles(times, n=20, method="inclusive")[-1] for key, times in took.items()}
    slowest = sorted(worst, key=lambda key: -worst[key])[:3]
    told = "; ".join(f"{path} as {who} {worst[who, path]:.0f} ms" for who, path in slowest)
    median = statistics.median(statistics.median(times) for times in took.values())
    p95 = max(worst.values())
    what = "finance's page: p95 server time of its slowest screen, 100 k invoices, 1 k unlinked, 10 k parked"
    detail = f"{len(took)} screens and people, {ROUNDS} requests each; median {median:.0f} ms; slowest p95: {told}"
    return Result(what, f"{p95:.0f} ms", f"<= {LIMIT_MS} ms", p95 <= LIMIT_MS, detail, "pages")
