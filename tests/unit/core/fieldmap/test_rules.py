"""The mapping as a document: what cannot be is refused in words, and what can comes back as it was."""

import pytest

from sync.core.dates import Calendar
from sync.core.fieldmap.apply import mapped
from sync.core.fieldmap.changes import KindChange, changes
from sync.core.fieldmap.figures import ACCOUNT, KINDS, OUR_ACCOUNT_FIGURES
from sync.core.fieldmap.rules import FieldMapError, KindMap, Rule, default, pinned, unpacked
from sync.core.fieldmap.transforms import AsText, Constant, Rounded, YesNo
from sync.core.projection import fingerprint

UTC = Calendar("UTC")
STATUS, OWED = Rule("AR_Status__c", "AR_Status__c"), Rule("AR_Outstanding__c", "AnnualRevenue", Rounded(0))


def account(*rules, on=True):
    return default().put(ACCOUNT, KindMap(on, tuple(rules)))


def refused(document) -> tuple[str, ...]:
    with pytest.raises(FieldMapError) as caught:
        unpacked(document)
    return caught.value.problems


def test_ours_is_everything_and_our_account_fields():
    mapping = default()
    assert all(mapping.is_on(kind) for kind in (*KINDS, "refund", "commitment", "dispute", "sync"))
    assert mapping.fields(ACCOUNT) == tuple(each.name for each in OUR_ACCOUNT_FIGURES)
    assert mapping.fields("invoice") == mapping.foreign(ACCOUNT) == ()


def test_a_mapping_survives_its_document():
    mapping = account(STATUS, OWED, Rule("AR_Overdue__c", "Rating", YesNo("Cold", "Hot")))
    mapping = mapping.put("invoice", KindMap(on=False, rules=(Rule("Balance__c", "Words__c", AsText(80)),)))
    assert unpacked(mapping.pack()) == mapping
    assert unpacked({}) == default()


@pytest.mark.parametrize(
    ("document", "parts"),
    [
        ([], ["no object"]),
        ({"planet": {}}, ["'planet'"]),
        ({"summary": {"on": False}}, ["cannot be switched off"]),
        ({"invoice": {"on": "yes"}}, ["true or false"]),
        ({"invoice": {"rules": {}}}, ["no list"]),
        ({"invoice": {"rules": [5]}}, ["no object"]),
        ({"invoice": {"rules": [{"figure": "Balance__c"}]}}, ["needs a figure and a field"]),
        ({"task": {"rules": [{"figure": "Subject", "field": "X__c", "as": "is"}]}}, ["cannot be sent to other fields"]),
        ({"account": {"rules": [{"figure": "Magic", "field": "X__c", "as": "is"}]}}, ["no figure 'Magic'"]),
        (
            {"account": {"rules": [{"figure": "AR_Status__c", "field": "X__c", "as": "number", "digits": 2}]}},
            ["cannot be written in that way"],
        ),
        ({"account": {"rules": [{"figure": "AR_Status__c", "field": "a b", "as": "is"}]}}, ["not the API name"]),
        ({"account": {"rules": [{"figure": "AR_Status__c", "field": "OwnerId", "as": "is"}]}}, ["standard field"]),
        ({"account": {"rules": [{"figure": "AR_Status__c", "field": "Website", "as": "is"}]}}, ["matched by"]),
        ({"invoice": {"rules": [{"figure": "Balance__c", "field": "paid__c", "as": "is"}]}}, ["Dueline's own"]),
        ({"invoice": {"rules": [{"figure": "Balance__c", "field": "Assigned_To__c", "as": "is"}]}}, ["Dueline's own"]),
        (
            {"invoice": {"rules": [{"figure": name, "field": "X__c", "as": "is"} for name in ("Tax__c", "Paid__c")]}},
            ["two figures"],
        ),
        (
            {"invoice": {"rules": [{"figure": "Tax__c", "field": f"X{n}__c", "as": "is"} for n in range(101)]}},
            ["more than the 100"],
        ),
        (
            {
                "planet": {},
                "summary": {"rules": [{"figure": "Overdue__c", "field": "X__c", "as": "magic"}]},
                "account": {"rules": [{"figure": "AR_Status__c", "field": "X__c", "as": "constant", "text": ""}]},
            },
            ["'planet'", "'magic'", "empty"],
        ),
    ],
)
def test_what_cannot_be_is_refused_with_every_reason(document, parts):
    problems = refused(document)
    assert len(problems) == len(parts)
    assert all(any(part in problem for problem in problems) for part in parts), problems


def test_fields_are_the_same_in_any_case():
    assert (
        "two figures"
        in refused(
            {
                "account": {
                    "rules": [
                        {"figure": "AR_Status__c", "field": "My__c", "as": "is"},
                        {"figure": "AR_Overdue__c", "field": "my__C", "as": "is"},
                    ]
                }
            }
        )[0]
    )


def test_the_environment_has_the_last_word_on_our_account_fields():
    pins = {"AR_Status__c": None, "AR_Outstanding__c": "AnnualRevenue"}
    found = pinned(default(), pins)
    assert Rule("AR_Outstanding__c", "AnnualRevenue") in found.rules(ACCOUNT)
    assert not {"AR_Status__c", "AR_Outstanding__c"} & set(found.fields(ACCOUNT))
    saved = account(STATUS, Rule("AR_Overdue_Amount__c", "AnnualRevenue", Rounded(0)), Rule("Promised__c", "X__c"))
    assert pinned(saved, pins).rules(ACCOUNT) == (
        Rule("AR_Outstanding__c", "AnnualRevenue"),
        Rule("Promised__c", "X__c"),
    )
    assert pinned(saved, {}) is saved
    with pytest.raises(FieldMapError, match="Statuss"):
        pinned(default(), {"AR_Statuss__c": "X__c"})
    with pytest.raises(FieldMapError, match="two figures"):
        pinned(default(), {"AR_Status__c": "X__c", "AR_Overdue__c": "X__c"})


def test_rules_of_a_kind_that_is_off_do_not_hold():
    mapping = account(STATUS, OWED, on=False)
    assert mapping.rules(ACCOUNT) == mapping.foreign(ACCOUNT) == ()
    assert not default().put("payment", KindMap(on=False)).is_on("refund")


# --- applying --------------------------------------------------------------------------------------------------------


def test_a_row_says_its_figures_in_the_mapped_fields():
    figures = {"Id": "001", "AR_Status__c": "Clear", "AR_Outstanding__c": 12, "Currency__c": "USD", "AR_As_Of__c": 1}
    found = mapped(account(STATUS, OWED, Rule("AR_As_Of__c", "Seen__c")), ACCOUNT, figures, UTC)
    assert found.row == {"Id": "001", "AR_Status__c": "Clear", "AnnualRevenue": 12, "Seen__c": 1}
    assert found.untold == {"Seen__c"}
    later = mapped(account(STATUS, OWED, Rule("AR_As_Of__c", "Seen__c")), ACCOUNT, figures | {"AR_As_Of__c": 2}, UTC)
    assert fingerprint(found.row, found.untold) == fingerprint(later.row, later.untold)


def test_our_own_fields_of_an_invoice_are_always_written():
    figures = {"Key__c": "main:in_1", "Balance__c": 5, "As_Of__c": 1, "Currency__c": "USD"}
    mapping = default().put("invoice", KindMap(rules=(Rule("As_Of__c", "Told_At__c"), Rule("Tax__c", "T__c"))))
    found = mapped(mapping, "invoice", figures, UTC)
    assert found.row == {**figures, "Told_At__c": 1, "T__c": None}
    assert {"As_Of__c", "Told_At__c"} <= found.untold


def test_a_figure_may_go_to_several_fields():
    mapping = account(STATUS, Rule("AR_Status__c", "A__c"), Rule("AR_Status__c", "B__c", Constant("see AR")))
    found = mapped(mapping, ACCOUNT, {"Id": "001", "AR_Status__c": "Clear"}, UTC)
    assert found.row == {"Id": "001", "AR_Status__c": "Clear", "A__c": "Clear", "B__c": "see AR"}


# --- changes ---------------------------------------------------------------------------------------------------------


def test_what_a_change_takes_alters_and_leaves():
    before = account(STATUS, OWED, Rule("AR_Overdue__c", "AR_Overdue__c"))
    after = account(STATUS, Rule("AR_Outstanding__c", "AnnualRevenue", Rounded(2)), Rule("Promised__c", "X__c"))
    found = changes(before, after)
    assert found == {ACCOUNT: KindChange(ACCOUNT, taken=("X__c",), altered=("AnnualRevenue",), left=("AR_Overdue__c",))}
    assert found[ACCOUNT].rewrites
    assert changes(before, before) == {}


def test_order_alone_is_no_change():
    assert changes(account(STATUS, OWED), account(OWED, STATUS)) == {}


def test_letting_go_alone_writes_nothing():
    found = changes(account(STATUS, OWED), account(STATUS))[ACCOUNT]
    assert found == KindChange(ACCOUNT, left=("AnnualRevenue",))
    assert not found.rewrites


def test_switching_off_lets_go_of_account_fields_and_leaves_other_records_as_they_are():
    invoices = default().put("invoice", KindMap(rules=(Rule("Tax__c", "T__c"),)))
    off = invoices.put("invoice", KindMap(on=False, rules=(Rule("Tax__c", "T__c"),)))
    assert changes(invoices, off)["invoice"] == KindChange("invoice", switched_off=True)
    assert changes(off, invoices)["invoice"] == KindChange("invoice", taken=("T__c",), switched_on=True)
    gone = changes(account(STATUS), account(STATUS, on=False))[ACCOUNT]
    assert gone == KindChange(ACCOUNT, left=("AR_Status__c",), switched_off=True)
