"""What an account can say beyond our own fields: its AR summaries as one.

Amounts of two currencies are never added: an amount that is there in several currencies is empty, and so are DSO and
days late, which are made of amounts. Counts add up, and of days the earliest or the latest is told.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sync.core.aging import Bucket
from sync.core.currency import OrgMoney
from sync.core.projection import one_amount
from sync.core.summary import Summary

_AMOUNTS: dict[str, Callable[[Summary], int]] = {
    "Not_Due__c": lambda of: of.buckets[Bucket.NOT_DUE],
    "Bucket_1_30__c": lambda of: of.buckets[Bucket.D1_30],
    "Bucket_31_60__c": lambda of: of.buckets[Bucket.D31_60],
    "Bucket_61_90__c": lambda of: of.buckets[Bucket.D61_90],
    "Bucket_Over_90__c": lambda of: of.buckets[Bucket.OVER_90],
    "Collected__c": lambda of: of.collected,
    "Collected_12_Months__c": lambda of: of.collected_12_months,
    "Written_Off__c": lambda of: of.written_off,
    "Unapplied_Credit__c": lambda of: of.unapplied_credit,
    "Disputed__c": lambda of: of.disputed,
    "Promised__c": lambda of: of.promised,
}


def account_figures(
    summaries: Sequence[Summary], account_currency: str, money: OrgMoney, today: date
) -> dict[str, Any]:
    """Those figures by name, amounts in the account's currency, as of `today`."""
    target = account_currency if money.multi else money.home
    contacts = sorted(
        (item.last_contact for item in summaries if item.last_contact), key=lambda at: (at.on, at.by or "")
    )
    oldest = min((item.oldest_due_on for item in summaries if item.oldest_due_on), default=None)
    return {
        **{name: _amount(summaries, of, target, money) for name, of in _AMOUNTS.items()},
        **_last_payment(summaries, target, money),
        "Next_Commitment_On__c": min((on for item in summaries if (on := item.next_commitment_on)), default=None),
        "Oldest_Due_On__c": oldest,
        "Days_Past_Due__c": max(0, (today - oldest).days) if oldest else 0,
        "Open_Invoices__c": sum(item.open_invoices for item in summaries),
        "Overdue_Invoices__c": sum(item.overdue_invoices for item in summaries),
        "Average_Days_Late__c": _only([item.average_days_late for item in summaries]),
        "DSO_Ratio__c": _only([item.dso_ratio for item in summaries]),
        "DSO_Count_Back__c": _only([item.dso_count_back(today) for item in summaries]),
        "Last_Contact_On__c": contacts[-1].on if contacts else None,
        "Last_Contact_By__c": contacts[-1].by if contacts else None,
        "Currency__c": target,
    }


def _amount(summaries: Sequence[Summary], of: Callable[[Summary], int], target: str, money: OrgMoney) -> Decimal | None:
    return one_amount([(amount, item.currency) for item in summaries if (amount := of(item))], target, money)


def _last_payment(summaries: Sequence[Summary], target: str, money: OrgMoney) -> dict[str, Any]:
    """The latest payment in any currency; two of the same day in two currencies have no one amount."""
    paid = [(item.last_payment, item.currency) for item in summaries if item.last_payment]
    on = max((payment.on for payment, _ in paid), default=None)
    latest = [(payment.amount, currency) for payment, currency in paid if payment.on == on]
    amount = one_amount(latest, target, money) if latest else None
    return {"Last_Payment_On__c": on, "Last_Payment_Amount__c": amount}


def _only(values: Sequence[Decimal | None]) -> Decimal | None:
    found = [value for value in values if value is not None]
    return found[0] if len(found) == 1 else None
