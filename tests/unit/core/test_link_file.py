"""What the lines of a file ask for, and what would come of them."""

import pytest

from sync.core.link_file import KEY_LENGTH, REASON_LENGTH, Line, Verdict, clashes, judge
from sync.core.linking import LinkSource, Standing, Verb

A, B = "0018M000003uKqqQAE", "001000000000001AAA"
OPEN, AT_A = Standing(), Standing(A, LinkSource.PERSON)
UNLINKED, NOT_OURS = Standing(None, LinkSource.PERSON), Standing(None, LinkSource.NOT_OURS)


@pytest.mark.parametrize(
    ("wish", "now", "verdict"),
    [
        (A, OPEN, Verdict.LINK),
        (A[:15], OPEN, Verdict.LINK),
        (A, AT_A, Verdict.SAME),
        (B, AT_A, Verdict.MOVE),
        (A, UNLINKED, Verdict.LINK),
        (A, NOT_OURS, Verdict.LINK),
        ("None", AT_A, Verdict.UNLINK),
        ("none", OPEN, Verdict.SAME),
        ("none", NOT_OURS, Verdict.UNLINK),
        ("NOT OURS", OPEN, Verdict.NOT_OURS),
        ("not ours", AT_A, Verdict.NOT_OURS),
        ("not ours", NOT_OURS, Verdict.SAME),
        ("", OPEN, Verdict.SKIP),
        (A.lower(), OPEN, Verdict.ERROR),
        ("Acme Inc", OPEN, Verdict.ERROR),
        (A, None, Verdict.ERROR),
        ("", None, Verdict.ERROR),
    ],
)
def test_what_comes_of_a_line(wish, now, verdict):
    found = judge(Line(2, "main:cus_1", wish), now)
    assert found.verdict is verdict
    assert (found.decision is None) == (verdict in {Verdict.SAME, Verdict.SKIP, Verdict.ERROR})


def test_a_link_says_that_it_goes_against_an_earlier_decision():
    assert judge(Line(2, "c", A), UNLINKED).words == "somebody had unlinked it"
    assert "no customer of ours" in judge(Line(2, "c", A), NOT_OURS).words


def test_short_ids_become_long_ones():
    assert judge(Line(2, "c", A[:15]), OPEN).decision.account == A


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (Line(2, "", A), "the customer is missing"),
        (Line(2, "x" * (KEY_LENGTH + 1), A), "it is too long"),
        (Line(2, "c", "not ours", "x" * (REASON_LENGTH + 1)), "the reason has more than 500 characters"),
        (Line(2, "c", "0015"), "'0015' is not an account id"),
        (Line(2, "c", "y" * 9_000), "yyy…' is not an account id"),
        (Line(2, "nobody", A), "no customer has the key 'nobody'"),
    ],
)
def test_errors_say_what_a_line_should_be(line, told):
    found = judge(line, None)
    assert found.verdict is Verdict.ERROR
    assert told in found.words
    assert len(found.words) < 250


def test_an_account_that_does_not_exist_is_an_error_of_its_line():
    found = judge(Line(2, "c", A), OPEN, "account X does not exist")
    assert (found.verdict, found.words) == (Verdict.ERROR, "account X does not exist")


def test_the_reason_of_what_is_not_ours_is_kept():
    assert judge(Line(2, "c", "not ours", "a test"), OPEN).decision.reason == "a test"
    decision = judge(Line(2, "c", "not ours"), OPEN).decision
    assert (decision.verb, decision.reason) == (Verb.NOT_OURS, "said so in a file")


def test_lines_that_disagree_about_a_customer_are_all_wrong():
    lines = [Line(2, "c", A), Line(3, "d", A), Line(4, "c", "none"), Line(5, "c", ""), Line(6, "d", A[:15])]
    assert clashes(lines) == {
        2: "line 4 says something else about this customer",
        4: "line 2 says something else about this customer",
    }


@pytest.mark.parametrize("standing", [OPEN, AT_A, UNLINKED, NOT_OURS])
def test_a_standing_survives_a_form(standing):
    assert Standing.unpack(standing.packed()) == standing


def test_a_standing_that_no_form_of_ours_says_is_refused():
    with pytest.raises(ValueError, match="nonsense"):
        Standing.unpack("x/nonsense")
