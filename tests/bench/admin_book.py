"""A company's receivables of any size, quickly, for everything that finance's page shows.

Facts are made up customer by customer; the ledger rows and sums are derived from them by the product's own core, so
that nothing here repeats how the ledger counts, and deriving it again finds the same. What stands around the ledger
(accounts, people, records in Salesforce, what is parked) is made by tests/bench/admin_around.py. Both by COPY.
"""

import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import psycopg
from sqlalchemy import Engine

from sync.core.dates import Calendar
from sync.core.facts import (
    ChargeFacts,
    CreditNoteFacts,
    CustomerFacts,
    Facts,
    InvoiceFacts,
    InvoicePaymentFacts,
    InvoiceStatus,
    RefundFacts,
)
from sync.core.ledger import (
    Invoice,
    Payment,
    Postings,
    derive_invoice,
    derive_payment,
    pack_postings,
    post_invoice,
    post_payment,
)
from sync.core.linking import mail_domain
from tests.bench import admin_around
from tests.bench.history import account

SCOPE = "main"
CALENDAR = Calendar("UTC")
CURRENCIES = ("USD",) * 80 + ("EUR",) * 12 + ("GBP",) * 5 + ("JPY",) * 2 + ("KWD",)
NAMES = (
    "Acme Bell Cedar Delta Ember Falcon Granite Harbor Iris Juniper Kestrel Larch Meridian North Opal Pioneer".split()
)
TRADES = "Logistics Foods Software Textiles Energy Optics Media Tools Health Travel Paper Steel Labs Partners".split()
ODD_NAMES = ("<b>Bold</b> & Sons", '=HYPERLINK("http://x")', "Müller & Söhne «GmbH»", "'; DROP TABLE invoice; --")
BY_DAY = ("invoiced", "collected", "late_amount", "late_weight")


@dataclass(frozen=True)
class Size:
    """How much there is of everything. `open_share`: of the invoices, those on which something is owed."""

    accounts: int = 5_000
    unlinked: int = 1_000
    invoices: int = 100_000
    open_share: float = 0.1
    parked: int = 10_000
    today: date = field(default_factory=lambda: datetime.now(UTC).date())


@dataclass(frozen=True)
class Customer:
    """A billing customer; `account` is None where nobody knows whose it is."""

    key: str
    name: str
    email: str
    account: str | None
    currency: str

    @property
    def credits(self) -> dict[str, int]:
        """One in twenty has credit that no invoice has used yet."""
        return {self.currency: 5_000} if self.key.endswith(("07", "27", "47", "67", "87")) else {}


def fill(engine: Engine, size: Size, seed: int = 1) -> None:
    """Fill an empty, migrated database, and leave it as autovacuum would."""
    made = _Book(size, random.Random(seed))
    made.tell()
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as conn:
        for table, names, rows in made.tables():
            copy(conn, table, names, rows)
        admin_around.fill(conn, size, made.customers)
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("VACUUM ANALYZE")


def copy(conn: psycopg.Connection[Any], table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows; objects and lists as JSON."""
    with conn.cursor().copy(f'COPY "{table}" ({", ".join(names)}) FROM STDIN') as into:
        for row in rows:
            into.write_row([json.dumps(cell) if isinstance(cell, dict | list) else cell for cell in row])


class _Book:
    def __init__(self, size: Size, chance: random.Random) -> None:
        self.size, self.chance = size, chance
        self.customers = list(self._customers())
        self.objects: list[Facts] = [
            CustomerFacts(key=who.key, name=who.name, email=who.email, credits=who.credits, metadata={})
            for who in self.customers
        ]
        self.invoices: list[tuple[Any, ...]] = []
        self.allocations: list[tuple[Any, ...]] = []
        self.payments: list[tuple[Any, ...]] = []
        self.days: dict[tuple[str, str, date], Counter[str]] = {}
        self.totals: dict[tuple[str, str], Counter[str]] = {}

    def _customers(self) -> Iterator[Customer]:
        """Every account has one; one in twenty a second one; then those that nobody has linked."""
        linked = self.size.accounts + self.size.accounts // 20
        for n in range(1, linked + self.size.unlinked + 1):
            name = f"{self.chance.choice(NAMES)} {self.chance.choice(TRADES)} {n}"
            if n % 97 == 0:
                name = f"{ODD_NAMES[n // 97 % len(ODD_NAMES)]} {n}"
            owner = account((n - 1) % self.size.accounts + 1) if n <= linked else None
            yield Customer(f"{SCOPE}:cus_{n:06}", name, f"ap@company{n}.example", owner, self.chance.choice(CURRENCIES))

    def tell(self) -> None:
        """Every invoice, with all that is known of it. One customer has a thirtieth of them."""
        for n in range(1, self.size.invoices + 1):
            who = self.customers[0] if n % 30 == 0 else self.chance.choice(self.customers)
            self._invoice(n, who)

    def _invoice(self, n: int, who: Customer) -> None:
        facts, money = self._facts(n, who)
        parts = [item for item in money if isinstance(item, InvoicePaymentFacts)]
        row, allocations = derive_invoice(facts, parts, CALENDAR, self.size.today)
        postings = post_invoice(facts, row, allocations, CALENDAR)
        self.objects += [facts, *money]
        self.invoices.append((*(getattr(row, item.name) for item in fields(row)), pack_postings(postings)))
        self.allocations += [
            (item.invoice, number, who.key, row.currency, item.payment, item.amount, item.paid_at)
            for number, item in enumerate(allocations)
        ]
        self._post(who.key, row.currency, postings)
        charges = [item for item in money if isinstance(item, ChargeFacts)]
        if charges:
            self._payment(who.key, charges, [item for item in money if isinstance(item, RefundFacts)])

    def _payment(self, payer: str, charges: list[ChargeFacts], refunds: list[RefundFacts]) -> None:
        row = derive_payment(charges[0].payment, charges, refunds, [], [payer])
        assert row is not None
        postings = post_payment(row, charges, refunds, [], CALENDAR)
        self.payments.append((*(getattr(row, item.name) for item in fields(row)), pack_postings(postings)))
        self._post(payer, row.currency, postings)

    def _post(self, customer: str, currency: str, postings: Postings) -> None:
        for (day, measure), amount in postings.items():
            if measure in BY_DAY:
                self.days.setdefault((customer, currency, day), Counter())[measure] += amount
            self.totals.setdefault((customer, currency), Counter())[measure] += amount

    def _facts(self, n: int, who: Customer) -> tuple[InvoiceFacts, list[Facts]]:
        """An invoice in one of the ways in which invoices end, and what moved on it."""
        chance, today = self.chance, self.size.today
        is_open = chance.random() < self.size.open_share
        most = 400 if self.size.open_share > 0.5 else 200
        age = int(most * chance.random() ** 1.5) if is_open else chance.randint(12, 1_095)
        ending = "open" if is_open else chance.choices(("paid", "void", "uncollectible"), (95, 3, 2))[0]
        total = chance.randint(1_000, 2_000_000)
        credited = total // 10 if chance.random() < 0.03 and ending in {"open", "paid"} else 0
        paid = {"paid": total - credited, "open": total // 4 if chance.random() < 0.1 else 0}.get(ending, 0)
        key, issued_on = f"{SCOPE}:in_{n:07}", today - timedelta(days=age)
        currency = who.currency if chance.random() > 0.02 else "EUR"
        moved_at = _noon(min(today, issued_on + timedelta(days=chance.randint(3, 70))))
        terms = chance.choice((14, 30, 30, 30, 60))
        facts = InvoiceFacts(
            key=key, customer=who.key, currency=currency, status=str(InvoiceStatus(ending)), number=f"INV-{n:06}",
            subtotal=total, tax=0, discount=0, total=total, due=total - credited, paid=paid, credited=credited,
            remaining=0 if ending in {"paid", "void"} else total - credited - paid,
            pay_url=f"https://pay.example.com/i/{n}", created_at=_noon(issued_on), issued_at=_noon(issued_on),
            due_at=_noon(issued_on + timedelta(days=terms)),
            paid_at=moved_at if ending == "paid" else None, voided_at=moved_at if ending == "void" else None,
            written_off_at=moved_at if ending == "uncollectible" else None,
        )  # fmt: skip
        return facts, [*self._money(n, facts, moved_at), *self._credit(n, facts)]

    def _money(self, n: int, facts: InvoiceFacts, at: datetime) -> Iterator[Facts]:
        if not facts.paid:
            return
        intent, currency = f"{SCOPE}:pi_{n:07}", facts.currency
        yield InvoicePaymentFacts(
            key=f"{SCOPE}:inpay_{n:07}", invoice=facts.key, payment=intent, currency=currency, status="paid",
            amount=facts.paid, paid_at=at, created_at=at,
        )  # fmt: skip
        yield ChargeFacts(
            key=f"{SCOPE}:ch_{n:07}", payment=intent, customer=facts.customer, currency=currency, status="succeeded",
            amount=facts.paid, captured=facts.paid, refunded=0, created_at=at,
            method=self.chance.choice(("card", "us_bank_account", "sepa_debit")),
        )  # fmt: skip
        if self.chance.random() < 0.01:
            yield RefundFacts(
                key=f"{SCOPE}:re_{n:07}", payment=intent, charge=f"{SCOPE}:ch_{n:07}", currency=currency,
                status="succeeded", amount=facts.paid // 5, created_at=at + timedelta(hours=2),
            )  # fmt: skip

    def _credit(self, n: int, facts: InvoiceFacts) -> Iterator[Facts]:
        if facts.credited and facts.issued_at:
            yield CreditNoteFacts(
                key=f"{SCOPE}:cn_{n:07}", invoice=facts.key, customer=facts.customer, currency=facts.currency,
                status="issued", amount=facts.credited, number=f"CN-{n:06}", before_payment=True,
                created_at=facts.issued_at + timedelta(hours=2),
            )  # fmt: skip

    # --- as rows ------------------------------------------------------------------------------------------------------

    def tables(self) -> Iterator[tuple[str, Sequence[str], Iterable[Sequence[Any]]]]:
        """Each table of the ledger with its columns and rows."""
        yield "object", _OBJECT, ([*_object(item)] for item in self.objects)
        yield "customer", _CUSTOMER, ([*self._customer(who)] for who in self.customers)
        held = ((who.key, currency, amount) for who in self.customers for currency, amount in who.credits.items())
        yield "credit", ("customer", "currency", "amount"), held
        yield "invoice", _INVOICE, self.invoices
        yield "allocation", _ALLOCATION, self.allocations
        yield "payment", _PAYMENT, self.payments
        days = ((*slot, *(sums[name] for name in BY_DAY)) for slot, sums in self.days.items())
        yield "day_sum", ("customer", "currency", "day", *BY_DAY), days
        sums = ((*slot, *(sums[name] for name in _OF_ALL_TIME)) for slot, sums in self.totals.items())
        yield "total", ("customer", "currency", *_OF_ALL_TIME), sums

    def _customer(self, who: Customer) -> tuple[Any, ...]:
        at = _noon(self.size.today) if who.account else None
        return who.key, SCOPE, "stripe", who.name, who.email, mail_domain(who.email), who.account, at, at


_OF_ALL_TIME = ("invoiced", "collected", "written_off")
_LINKS = ("customer", "invoice", "payment", "charge")
_OBJECT = ("key", "kind", "source", "scope", "facts", "stamp", "read_until", "version", *_LINKS)
_CUSTOMER = ("key", "connection", "provider", "name", "email", "domain", "account", "linked_at", "looked_up_at")
_ALLOCATION = ("invoice", "n", "customer", "currency", "payment", "amount", "paid_at")
_INVOICE = [*(item.name for item in fields(Invoice)), "postings"]
_PAYMENT = [*(item.name for item in fields(Payment)), "postings"]


def _object(item: Facts) -> Iterator[Any]:
    yield from (item.key, item.kind, item.kind, SCOPE, item.pack(), 1_700_000_000, 1_700_000_000, 1)
    yield from (getattr(item, name, None) for name in _LINKS)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
