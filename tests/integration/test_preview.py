"""What a new mapping would do, before it is saved: today's value and the new one, what the org says, what it costs."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from connector.local.org.server import LocalOrg
from sync.core.fieldmap.figures import ACCOUNT, INVOICE, SUMMARY
from sync.core.fieldmap.rules import FieldMap, KindMap, Rule, default
from sync.core.fieldmap.transforms import AsText, Choices
from sync.pipeline.accounts import OrgAwayError
from sync.pipeline.preview import Preview, RecordView, preview
from tests.integration.mapping import change, fill, on_account, with_rules
from tests.integration.own_fields import org_with_own_fields
from tests.integration.world import World

OWED = with_rules(ACCOUNT, Rule("AR_Outstanding__c", "Owed__c"))


@pytest.fixture(params=[False])
def rule(request) -> bool:
    return request.param


@pytest.fixture
def local_org(tmp_path, rule: bool) -> Iterator[LocalOrg]:
    with org_with_own_fields(tmp_path, rule=rule) as org:
        yield org


def billed(world: World, amount: int = 50_000, **fields) -> str:
    account = world.account(**fields)
    world.invoice(world.customer(account), amount, due_in_days=-5)
    world.settle()
    return account


def look(world: World, accounts: list[str], after: FieldMap, leaving="leave") -> Preview:
    org, before = world.run.require_org(), world.run.fieldmap()
    return preview(world.engine, org, world.run.publishing, accounts, before, after, leaving)


def only(found: Preview, account: str, kind: str) -> RecordView:
    [view] = [each for each in found.accounts if each.account == account]
    [record] = [each for each in view.records if each.kind == kind]
    return record


def test_today_and_tomorrow_stand_side_by_side(world: World):
    account, other = billed(world, Owed__c=7, Name="Acme"), billed(world, 20_000, Name="Zenith")
    after = with_rules(INVOICE, Rule("Balance__c", "Still_Owed__c", AsText()), base=OWED)
    after = with_rules(SUMMARY, Rule("Outstanding__c", "Owed_Words__c", AsText()), base=after)
    world.run.require_org().exposure.learn(["Account", "AR_Invoice__c", "AR_Summary__c"])
    world.calls()
    found = look(world, [account, other], after)
    calls = world.calls()
    assert sum(calls.values()) <= 6, calls  # for each kind one to read, one to try
    assert [(each.account, each.name) for each in found.accounts] == [(account, "Acme"), (other, "Zenith")]
    record = only(found, account, "account")
    fields = {each.field: each for each in record.fields}
    assert (fields["Owed__c"].today, fields["Owed__c"].before, fields["Owed__c"].after) == (7, None, Decimal("500.00"))
    assert (fields["Owed__c"].was_written, fields["Owed__c"].written, fields["Owed__c"].changed) == (False, True, True)
    assert fields["AR_Status__c"].before == fields["AR_Status__c"].after == fields["AR_Status__c"].today
    assert [name for name, each in fields.items() if each.changed] == ["Owed__c"]
    assert {each.field: (each.today, each.after) for each in only(found, other, "invoice").fields} == {
        "Still_Owed__c": (None, "USD 200.00")
    }
    assert only(found, other, "summary").name == "Zenith · USD"
    assert found.refused == found.misfits == ()
    assert found.cost.records == {ACCOUNT: 2, SUMMARY: 2, INVOICE: 2}
    assert found.cost.accounts == 2
    assert on_account(world, account, "Owed__c") == (7,)  # nothing was done
    assert world.status.waiting_records == 0


@pytest.mark.parametrize("rule", [True], indirect=True)
def test_the_org_is_really_asked(world: World):
    rich, poor = billed(world, 200_000), billed(world, 5_000)
    found = look(world, [rich, poor], OWED)
    [refused] = found.refused
    assert refused.key == rich
    assert refused.refusal.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert "Nobody may owe more than 1,000." in refused.refusal.reason
    assert "validation rule" in refused.refusal.fix
    assert on_account(world, poor, "Owed__c") == (None,)


def test_what_does_not_fit_is_told_beside_what_the_org_says(world: World):
    account = billed(world)
    after = with_rules(
        ACCOUNT,
        *(Rule("AR_Status__c", "Light__c"), Rule("AR_Outstanding__c", "Twice__c"), Rule("AR_Overdue__c", "X__c")),
    )
    found = look(world, [account], after)
    told = {each.field: each.problem for each in found.misfits}
    assert "'Overdue 1-30'" in told["Light__c"]
    assert "formula" in told["Twice__c"]
    assert "not in the org" in told["X__c"]
    [refused] = found.refused
    assert "Overdue 1-30" in refused.refusal.reason + refused.refusal.fix
    views = {each.field: each for each in refused.fields}
    assert (views["X__c"].seen, views["Light__c"].seen) == (False, True)


def test_what_undoing_puts_back_is_shown(world: World):
    account = billed(world, Owed__c=7, Late_Box__c=True)
    mapping = with_rules(ACCOUNT, Rule("AR_Disputed__c", "Late_Box__c"), base=OWED)
    change(world, mapping)
    fields = {
        each.field: each for each in only(look(world, [account], default(), "restore"), account, "account").fields
    }
    owed, box = fields["Owed__c"], fields["Late_Box__c"]
    assert (owed.today, owed.before, owed.after, owed.changed) == (500, 500, 7, True)
    assert (box.today, box.after, box.changed) == (False, True, True)
    fields = {each.field: each for each in only(look(world, [account], default()), account, "account").fields}
    assert (fields["Owed__c"].written, fields["Owed__c"].changed) == (False, False)
    found = look(world, [account], default().put(ACCOUNT, KindMap(on=False)), "restore")
    record = only(found, account, "account")
    assert {each.field: each.after for each in record.fields if each.written} == {
        **dict.fromkeys(each.field for each in record.fields), "Owed__c": 7, "Late_Box__c": True,
        "AR_Overdue__c": False, "AR_Disputed__c": False, "AR_On_Hold__c": False,
    }  # fmt: skip
    assert found.refused == ()


def test_nothing_changed_nothing_shown(world: World):
    account = billed(world)
    found = look(world, [account], default())
    assert [each.records for each in found.accounts] == [()]
    assert found.cost.rows == found.cost.calls == 0


def test_an_account_that_is_linked_to_nobody_has_nothing_to_show(world: World):
    account = world.account(Name="Stranger")
    found = look(world, [account, account], OWED)
    assert [(each.name, each.records) for each in found.accounts] == [("Stranger", ())]


def test_an_org_that_is_away_is_told(world: World):
    account = billed(world)
    world.fault("expire_session", for_good=True)
    with pytest.raises(OrgAwayError, match="INVALID_SESSION_ID"):
        look(world, [account], OWED)


def test_the_fields_of_the_org_are_told_as_they_are(world: World):
    fields = {each.name: each for each in world.run.require_org().fields(ACCOUNT)}
    light, twice, revenue = fields["Light__c"], fields["Twice__c"], fields["NumberOfEmployees"]
    assert (light.restricted, light.values, light.custom) == (True, ("Green", "Amber", "Red"), True)
    assert (twice.calculated, twice.updateable) == (True, False)
    assert (revenue.type, revenue.precision, revenue.custom) == ("int", 8, False)
    assert Choices(())


def test_values_are_read_by_key_in_few_calls(world: World):
    made = [billed(world, Owed__c=number) for number in range(3)]
    world.calls()
    org = world.run.require_org()
    told = org.values(ACCOUNT, [*made, "001000000000001AAA"], ["owed__c", "Nowhere__c"])
    assert {key: row["owed__c"] for key, row in told.items()} == dict(zip(made, (0, 1, 2), strict=True))
    assert all(row.keys() == {"Id", "owed__c"} for row in told.values())
    assert sum(world.calls().values()) == 1
    fill(world, made[0], Owed__c=None)
    assert org.values(ACCOUNT, made[:1], ["Owed__c"])[made[0]]["Owed__c"] is None
    assert org.values("invoice", ["main:none"], ["Balance__c"]) == {}
