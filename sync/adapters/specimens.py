"""One row of each object as we write it, by projecting a specimen: what the doctor checks and the poll compares.

There is no second list of fields that could fall behind sync.core.projection.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from connector.salesforce.fields import READ_BACK
from sync.core.currency import OrgMoney
from sync.core.dates import Calendar
from sync.core.fieldmap.account import account_figures
from sync.core.fieldmap.apply import mapped
from sync.core.fieldmap.figures import MAPPED, OBJECTS
from sync.core.fieldmap.rules import FieldMap
from sync.core.heartbeat import Pulse, project_pulse
from sync.core.ledger import Invoice, Payment
from sync.core.projection import SalesforceRow, project_account, project_invoice, project_payment, project_summary
from sync.core.summary import Book, LastPayment, summarise
from sync.pipeline.differences import fields_of

# Needed to tell rows apart and to compare them, beside what a specimen shows.
_PATHS = {"AR_Payment__c": ("Kind__c", "Invoice__r.Key__c")}


def written_fields(fieldmap: FieldMap) -> dict[str, tuple[str, ...]]:
    """The fields of each object that we write, relationship paths included; an org need not have all of them."""
    mapped = {OBJECTS[kind]: fieldmap.fields(kind) for kind in MAPPED}
    return {name: tuple(dict.fromkeys((*ours, *mapped.get(name, ())))) for name, ours in _our_fields().items()}


@cache
def _our_fields() -> dict[str, tuple[str, ...]]:
    """Those that are written whatever the mapping says."""
    rows = written_rows(multi_currency=True) | {"Account": {}}
    return {name: tuple(dict.fromkeys((*fields_of([row]), *_PATHS.get(name, ())))) for name, row in rows.items()}


def read_fields(object_name: str, fieldmap: FieldMap) -> tuple[str, ...]:
    """What is read of an object: what is people's there, and what is ours, to see whether somebody changed it."""
    return tuple(dict.fromkeys((*READ_BACK.get(object_name, ()), *written_fields(fieldmap).get(object_name, ()))))


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON has it: numbers as text, since JSON has no decimals."""
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in row.items()}


def mapped_rows(fieldmap: FieldMap, *, multi_currency: bool) -> dict[str, SalesforceRow]:
    """The same rows in the fields that the mapping gives them; objects that are switched off are missing."""
    rows, calendar = written_rows(multi_currency=multi_currency), Calendar("UTC")
    kinds = {OBJECTS[kind]: kind for kind in MAPPED}
    return {
        name: mapped(fieldmap, kinds[name], row, calendar).row if name in kinds else row
        for name, row in rows.items()
        if name not in kinds or fieldmap.is_on(kinds[name])
    }


def written_rows(*, multi_currency: bool) -> dict[str, SalesforceRow]:
    """A specimen row of each object that we create, and every figure of an account."""
    money, now = OrgMoney("USD", multi=multi_currency), datetime.now(UTC)
    day = now.date()
    invoice = Invoice(
        **dict.fromkeys((item.name for item in fields(Invoice)), 0) | {"key": "", "customer": "", "currency": "USD"},  # type: ignore[arg-type]
    )
    opened = replace(
        invoice, status="open", number="", issued_on=day, due_on=day, paid_on=None, pay_url=None, pdf_url=None
    )
    summary = replace(summarise(Book(account="", currency="USD"), day), last_payment=LastPayment(day, 0))
    payment = Payment(
        key="", customer="", currency="USD", status="succeeded", amount=0, refunded=0, charged_back=0, method=None,
        paid_at=now, receivable=True,
    )  # fmt: skip
    return {
        "Account": project_account("", [summary], "USD", money, day, now)
        | account_figures([summary], "USD", money, day),
        "AR_Summary__c": project_summary(summary, "", money, now),
        "AR_Invoice__c": project_invoice(opened, "", "", money, now),
        "AR_Payment__c": project_payment(payment, [], None, "", "", money, day, now),
        "AR_Sync__c": project_pulse(Pulse(now, 0)),
    }
