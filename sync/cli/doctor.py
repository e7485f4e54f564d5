"""What `dueline doctor` looks at: the database, Redis, every billing key, and the org."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from decimal import Decimal

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from connector.salesforce import doctor as org_doctor
from connector.salesforce.doctor import ObjectNeeds
from connector.salesforce.fields import TARGETS
from sync.bootstrap import Runtime
from sync.core.currency import OrgMoney
from sync.core.ledger import Invoice, Payment
from sync.core.projection import project_account, project_invoice, project_payment, project_summary
from sync.core.summary import Book, LastPayment, summarise
from sync.db import ledger, migrate


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `fix` says what to do where it is not in order."""

    ok: bool
    area: str
    what: str
    fix: str = ""


def examine(run: Runtime) -> list[Finding]:
    """Everything, in the order in which it should be mended."""
    return [*_database(run), *_redis(run), *_billing(run), *_org(run)]


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
        yield Finding(False, "billing", "no connection is configured", "set DUELINE_STRIPE__MAIN__WEBHOOK_SECRETS")
    for name in run.settings.connections():
        billing = run.billing.of(name)
        if billing is None:
            yield Finding(False, name, "has no API key", f"set DUELINE_STRIPE__{name.upper()}__API_KEY")
            continue
        for found in billing.permissions():
            yield Finding(found.ok, name, f"may use {found.kind}: {found.permission}", found.fix)


def _org(run: Runtime) -> Iterator[Finding]:
    if run.org is None:
        yield Finding(False, "salesforce", "is not configured", "set DUELINE_SALESFORCE__LOGIN_URL and its siblings")
        return
    with run.engine.connect() as conn:
        currencies = ledger.all_currencies(conn)
    for found in org_doctor.examine(run.org.session, _needs(), currencies=currencies):
        yield Finding(found.ok, f"salesforce {found.area}", found.what, found.fix)


def _needs() -> dict[str, ObjectNeeds]:
    """What is done with each object, found by projecting a specimen of each kind of record."""
    money, now, day = OrgMoney("USD", multi=False), datetime.now(UTC), datetime.now(UTC).date()
    invoice = Invoice(
        **dict.fromkeys((item.name for item in fields(Invoice)), 0) | {"key": "", "customer": "", "currency": "USD"},  # type: ignore[arg-type]
    )
    summary = summarise(Book(account="", currency="USD"), day)
    last = replace(summary, last_payment=LastPayment(day, 0))
    payment = Payment(
        key="", customer="", currency="USD", status="succeeded", amount=0, refunded=0, charged_back=0, method=None,
        paid_at=now, receivable=True,
    )  # fmt: skip
    rows = {
        "Account": project_account("", [summary], "USD", money, day, now),
        "AR_Summary__c": project_summary(last, "", money, now),
        "AR_Invoice__c": project_invoice(replace(invoice, status="open", number=""), "", "", money, now),
        "AR_Payment__c": project_payment(payment, [], None, "", "", money, day, now),
    }
    keys = {target.object: target.key for target in TARGETS.values()}
    return {
        name: ObjectNeeds(
            writes=frozenset(row) - {"Id"},
            key=None if keys[name] == "Id" else keys[name],
            amounts=frozenset(field for field, value in row.items() if isinstance(value, Decimal)),
            creates=keys[name] != "Id",
        )
        for name, row in rows.items()
    }
