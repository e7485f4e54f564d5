"""Each way of writing a figure, for any value: what comes out is exact, and empty stays empty."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.core.dates import Calendar
from sync.core.fieldmap.figures import ACCOUNT, FIGURES, FigureType, figure
from sync.core.fieldmap.transforms import (
    TAKES,
    AsDay,
    AsIs,
    AsText,
    Choices,
    Constant,
    DayForm,
    Rounded,
    TransformError,
    YesNo,
    pack,
    say,
    suits,
    unpack,
)
from sync.core.fieldmap.values import from_json, still_says, to_json
from sync.core.money import TWO_DIGITS, ZERO_DIGITS, to_decimal

BERLIN = Calendar("Europe/Berlin")
MONEY, FLAG, STATUS = (figure(ACCOUNT, name) for name in ("AR_Outstanding__c", "AR_Overdue__c", "AR_Status__c"))
DAY, STAMP, COUNT = (figure(ACCOUNT, name) for name in ("AR_Final_Notice_On__c", "AR_As_Of__c", "Open_Invoices__c"))
WHO = figure(ACCOUNT, "Last_Contact_By__c")

_YEARS = (datetime(1990, 1, 1), datetime(2090, 1, 1))  # noqa: DTZ001 - hypothesis adds the zone
words = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).map(str.strip).filter(bool)
transforms = st.one_of(
    st.just(AsIs()),
    words.map(Constant),
    st.tuples(words, words).filter(lambda both: both[0] != both[1]).map(lambda both: YesNo(*both)),
    st.dictionaries(words, words, max_size=5).map(lambda table: Choices(tuple(sorted(table.items())))),
    st.integers(0, 8).map(Rounded),
    st.one_of(st.none(), st.integers(1, 255)).map(AsText),
    st.one_of(st.none(), st.sampled_from(DayForm)).map(AsDay),
)


def said(transform, of, value, currency="USD"):
    return say(transform, of, value, currency, BERLIN)


@given(transforms)
def test_every_transform_survives_its_document(transform):
    assert unpack(pack(transform)) == transform


@given(transforms)
def test_empty_stays_empty_unless_a_text_is_fixed(transform):
    for of in (MONEY, DAY, STAMP, WHO):
        if suits(transform, of):
            found = said(transform, of, None)
            assert found == (transform.text if isinstance(transform, Constant) else None)


@given(st.integers(-(10**14), 10**14), st.sampled_from(sorted({"KWD"} | TWO_DIGITS | ZERO_DIGITS)))
def test_money_as_text_says_the_exact_amount(minor, currency):
    amount = to_decimal(minor, currency)
    text = said(AsText(), MONEY, amount, currency)
    code, _, digits = text.partition(" ")
    assert code == currency
    assert Decimal(digits.replace(",", "")) == amount


@given(st.decimals(-(10**12), 10**12, places=3), st.integers(0, 4))
def test_rounding_is_never_further_off_than_half_a_unit(value, digits):
    found = said(Rounded(digits), COUNT, value)
    assert -found.as_tuple().exponent == digits
    assert abs(found - value) <= Decimal(5).scaleb(-digits - 1)


def test_halves_are_rounded_up():
    assert said(Rounded(0), MONEY, Decimal("2.50")) == 3
    assert said(Rounded(0), MONEY, Decimal("3.50")) == 4


@given(st.dates(), st.sampled_from(DayForm))
def test_a_day_as_text_can_be_read_again(day, form):
    text = said(AsDay(form), DAY, day)
    assert len(text) == 10
    order = {DayForm.ISO: "%Y-%m-%d", DayForm.DMY: "%d.%m.%Y", DayForm.MDY: "%m/%d/%Y"}[form]
    assert datetime.strptime(text, order).date() == day  # noqa: DTZ007 - a day has no zone


def test_a_day_is_written_as_its_form_shows():
    day = date(2026, 12, 31)
    assert [said(AsDay(form), DAY, day) for form in DayForm] == [form.value for form in DayForm]


@given(st.datetimes(*_YEARS, timezones=st.just(UTC)))
def test_the_day_of_an_instant_is_the_companys(at):
    assert said(AsDay(), STAMP, at) == BERLIN.on(at)


def test_shortly_before_midnight_in_utc_it_is_tomorrow_in_berlin():
    assert said(AsDay(), STAMP, datetime(2026, 3, 10, 23, 30, tzinfo=UTC)) == date(2026, 3, 11)


def test_yes_and_no_choices_and_constants():
    assert (said(YesNo("Late", "Fine"), FLAG, True), said(YesNo("Late", "Fine"), FLAG, False)) == ("Late", "Fine")
    assert said(YesNo("Late", ""), FLAG, False) is None
    table = Choices((("Clear", "Green"), ("Current", "Green")))
    assert [said(table, STATUS, value) for value in ("Clear", "Current", "Overdue 1-30")] == ["Green", "Green", None]
    assert said(Constant("by Dueline"), MONEY, None) == "by Dueline"


@given(st.text(min_size=1, max_size=300), st.integers(1, 255))
def test_a_text_is_cut_where_it_says(text, limit):
    found = said(AsText(limit), WHO, text)
    assert len(found) <= limit
    assert found == text or found.endswith("…")


def test_counts_are_told_with_their_thousands():
    assert said(AsText(), COUNT, 12345) == "12,345"


def test_each_figure_takes_the_ways_of_its_type():
    for of in FIGURES[ACCOUNT]:
        assert {way for way, types in TAKES.items() if of.type in types} >= {AsIs, Constant}
    assert not suits(YesNo("a", "b"), MONEY)
    assert not suits(AsText(), FLAG)
    assert MONEY.type is FigureType.MONEY


@pytest.mark.parametrize(
    ("document", "part"),
    [
        (None, "not given"),
        ({"as": "magic"}, "'magic'"),
        ({"as": "constant", "text": " "}, "empty"),
        ({"as": "constant", "text": "x" * 256}, "longer than 255"),
        ({"as": "constant", "text": 5}, "not a text"),
        ({"as": "yes_no", "yes": "a", "no": "a"}, "the same"),
        ({"as": "choices", "values": ["a"]}, "for each value"),
        ({"as": "choices", "values": {"a": 1}}, "for each value"),
        ({"as": "choices", "values": {"a": "x" * 256}}, "longer than 255"),
        ({"as": "number", "digits": 9}, "from 0 to 8"),
        ({"as": "number", "digits": True}, "from 0 to 8"),
        ({"as": "number"}, "from 0 to 8"),
        ({"as": "text", "limit": 0}, "from 1"),
        ({"as": "day", "form": "roman"}, "'roman'"),
    ],
)
def test_a_document_that_cannot_be_is_refused_in_words(document, part):
    with pytest.raises(TransformError, match=part):
        unpack(document)


@given(
    st.one_of(
        st.none(), st.booleans(), st.text(), st.integers(), st.decimals(allow_nan=False, allow_infinity=False),
        st.dates(), st.datetimes(*_YEARS, timezones=st.just(UTC)),
    )
)  # fmt: skip
def test_what_stood_in_a_field_comes_back_as_it_was(value):
    back = from_json(to_json(value))
    assert back == (value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value)
    assert type(back) is not float


def test_a_field_still_says_what_was_stored_in_whatever_form_salesforce_has_it():
    at = datetime(2026, 3, 10, 12, tzinfo=UTC)
    assert still_says(to_json(at), "2026-03-10T12:00:00.000+0000")
    assert still_says(to_json(Decimal("12.50")), Decimal("12.5"))
    assert still_says(to_json(date(2026, 3, 10)), "2026-03-10")
    assert still_says(to_json(None), None)
    assert not still_says(to_json(at), (at + timedelta(seconds=1)).isoformat())
    assert not still_says(to_json(Decimal("12.50")), None)


def test_a_value_that_no_field_has_is_refused():
    with pytest.raises(TypeError, match="float"):
        to_json(1.5)
