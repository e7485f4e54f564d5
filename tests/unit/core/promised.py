"""Invoices, promises and disputes for tests, and random histories of an account: what people and payments do to it.

A history is a list of steps; each is one small function on a `Story`. A step that makes no sense there (paying what is
void, say) does nothing, so any list of steps is a possible history.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from sync.core.commitments import Commitment, Owed, Received, Standing, judge
from sync.core.disputes import Dispute
from sync.core.facts import InvoiceStatus
from tests.unit.core.made import noon

TODAY = date(2026, 3, 2)  # a Monday
CURRENCIES = {"A": "USD", "B": "USD", "C": "USD", "E": "EUR"}


def march(day: int) -> date:
    return date(2026, 3, day)


def owed(key="A", **given) -> Owed:
    """An open invoice of 10.00 USD, due on 10 March; what is received lowers its balance, and pays it at 0."""
    fields = {"number": f"INV-{key}", "currency": "USD", "total": 1_000, "due_on": march(10), "posted": True} | given
    received = fields.get("received", ())
    fields.setdefault("balance", fields["total"] - sum(part.amount for part in received))
    fields.setdefault("status", InvoiceStatus.OPEN if fields["balance"] else InvoiceStatus.PAID)
    paid = fields["status"] == InvoiceStatus.PAID
    fields.setdefault("paid_on", max((part.on for part in received), default=None) if paid else None)
    return Owed(key=key, **fields)


def paid(*parts: tuple[int, int]) -> tuple[Received, ...]:
    """Money by (day of March, amount)."""
    return tuple(Received(march(day), amount) for day, amount in parts)


def promise(key="p1", **given) -> Commitment:
    """Made on 2 March: 5.00 USD by 12 March, about A."""
    fields = {
        "currency": "USD",
        "amount": 500,
        "promised_on": march(12),
        "made_on": march(2),
        "by": "Dana Cole",
        "covers": ("A",),
    } | given
    fields.setdefault("made_at", noon(fields["made_on"]))
    return Commitment(id=key, **fields)


def dispute(key="d1", **given) -> Dispute:
    """Opened on 2 March about the whole of A."""
    fields = {"invoice": "A", "amount": None, "open": True, "opened_at": noon(march(2)), "category": "Pricing"}
    return Dispute(id=key, **fields | given)


def by_key(*items):
    """As the rules take them: by key or id."""
    return {getattr(item, "key", None) or item.id: item for item in items}


@dataclass
class Story:
    """An account as the ledger and the CRM know it, on its day."""

    today: date = TODAY
    grace_days: int = 0
    invoices: dict[str, Owed] = field(default_factory=dict)
    commitments: dict[str, Commitment] = field(default_factory=dict)
    disputes: dict[str, Dispute] = field(default_factory=dict)
    edited: set[str] = field(default_factory=set)
    n: int = 0

    def standings(self) -> dict[str, Standing]:
        return judge(self.commitments.values(), self.invoices, self.today, self.grace_days)

    def instant(self) -> datetime:
        """Later than any before on the same day."""
        self.n += 1
        return noon(self.today) + timedelta(seconds=self.n)


Step = Callable[[Story], None]


def told(steps: list[Step], grace_days: int = 0) -> Story:
    """The story that these steps make."""
    story = Story(grace_days=grace_days)
    for step in steps:
        step(story)
    return story


def post(key: str, total: int, due_in: int) -> Step:
    def step(story: Story) -> None:
        due_on = story.today + timedelta(days=due_in)
        made = owed(key, total=total, due_on=due_on, currency=CURRENCIES[key])
        story.invoices.setdefault(key, made)

    return step


def pay(key: str, amount: int) -> Step:
    def step(story: Story) -> None:
        there = story.invoices.get(key)
        payable = {InvoiceStatus.OPEN, InvoiceStatus.WRITTEN_OFF}
        if there is None or there.status not in payable:
            return
        left = there.total - sum(part.amount for part in there.received)
        part = min(amount, left)
        done = part == left
        story.invoices[key] = replace(
            there,
            balance=left - part if there.open else 0,
            received=(*there.received, Received(story.today, part)),
            status=InvoiceStatus.PAID if done else there.status,
            paid_on=story.today if done else None,
        )

    return step


def end(key: str, status: InvoiceStatus) -> Step:
    """Void or write off what is open."""

    def step(story: Story) -> None:
        there = story.invoices.get(key)
        if there is not None and there.open:
            void_on = story.today if status is InvoiceStatus.VOID else None
            story.invoices[key] = replace(there, status=status, balance=0, void_on=void_on)

    return step


def commit(key: str, amount: int | None, in_days: int | None, covers: tuple[str, ...]) -> Step:
    def step(story: Story) -> None:
        if key in story.commitments:
            return
        promised_on = None if in_days is None else story.today + timedelta(days=in_days)
        story.commitments[key] = promise(
            key,
            amount=amount,
            promised_on=promised_on,
            made_on=story.today,
            made_at=story.instant(),
            covers=covers,
        )

    return step


def edit(key: str, amount: int | None, in_days: int | None, *, cancelled: bool) -> Step:
    def step(story: Story) -> None:
        if key in story.commitments:
            promised_on = None if in_days is None else story.today + timedelta(days=in_days)
            changed = replace(story.commitments[key], amount=amount, promised_on=promised_on, cancelled=cancelled)
            story.commitments[key] = changed
            story.edited.add(key)

    return step


def contest(key: str, invoice: str, amount: int | None) -> Step:
    def step(story: Story) -> None:
        story.disputes.setdefault(key, dispute(key, invoice=invoice, amount=amount, opened_at=story.instant()))

    return step


def settle(key: str) -> Step:
    def step(story: Story) -> None:
        if key in story.disputes:
            story.disputes[key] = replace(story.disputes[key], open=False, closed_at=story.instant())

    return step


def nights(days: int) -> Step:
    def step(story: Story) -> None:
        story.today += timedelta(days=days)

    return step


# Few invoices, small sums and near days, so that promises meet: on an invoice, on a day, on the last day of grace.
_KEYS = st.sampled_from("AAABBCE")
_PROMISES = st.sampled_from(["p1", "p2", "p3", "p4"])
_DISPUTES = st.sampled_from(["d1", "d2"])
_SOME = st.integers(1, 12)
_TOTALS = st.integers(4, 20)
_AMOUNTS = st.sampled_from([2, 3, 5, 5, 8, 15, None])
_AHEAD = st.sampled_from([0, 1, 2, 2, 3, 4, 6, -1, None])
_COVERS = st.one_of(
    st.sampled_from([("A",), ("B",), ("A", "B"), ("B", "A"), ("A", "C")]),
    st.lists(_KEYS, unique=True, max_size=3).map(tuple),
)

POSTS = st.builds(post, _KEYS, _TOTALS, st.integers(-3, 6))
PAYS = st.builds(pay, _KEYS, _SOME)
ENDS = st.builds(end, _KEYS, st.sampled_from([InvoiceStatus.VOID, InvoiceStatus.WRITTEN_OFF]))
COMMITS = st.builds(commit, _PROMISES, _AMOUNTS, _AHEAD, _COVERS)
EDITS = st.builds(edit, _PROMISES, _AMOUNTS, _AHEAD, cancelled=st.booleans())
CONTESTS = st.builds(contest, _DISPUTES, _KEYS, _AMOUNTS)
SETTLES = st.builds(settle, _DISPUTES)
NIGHTS = st.builds(nights, st.sampled_from([1, 1, 2, 4]))

START = st.lists(POSTS, max_size=2).map(lambda more: [post("A", 12, 2), post("B", 8, 0), *more])
ANY = st.one_of(PAYS, PAYS, COMMITS, COMMITS, COMMITS, NIGHTS, NIGHTS, EDITS, ENDS, CONTESTS, SETTLES)
MADE = st.tuples(*(st.builds(commit, st.just(key), _AMOUNTS, _AHEAD, _COVERS) for key in ("p1", "p2")))
HISTORIES = st.builds(
    lambda start, made, rest: [*start, *made, *rest], START, MADE, st.lists(ANY, min_size=6, max_size=18)
)
STORIES = st.builds(lambda start, rest: start + rest, START, st.lists(ANY, max_size=20))
STORIES = st.builds(told, HISTORIES, st.integers(0, 2))

# Days on which promises are made before money comes in; nobody goes back on anything.
_DAY = st.builds(
    lambda made, money, night: [*made, *money, night],
    st.lists(COMMITS, max_size=2),
    st.lists(st.one_of(PAYS, PAYS, ENDS), max_size=3),
    NIGHTS,
)
DAYS = st.builds(lambda start, days: (start, days), START, st.lists(_DAY, min_size=2, max_size=8))
