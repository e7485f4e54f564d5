"""What the org and the ledger must hold, worked out plainly from Stripe's own objects and nothing of the product.

Every rule here is one sentence; where it disagrees with the product, one of the two is wrong.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Json = dict[str, Any]
Expected = dict[str, dict[str, Any]]  # key → field → value

DIGITS = {"USD": 2, "EUR": 2, "GBP": 2, "JPY": 0, "KWD": 3}
INVOICE_STATUS = {"open": "Open", "paid": "Paid", "uncollectible": "Written Off", "void": "Void"}
REFUND_STATUS = {"succeeded": "Succeeded", "pending": "Pending", "failed": "Failed", "canceled": "Canceled"}
GIVEN_BACK = ("succeeded", "pending", "requires_action")


@dataclass(frozen=True)
class OneOf:
    """Any of these values is right: Stripe's whole seconds leave open which of them was last."""

    values: tuple[Any, ...]


def major(minor: int, currency: str) -> Decimal:
    """Minor units as people write the amount."""
    return Decimal(minor).scaleb(-DIGITS[currency])


def day(second: int) -> date:
    """The UTC date of an epoch second."""
    return datetime.fromtimestamp(second, UTC).date()


class Truth:
    """Stripe's objects, and what follows from them. `accounts`: Salesforce account by customer id.

    `old`: customers whose events come in the shape before Basil. That shape does not name money that Stripe was only
    told of (a payment record), so its row is there or not: `uncertain` holds their keys.
    """

    def __init__(
        self, objects: list[Json], accounts: dict[str, str], old: set[str], connection: str, today: date
    ) -> None:
        self.connection, self.today = connection, today
        self.account = accounts
        self.kinds: dict[str, list[Json]] = defaultdict(list)
        for row in objects:
            if not row.get("deleted"):
                self.kinds[row["object"]].append(row)
        self.invoices = {row["id"]: row for row in self.kinds["invoice"] if row["status"] != "draft"}
        self.shares = [row for row in self.kinds["invoice_payment"] if row["status"] == "paid" and row["amount_paid"]]
        self.charges: dict[str, list[Json]] = defaultdict(list)
        for row in self.kinds["charge"]:
            self.charges[row["payment_intent"]].append(row)
        self.customer = {row["invoice"]: self.invoices[row["invoice"]]["customer"] for row in self.shares}

        records = {row["id"]: row for row in self.kinds["payment_record"]}
        told = {row["payment"]["payment_record"]: row for row in self.shares if "payment_record" in row["payment"]}
        self.told_of = {name: (records[name], share) for name, share in told.items()}
        self.uncertain = {self.key(name) for name, share in told.items() if self.customer[share["invoice"]] in old}

    def key(self, object_id: str) -> str:
        """An object's key in the ledger and in the org."""
        return f"{self.connection}:{object_id}"

    # --- the ledger --------------------------------------------------------------------------------------------------

    def ledger_invoices(self) -> Expected:
        """Every invoice that is no draft."""
        return {
            self.key(row["id"]): {
                "status": row["status"],
                "total": row["total"],
                "paid": row["amount_paid"],
                "balance": row["amount_remaining"] if row["status"] == "open" else 0,
                "credited": row["pre_payment_credit_notes_amount"] + row["post_payment_credit_notes_amount"],
                "written_off": row["amount_remaining"] if row["status"] == "uncollectible" else 0,
                "due_on": self.due_on(row),
            }
            for row in self.invoices.values()
        }

    def ledger_payments(self) -> Expected:
        """Every payment for which a charge was made, and those that Stripe was told of."""
        told = {
            self.key(name): {
                "status": "succeeded",
                "amount": record["amount_guaranteed"]["value"],
                "refunded": 0,
                "charged_back": 0,
            }
            for name, (record, _) in self.told_of.items()
        }
        return told | {
            self.key(intent): {
                "status": "succeeded" if self.taken(intent) else "failed",
                "amount": sum(row["amount_captured"] for row in self.taken(intent))
                or max(charges, key=lambda row: (row["created"], row["id"]))["amount"],
                "refunded": self.refunded(intent),
                "charged_back": self.charged_back(intent),
            }
            for intent, charges in self.charges.items()
        }

    def ledger_credits(self) -> dict[tuple[str, str], int]:
        """Unapplied credit by customer and currency: positive when we owe the customer."""
        return {
            (self.key(row["id"]), currency.upper()): -amount
            for row in self.kinds["customer"]
            for currency, amount in row["invoice_credit_balance"].items()
            if amount
        }

    def due_on(self, invoice: Json) -> date:
        """When it falls due; without a due date, on receipt."""
        return day(invoice["due_date"] or invoice["effective_at"])

    def taken(self, intent: str) -> list[Json]:
        """The charges of a payment that succeeded."""
        return [row for row in self.charges[intent] if row["status"] == "succeeded"]

    def refunded(self, intent: str) -> int:
        """What went back of a payment, or is about to."""
        return sum(row["amount"] for row in self._of(intent, "refund") if row["status"] in GIVEN_BACK)

    def charged_back(self, intent: str) -> int:
        """What banks took back of a payment for good."""
        return sum(row["amount"] for row in self._of(intent, "dispute") if row["status"] == "lost")

    def _of(self, intent: str, kind: str) -> list[Json]:
        return [row for row in self.kinds[kind] if row["payment_intent"] == intent]

    # --- the org -----------------------------------------------------------------------------------------------------

    def org_invoices(self) -> Expected:
        """AR_Invoice__c by Key__c."""
        return {
            self.key(row["id"]): {
                "Account__c": self.account[row["customer"]],
                "Status__c": INVOICE_STATUS[row["status"]],
                "Balance__c": major(row["amount_remaining"] if row["status"] == "open" else 0, row["currency"].upper()),
                "Paid__c": major(row["amount_paid"], row["currency"].upper()),
                "Amount__c": major(row["total"], row["currency"].upper()),
                "Credited__c": major(
                    row["pre_payment_credit_notes_amount"] + row["post_payment_credit_notes_amount"],
                    row["currency"].upper(),
                ),
                "Currency__c": row["currency"].upper(),
                "Number__c": row["number"],
                "Due_On__c": self.due_on(row).isoformat(),
            }
            for row in self.invoices.values()
        }

    def org_payments(self) -> Expected:
        """AR_Payment__c by Key__c: payments that paid invoices, and their refunds."""
        found: Expected = {}
        for intent, share in self._paying().items():
            currency, account = share["currency"].upper(), self.account[self.customer[share["invoice"]]]
            common = {"Account__c": account, "Currency__c": currency}
            found[self.key(intent)] = common | {
                "Kind__c": "Payment",
                "Status__c": "Succeeded",
                "Amount__c": major(sum(row["amount_captured"] for row in self.taken(intent)), currency),
                "Refunded__c": major(self.refunded(intent), currency),
                "Charged_Back__c": major(self.charged_back(intent), currency),
            }
            for refund in self._of(intent, "refund"):
                status, amount = REFUND_STATUS[refund["status"]], major(refund["amount"], currency)
                found[self.key(refund["id"])] = common | {"Kind__c": "Refund", "Status__c": status, "Amount__c": amount}
        for name, (record, share) in self.told_of.items():
            currency = share["currency"].upper()
            found[self.key(name)] = {
                "Account__c": self.account[self.customer[share["invoice"]]],
                "Currency__c": currency,
                "Kind__c": "Payment",
                "Status__c": "Succeeded",
                "Amount__c": major(record["amount_guaranteed"]["value"], currency),
            }
        return found

    def org_summaries(self) -> Expected:
        """AR_Summary__c by Key__c, for every account and currency in which anything was invoiced or is in credit."""
        slots = {(self.account[row["customer"]], row["currency"].upper()) for row in self.invoices.values()}
        credits_: dict[tuple[str, str], int] = defaultdict(int)
        for (customer, currency), amount in self.ledger_credits().items():
            credits_[self.account[customer.partition(":")[2]], currency] += amount
        return {
            f"{account}:{currency}": self._summary(account, currency, credits_[account, currency])
            for account, currency in sorted(slots | credits_.keys())
        }

    def _summary(self, account: str, currency: str, credit: int) -> dict[str, Any]:
        rows = [
            row
            for row in self.invoices.values()
            if self.account[row["customer"]] == account and row["currency"].upper() == currency
        ]
        owed = [row for row in rows if row["status"] == "open" and row["amount_remaining"] > 0]
        outstanding = sum(row["amount_remaining"] for row in owed)
        amounts = {
            "Outstanding__c": outstanding,
            "Overdue__c": sum(row["amount_remaining"] for row in owed if self._late(row) > 0),
            "Not_Due__c": self._aged(owed, -10_000, 0),
            "Bucket_1_30__c": self._aged(owed, 1, 30),
            "Bucket_31_60__c": self._aged(owed, 31, 60),
            "Bucket_61_90__c": self._aged(owed, 61, 90),
            "Bucket_Over_90__c": self._aged(owed, 91, 10_000),
            "Collected__c": self._collected(rows),
            "Collected_12_Months__c": self._collected(rows),  # everything here happened today
            "Written_Off__c": sum(row["amount_remaining"] for row in rows if row["status"] == "uncollectible"),
            "Unapplied_Credit__c": max(0, credit),
        }
        return {name: major(amount, currency) for name, amount in amounts.items()} | {
            "Account__c": account,
            "Open_Invoices__c": len(owed),
            "Overdue_Invoices__c": sum(self._late(row) > 0 for row in owed),
            "Oldest_Due_On__c": min((self.due_on(row) for row in owed), default=None),
            **self._last_payment(rows, currency),
            "Average_Days_Late__c": self._average_days_late(rows),
            "DSO_Ratio__c": self._dso(rows, outstanding),
        }

    def org_accounts(self) -> Expected:
        """Account by Id: the flags, and the amounts where one currency owes."""
        summaries = self.org_summaries()
        found: Expected = {}
        for account in {key.partition(":")[0] for key in summaries}:
            owing = {
                key.partition(":")[2]: row
                for key, row in summaries.items()
                if key.startswith(account) and row["Outstanding__c"]
            }
            oldest = min((row["Oldest_Due_On__c"] for row in owing.values()), default=None)
            found[account] = {
                "AR_Status__c": self._status(oldest),
                "AR_Overdue__c": any(row["Overdue__c"] for row in owing.values()),
            }
            if len(owing) != 1:  # none, or several currencies: amounts of two are never added
                amount = None if owing else Decimal(0)
                found[account] |= {"AR_Outstanding__c": amount, "AR_Overdue_Amount__c": amount}
        return found

    def _paying(self) -> dict[str, Json]:
        """The payments that paid invoices, each with one of its shares."""
        return {row["payment"]["payment_intent"]: row for row in self.shares if "payment_intent" in row["payment"]}

    def _shares_of(self, rows: list[Json]) -> list[Json]:
        wanted = {row["id"] for row in rows}
        return [share for share in self.shares if share["invoice"] in wanted]

    def _collected(self, rows: list[Json]) -> int:
        """Paid on the invoices, less what went back of the payments that paid them."""
        intents = {share["payment"].get("payment_intent") for share in self._shares_of(rows)} - {None}
        back = sum(self.refunded(intent) + self.charged_back(intent) for intent in intents)
        return sum(row["amount_paid"] for row in rows) - back

    def _last_payment(self, rows: list[Json], currency: str) -> dict[str, Any]:
        shares = self._shares_of(rows)
        if not shares:
            return {"Last_Payment_On__c": None, "Last_Payment_Amount__c": None}
        whole: dict[str, int] = defaultdict(int)
        for share in shares:
            whole[str(share["payment"])] += share["amount_paid"]
        last = max(share["status_transitions"]["paid_at"] for share in shares)
        latest = [share for share in shares if share["status_transitions"]["paid_at"] >= last - 1]
        amounts = tuple(major(whole[str(share["payment"])], currency) for share in latest)
        return {"Last_Payment_On__c": day(last), "Last_Payment_Amount__c": OneOf(amounts)}

    def _average_days_late(self, rows: list[Json]) -> Decimal | None:
        """Days from due to paid, early ones as none, weighted by amount."""
        due = {row["id"]: self.due_on(row) for row in rows}
        shares = self._shares_of(rows)
        amount = sum(share["amount_paid"] for share in shares)
        late = sum(
            share["amount_paid"] * max(0, (day(share["status_transitions"]["paid_at"]) - due[share["invoice"]]).days)
            for share in shares
        )
        return _one_place(Decimal(late) / amount) if amount else None

    def _dso(self, rows: list[Json], outstanding: int) -> Decimal | None:
        invoiced = sum(row["total"] for row in rows if row["status"] != "void")
        return _one_place(Decimal(outstanding) * 90 / invoiced) if invoiced else None

    def _late(self, row: Json) -> int:
        return (self.today - self.due_on(row)).days

    def _aged(self, owed: list[Json], first: int, last: int) -> int:
        return sum(row["amount_remaining"] for row in owed if first <= self._late(row) <= last)

    def _status(self, oldest: date | None) -> str:
        if oldest is None:
            return "Clear"
        late = (self.today - oldest).days
        names = ((90, "Over 90"), (60, "61-90"), (30, "31-60"), (0, "1-30"))
        return next((f"Overdue {name}" for days, name in names if late > days), "Current")


def _one_place(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)
