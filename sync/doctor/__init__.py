"""Looks at the database, Redis, billing keys and the org before go-live, for `dueline doctor` and finance's page.

Each finding comes with its fix. Nothing that is tried stays anywhere: rows are written to the org for practice, and
taken back by it at once.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from connector.billing import Billing
from connector.errors import ConnectorError
from connector.salesforce.doctor_people import MOST_ACCOUNTS, compared
from connector.salesforce.session import OrgSession
from sync.adapters.salesforce import login_of
from sync.bootstrap import Runtime
from sync.db import cursors, fieldmaps, ledger, links, migrate
from sync.doctor.org import Known, examine_org

_OPTIONAL_KINDS = frozenset({"hold", "payment_record"})  # without these, holds are refused, and others' payments unseen
_ADVICE = frozenset({"clock", "people", "api", "storage", "messages", "polling"})  # how well it goes, not whether


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `fix` says what to do where it is not in order. Without what is `needed` nothing works."""

    ok: bool
    area: str
    what: str
    fix: str = ""
    needed: bool = True


def examine(run: Runtime) -> list[Finding]:
    """Everything, in the order in which it should be mended."""
    return [*_database(run), *_redis(run), *_billing(run), *org_findings(run)]


def _database(run: Runtime) -> Iterator[Finding]:
    try:
        found = migrate.current(run.engine)
    except SQLAlchemyError as error:
        yield Finding(False, "database", str(error).splitlines()[0], "check DATABASE_URL")
        return
    yield Finding(found == migrate.head(), "database", f"at revision {found}", "run dueline db upgrade")


def _redis(run: Runtime) -> Iterator[Finding]:
    try:
        run.bell.ping()
        yield Finding(True, "redis", "answers")
    except RedisError as error:
        yield Finding(False, "redis", str(error), "check REDIS_URL")


def _billing(run: Runtime) -> Iterator[Finding]:
    if not run.settings.connections():
        fix = "connect one on finance's page (Set-up), or set DUELINE_STRIPE__MAIN__WEBHOOK_SECRETS"
        yield Finding(False, "billing", "no connection is configured", fix)
    for name in run.settings.connections():
        yield from billing_findings(run, name)


def billing_findings(run: Runtime, name: str) -> Iterator[Finding]:
    """One connection to a billing system: whether its key is good, and for all that we ask."""
    billing = run.billing.of(name)
    if billing is None:
        fix = f"enter one on finance's page (Set-up), or set DUELINE_STRIPE__{name.upper()}__API_KEY"
        yield Finding(False, name, "has no API key", fix)
        return
    try:
        yield from _key(name, billing)
        if run.settings.today_file is None:  # else the date of this local world is moved, and Stripe's with it
            yield _clock(name, billing)
    except ConnectorError as error:
        yield Finding(False, name, f"{error.code}: {error.reason}", error.fix or "try again later")


def _key(name: str, billing: Billing) -> Iterator[Finding]:
    for found in billing.permissions():
        may = "may" if found.ok else "may not"
        told = f"{may} use {found.kind}: {found.permission}"
        yield Finding(found.ok, name, told, found.fix, needed=found.kind not in _OPTIONAL_KINDS)


def _clock(name: str, billing: Billing) -> Finding:
    page = next(billing.list_all("customer", page_size=1))
    now = time.time()
    # Its answer was written between `now - elapsed` and `now`, in the second that begins with `date`.
    ahead = max(page.date - now, 0) or min(page.date + 1 - (now - page.elapsed), 0)
    found = compared("the billing system", ahead, name)
    return Finding(found.ok, found.area, found.what, found.fix)


def org_findings(run: Runtime) -> Iterator[Finding]:
    """Everything about the org: whether we get in, and whether all is there that we need."""
    salesforce = run.settings.salesforce
    if salesforce is None:
        fix = "connect it on finance's page (Set-up), or set DUELINE_SALESFORCE__LOGIN_URL and its siblings"
        yield Finding(False, "salesforce", "is not configured", fix)
        return
    known = _known(run)
    counted = run.org.session if run.org and known else None  # calls are counted in the database, where there is one
    session = counted or OrgSession(login_of(salesforce))
    for found in examine_org(session, run.settings, salesforce, known or Known()):
        needed = found.area not in _ADVICE
        yield Finding(found.ok, f"salesforce {found.area}", found.what, found.fix, needed=needed)
    if session is not counted:
        session.close()


def _known(run: Runtime) -> Known | None:
    """None where the database cannot say, which is a finding of its own."""
    try:
        with run.engine.connect() as conn:
            identity = cursors.get(conn, cursors.ORG_IDENTITY)
            return Known(
                currencies=tuple(ledger.all_currencies(conn)),
                accounts=tuple(links.linked_accounts(conn, MOST_ACCOUNTS)),
                org_id=identity["org"] if identity else None,
                fieldmap=fieldmaps.current(conn, run.settings.account_fields),
            )
    except SQLAlchemyError:
        return None
