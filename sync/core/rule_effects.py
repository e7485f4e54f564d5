"""What a rule does, in words, for the book as it is: so that whoever sets one sees what it changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sync.core.budget import Budget
from sync.core.words import counted, listed, named

Counts = Mapping[int, int]  # by days: how many

_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class RuleBook:
    """What rules act on, counted by days. `late`: open invoices by days past due, those due today (0) included.

    `promised`: open commitments by days past their date; `disputes`: open ones by days since they were opened;
    `closed`: closed invoices by days since. `ours`: our API calls of the last 24 hours; `allowed`: those of the org for
    everybody, 0 where it was never asked. `rates` are the org's own where it has several currencies.
    """

    late: Counts = field(default_factory=dict)
    promised: Counts = field(default_factory=dict)
    disputes: Counts = field(default_factory=dict)
    closed: Counts = field(default_factory=dict)
    unlinked: int = 0
    ours: int = 0
    allowed: int = 0
    billed_in: tuple[str, ...] = ()
    home: str | None = None
    multi: bool = False


def effect(name: str, value: Any, rules: Mapping[str, Any], book: RuleBook, now: datetime) -> str:
    """What the rule `name` does at `value`, among the others. Empty where nothing can be computed."""
    told = _EFFECTS.get(name)
    return told(value, rules, book, now) if told else ""


def _up_to(counts: Counts, days: int) -> int:
    return sum(number for age, number in counts.items() if 0 < age <= days)


def _beyond(counts: Counts, days: int) -> int:
    return sum(number for age, number in counts.items() if age > days)


def _time_zone(value: str, _rules: Mapping[str, Any], _book: RuleBook, now: datetime) -> str:
    there = now.astimezone(ZoneInfo(value))
    return f"There it is {there.day} {there:%b %Y}, {there:%H:%M} now. By that date things are due or late."


def _grace(value: int, _rules: Mapping[str, Any], book: RuleBook, _now: datetime) -> str:
    late = _beyond(book.late, 0)
    if not value:
        told = f"{counted(late, 'open invoice')} {named(late, 'is', 'are')} past due."
        return f"A follow-up is made on the day after the due date. {told}"
    within = _up_to(book.late, value)
    return (
        f"Of {counted(late, 'open invoice')} past due, {counted(within, 'is', 'are')} within grace: no follow-up yet. "
        "Figures and overdue flags count from the due date all the same."
    )


def _promise_grace(value: int, _rules: Mapping[str, Any], book: RuleBook, _now: datetime) -> str:
    within, beyond = _up_to(book.promised, value), _beyond(book.promised, value)
    if not within + beyond:
        return "No open commitment is past its day."
    return (
        f"Of the open commitments whose day has passed, {counted(within, 'is', 'are')} within grace, and {beyond:,} "
        f"{named(beyond, 'is', 'are')} broken."
    )


def _follow_up(value: int, _rules: Mapping[str, Any], book: RuleBook, _now: datetime) -> str:
    old = _beyond(book.late, value)
    late = f"{counted(old, 'open invoice')} {named(old, 'is', 'are')} past due for longer"
    return f"{late}: no new follow-up is made for those."


def _sla(value: int, _rules: Mapping[str, Any], book: RuleBook, _now: datetime) -> str:
    total, old = sum(book.disputes.values()), _beyond(book.disputes, value)
    if not total:
        return "No dispute is open."
    still = f"{counted(total, 'dispute')} {named(total, 'is', 'are')} open"
    return f"{still}, {old:,} for more than {counted(value, 'calendar day')}."


def _closed(value: int, _rules: Mapping[str, Any], book: RuleBook, _now: datetime) -> str:
    total, old = sum(book.closed.values()), _beyond(book.closed, value)
    if not total:
        return "No invoice is closed yet. The ledger and the figures keep them all."
    stays = total - old
    return (
        f"Of {counted(total, 'closed invoice')}, {counted(stays, 'belongs', 'belong')} in Salesforce and "
        f"{counted(old, 'is', 'are')} older. The ledger and the figures keep them all."
    )


def _bodies(value: int, _rules: Mapping[str, Any], _book: RuleBook, _now: datetime) -> str:
    return (
        f"The text of webhooks is emptied after {counted(value, 'day')}. What they said stays in the ledger; those "
        "that could not be used are kept."
    )


def _share(value: float, _rules: Mapping[str, Any], book: RuleBook, _now: datetime) -> str:
    if not book.allowed:
        return "How many calls the org allows is known once Dueline has signed in there."
    return (
        f"{value * 100:g} % is {round(book.allowed * value):,} of {book.allowed:,} calls a day; in the last 24 hours "
        f"Dueline made {book.ours:,}."
    )


def _poll(value: float, rules: Mapping[str, Any], book: RuleBook, _now: datetime) -> str:
    calls = round(_DAY_S / value)
    told = f"Looking every {value:g} s takes {calls:,} calls a day."
    if not book.allowed:
        return told
    possible = Budget(0, 0, book.allowed, float(rules["api_share"])).poll_every_s(value)
    if possible > value:
        return f"{told} That is more than half of Dueline's share, so it looks every {possible:.0f} s."
    return f"{told} Dueline's share allows it."


def _home(value: str, _rules: Mapping[str, Any], book: RuleBook, _now: datetime) -> str:
    if book.multi:
        return f"Your org has several currencies, and {book.home} is its corporate one: that is used."
    if book.home is not None and book.home != value:
        return f"Amounts in other currencies are converted into {value}."
    return ""


def _rates(value: Mapping[str, Any], rules: Mapping[str, Any], book: RuleBook, _now: datetime) -> str:
    if book.multi:
        return "Your org has several currencies: its own rates are used, those here are not."
    missing = [code for code in book.billed_in if code not in value and code != rules["org_currency"]]
    if missing:
        return f"No rate yet for {listed(missing)}: records in {'it' if len(missing) == 1 else 'them'} wait for one."
    return "Every currency that is billed in has a rate." if book.billed_in else ""


def _milestones(value: tuple[int, ...], _rules: Mapping[str, Any], book: RuleBook, _now: datetime) -> str:
    if not value:
        return "Nothing is written on timelines as invoices grow older."
    coming = sum(number for age, number in book.late.items() if age + 1 in value)
    days = listed([str(days) for days in value], 12)
    return f"An open invoice gets a line on its account's timeline at {days} days past due; tomorrow {coming:,} would."


def _field(value: str | None, _rules: Mapping[str, Any], book: RuleBook, _now: datetime) -> str:
    if value is None:
        return "Accounts are not looked up by a field."
    count = book.unlinked
    return (
        f"{counted(count, 'customer')} without an account {named(count, 'is', 'are')} looked up by it, now and again."
    )


_Effect = Callable[[Any, Mapping[str, Any], RuleBook, datetime], str]
_EFFECTS: Mapping[str, _Effect] = {
    "time_zone": _time_zone,
    "grace_days": _grace,
    "commitment_grace_days": _promise_grace,
    "follow_up_days": _follow_up,
    "dispute_sla_days": _sla,
    "milestones": _milestones,
    "closed_days": _closed,
    "body_days": _bodies,
    "org_currency": _home,
    "exchange_rates": _rates,
    "api_share": _share,
    "poll_every_s": _poll,
    "account_billing_field": _field,
}
