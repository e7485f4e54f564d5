"""Promises, disputes, holds and follow-ups over random histories of payments, edits, disputes and days.

What the rules say is said here a second time in other ways: money is handed out coin by coin and day by day, and a sum
is possible only if no group of promises has more than what came in for it.
"""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sync.core.commitments import CommitmentStatus, Received, judge
from sync.core.disputes import contested_by_invoice
from sync.core.facts import InvoiceStatus
from sync.core.followups import KnownFollowUp, _Case, due_key, follow_ups
from sync.core.holds import wanted_holds
from tests.unit.core.made import STEADY
from tests.unit.core.promised import DAYS, HISTORIES, STORIES, Story, march, nights, told

OPEN, KEPT, PARTLY_KEPT, BROKEN, CANCELLED = CommitmentStatus
MANY = settings(STEADY, max_examples=220)
LONG = 10  # days after which a due date missed makes no new follow-up
GRACE = 1  # days after a due date; promises have the story's


def eligible(story, commitment):
    """The invoices whose money may count for it, said with loops."""
    return [key for key in commitment.covers if key in story.invoices and story.invoices[key].currency == "USD"]


def window(story, commitment):
    last = commitment.promised_on + timedelta(days=story.grace_days) if commitment.promised_on else date.max
    return commitment.made_on, last


def coin_by_coin(story):
    """Each day's coins to the promises of that day: kept amounts by id, and the day on which the amount was reached."""
    coins = Counter()
    for owed in story.invoices.values():
        for part in owed.received:
            coins[part.on, owed.key] += part.amount
    kept, reached = Counter(), {}
    order = sorted(story.commitments.values(), key=lambda c: (c.promised_on is None, c.promised_on, c.made_at))
    for day in sorted({on for on, _ in coins}):
        for commitment in order:
            first, last = window(story, commitment)
            if commitment.cancelled or not first <= day <= last:
                continue
            for key in eligible(story, commitment):
                while coins[day, key] and (commitment.amount is None or kept[commitment.id] < commitment.amount):
                    coins[day, key] -= 1
                    kept[commitment.id] += 1
                    if kept[commitment.id] == commitment.amount:
                        reached[commitment.id] = day
    return kept, reached


def expected_status(story, commitment, kept, reached):
    if commitment.cancelled:
        return CANCELLED
    _, last = window(story, commitment)
    rest = [story.invoices[key] for key in eligible(story, commitment)]
    still = [owed for owed in rest if owed.status != InvoiceStatus.VOID or owed.void_on > last]
    if commitment.id in reached or (still and all(owed.paid_on and owed.paid_on <= last for owed in still)):
        return KEPT
    if rest and not still:
        return CANCELLED
    if story.today <= last:
        return OPEN
    return PARTLY_KEPT if kept[commitment.id] else BROKEN


@MANY
@given(STORIES)
def test_the_same_as_handing_out_coins_day_by_day(story):
    kept, reached = coin_by_coin(story)
    for key, standing in story.standings().items():
        commitment = story.commitments[key]
        assert standing.kept == kept[key]
        assert standing.status is expected_status(story, commitment, kept, reached)
        assert (standing.kept_on is not None) == (standing.status is KEPT)
        if standing.kept_on:
            assert standing.kept_on >= commitment.made_on


@MANY
@given(STORIES)
def test_money_is_never_counted_twice(story):
    """No group of promises counts more than what came in on their invoices in their days."""
    standings = story.standings()
    for size in range(1, len(standings) + 1):
        for group in combinations(standings, size):
            money = 0
            for owed in story.invoices.values():
                takers = [
                    story.commitments[key] for key in group if owed.key in eligible(story, story.commitments[key])
                ]
                days = [window(story, commitment) for commitment in takers]
                money += sum(part.amount for part in owed.received if any(a <= part.on <= b for a, b in days))
            assert sum(standings[key].kept for key in group) <= money
    for key, standing in standings.items():
        assert 0 <= standing.kept <= (story.commitments[key].amount or 10**9)


@MANY
@given(STORIES)
def test_promises_never_exceed_balances(story):
    standings = story.standings()
    for size in range(1, len(standings) + 1):
        for group in combinations(standings, size):
            keys = {key for name in group for key in eligible(story, story.commitments[name])}
            assert sum(standings[name].promised for name in group) <= sum(story.invoices[key].balance for key in keys)
    for key, standing in standings.items():
        amount = story.commitments[key].amount
        assert standing.promised >= 0
        assert standing.status is OPEN or standing.promised == 0
        assert amount is None or standing.promised <= amount - standing.kept


@MANY
@given(STORIES, st.randoms(use_true_random=False))
def test_the_order_of_what_is_handed_in_does_not_matter(story, dice):
    def shuffled(items):
        return dice.sample(items, len(items))

    invoices = {
        key: replace(owed, received=tuple(shuffled(list(owed.received))))
        for key, owed in shuffled(list(story.invoices.items()))
    }
    commitments = shuffled(list(story.commitments.values()))
    assert judge(commitments, invoices, story.today, story.grace_days) == story.standings()


@MANY
@given(STORIES, st.sampled_from("ABC"), st.integers(1, 12), st.integers(0, 10))
def test_more_money_never_makes_a_promise_worse(story, key, amount, ago):
    before = story.standings()
    there = story.invoices.get(key)
    assume(there is not None and there.open)
    part = Received(story.today - timedelta(days=ago), min(amount, there.balance))
    done = part.amount == there.balance
    received = (*there.received, part)
    story.invoices[key] = replace(
        there,
        balance=there.balance - part.amount,
        received=received,
        status=InvoiceStatus.PAID if done else InvoiceStatus.OPEN,
        paid_on=max(item.on for item in received) if done else None,
    )
    better = {BROKEN: {BROKEN, PARTLY_KEPT, KEPT}, PARTLY_KEPT: {PARTLY_KEPT, KEPT}, OPEN: {OPEN, KEPT}}
    for name, standing in story.standings().items():
        assert standing.kept >= before[name].kept
        assert standing.status in better.get(before[name].status, {before[name].status})


@MANY
@given(STORIES)
def test_days_alone_only_end_what_is_open_and_on_the_day_that_was_foretold(story):
    before = story.standings()
    for _ in range(12):
        story.today += timedelta(days=1)
        now = story.standings()
        for key, standing in now.items():
            was = before[key]
            if was.next_change_on == story.today:
                assert was.status is OPEN
                assert standing.status is (PARTLY_KEPT if was.kept else BROKEN)
                assert standing.next_change_on is None
            else:
                assert standing.status is was.status
                assert standing.kept == was.kept
        before = now


@MANY
@given(DAYS, st.integers(0, 2))
def test_what_was_settled_stays_while_money_and_days_go_on(history, grace_days):
    start, days = history
    story = told(start, grace_days)
    settled = {}
    for steps in days:
        for step in steps:
            step(story)
            now = {key: standing for key, standing in story.standings().items() if standing.status is not OPEN}
            for key, status in settled.items():
                assert now[key].status is status
            settled |= {key: standing.status for key, standing in now.items()}


def asked_for(story, known):
    case = _Case(
        story.invoices,
        story.commitments,
        story.standings(),
        story.disputes.values(),
        story.today,
        GRACE,
        story.grace_days,
    )
    return {key: [owed.key for owed in ask.invoices] for key, ask in case.asks(known, LONG).items()}


def open_promises(story, key):
    standings = story.standings()
    return [c for c in story.commitments.values() if standings[c.id].status is OPEN and key in eligible(story, c)]


def is_disputed(story, key):
    return any(found.open and found.invoice == key for found in story.disputes.values())


@MANY
@given(STORIES)
def test_holds_are_exactly_the_open_invoices_promised_or_contested(story):
    notes = wanted_holds(story.commitments, story.standings(), story.disputes.values(), story.invoices)
    for key, owed in story.invoices.items():
        reasons = len(open_promises(story, key)) + is_disputed(story, key)
        assert (key in notes) == (owed.status == InvoiceStatus.OPEN and owed.balance > 0 and reasons > 0)
    assert set(notes) <= set(story.invoices)
    assert all(0 < len(note) <= 500 for note in notes.values())


@MANY
@given(STORIES)
def test_contested_never_exceeds_the_balance(story):
    contested = contested_by_invoice(story.disputes.values(), story.invoices)
    for key, owed in story.invoices.items():
        assert 0 <= contested.get(key, 0) <= owed.balance
        assert (contested.get(key, 0) > 0) == (owed.balance > 0 and is_disputed(story, key))


def _stories_told(steps, grace_days):
    """The story after every step, with the follow-ups made so far."""
    story, known = Story(grace_days=grace_days), {}
    for step in steps:
        step(story)
        before = set(known)
        made = follow_ups(
            "001",
            story.invoices,
            story.commitments,
            story.standings(),
            story.disputes.values(),
            known.values(),
            story.today,
            GRACE,
            LONG,
            story.grace_days,
        )
        for item in made:
            known[item.key] = KnownFollowUp(
                key=item.key, invoice=item.invoice, commitment=item.commitment, due_on=item.due_on
            )
        yield story, before, made


@MANY
@given(HISTORIES, st.integers(0, 2))
def test_every_invoice_is_chased_by_at_most_one_follow_up(steps, grace_days):
    first_told = {}
    for story, before, made in _stories_told(steps, grace_days):
        keys = [item.key for item in made]
        assert len(keys) == len(set(keys))
        assert before <= set(keys)
        asked = asked_for(story, before)
        assert {item.key for item in made if item.outcome is None} == set(asked)
        chased = Counter(key for invoices in asked.values() for key in invoices)
        assert all(times == 1 and story.invoices[key].balance > 0 for key, times in chased.items())
        for item in made:
            first = first_told.setdefault(item.key, item)
            assert (item.due_on, item.high) == (first.due_on, first.high)
            assert item.outcome is None or 0 < len(item.outcome) <= 255
            assert 0 < len(item.subject) <= 255


@MANY
@given(HISTORIES, st.integers(0, 2))
def test_what_is_late_and_nobody_answers_for_is_chased(steps, grace_days):
    for story, before, made in _stories_told(steps, grace_days):
        standings = story.standings()
        asked = asked_for(story, before)
        chased = {key for invoices in asked.values() for key in invoices}
        for key, owed in story.invoices.items():
            missed = [
                c
                for c in story.commitments.values()
                if standings[c.id].status in {BROKEN, PARTLY_KEPT} and key in eligible(story, c)
            ]
            answers = open_promises(story, key)
            late = (story.today - owed.due_on).days
            due = late > GRACE and (late <= LONG or due_key(key, owed.due_on) in before) and not answers
            broken = any(all(new.made_at < old.made_at for new in answers) for old in missed)
            assert (key in chased) == (owed.balance > 0 and (due or broken) and not is_disputed(story, key))
        assert all(item.high == (item.commitment is not None) for item in made)


@MANY
@given(STORIES)
def test_when_everything_is_paid_nothing_is_held_or_chased(story):
    for key, owed in story.invoices.items():
        if owed.open:
            received = (*owed.received, Received(story.today, owed.balance))
            closed = replace(owed, status=InvoiceStatus.PAID, balance=0, received=received, paid_on=story.today)
            story.invoices[key] = closed
    assert wanted_holds(story.commitments, story.standings(), story.disputes.values(), story.invoices) == {}
    assert all(standing.promised == 0 for standing in story.standings().values())
    assert contested_by_invoice(story.disputes.values(), story.invoices) == {}
    nights(9)(story)
    assert asked_for(story, ()) == {}
    assert story.today > march(2)
