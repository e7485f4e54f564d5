"""The ledger converges: random histories end in the provider's final state and never show one older than shown.

Beside our rule, those of other engines run on the same histories and are caught: so these tests can fail.
"""

import random
from dataclasses import replace
from functools import reduce

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from sync.core.convergence import Known, Outcome, further, on_event, on_fetch, on_read, on_unfetchable
from sync.core.facts import InvoiceStatus
from tests.unit.core.history import STATES, Change, History, Look, forwards, histories, play, play_peer
from tests.unit.core.made import STEADY, invoice

FIRST = settings(STEADY, max_examples=2_000, phases=[Phase.generate])
PEERS = ("strictly newer", "newer or equal", "always fetch")

OPEN, HALF = invoice(), invoice(paid=5_000)
PAID = invoice(status=InvoiceStatus.PAID, paid=10_000)
OPEN_STATE, HALF_STATE, PAID_STATE = STATES.index(OPEN), STATES.index(HALF), STATES.index(PAID)
QUICK, SLOW = Look(takes=0.02, read=0.5, dated=1.0), Look(takes=6.0, read=0.0, dated=1.0)


@settings(STEADY, max_examples=7_000)
@given(histories())
def test_events_and_fetches_end_in_the_providers_state(history):
    ours = play(history)
    assert ours.known.facts == history.states[-1]
    assert not ours.known.wanted
    assert not ours.known.doubtful
    assert ours.fetches <= 2 * sum(len(change.delays) for change in history.changes)  # asked for, or overtaken, by one
    assert forwards(ours.shown, history.states)


@settings(STEADY, max_examples=3_000)
@given(histories(lists=4))
def test_with_lists_read_in_between(history):
    ours = play(history)
    assert ours.known.facts == history.states[-1]
    assert forwards(ours.shown, history.states)


@pytest.mark.parametrize("rule", PEERS)
def test_other_rules_end_wrong_on_the_same_histories(rule):
    caught = find(histories(), lambda history: play_peer(history, rule).facts != history.states[-1], settings=FIRST)
    assert play(caught).known.facts == caught.states[-1]


@pytest.mark.parametrize("rule", PEERS[1:])
def test_other_rules_step_back_on_the_same_histories(rule):
    caught = find(histories(), lambda past: not forwards(play_peer(past, rule).shown, past.states), settings=FIRST)
    assert forwards(play(caught).shown, caught.states)


def test_same_second_finalized_then_paid():
    """In order, but with the same `created`: the first engine of the comparison ends with a paid invoice open."""
    history = History(0.2, (Change(0.1, OPEN_STATE, (0.01,)), Change(0.3, PAID_STATE, (0.01,))), fetches=(QUICK,))
    assert play_peer(history, "strictly newer").facts == OPEN
    ours = play(history)
    assert ours.shown == [OPEN, PAID]
    assert ours.fetches == 1


def test_same_second_paid_then_finalized():
    """The same two the other way round: the further one stays, and nothing steps back."""
    history = History(0.2, (Change(0.1, OPEN_STATE, (5.0,)), Change(0.3, PAID_STATE, (0.01,))), fetches=(QUICK,))
    assert play_peer(history, "newer or equal").facts == OPEN
    assert play(history).shown == [PAID]


def test_overlapping_slow_fetches():
    """The slow fetch reads first and answers last: the second engine ends with a paid invoice open."""
    history = History(
        0.2, (Change(0.0001, OPEN_STATE, (0.01,)), Change(0.5, PAID_STATE, (0.05,))), fetches=(SLOW, QUICK)
    )
    assert play_peer(history, "always fetch").facts == OPEN
    assert play(history).shown == [OPEN, PAID]


def test_a_state_that_comes_back_while_it_is_fetched():
    """Switched on, off and on again within a second: the fetch read in between, and its answer comes last."""
    changes = (Change(0.1, OPEN_STATE, (0.01,)), Change(0.1, HALF_STATE, (0.01,)), Change(0.1, OPEN_STATE, (0.01,)))
    ours = play(History(0.2, changes, fetches=(Look(takes=2.0, read=0.0, dated=1.0), QUICK)))
    assert ours.shown == [OPEN]
    assert ours.fetches == 2


def test_a_fetch_that_an_event_overtook_is_thrown_away():
    known, _ = on_event(Known(), OPEN, 5, can_fetch=True)
    known, outcome = on_event(known, HALF, 5, can_fetch=True)
    assert (outcome, known.wanted, known.facts) == (Outcome.FETCH, True, OPEN)
    began = known.version
    known, _ = on_event(known, PAID, 9, can_fetch=True)
    known, outcome = on_fetch(known, OPEN, version=began, date=12, elapsed=4.0)
    assert (outcome, known.wanted, known.facts) == (Outcome.FETCH, True, PAID)


def test_a_fetch_opens_a_window_in_which_events_are_not_believed():
    known, _ = on_fetch(Known(), PAID, version=0, date=100, elapsed=2.5)
    assert (known.stamp, known.read_until) == (97, 101)
    assert on_event(known, OPEN, 96, can_fetch=True) == (known, Outcome.OLDER)
    assert on_event(known, PAID, 101, can_fetch=True) == (known, Outcome.SAME)
    assert on_event(known, HALF, 101, can_fetch=True)[1] is Outcome.FETCH
    assert on_event(known, replace(PAID, number="A-1"), 102, can_fetch=True)[1] is Outcome.APPLIED


@STEADY
@given(st.sampled_from(STATES), st.sampled_from(STATES), st.integers(0, 20), st.booleans())
def test_settled_facts_are_not_undone_by_a_payload(settled, other, second, can_fetch):
    if not settled.settled or other.progress >= settled.progress:
        return
    known = Known(settled, stamp=10, read_until=12, version=3)
    heard, _ = on_event(known, other, second, can_fetch=can_fetch)
    read, _ = on_read(known, other, date=second, elapsed=0.1, can_fetch=can_fetch)
    assert heard.facts == read.facts == settled
    if second > 10:
        assert heard.wanted if can_fetch else heard.doubtful


def test_the_provider_itself_may_undo_what_was_settled():
    known, outcome = on_event(Known(PAID, stamp=5, version=1), OPEN, 9, can_fetch=True)
    assert outcome is Outcome.FETCH
    known, outcome = on_fetch(known, OPEN, version=known.version, date=11, elapsed=0.1)
    assert (outcome, known.facts, known.wanted, known.candidate) == (Outcome.APPLIED, OPEN, False, None)


_SNAPSHOTS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, len(STATES) - 1)), min_size=2, max_size=7)


def _without_provider(snapshots, *, ask_first):
    """Everything delivered; each fetch, where one is asked for, ends in nothing."""
    known = Known()
    for second, state in snapshots:
        known, _ = on_event(known, STATES[state], second, can_fetch=ask_first)
    return on_unfetchable(known)[0] if known.wanted else known


@settings(STEADY, max_examples=2_000)
@given(_SNAPSHOTS, st.randoms(use_true_random=False), st.booleans())
def test_ties_that_nobody_can_resolve_end_the_same_in_any_order(snapshots, dice, ask_first):
    last = max(second for second, _ in snapshots)
    snapshots = [(second, state) for second, state in snapshots if second == last or not STATES[state].settled]
    shuffled = dice.sample(snapshots, len(snapshots)) + dice.choices(snapshots, k=2)
    expected = reduce(further, [STATES[state] for second, state in snapshots if second == last])
    assert _without_provider(snapshots, ask_first=ask_first).facts == expected
    assert _without_provider(shuffled, ask_first=ask_first).facts == expected


@settings(STEADY, max_examples=2_000)
@given(_SNAPSHOTS, st.integers(0, 2**32))
def test_what_only_moves_forward_ends_right_without_the_provider(snapshots, seed):
    """Histories as invoices really have them: further with each change, whatever order their events take."""
    seconds = sorted(second for second, _ in snapshots)
    states = sorted({state for _, state in snapshots}, key=lambda state: STATES[state].progress)
    history = list(zip(seconds, states, strict=False))
    events = random.Random(seed).sample(history, len(history))
    assert _without_provider(events, ask_first=False).facts.progress == STATES[history[-1][1]].progress


def test_a_tie_is_marked_for_reconciliation_and_a_read_clears_it():
    known, _ = on_event(Known(), HALF, 5, can_fetch=False)
    known, outcome = on_event(known, OPEN, 5, can_fetch=False)
    assert (outcome, known.facts, known.doubtful) == (Outcome.FURTHER, HALF, True)
    assert not on_read(known, HALF, date=20, elapsed=0.2, can_fetch=True)[0].doubtful
    assert not on_fetch(known, HALF, version=known.version, date=20, elapsed=0.2)[0].doubtful


def test_what_waited_for_an_answer_is_not_decided_against_a_later_event():
    """The candidate of an earlier second is further, but the event after it is the newer truth."""
    known, _ = on_event(Known(), OPEN, 5, can_fetch=True)
    known, _ = on_event(known, HALF, 5, can_fetch=True)
    reopened = invoice(total=15_000)
    known, outcome = on_event(known, reopened, 7, can_fetch=True)
    assert outcome is Outcome.APPLIED
    known, _ = on_unfetchable(known)
    assert (known.facts, known.wanted, known.doubtful) == (reopened, False, True)


@STEADY
@given(st.sampled_from(STATES), st.sampled_from(STATES), st.sampled_from(STATES))
def test_further_does_not_depend_on_order(left, middle, right):
    assert further(left, right) == further(right, left)
    assert further(further(left, middle), right) == further(left, further(middle, right))
