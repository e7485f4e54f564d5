"""One invoice: what it amounts to, what moved on it and when, and how it stands in Salesforce."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from flask import render_template, url_for

from sync.admin.gate import connection, run, who
from sync.admin.receivables.screen import STATUS_WORDS, in_salesforce, invoice_or_404, screen, web_address
from sync.admin.rights import Right
from sync.core.facts import CreditNoteFacts, InvoiceFacts
from sync.core.money import Money
from sync.db import account_book
from sync.db.ledger import postings_of
from sync.db.tables import AnyRow

_ENTRIES = 50
_MEASURES = {
    "invoiced": "Invoiced",
    "collected": "Collected",
    "written_off": "Written off",
    "late_amount": "Paid, counted for days late",
}


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is known to have happened to an invoice, on a business date."""

    on: date
    told: str
    amount: Money | None = None


@screen.get("/invoices/<path:key>", right=Right.READ)
def invoice(key: str) -> str:
    """One invoice."""
    with connection() as conn:
        row = invoice_or_404(conn, key)
        allocations = account_book.allocations(conn, key)
        told = account_book.told_of(conn, key)
        entries = account_book.entries_of(conn, key, _ENTRIES)
        promises, disputes, hold = account_book.claims_of(conn, key)
        records = account_book.records_of(conn, key)
    provider = run().settings.system_names.get(row.customer_provider, row.customer_provider)
    return render_template(
        "receivables/invoice.html",
        title=f"Invoice {row.number or row.key.rpartition(':')[2]}",
        invoice=row,
        status=STATUS_WORDS.get(row.status, row.status),
        today=run().calendar.today(),
        provider=provider,
        pages=[(words, href) for words, url in _pages(row, provider) if (href := web_address(url))],
        steps=sorted(_steps(row, told, allocations), key=lambda step: step.on),
        allocations=allocations,
        entries=entries,
        promises=promises,
        disputes=disputes,
        hold=hold,
        postings=sorted((on, _MEASURES[measure], amount) for (on, measure), amount in postings_of(row).items()
                        if measure in _MEASURES),
        records=[(record, _journey(record)) for record in records],
        account_href=in_salesforce("Account", row.customer_account),
        doubtful=any(each.doubtful for each in told),
    )  # fmt: skip


def _pages(row: AnyRow, provider: str) -> Iterator[tuple[str, str | None]]:
    yield f"Its page at {provider}", row.pay_url
    yield "As PDF", row.pdf_url


def _steps(row: AnyRow, told: Sequence[AnyRow], allocations: Sequence[AnyRow]) -> Iterator[Step]:
    """What is known of its history; the billing system keeps no more."""
    on = run().calendar.on

    def money(minor: int) -> Money:
        return Money(minor, row.currency)

    if row.issued_on:
        yield Step(row.issued_on, "Issued", money(row.total))
    if row.due_on:
        yield Step(row.due_on, "Due")
    for item in allocations:
        yield Step(on(item.paid_at), "Paid", money(item.amount))
    for each in told:
        if each.kind == CreditNoteFacts.kind:
            note = CreditNoteFacts.unpack(each.facts)
            when = "before payment" if note.before_payment else "after payment"
            yield Step(on(note.created_at), f"Credit note {note.number or ''} {when}".strip(), money(note.amount))
            if note.voided_at:
                yield Step(on(note.voided_at), f"Credit note {note.number or ''} taken back", money(note.amount))
            continue
        facts = InvoiceFacts.unpack(each.facts)
        if facts.written_off_at and row.status == "uncollectible":
            yield Step(on(facts.written_off_at), "Written off", money(row.written_off))
        if facts.voided_at:
            yield Step(on(facts.voided_at), "Voided")


def _journey(record: AnyRow) -> str | None:
    """Where the way of a record, and the events behind it, can be followed, by those who may."""
    return url_for("health.item", kind=record.kind, key=record.key) if who().may(Right.LOOK) else None
