"""The rules screen: effects told before saving, versions, and that what follows from a rule is done."""

import pytest

from sync.admin.rules import after
from sync.admin.rules.form import GROUPS
from sync.admin.rules.telling import LABELS
from sync.db import config
from sync.errands import do_slice
from sync.settings import Rules
from tests.browsing import text_of
from tests.integration.rederive import rederive
from tests.integration.world import once


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """No process goes on with older rules here: nothing has to be waited for."""
    monkeypatch.setattr(after, "SETTLE_S", 0.0)


def form(browser_, **changes):
    """What the form sends if only these fields are changed."""
    page = browser_.page("/rules/")
    [sent] = page.cssselect("form#rules")
    values = dict(sent.form_values())
    assert changes.keys() <= values.keys() | {"note"}
    return {name: value for name, value in values.items() if name != "csrf_token"} | changes


def save(browser_, **changes):
    return browser_.post("/rules/", form(browser_, **changes) | {"save": "1"})


def preview(browser_, **changes):
    answer = browser_.post("/rules/", form(browser_, **changes) | {"preview": "1"})
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def work_off(world):
    while do_slice(world.renew(), once()):
        pass


def test_every_rule_has_its_place_and_its_name():
    named = [name for names in GROUPS.values() for name in names]
    assert sorted(named) == sorted(LABELS) == sorted(Rules.model_fields)


def test_what_a_rule_would_do_is_told_before_it_is_saved(books, world, browser):
    customer = world.customer(world.account())
    for due_in_days in (-1, -2, -20):
        world.invoice(customer, due_in_days=due_in_days)
    world.drain()
    finance = browser("finance")
    assert "3 open invoices are past due" in text_of(finance.page("/rules/"))
    told = preview(finance, grace_days="5")
    assert "Grace after a due date: 0 days → 5 days" in told
    assert "Of 3 open invoices past due, 2 are within grace" in told
    assert world.rows("SELECT * FROM config") == []
    assert save(finance, grace_days="5").status_code == 303
    assert world.renew().reviewing.terms.grace_days == 5


def test_saving_is_a_version_that_can_be_brought_back(world, browser):
    finance = browser("finance")
    save(finance, grace_days="5", note="as agreed with sales")
    save(finance, grace_days="9", milestones="10, 20")
    versions = text_of(finance.page("/rules/versions"))
    assert "as agreed with sales" in versions
    assert "Grace after a due date: 5 days → 9 days" in versions
    first = world.rows("SELECT min(id) AS id FROM config")[0].id
    assert finance.post(f"/rules/versions/{first}").status_code == 303
    settings = world.renew().settings
    assert (settings.grace_days, settings.milestones) == (5, (1, 30, 60, 90))
    finance.post("/rules/versions/0")
    assert world.renew().settings.grace_days == 0
    assert finance.post("/rules/versions/999").status_code == 404


def test_before_anything_was_saved_there_is_no_version(browser):
    assert "Nobody has changed a rule yet" in browser("finance").get("/rules/versions").text


def test_only_what_differs_from_the_defaults_is_kept(world, browser):
    finance = browser("finance")
    save(finance, grace_days="5", api_share="30")
    with world.engine.connect() as conn:
        assert config.current(conn, "rules").value == {"grace_days": 5, "api_share": 0.3}


def test_who_has_saved_meanwhile_is_not_overwritten(world, browser):
    first, second = browser("finance"), browser("finance")
    mine = form(first, grace_days="5")
    save(second, follow_up_days="10")
    answer = first.post("/rules/", mine | {"save": "1"})
    assert answer.status_code == 409
    assert "Nothing was saved" in answer.text
    assert world.renew().settings.grace_days == 0


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"grace_days": "-1"}, "A whole number of days from 0 to 365."),
        ({"grace_days": "many"}, "Not a valid integer value."),
        ({"milestones": "30, soon"}, "must be whole numbers of days"),
        ({"milestones": "0"}, "numbers of days from 1 to 3650"),
        ({"org_currency": "XXX"}, "currency &#39;XXX&#39; is not known"),
        ({"exchange_rates-0-currency": "EUR", "exchange_rates-0-rate": "zero"}, "must be numbers such as 0.92"),
        ({"exchange_rates-0-currency": "EUR", "exchange_rates-0-rate": "-1"}, "the rate of EUR must be positive"),
        ({"exchange_rates-0-currency": "EUR", "exchange_rates-0-rate": "NaN"}, "must be numbers such as 0.92"),
        ({"exchange_rates-0-currency": "", "exchange_rates-0-rate": "1"}, "lack the currency of 1"),
        ({"account_billing_field": "x; DROP"}, "must be the API name of a field"),
        ({"time_zone": "Mars/Olympus"}, "is not a time zone name"),
        ({"poll_every_s": "0"}, "From 1 second"),
    ],
)
@pytest.mark.parametrize("settings", [{}], ids=[""])
def test_what_makes_no_sense_is_refused_at_its_field(world, browser, changes, told, settings, monkeypatch):
    if "account_billing_field" in changes:
        world.run.by_environment.model_fields_set.discard("account_billing_field")
    finance = browser("finance")
    answer = finance.post("/rules/", form(finance, **changes) | {"save": "1"})
    assert answer.status_code == 422
    assert told in answer.text
    assert "Nothing was saved yet" in answer.text
    assert world.rows("SELECT * FROM config") == []


def test_what_the_environment_sets_is_read_only(world, browser):
    finance = browser("finance")
    page = finance.page("/rules/")
    assert page.cssselect("#account_billing_field")[0].get("readonly") is not None
    assert "DUELINE_ACCOUNT_BILLING_FIELD" in text_of(page)
    save(finance, account_billing_field="Other__c", grace_days="1")
    assert world.renew().settings.account_billing_field == "Billing_Customer_Id__c"
    assert world.run.settings.grace_days == 1


def test_an_operator_reads_and_changes_nothing(world, browser):
    operator = browser("operator")
    page = operator.page("/rules/")
    assert page.cssselect("button[name=preview]") == []
    assert operator.post("/rules/", {"grace_days": "9", "save": "1"}).status_code == 403
    assert operator.post("/rules/versions/0").status_code == 403


def test_rates_are_exact_and_amounts_follow_them(world, browser):
    finance = browser("finance")
    told = preview(finance, **{"exchange_rates-0-currency": "eur", "exchange_rates-0-rate": "0.92"})
    assert "Exchange rates: none → EUR 0.92" in told
    assert "Every record is gone through again" in told
    save(finance, **{"exchange_rates-0-currency": "eur", "exchange_rates-0-rate": "0.92"})
    assert str(world.renew().settings.exchange_rates["EUR"]) == "0.92"


def test_another_time_zone_moves_every_day_of_the_ledger(world, browser):
    """Everything is derived again, and stands so in Salesforce, as if the zone had always been the new one."""
    customer = world.customer(world.account())
    invoices = [world.invoice(customer, due_in_days=days) for days in (0, 10, 30)]
    world.act("pay_invoice", invoice=invoices[0])
    world.settle()
    before = world.rows("SELECT key, due_on FROM invoice ORDER BY key")
    finance = browser("finance")
    assert "The ledger is derived again" in preview(finance, time_zone="Pacific/Kiritimati")
    save(finance, time_zone="Pacific/Kiritimati")
    assert "What follows from the saved rules" in text_of(finance.page("/rules/"))
    work_off(world)
    world.settle()
    assert rederive(world.engine, world.run.calendar) == []
    after_ = world.rows("SELECT key, due_on FROM invoice ORDER BY key")
    assert all(two.due_on > one.due_on for one, two in zip(before, after_, strict=True))
    shown = {
        row["Key__c"]: row["Due_On__c"] for row in world.admin.query("SELECT Key__c, Due_On__c FROM AR_Invoice__c")
    }
    assert shown == {row.key: row.due_on.isoformat() for row in after_}
    world.check(zone="Pacific/Kiritimati")


def test_deriving_again_may_be_broken_off_anywhere(world, browser, monkeypatch):
    monkeypatch.setattr("sync.pipeline.rederive.BATCH", 2)
    customer = world.customer(world.account())
    for _ in range(5):
        world.invoice(customer)
    world.settle()
    save(browser("finance"), time_zone="Pacific/Kiritimati")
    run, place, slices = world.renew(), None, 0
    while True:
        done = after.follow(run, {"steps": ["derive", "review"]}, place, lambda: False, lambda *_: None)
        again = after.follow(run, {"steps": ["derive", "review"]}, place, lambda: False, lambda *_: None)  # a kill
        assert (again.place["step"], again.place["at"]) == (done.place["step"], done.place["at"])
        place, slices = done.place, slices + 1
        if done.finished:
            break
    assert slices > 4
    assert rederive(world.engine, run.calendar) == []


def test_rules_of_reviews_have_every_account_looked_at_again(world, browser):
    world.invoice(world.customer(world.account()), due_in_days=-3)
    world.come_to_rest()
    assert world.rows("SELECT count(*) AS n FROM review WHERE wanted > done")[0].n == 0
    tasks = "SELECT count(*) AS n FROM followup WHERE outcome IS NULL"
    assert world.rows(tasks)[0].n == 1
    save(browser("finance"), grace_days="10")
    work_off(world)
    assert world.review() == 1
    assert world.rows(tasks)[0].n == 0
    save(browser("finance"), grace_days="0")
    work_off(world)
    world.review()
    assert world.rows(tasks)[0].n == 1


def test_milestones_are_told_once_and_not_of_what_is_long_past(world):
    from datetime import timedelta

    from tests.integration.place import TODAY

    account = world.account()
    customer = world.customer(account)
    invoice = world.invoice(customer, 120_000, due_in_days=0)
    world.invoice(customer, due_in_days=-40)  # crossed 30 days long ago
    world.settle()
    world.turn()
    world.move_to(TODAY + timedelta(days=30))
    for _ in range(3):
        world.turn()
    world.publish()
    told = [row.subject for row in world.rows("SELECT subject FROM entry WHERE key LIKE 'milestone:%' ORDER BY key")]
    number = world.rows(f"SELECT number FROM invoice WHERE key = 'main:{invoice}'")[0].number
    assert f"{number} is 30 days past due, USD 1,200.00 open" in told
    assert f"{number} is 1 day past due, USD 1,200.00 open" in told
    assert len(told) == 3  # and the other one, which is 70 days past due: it crossed 60 meanwhile
    query = f"SELECT Subject__c FROM AR_Activity__c WHERE Account__c = '{account}'"
    assert sorted(row["Subject__c"] for row in world.admin.query(query)) == sorted(told)
    world.check()
