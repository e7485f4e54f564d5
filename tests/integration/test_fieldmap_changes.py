"""Changing the mapping: what stood in a field is kept and put back, old records follow, nothing is lost meanwhile."""

from collections.abc import Iterator
from decimal import Decimal
from threading import Event, Thread

import pytest

from connector.local.org.server import LocalOrg
from sync.core.budget import Priority
from sync.core.fieldmap.figures import ACCOUNT, INVOICE
from sync.core.fieldmap.rules import KindMap, Rule, default
from sync.core.fieldmap.transforms import AsText, Constant, Rounded
from sync.db import config, fieldmaps, records
from sync.pipeline import publish as publishing
from sync.pipeline.remap import NoSuchVersionError, apply_slice, cost
from tests.integration.mapping import apply, change, fill, on_account, save, times, with_rules, without
from tests.integration.own_fields import org_with_own_fields
from tests.integration.place import TODAY
from tests.integration.world import World, in_threads

OWED = with_rules(ACCOUNT, Rule("AR_Outstanding__c", "Owed__c"))
WORDS = with_rules(ACCOUNT, Rule("AR_Outstanding__c", "Owed_Words__c", AsText()), base=OWED)


@pytest.fixture
def local_org(tmp_path) -> Iterator[LocalOrg]:
    with org_with_own_fields(tmp_path) as org:
        yield org


def accounts(world: World, count: int = 3, amount: int = 10_000) -> list[str]:
    """Linked accounts with an invoice each, and a value of somebody's in Owed__c."""
    made = [world.account(Owed__c=number + 1) for number in range(count)]
    for account in made:
        world.invoice(world.customer(account), amount)
    world.settle()
    return made


def owed(world: World, made: list[str], field: str = "Owed__c") -> list:
    return [on_account(world, account, field)[0] for account in made]


def kept(world: World) -> int:
    return world.one("SELECT count(*) AS n FROM kept_value").n


# --- keeping and putting back ----------------------------------------------------------------------------------------


def test_what_stood_there_is_put_back_when_the_mapping_is_undone(world: World):
    made = accounts(world)
    change(world, OWED)
    assert owed(world, made) == [100, 100, 100]
    world.act("pay_invoice", invoice=world.objects("invoice")[0]["id"], amount=4_000)
    world.settle()
    assert sorted(owed(world, made)) == [60, 100, 100]
    change(world, default(), "restore")
    assert owed(world, made) == [1, 2, 3]
    assert kept(world) == 0
    world.act("pay_invoice", invoice=world.objects("invoice")[1]["id"])
    world.come_to_rest()
    assert owed(world, made) == [1, 2, 3]
    world.check()


def test_left_fields_keep_what_was_written_last(world: World):
    made = accounts(world)
    change(world, OWED)
    world.calls()
    change(world, default(), "leave")
    assert world.calls() == {}  # nothing has to be written for it
    assert owed(world, made) == [100, 100, 100]
    assert kept(world) == 0
    change(world, OWED)
    change(world, default(), "restore")
    assert owed(world, made) == [100, 100, 100]  # that is what stood there when the field was taken again


def test_a_persons_newer_edit_is_left(world: World):
    made = accounts(world)
    change(world, OWED)
    version = save(world, default(), "restore")
    fill(world, made[1], Owed__c=777)  # the field is nobody's any more
    assert apply(world, version).finished
    world.settle()
    fill(world, made[0], Owed__c=555)
    world.act("pay_invoice", invoice=world.objects("invoice")[0]["id"])
    world.come_to_rest()
    assert owed(world, made) == [555, 777, 3]
    assert kept(world) == 0


def test_our_own_account_fields_are_emptied_or_left(world: World):
    [account] = accounts(world, 1)
    change(world, without(default(), "AR_Outstanding__c"), "leave")
    assert on_account(world, account, "AR_Outstanding__c", "AR_Overdue_Amount__c") == (100, 0)
    change(world, without(default(), "AR_Outstanding__c", "AR_Overdue_Amount__c"), "restore")
    assert on_account(world, account, "AR_Outstanding__c", "AR_Overdue_Amount__c") == (100, None)
    change(world, default())
    assert on_account(world, account, "AR_Outstanding__c", "AR_Overdue_Amount__c") == (100, 0)
    change(world, default().put(ACCOUNT, KindMap(on=False)), "restore")
    assert on_account(world, account, "AR_Outstanding__c", "AR_Status__c") == (None, None)


def test_empty_fields_and_texts_come_back_as_they_were(world: World):
    [account] = accounts(world, 1)
    fill(world, account, Owed__c=None, Site="Hall 3", Since__c="2020-02-29", Told_At__c="2021-05-06T07:08:09Z")
    mapping = with_rules(
        ACCOUNT,
        *(Rule("AR_Outstanding__c", "Owed__c"), Rule("AR_Status__c", "Site"), Rule("Oldest_Due_On__c", "Since__c")),
        *(Rule("AR_As_Of__c", "Told_At__c"), Rule("AR_Overdue__c", "Late_Box__c")),
    )
    fields = ("Owed__c", "Site", "Since__c", "Told_At__c", "Late_Box__c")
    before = on_account(world, account, *fields)
    change(world, mapping)
    assert all(was != now for was, now in zip(before[:4], on_account(world, account, *fields)[:4], strict=True))
    change(world, default(), "restore")
    assert on_account(world, account, *fields) == before


def test_an_event_that_comes_before_anything_is_applied_loses_no_old_value(world: World):
    made = accounts(world)
    save(world, OWED)
    world.act("pay_invoice", invoice=world.objects("invoice")[0]["id"], amount=1_000)
    world.settle()
    assert sorted(owed(world, made)) in ([1, 2, 90], [1, 3, 90], [2, 3, 90])
    change(world, default(), "restore")
    assert owed(world, made) == [1, 2, 3]


def test_an_account_that_is_linked_later_is_kept_as_well(world: World):
    accounts(world, 1)
    change(world, OWED)
    late = world.account(Owed__c=42)
    world.invoice(world.customer(late), 5_000)
    world.settle()
    assert owed(world, [late]) == [50]
    change(world, default(), "restore")
    assert owed(world, [late]) == [42]


def test_a_field_that_is_taken_again_before_it_was_put_back_is_ours(world: World):
    made = accounts(world)
    change(world, OWED)
    version = save(world, default(), "restore")
    assert apply(world, version).finished  # all are marked, none is written yet
    again = save(world, OWED)
    assert apply(world, again).finished
    world.settle()
    assert owed(world, made) == [100, 100, 100]
    assert apply(world, version).finished  # an old piece of work that is done late does no harm
    world.settle()
    assert owed(world, made) == [100, 100, 100]
    change(world, default(), "restore")
    assert owed(world, made) == [1, 2, 3]


def test_a_lost_answer_puts_back_once_and_spares_what_comes_after(world: World):
    [account] = accounts(world, 1)
    change(world, OWED)
    version = save(world, default(), "restore")
    apply(world, version)
    world.fault("drop_after_commit", times=1, method="PATCH")
    world.publish()
    assert owed(world, [account]) == [1]
    fill(world, account, Owed__c=99)
    world.hurry()
    world.settle()
    world.sweep()
    world.settle()
    assert owed(world, [account]) == [99]
    assert kept(world) == 0


def test_further_fields_of_invoices_follow_and_are_put_back(world: World):
    [account] = accounts(world, 1)
    customer = next(iter(world.accounts))
    [record] = world.admin.query("SELECT Id FROM AR_Invoice__c")
    world.admin.update("AR_Invoice__c", [{"Id": record["Id"], "Still_Owed__c": "ask Dana"}])
    change(world, with_rules(INVOICE, Rule("Balance__c", "Still_Owed__c", AsText())))
    world.invoice(customer, 7_000)
    world.settle()
    shown = world.admin.query("SELECT Still_Owed__c FROM AR_Invoice__c ORDER BY Balance__c")
    assert [row["Still_Owed__c"] for row in shown] == ["USD 70.00", "USD 100.00"]
    change(world, default(), "restore")
    shown = world.admin.query("SELECT Still_Owed__c FROM AR_Invoice__c ORDER BY Balance__c")
    assert [row["Still_Owed__c"] for row in shown] == [None, "ask Dana"]
    assert account
    world.check()


# --- applying --------------------------------------------------------------------------------------------------------


def test_work_that_is_killed_goes_on_where_it_stopped_and_ends_the_same(world: World, monkeypatch):
    monkeypatch.setattr("sync.pipeline.remap.STEP", 2)
    made = accounts(world, 5)
    version = save(world, WORDS)
    first = apply(world, version, proceed=times(1))
    assert (first.done, first.total, first.finished) == (2, 5, False)
    again = apply(world, version, proceed=times(2))  # killed before its place was written down: from the start
    assert again.done == 4
    last = apply(world, version, place=again.place)
    assert (last.done, last.total, last.finished) == (5, 5, True)
    world.settle()
    assert owed(world, made, "Owed_Words__c") == ["USD 100.00"] * 5
    assert world.one("SELECT count(*) AS n FROM record WHERE marked > written").n == 0


def test_applying_costs_what_was_foretold(world: World):
    accounts(world, 4)
    with world.engine.connect() as conn:
        told = cost(conn, default(), WORDS, TODAY)
    assert (told.records, told.accounts, told.daily) == ({ACCOUNT: 4}, 4, 0)
    world.calls()
    change(world, WORDS)
    spent = world.calls()
    assert sum(spent.values()) <= told.calls + 1  # the currencies may have been asked for anew
    with world.engine.connect() as conn:
        assert cost(conn, WORDS, WORDS, TODAY).rows == 0
        assert cost(conn, WORDS, default(), TODAY, "leave").rows == 0
        assert cost(conn, WORDS, default(), TODAY, "restore").records == {ACCOUNT: 4}
        late = with_rules(ACCOUNT, Rule("Days_Past_Due__c", "Late_Days__c"))
        assert cost(conn, default(), late, TODAY.replace(year=2027)).daily == 4
        off = default().put(INVOICE, KindMap(on=False))
        assert cost(conn, default(), off, TODAY).rows == 0
        assert cost(conn, off, default(), TODAY).records == {INVOICE: 4}


def test_many_rows_go_as_one_job(world: World):
    accounts(world, 3)
    with world.engine.connect() as conn:
        assert cost(conn, default(), OWED, TODAY, bulk_from=3).calls == 9
        assert cost(conn, default(), OWED, TODAY, bulk_from=4).calls == 2


def test_a_version_that_was_never_saved_is_refused(world: World):
    with pytest.raises(NoSuchVersionError, match="version 7"):
        apply_slice(world.engine, {}, 7, None, times(1))


def test_saving_on_top_of_somebody_elses_version_is_refused(world: World):
    first = save(world, OWED)
    with world.engine.begin() as conn, pytest.raises(config.StaleError, match="finance"):
        fieldmaps.save(conn, default(), "somebody", based_on=first.id - 1)


# --- while events flow -----------------------------------------------------------------------------------------------


def test_a_mapping_saved_between_pick_up_and_rendering_leaves_no_record_behind(world: World, monkeypatch):
    """Pick-up, save, mark, render: the write fulfils the older mark only; pick-up, render, save, mark, write: too."""
    made = accounts(world)
    render = publishing.render
    states = []

    def interleaved(conn, waiting, how):
        if not states:  # picked up by now; the snapshot begins with its first query
            states.append("before")
            version = save(world, OWED)
            apply(world, version)
            return render(conn, waiting, how)
        found = render(conn, waiting, how)
        if len(states) == 1:  # rendered, and not written yet
            states.append("after")
            version = save(world, WORDS)
            apply(world, version)
        return found

    monkeypatch.setattr(publishing, "render", interleaved)
    with world.engine.begin() as conn:
        records.rewrite(conn, [("account", account) for account in made])
    world.settle()
    world.settle()
    assert states == ["before", "after"]
    assert owed(world, made) == [100] * 3
    assert owed(world, made, "Owed_Words__c") == ["USD 100.00"] * 3
    change(world, default(), "restore")
    assert owed(world, made) == [1, 2, 3]
    assert owed(world, made, "Owed_Words__c") == [None] * 3


def test_changing_the_mapping_while_events_flow_loses_and_doubles_nothing(world: World, monkeypatch):
    monkeypatch.setattr("sync.pipeline.remap.STEP", 3)
    made = accounts(world, 8, amount=50_000)
    invoices = [row["id"] for row in world.objects("invoice")]
    over = Event()
    ways = [
        WORDS,
        with_rules(ACCOUNT, Rule("AR_Outstanding__c", "Owed__c", Rounded(0)), Rule("AR_Status__c", "Site")),
        OWED,
        with_rules(INVOICE, Rule("Balance__c", "Still_Owed__c", AsText()), base=WORDS),
    ]

    def change_often() -> None:
        for turn in range(8):
            version = save(world, ways[turn % 4], "restore")
            place = None
            while True:
                done = apply(world, version, place, times(1))
                place = done.place
                if done.finished:
                    break
        over.set()

    finance = Thread(target=change_often)
    finance.start()
    for turn in range(24):
        world.act("pay_invoice", invoice=invoices[turn % 8], amount=1_000 + turn)
        world.take_in()
        in_threads(3, lambda _number: world.publish(lanes=3))
    finance.join(60)
    assert over.is_set()
    for _ in range(5):
        world.hurry()
        world.settle()
    assert world.status.waiting_records == 0
    balances = {row["id"]: Decimal(row["amount_remaining"]) / 100 for row in world.objects("invoice")}
    by_account = {world.accounts[row["customer"]]: balances[row["id"]] for row in world.objects("invoice")}
    assert owed(world, made) == [by_account[account] for account in made]
    assert owed(world, made, "Owed_Words__c") == [f"USD {by_account[account]:,.2f}" for account in made]
    shown = world.admin.query("SELECT Key__c, Balance__c, Still_Owed__c FROM AR_Invoice__c")
    assert {row["Still_Owed__c"] for row in shown} == {f"USD {row['Balance__c']:,.2f}" for row in shown}
    world.check()
    change(world, default(), "restore")
    assert owed(world, made) == list(range(1, 9))
    assert owed(world, made, "Site") == owed(world, made, "Owed_Words__c") == [None] * 8
    assert {row["Still_Owed__c"] for row in world.admin.query("SELECT Still_Owed__c FROM AR_Invoice__c")} == {None}
    world.check()


def test_what_is_applied_goes_behind_what_is_urgent(world: World):
    made = accounts(world, 2)
    version = save(world, with_rules(ACCOUNT, Rule("AR_Status__c", "Site", Constant("x"))))
    apply(world, version)
    [first] = {row.priority for row in world.rows("SELECT priority FROM record WHERE marked > written")}
    assert first == Priority.BACKGROUND
    world.act("pay_invoice", invoice=world.objects("invoice")[0]["id"])
    world.take_in()
    first = world.one("SELECT key, priority FROM record WHERE kind = 'account' ORDER BY priority LIMIT 1")
    assert first.key in made
    assert first.priority == Priority.ESSENTIAL
