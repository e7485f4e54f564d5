"""One account: its figures as Salesforce gets them, its invoices, payments, promises and disputes, its timeline."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, render_template

from sync.admin import csvs
from sync.admin.gate import connection, run, who
from sync.admin.receivables.screen import (
    BUCKET_WORDS,
    STATUS_WORDS,
    Account,
    account_or_404,
    screen,
)
from sync.admin.rights import Right
from sync.admin.tables import Column, Paging, asked
from sync.core.aging import Bucket
from sync.core.linking import SOURCE_WORDS, LinkSource
from sync.core.money import Money, to_decimal
from sync.core.summary import Summary, summarise
from sync.db import account_book, books
from sync.db.tables import AnyRow

_LATEST, _FOLLOW_UPS = 50, 10  # rows of the short lists
_INVOICES = (
    Column("number", "Invoice", sortable=True),
    Column("status", "Status", sortable=True),
    Column("issued_on", "Issued", sortable=True),
    Column("due_on", "Due", sortable=True),
    Column("currency", "Currency"),
    Column("total", "Total", sortable=True, number=True),
    Column("balance", "Owed", sortable=True, number=True),
    Column("late", "Days late", number=True),
)
_PAYMENTS = (
    Column("paid_at", "Paid"),
    Column("method", "How"),
    Column("status", "Status"),
    Column("currency", "Currency"),
    Column("amount", "Amount", number=True),
    Column("refunded", "Refunded", number=True),
    Column("charged_back", "Charged back", number=True),
    Column("numbers", "For invoices"),
)
_TIMELINE = (
    Column("at", "When"),
    Column("kind", "What"),
    Column("subject", "About"),
    Column("by", "Who"),
    Column("invoice", "Invoice"),
)
_WHICH = (("", "All"), ("open", "Open"), ("overdue", "Overdue"), ("closed", "Closed"))


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the figures: what it is called, and how it reads for a summary."""

    label: str
    told: Callable[[Summary, date], Any]


def _money(label: str, amount: Callable[[Summary], int | None]) -> Figure:
    def told(summary: Summary, _today: date) -> str:
        minor = amount(summary)
        return "–" if minor is None else f"{to_decimal(minor, summary.currency):,}"

    return Figure(label, told)


def _bucket(name: Bucket) -> Figure:
    return _money(f"– {BUCKET_WORDS[name]}", lambda summary: summary.buckets[name])


FIGURES = (
    _money("Outstanding", lambda summary: summary.outstanding),
    _money("Overdue", lambda summary: summary.overdue),
    *(_bucket(name) for name in Bucket),
    Figure("Open invoices", lambda summary, _: summary.open_invoices),
    Figure("Overdue invoices", lambda summary, _: summary.overdue_invoices),
    Figure("Oldest due", lambda summary, _: summary.oldest_due_on),
    _money("Promised", lambda summary: summary.promised),
    Figure("Next commitment", lambda summary, _: summary.next_commitment_on),
    _money("Disputed", lambda summary: summary.disputed),
    _money("Unapplied credit", lambda summary: summary.unapplied_credit),
    _money("Collected, 12 months", lambda summary: summary.collected_12_months),
    _money("Collected, all time", lambda summary: summary.collected),
    _money("Written off, all time", lambda summary: summary.written_off),
    Figure("Last payment", lambda summary, _: summary.last_payment.on if summary.last_payment else None),
    _money("Last payment, amount", lambda summary: summary.last_payment.amount if summary.last_payment else None),
    Figure("Average days late", lambda summary, _: summary.average_days_late),
    Figure("DSO, ratio", lambda summary, _: summary.dso_ratio),
    Figure("DSO, count-back", lambda summary, today: summary.dso_count_back(today)),
)
TABS = (
    ("account", "Figures"),
    ("account_invoices", "Invoices"),
    ("account_payments", "Payments"),
    ("account_claims", "Promises and disputes"),
    ("account_timeline", "Timeline"),
    ("account_salesforce", "In Salesforce"),
)


def shown(template: str, account: Account, **values: Any) -> str:
    """A page of an account, with the way to its others."""
    tabs = [(f"receivables.{name}", words) for name, words in TABS]
    return render_template(f"receivables/{template}", title=account.name, account=account, tabs=tabs, **values)


@screen.get("/accounts/<account_id>", right=Right.READ)
def account(account_id: str) -> str:
    """The figures of an account."""
    today = run().calendar.today()
    with connection() as conn:
        found = account_or_404(conn, account_id)
        loaded = books.load(conn, [account_id], today, run().calendar)[account_id]
        customers = account_book.linked(conn, account_id)
        followups = account_book.follow_ups(conn, account_id, _FOLLOW_UPS)
    summaries = [summarise(loaded[currency], today) for currency in sorted(loaded)]
    return shown(
        "account.html",
        found,
        today=today,
        summaries=summaries,
        figures=[(each.label, [each.told(summary, today) for summary in summaries]) for each in FIGURES],
        contact=next((each.last_contact for each in summaries if each.last_contact), None),
        customers=[(row, _source(row), _credits(row)) for row in customers],
        followups=followups,
        most=_FOLLOW_UPS,
        may_look=who().may(Right.LOOK),
    )


def _source(row: AnyRow) -> str:
    return SOURCE_WORDS[LinkSource(row.link_source)] if row.link_source else ""


def _credits(row: AnyRow) -> list[Money]:
    return [Money(int(amount), currency) for currency, _, amount in (text.partition(" ") for text in row.credits or ())]


@screen.get("/accounts/<account_id>/invoices", right=Right.READ)
def account_invoices(account_id: str) -> str:
    """Its invoices."""
    found = asked(_INVOICES, "due_on", down=True, filters=("q", "which"))
    today = run().calendar.today()
    with connection() as conn:
        mine = account_or_404(conn, account_id)
        total, rows = account_book.invoices(
            conn,
            account_id,
            today,
            which=found.filters["which"],
            search=found.filters["q"],
            sort=found.sort,
            down=found.down,
            offset=found.offset,
            limit=found.limit,
        )
    return shown(
        "account_invoices.html",
        mine,
        columns=_INVOICES,
        rows=rows,
        paging=Paging(found, total),
        filters={name: value for name, value in found.filters.items() if value},
        today=today,
        status_words=STATUS_WORDS,
        chosen=(("which", "Show", _WHICH),),
    )


@screen.get("/accounts/<account_id>/invoices.csv", right=Right.READ)
def account_invoices_csv(account_id: str) -> Response:
    """The same as filtered, as a file."""
    found = asked(_INVOICES, "due_on", down=True, filters=("q", "which"))
    today = run().calendar.today()
    filters: dict[str, Any] = {"which": found.filters["which"], "search": found.filters["q"]}
    with connection() as conn:
        account_or_404(conn, account_id)
        _, rows = account_book.invoices(
            conn, account_id, today, **filters, sort=found.sort, down=found.down, limit=csvs.MOST_ROWS
        )
    header = ("invoice", "key", "status", "issued", "due", "paid", "currency", "total", "credited", "paid amount",
              "owed", "days late")  # fmt: skip
    return csvs.answer(f"invoices-{today}.csv", header, _invoice_lines(rows, today))


def _invoice_lines(rows: Sequence[AnyRow], today: date) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        late = max(0, (today - row.due_on).days) if row.balance > 0 and row.due_on else None
        amounts = [to_decimal(minor, row.currency) for minor in (row.total, row.credited, row.paid, row.balance)]
        days = (row.issued_on, row.due_on, row.paid_on)
        yield row.number, row.key, STATUS_WORDS.get(row.status, row.status), *days, row.currency, *amounts, late


@screen.get("/accounts/<account_id>/payments", right=Right.READ)
def account_payments(account_id: str) -> str:
    """What it paid."""
    found = asked(_PAYMENTS, "paid_at")
    with connection() as conn:
        mine = account_or_404(conn, account_id)
        total, rows = account_book.payments(conn, account_id, offset=found.offset, limit=found.limit)
    return shown("account_payments.html", mine, columns=_PAYMENTS, rows=rows, paging=Paging(found, total))


@screen.get("/accounts/<account_id>/promises", right=Right.READ)
def account_claims(account_id: str) -> str:
    """What it promised and contests, and what is on hold for that."""
    with connection() as conn:
        mine = account_or_404(conn, account_id)
        promises = account_book.promises(conn, account_id, _LATEST)
        disputes = account_book.contested(conn, account_id, _LATEST)
        holds = account_book.holds(conn, account_id, _LATEST)
    return shown("account_claims.html", mine, promises=promises, disputes=disputes, holds=holds, most=_LATEST)


@screen.get("/accounts/<account_id>/timeline", right=Right.READ)
def account_timeline(account_id: str) -> str:
    """What happened with it."""
    found = asked(_TIMELINE, "at")
    with connection() as conn:
        mine = account_or_404(conn, account_id)
        total, rows = account_book.timeline(conn, account_id, offset=found.offset, limit=found.limit)
    return shown("account_timeline.html", mine, columns=_TIMELINE, rows=rows, paging=Paging(found, total))
