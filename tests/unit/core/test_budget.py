"""Our share of the org's API calls: who may still call as it runs out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.core.budget import SLOW_FACTOR, Budget, Priority
from tests.unit.core.made import STEADY


def budget(ours, *, org_used=0):
    return Budget(ours=ours, org_used=org_used, org_maximum=100_000, share=0.2)


@pytest.mark.parametrize(
    ("ours", "org_used", "allowed", "slow"),
    [
        (0, 0, {0, 1, 2}, False),
        (15_999, 15_999, {0, 1, 2}, False),
        (16_000, 16_000, {0, 1}, True),
        (18_999, 18_999, {0, 1}, True),
        (19_000, 19_000, {0}, True),
        (19_999, 19_999, {0}, True),
        (20_000, 20_000, set(), True),
        (0, 79_999, {0, 1, 2}, False),
        (0, 80_000, {0, 1}, True),  # others have nearly spent the org's calls
        (0, 96_000, {0}, True),
        (0, 100_000, set(), True),
    ],
)
def test_the_less_is_left_the_more_urgent_a_call_must_be(ours, org_used, allowed, slow):
    found = budget(ours, org_used=org_used)
    assert {priority for priority in Priority if found.allows(priority)} == allowed
    assert found.slow == slow


def test_an_org_that_has_told_nothing_yet_is_not_spent():
    assert Budget(ours=5, org_used=0, org_maximum=0, share=0.2).used == 0.0


@STEADY
@given(st.integers(0, 30_000), st.integers(0, 120_000), st.floats(0.01, 1))
def test_what_a_lesser_call_may_a_more_urgent_one_may_too(ours, org_used, share):
    found = Budget(ours=ours, org_used=org_used, org_maximum=100_000, share=share)
    allowed = [found.allows(priority) for priority in sorted(Priority)]
    assert allowed == sorted(allowed, reverse=True)


@pytest.mark.parametrize(
    ("org_maximum", "ours", "wanted", "expected"),
    [
        (0, 0, 15, 15),  # nobody has said what the org allows
        (100_000, 0, 15, 15),
        (15_000, 0, 15, 57.6),  # of 3,000 calls a day at most half are for looking
        (15_000, 0, 90, 90),
        (100_000, 16_000, 15, 15 * SLOW_FACTOR),
    ],
)
def test_looking_for_changes_never_takes_more_than_half_of_our_share(org_maximum, ours, wanted, expected):
    found = Budget(ours=ours, org_used=ours, org_maximum=org_maximum, share=0.2)
    assert found.poll_every_s(wanted) == pytest.approx(expected)


@STEADY
@given(st.integers(1, 10**7), st.floats(0.01, 1), st.floats(1, 3_600))
def test_a_day_of_looking_fits_into_half_of_our_share(org_maximum, share, wanted):
    every = Budget(ours=0, org_used=0, org_maximum=org_maximum, share=share).poll_every_s(wanted)
    assert every >= wanted
    assert 86_400 / every <= org_maximum * share / 2 * 1.000_001
