"""The whole book in one currency: how old it is, what is promised and contested, and how it has moved."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Response, render_template
from sqlalchemy import Connection

from sync.admin import charts, csvs
from sync.admin.gate import connection, run, who
from sync.admin.receivables.screen import BUCKET_WORDS, Chosen, chosen, common, scope, screen
from sync.admin.rights import Right
from sync.core import trend
from sync.core.money import to_decimal
from sync.core.trend import Month
from sync.db import book_claims, book_figures, book_moves
from sync.db.book_figures import Position
from sync.db.tables import AnyRow

SOON_DAYS, SETTLED_DAYS = 7, 90
MONTHS = 18
AGES = ("Up to 7 days", "8–30 days", "31–60 days", "Over 60 days")
_AGE_DAYS = (7, 30, 60)
_SHORT = [words.removesuffix(" days") for words in BUCKET_WORDS.values()]  # there is little room under a bar
STANDINGS = {
    "soon": f"Due within {SOON_DAYS} days",
    "later": "Due later, or without a day",
    "Kept": "Kept",
    "Partly Kept": "Partly kept",
    "Broken": "Broken",
    "Cancelled": "Cancelled",
}


@dataclass(frozen=True, slots=True)
class Book:
    """What is owed in one currency: of everybody that counts, and of whom no account is known."""

    currency: str
    all: Position
    unlinked: Position | None
    not_ours: Position | None


@screen.get("/", right=Right.READ)
def page() -> str:
    """The overview."""
    today = run().calendar.today()
    with connection() as conn:
        books = _books(book_figures.positions(conn, scope(), today))
        picked = _chosen(conn, books)
        if not picked.currency:
            return render_template("receivables/empty.html", title="Receivables")
        promised = book_claims.promises(conn, scope(), picked.currency, _dates(today))
        disputed = book_claims.disputes(conn, scope(), picked.currency, today, run().calendar.zone.key, _AGE_DAYS)
    book = next((each for each in books if each.currency == picked.currency), _nothing(picked.currency))
    return render_template(
        "receivables/overview.html",
        title="Receivables",
        **common(picked),
        book=book,
        books=books,
        today=today,
        aging=charts.bars(
            f"Outstanding by age, {book.currency}",
            _SHORT,
            [("Outstanding", [_major(amount, book.currency) for amount in book.all.buckets])],
        ),
        promised=_promises(promised),
        names=[str(name) for name in BUCKET_WORDS],
        soon=today + timedelta(days=SOON_DAYS),
        since=today - timedelta(days=SETTLED_DAYS),
        **_contested(disputed, book.currency),
        may_look=who().may(Right.LOOK),
    )


def _chosen(conn: Connection, books: Sequence[Book]) -> Chosen:
    """The currency that is looked at. That with most open invoices is the first of the books."""
    return chosen(conn, books[0].currency if books else None)


def _dates(today: date) -> dict[str, date]:
    return {"soon": today + timedelta(days=SOON_DAYS), "since": today - timedelta(days=SETTLED_DAYS)}


def _books(positions: Sequence[Position]) -> list[Book]:
    """By currency, in the order given. Who is no customer of ours is told of, and counts for nothing."""
    found: dict[str, dict[str, Position]] = {}
    for each in positions:
        found.setdefault(each.currency, {})[each.kind] = each
    return [
        Book(currency, _together(currency, kinds), kinds.get("unlinked"), kinds.get("not_ours"))
        for currency, kinds in found.items()
    ]


def _together(currency: str, kinds: dict[str, Position]) -> Position:
    ours = [each for kind, each in kinds.items() if kind != "not_ours"]
    return Position(
        currency=currency,
        kind="all",
        buckets=tuple(sum(each.buckets[n] for each in ours) for n in range(len(BUCKET_WORDS))),
        counts=tuple(sum(each.counts[n] for each in ours) for n in range(len(BUCKET_WORDS))),
        accounts=sum(each.accounts for each in ours),
        customers=sum(each.customers for each in ours),
    )


def _nothing(currency: str) -> Book:
    return Book(currency, _together(currency, {}), None, None)


def _major(minor: int, currency: str) -> float:
    """For the scale of a chart; the table beside it says it exactly."""
    return float(to_decimal(minor, currency))


def _promises(rows: Sequence[AnyRow]) -> list[tuple[str, str, AnyRow]]:
    by_standing = {row.standing: row for row in rows}
    return [(name, words, by_standing[name]) for name, words in STANDINGS.items() if name in by_standing]


def _contested(rows: Sequence[AnyRow], currency: str) -> dict[str, Any]:
    """Open disputes by category and age, as a table and a chart."""
    categories = sorted({row.category for row in rows}, key=lambda name: (not name, name))
    cells = {(row.category, row.age): row for row in rows}
    table: list[dict[str, Any]] = [
        {
            "category": name or "Without a category",
            "ages": [_amount(cells.get((name, n))) for n in range(len(AGES))],
            "count": sum(row.disputes for row in rows if row.category == name),
            "late": sum(row.late for row in rows if row.category == name),
            "amount": sum(row.contested for row in rows if row.category == name),
        }
        for name in categories
    ]
    drawn = charts.bars(
        f"Contested by category and age, {currency}",
        [str(row["category"]) for row in table],
        [(words, [_major(row["ages"][n], currency) for row in table]) for n, words in enumerate(AGES)],
    )
    return {"disputed": table, "ages": AGES, "contested": drawn}


def _amount(row: AnyRow | None) -> int:
    return row.contested if row is not None else 0


@screen.get("/aging.csv", right=Right.READ)
def aging_csv() -> Response:
    """The age of the book in one currency, as a file."""
    today = run().calendar.today()
    with connection() as conn:
        books = _books(book_figures.positions(conn, scope(), today))
        picked = _chosen(conn, books)
    mine = [book for book in books if book.currency == picked.currency]
    rows = [
        (words, book.currency, to_decimal(amount, book.currency), count)
        for book in mine
        for words, amount, count in zip(BUCKET_WORDS.values(), book.all.buckets, book.all.counts, strict=True)
    ]
    return csvs.answer(f"aging-{today}.csv", ("age", "currency", "outstanding", "open invoices"), rows)


@screen.get("/currencies.csv", right=Right.READ)
def currencies_csv() -> Response:
    """Every currency on a line, as a file."""
    today = run().calendar.today()
    with connection() as conn:
        books = _books(book_figures.positions(conn, scope(), today))
    header = ("currency", "outstanding", "overdue", *BUCKET_WORDS.values(), "open invoices", "accounts", "no account")
    return csvs.answer(f"currencies-{today}.csv", header, (_currency_line(book) for book in books))


def _currency_line(book: Book) -> tuple[Any, ...]:
    def major(minor: int) -> Any:
        return to_decimal(minor, book.currency)

    ours, stray = book.all, book.unlinked.outstanding if book.unlinked else 0
    ages = map(major, ours.buckets)
    figures = (major(ours.outstanding), major(ours.overdue), *ages, ours.invoices, ours.accounts, major(stray))
    return (book.currency, *figures)


# --- how it has moved -------------------------------------------------------------------------------------------------


@screen.get("/trend", right=Right.READ)
def moved() -> str:
    """What was invoiced and collected month by month, and DSO."""
    with connection() as conn:
        picked = chosen(conn)
        if not picked.currency:
            return render_template("receivables/empty.html", title="Receivables")
        months = _months(conn, picked.currency)
    labels = [f"{month.first:%b %y}" for month in months]
    return render_template(
        "receivables/trend.html",
        title="Receivables: trend",
        **common(picked),
        months=months[::-1],
        labels=labels[::-1],
        collected=charts.bars(
            f"Collected each month, {picked.currency}",
            labels,
            [("Collected", [max(0.0, _major(month.collected, picked.currency)) for month in months])],
        ),
        dso=charts.lines(
            "DSO at the end of each month, in days",
            labels,
            [
                ("Ratio", [_days(month.dso_ratio) for month in months]),
                ("Count-back", [_days(month.dso_count_back) for month in months]),
            ],
        ),
    )


def _months(conn: Connection, currency: str) -> list[Month]:
    calendar = run().calendar
    today = calendar.today()
    outstanding = book_moves.outstanding(conn, scope(), currency)
    days = book_moves.day_sums(conn, scope(), currency, trend.start(today, MONTHS))
    uneven = book_moves.uneven(conn, scope(), currency, calendar, trend.first_month(today, MONTHS))
    return trend.trend(outstanding, days, uneven, today, MONTHS)


def _days(value: Any) -> float | None:
    return None if value is None else float(value)


@screen.get("/trend.csv", right=Right.READ)
def trend_csv() -> Response:
    """The same, as a file."""
    with connection() as conn:
        picked = chosen(conn)
        months = _months(conn, picked.currency) if picked.currency else []
    header = ("month", "until", "currency", "invoiced", "collected", "written off", "credited", "outstanding",
              "DSO ratio", "DSO count-back")  # fmt: skip
    return csvs.answer(f"trend-{run().calendar.today()}.csv", header, _trend_lines(months, picked.currency))


def _trend_lines(months: Sequence[Month], currency: str) -> Iterator[tuple[Any, ...]]:
    for month in months:
        amounts = (month.invoiced, month.collected, month.written_off, month.credited, month.outstanding)
        told = (to_decimal(amount, currency) for amount in amounts)
        yield f"{month.first:%Y-%m}", month.until, currency, *told, month.dso_ratio, month.dso_count_back
