"""What Dueline does with each object of the org, for the doctor: by projecting a specimen of each kind of record.

There is no second list of fields that could fall behind the projection and fields.READ_BACK.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from connector.salesforce.doctor import ObjectNeeds
from connector.salesforce.fields import OPTIONAL_OBJECTS, READ_BACK, TARGETS
from connector.salesforce.rehearsal import Scene
from sync.adapters.specimens import mapped_rows
from sync.core.currency import OrgMoney
from sync.core.dates import Calendar
from sync.core.fieldmap.apply import mapped
from sync.core.fieldmap.figures import OBJECTS
from sync.core.fieldmap.rules import FieldMap
from sync.core.holds import HoldState
from sync.core.ledger import Invoice
from sync.core.projection import project_invoice
from sync.core.projection_crm import References, project_commitment, project_dispute, project_entry, project_task

REHEARSAL_KEY = "doctor:rehearsal"  # no record has it for longer than a rehearsal takes
_MADE_BY_PEOPLE = frozenset({"AR_Commitment__c", "AR_Dispute__c"})
_CREATED = ("AR_Invoice__c", "AR_Payment__c", "AR_Summary__c", "AR_Activity__c")
_REHEARSED_ACCOUNTS = 20


@dataclass(frozen=True, slots=True)
class OrgFacts:
    """What the rehearsal needs to know: the org's own currency, linked accounts, and whose a follow-up may be."""

    home: str
    multi_currency: bool
    accounts: Sequence[str]
    owner: str | None


def needs(fieldmap: FieldMap, *, multi_currency: bool) -> dict[str, ObjectNeeds]:
    """Every object that is written or read, its figures in the fields that the mapping gives them."""
    rows = _rows("USD", fieldmap, multi_currency=multi_currency)
    keys = {target.object: target.key for target in TARGETS.values()}
    found = {}
    for name in dict.fromkeys((*rows, *READ_BACK)):
        row = rows.get(name, {})
        others = {field for kind, mapped in OBJECTS.items() if mapped == name for field in fieldmap.foreign(kind)}
        found[name] = ObjectNeeds(
            writes=frozenset(row) - {"Id"},
            reads=frozenset(READ_BACK.get(name, ())),
            key=None if keys.get(name, "Id") == "Id" or name == "Task" else keys[name],
            amounts=frozenset(field for field, value in row.items() if isinstance(value, Decimal)) - others,
            creates=name in rows and name not in _MADE_BY_PEOPLE | {"Account"},
            optional=name in OPTIONAL_OBJECTS,
        )
    return found


def scenes(org: OrgFacts, fieldmap: FieldMap) -> list[Scene]:
    """One row of each kind that we create, and a touch of some linked accounts: for practice only."""
    account = org.accounts[0] if org.accounts else None
    rows = _rows(org.home, fieldmap, multi_currency=org.multi_currency)
    if "AR_Invoice__c" in rows:
        invoice = _invoice(OrgMoney(org.home, multi=org.multi_currency))
        rows["AR_Invoice__c"] = mapped(fieldmap, "invoice", invoice, Calendar("UTC")).row
    found = []
    for name in (name for name in _CREATED if name in rows):
        row = {field: value for field, value in rows[name].items() if not field.endswith("__r")}
        found.append(Scene(name, name, {**row, "Key__c": REHEARSAL_KEY, "Account__c": account}))
    if account and org.owner and "Task" in rows:
        task = {**rows["Task"], "AR_Key__c": REHEARSAL_KEY, "WhatId": account, "OwnerId": org.owner}
        found.append(Scene("a follow-up (Task)", "Task", task, then={"Subject": "changed"}))
    if touch := _touch(fieldmap):
        some = org.accounts[:_REHEARSED_ACCOUNTS]
        found += [Scene(f"Account {each}", "Account", touch, record_id=each) for each in some]
    return found


def _touch(fieldmap: FieldMap) -> dict[str, Any]:
    """What is changed on an account for practice: only when its figures were true, wherever that is written."""
    stamped = mapped(fieldmap, "account", {"Id": "", "AR_As_Of__c": datetime.now(UTC)}, Calendar("UTC"))
    return {name: stamped.row[name] for name in stamped.untold}


def _rows(currency: str, fieldmap: FieldMap, *, multi_currency: bool) -> dict[str, dict[str, Any]]:
    """A specimen row of each object that we write, in the org's own currency."""
    now = datetime.now(UTC)
    money = OrgMoney(currency, multi=multi_currency)
    shown = {"Currency__c": currency, "CurrencyIsoCode": currency}
    made = {
        name: {field: shown.get(field, value) for field, value in row.items()}
        for name, row in mapped_rows(fieldmap, multi_currency=multi_currency).items()
    }
    decided = SimpleNamespace(
        id="", status="Open", kept=0, kept_on=None, currency=currency, shown_in=currency, covers=None, problem=None,
        hold_state=HoldState.NOT_HELD, sla_due_at=now, breached=False,
    )  # fmt: skip
    entry = SimpleNamespace(
        key="", account="", kind="Note", subject="", body=None, occurred_at=now, by=None, system="Dueline", amount=0,
        currency=currency,
    )  # fmt: skip
    followup = SimpleNamespace(
        key="", subject="Rehearsal", description="", due_on=now.date(), high=False, account=None, outcome=None,
        left_there=None, theirs=None,
    )  # fmt: skip
    task = project_task(followup, "")
    made["AR_Commitment__c"] = project_commitment(decided, money, now)
    made["AR_Dispute__c"] = project_dispute(decided, None, now)
    if fieldmap.is_on("activity"):
        made["AR_Activity__c"] = project_entry(entry, References(), money)
    if fieldmap.is_on("task"):
        made["Task"] = {"AR_Key__c": "", **task["ours"], **task["first"]}
    return made


def _invoice(money: OrgMoney) -> dict[str, Any]:
    """An open invoice as they are: what a validation rule says of an empty one would say nothing of real ones."""
    today = datetime.now(UTC).date()
    page = "https://invoice.stripe.com/i/rehearsal"
    invoice = Invoice(
        key=REHEARSAL_KEY, customer=REHEARSAL_KEY, currency=money.home, status="open", posted=True, number="REHEARSAL",
        total=100, tax=0, credited=0, paid=0, balance=100, written_off=0, issued_on=today, due_on=today, paid_on=None,
        pay_url=page, pdf_url=f"{page}/pdf", next_change_on=None,
    )  # fmt: skip
    return project_invoice(invoice, None, "Stripe", money, datetime.now(UTC))
