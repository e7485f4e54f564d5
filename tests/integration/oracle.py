"""What Stripe's objects add up to, worked out naively and apart from the product: no import of its core.

One loop over everything for each figure, in today's shape of the API only. Slow and plain on purpose.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]

DIGITS = {"JPY": 0, "VND": 0, "KWD": 3}
SHOWN_STATUS = {"open": "Open", "paid": "Paid", "uncollectible": "Written Off", "void": "Void"}
BUCKETS = (
    ("Bucket_1_30__c", 1, 30),
    ("Bucket_31_60__c", 31, 60),
    ("Bucket_61_90__c", 61, 90),
    ("Bucket_Over_90__c", 91, 100_000),
)
NOTHING: Json = {
    "Outstanding__c": Decimal(0),
    "Overdue__c": Decimal(0),
    "Not_Due__c": Decimal(0),
    **{name: Decimal(0) for name, _, _ in BUCKETS},
    "Open_Invoices__c": 0,
    "Overdue_Invoices__c": 0,
    "Oldest_Due_On__c": None,
    "Collected__c": Decimal(0),
    "Written_Off__c": Decimal(0),
    "Unapplied_Credit__c": Decimal(0),
    "Last_Payment_On__c": None,
    "Average_Days_Late__c": None,
    "DSO_Ratio__c": None,
}
FIGURES = tuple(NOTHING)


@dataclass(frozen=True)
class Told:
    """One posted invoice as Stripe tells it; amounts in minor units."""

    id: str
    customer: str
    account: str | None
    currency: str
    status: str
    total: int
    balance: int
    paid: int
    written_off: int
    issued_on: date
    due_on: date

    @property
    def shown_status(self) -> str:
        """Its status in the words of the org."""
        return SHOWN_STATUS[self.status]

    def show(self, minor: int) -> Decimal:
        """An amount as the org shows it."""
        return major(minor, self.currency)


def major(minor: int, currency: str) -> Decimal:
    """Minor units as a decimal number."""
    return Decimal(minor) / 10 ** DIGITS.get(currency, 2)


def invoices(rows: Iterable[Json], accounts: Mapping[str, str] | None = None, zone: str = "UTC") -> list[Told]:
    """Stripe's posted invoices."""

    def day(second: int) -> date:
        return datetime.fromtimestamp(second, UTC).astimezone(ZoneInfo(zone)).date()

    told = []
    for row in rows:
        if row.get("deleted") or row["status"] == "draft":
            continue
        issued = row["effective_at"] or row["status_transitions"]["finalized_at"] or row["created"]
        told.append(
            Told(
                id=row["id"],
                customer=row["customer"],
                account=(accounts or {}).get(row["customer"]),
                currency=row["currency"].upper(),
                status=row["status"],
                total=row["total"],
                balance=row["amount_remaining"] if row["status"] == "open" else 0,
                paid=row["amount_paid"],
                written_off=row["amount_remaining"] if row["status"] == "uncollectible" else 0,
                issued_on=day(issued),
                due_on=day(row["due_date"] or issued),
            )
        )
    return told


class Books:
    """The figures of every account, from all objects of a Stripe account. `accounts`: the org's account by customer."""

    def __init__(self, objects: Sequence[Json], accounts: Mapping[str, str], today: date, zone: str = "UTC") -> None:
        self._objects = objects
        self._accounts = accounts
        self._today = today
        self._zone = ZoneInfo(zone)
        all_invoices = invoices(self._of("invoice"), accounts, zone)
        self.invoices = [row for row in all_invoices if row.account]

    def _of(self, kind: str) -> list[Json]:
        return [row for row in self._objects if row["object"] == kind]

    def _day(self, second: int) -> date:
        return datetime.fromtimestamp(second, UTC).astimezone(self._zone).date()

    def summaries(self) -> dict[tuple[str, str], Json]:
        """Every figure of every account and currency in which there is anything."""
        slots = {(row.account or "", row.currency) for row in self.invoices} | set(self._credits())
        return {slot: self._summary(*slot) for slot in slots}

    def _summary(self, account: str, currency: str) -> Json:
        mine = [row for row in self.invoices if (row.account, row.currency) == (account, currency)]
        owing = [row for row in mine if row.balance]
        late = [row for row in owing if row.due_on < self._today]
        shares = [share for row in mine for share in self._shares(row)]
        figures = {
            "Outstanding__c": sum(row.balance for row in owing),
            "Overdue__c": sum(row.balance for row in late),
            "Not_Due__c": sum(row.balance for row in owing if row not in late),
            **{name: self._in_bucket(late, first, last) for name, first, last in BUCKETS},
            "Collected__c": sum(row.paid for row in mine) - self._given_back(mine),
            "Written_Off__c": sum(row.written_off for row in mine),
            "Unapplied_Credit__c": max(0, self._credits().get((account, currency), 0)),
        }
        return {
            **{name: major(amount, currency) for name, amount in figures.items()},
            "Open_Invoices__c": len(owing),
            "Overdue_Invoices__c": len(late),
            "Oldest_Due_On__c": _iso(min((row.due_on for row in owing), default=None)),
            "Last_Payment_On__c": _iso(max((on for _, on, _ in shares), default=None)),
            "Average_Days_Late__c": self._average_days_late(shares),
            "DSO_Ratio__c": self._dso_ratio(mine),
        }

    def known(self) -> set[str]:
        """The accounts that have anything posted."""
        return {row.account for row in self.invoices if row.account}

    def standing(self, account: str) -> tuple[str, bool]:
        """What the account itself shows: its status in words, and whether anything is overdue."""
        owing = [row for row in self.invoices if row.account == account and row.balance]
        if not owing:
            return "Clear", False
        late = max((self._today - row.due_on).days for row in owing)
        names = ((91, "Over 90"), (61, "61-90"), (31, "31-60"), (1, "1-30"))
        return next((f"Overdue {name}" for days, name in names if late >= days), "Current"), late > 0

    def payments(self) -> dict[str, tuple[Decimal, Decimal, str]]:
        """Payments that paid invoices of linked accounts, by id: the amount, what was given back, and whose it is."""
        found = {}
        by_id = {row.id: row for row in self.invoices}
        for share in self._of("invoice_payment"):
            invoice = by_id.get(share["invoice"])
            if invoice is None or share["status"] != "paid" or not share["amount_paid"]:
                continue
            intent, record = share["payment"].get("payment_intent"), share["payment"].get("payment_record")
            charges = [row for row in self._of("charge") if row["payment_intent"] == intent and intent]
            taken = sum(row["amount_captured"] for row in charges if row["status"] == "succeeded")
            reported = [row for row in self._of("payment_record") if row["id"] == record]
            taken += sum(row["amount_guaranteed"]["value"] for row in reported)
            refunds = [row for row in self._of("refund") if row["payment_intent"] == intent and intent]
            back = sum(row["amount"] for row in refunds if row["status"] not in {"failed", "canceled"})
            found[intent or record] = (invoice.show(taken), invoice.show(back), invoice.account or "")
        return found

    def _in_bucket(self, late: Sequence[Told], first: int, last: int) -> int:
        return sum(row.balance for row in late if first <= (self._today - row.due_on).days <= last)

    def _credits(self) -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        for row in self._of("customer"):
            account = self._accounts.get(row["id"])
            for currency, balance in (row.get("invoice_credit_balance") or {}).items():
                if account and balance:
                    slot = (account, currency.upper())
                    found[slot] = found.get(slot, 0) - balance
        return found

    def _shares(self, invoice: Told) -> list[tuple[int, date, int]]:
        """What was paid on an invoice, when, and how many days late."""
        found = []
        for row in self._of("invoice_payment"):
            if row["invoice"] == invoice.id and row["status"] == "paid" and row["amount_paid"]:
                on = self._day(row["status_transitions"]["paid_at"])
                found.append((row["amount_paid"], on, max(0, (on - invoice.due_on).days)))
        return found

    def _given_back(self, mine: Sequence[Told]) -> int:
        """Refunds under way or done, and lost chargebacks, of payments that paid these invoices."""
        paid = {row.id for row in mine}
        intents = {
            row["payment"].get("payment_intent")
            for row in self._of("invoice_payment")
            if row["invoice"] in paid and row["status"] == "paid" and row["amount_paid"]
        } - {None}
        refunds = [row for row in self._of("refund") if row["payment_intent"] in intents]
        disputes = [row for row in self._of("dispute") if row["payment_intent"] in intents and row["status"] == "lost"]
        back = sum(row["amount"] for row in refunds if row["status"] not in {"failed", "canceled"})
        return back + sum(row["amount"] for row in disputes)

    def _average_days_late(self, shares: Sequence[tuple[int, date, int]]) -> Decimal | None:
        recent = [share for share in shares if share[1] > _year_before(self._today)]
        amount = sum(amount for amount, _, _ in recent)
        return _tenths(sum(amount * days for amount, _, days in recent), amount)

    def _dso_ratio(self, mine: Sequence[Told]) -> Decimal | None:
        window = self._today - timedelta(days=90)
        sold = sum(row.total for row in mine if row.status != "void" and row.issued_on > window)
        return _tenths(90 * sum(row.balance for row in mine), sold)


def _tenths(above: int, below: int) -> Decimal | None:
    return (Decimal(above) / below).quantize(Decimal("0.1"), ROUND_HALF_UP) if below > 0 else None


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
