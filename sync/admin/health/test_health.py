"""The health screen through HTTP: the state in words, parked things mended, left alone, followed."""

import pytest

from sync.admin.health import banner
from sync.admin.health.banner import _SCREENS
from sync.core.condition import Alarm
from sync.errands import do_slice
from tests.browsing import text_of


def refuse(world, code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="needs a purchase order", times=None):
    world.fault("partial", object="AR_Invoice__c", every=1, times=times, code=code, message=message)


def parked_invoices(world, count=2):
    customer = world.customer(world.account("Acme"))
    made = [world.invoice(customer, 1_000 + number) for number in range(count)]
    world.drain()
    refuse(world)
    world.publish()
    world.heal()
    return made


def cause_of(world):
    return world.one("SELECT DISTINCT cause FROM record WHERE parked IS NOT NULL").cause


def test_a_page_of_a_service_to_which_nothing_has_happened(world, browser):
    page = browser("operator").page("/health/")
    told = text_of(page)
    assert "Nobody works on the queues ledger" in told
    assert "nothing is lost" in told
    assert "Nothing has been compared yet" in told
    assert len(page.cssselect("svg.dl-drawing")) == 6


def test_parked_then_mended_then_retried_as_work_with_progress(world, browser):
    parked_invoices(world, 3)
    operator = browser("operator")
    page = operator.page("/health/parked")
    assert "3 × A validation rule in Salesforce refuses it" in text_of(page)
    assert "needs a purchase order" in text_of(page)
    cause = cause_of(world)
    assert operator.post(f"/health/parked/{cause}/retry").status_code == 303
    assert do_slice(world.run, lambda: True)
    assert "3 wait for their turn" in text_of(operator.page(f"/health/parked/{cause}"))
    world.publish()
    world.engine.connect().close()
    _due(world)
    assert do_slice(world.run, lambda: True)
    told = text_of(operator.page(f"/health/parked/{cause}"))
    assert "all of them went through" in told
    assert "Nothing is left of this" in told
    assert "Nothing needs you" in text_of(operator.page("/health/parked"))
    world.check()
    assert "tried again" in text_of(browser("finance").page("/history/"))


def _due(world):
    world._set("work", "next_at = now()", "status = 'waiting'")


def test_what_is_refused_again_is_counted_as_that(world, browser):
    parked_invoices(world, 2)
    refuse(world)
    operator = browser("operator")
    operator.post(f"/health/parked/{cause_of(world)}/retry")
    do_slice(world.run, lambda: True)
    world.publish()
    _due(world)
    do_slice(world.run, lambda: True)
    assert "0 went through, 2 are refused still" in text_of(operator.page(f"/health/parked/{cause_of(world)}"))


def test_one_thing_tells_what_it_is_what_was_sent_and_got_and_is_tried_again(world, browser):
    [invoice] = parked_invoices(world, 1)
    operator = browser("operator")
    page = operator.page(f"/health/item/invoice/main:{invoice}")
    number = world.ledger(invoice).number
    told = text_of(page)
    assert f"Invoice {number}" in told
    assert "Acme" in told
    sent, payload = (text_of(each) for each in page.cssselect("pre"))
    assert f'"Key__c": "main:{invoice}"' in sent
    answers = [text_of(each) for each in page.cssselect("dl.dl-pairs-long dd")]
    assert answers[:2] == ["FIELD_CUSTOM_VALIDATION_EXCEPTION", "needs a purchase order"]
    assert '"payment_settings": "(removed)"' in payload or "payment_settings" not in payload
    answer = operator.post("/health/item/retry", {"kind": "invoice", "key": f"main:{invoice}"})
    assert answer.status_code == 303
    world.publish()
    told = text_of(operator.page(f"/health/item/invoice/main:{invoice}"))
    assert "Nothing is wrong with it" in told
    assert "was written to Salesforce" in told


def test_what_is_ignored_is_quiet_until_another_cause_comes(world, browser):
    [invoice] = parked_invoices(world, 1)
    operator = browser("operator")
    named = {"kind": "invoice", "key": f"main:{invoice}"}
    assert operator.post("/health/item/ignore", named).status_code == 422
    assert world.status.parked == 1
    assert operator.post("/health/item/ignore", {**named, "why": "A test <b>invoice</b>"}).status_code == 303
    assert (world.status.parked, world.status.ignored, world.status.problems) == (0, 1, [])
    assert "A test <b>invoice</b>" in text_of(operator.page("/health/ignored"))
    refuse(world)
    world.publish()
    assert world.one("SELECT attempts FROM record WHERE kind = 'invoice'").attempts == 1, "nobody tries it by itself"
    world._set("record", "due_at = now()", "kind = 'invoice'")
    world.publish()
    assert (world.status.parked, world.status.ignored) == (0, 1), "the same again is still ignored"
    world.heal()
    refuse(world, "CUSTOM_APEX_ERROR", "something else")
    world._set("record", "due_at = now()", "kind = 'invoice'")
    world.publish()
    assert (world.status.parked, world.status.ignored) == (1, 0)


def test_what_is_ignored_is_told_again_when_something_new_comes_for_it(world, browser):
    [invoice] = parked_invoices(world, 1)
    operator = browser("operator")
    operator.post("/health/item/ignore", {"kind": "invoice", "key": f"main:{invoice}", "why": "later"})
    refuse(world)
    world.act("pay_invoice", invoice=invoice)
    world.settle()
    assert world.status.parked == 1
    assert world.status.ignored == 0


def test_a_group_is_ignored_and_taken_back(world, browser):
    made = parked_invoices(world, 2)
    operator = browser("operator")
    answer = operator.post(f"/health/parked/{cause_of(world)}/ignore", {"why": "known"})
    assert answer.status_code == 303
    assert world.status.ignored == 2
    operator.post("/health/item/take-back", {"kind": "invoice", "key": f"main:{made[0]}"})
    assert (world.status.parked, world.status.ignored) == (1, 1)
    world.publish()
    assert (world.status.parked, world.status.ignored) == (0, 1)


@pytest.mark.parametrize("settings", [{"DUELINE_MAX_ATTEMPTS": "1"}])
def test_an_event_that_cannot_be_read_shows_its_payload_without_secrets(world, browser):
    event = world.stripe.world.event(
        "invoice.updated", {"id": "in_odd", "object": "invoice", "client_secret": "pi_1_secret_abcdefgh"}
    )
    world.post(event)
    world.drain()
    operator = browser("operator")
    row = world.one("SELECT id, event_id FROM inbox WHERE status = 'parked'")
    assert "An event cannot be read" in text_of(operator.page("/health/parked"))
    page = operator.page(f"/health/item/event/{row.id}")
    assert "in_odd" in text_of(page)
    assert "pi_1_secret" not in page.text_content()
    way = operator.get("/health/find", query_string={"q": row.event_id})
    assert way.location == f"/admin/health/event/{row.id}"
    assert "It cannot be read" in text_of(operator.page(f"/health/event/{row.id}"))


def test_the_way_of_an_event_is_told_to_its_end(world, browser):
    account = world.account("Acme")
    invoice = world.invoice(world.customer(account), due_in_days=-5)
    operator = browser("operator")
    row = world.rows("SELECT * FROM inbox WHERE type = 'invoice.finalized'")[0]
    assert "Waits to be taken into the ledger" in text_of(operator.page(f"/health/event/{row.id}"))
    world.come_to_rest()
    stops = [text_of(each) for each in operator.page(f"/health/event/{row.id}").cssselect(".dl-way-step")]
    joined = " | ".join(stops)
    for part in ("Received and stored", "It was new, and was taken", "AR summary of Acme in USD was written"):
        assert part in joined
    assert "later" in joined
    number = world.ledger(invoice).number
    for name in (invoice, number, f"main:{invoice}"):
        answer = operator.get("/health/find", query_string={"q": name})
        assert f"main:{invoice}" in (answer.location or answer.text), name
    found = operator.get("/health/find", query_string={"q": account[:15]})
    assert account in found.text or account in (found.location or "")
    assert "Nothing goes by the name" in operator.get("/health/find", query_string={"q": "nobody"}).text


def test_a_viewer_is_not_let_in_and_an_operator_is(world, browser):
    for path in ("/health/", "/health/parked", "/health/ignored", "/health/now", "/health/find"):
        assert browser("viewer").get(path).status_code == 403
        assert browser("operator").get(path).status_code == 200
    assert browser("viewer").post("/health/parked/retry").status_code == 403
    assert browser("operator").post("/health/parked/retry", csrf=False).status_code == 400


def test_odd_addresses_are_no_errors(world, browser):
    operator = browser("operator")
    for path in ("/health/item/event/99999999999999999999", "/health/event/99999999999999999999", "/health/parked/nope",
                 "/health/item/invoice/nothing", "/health/figures.csv?chart=nope", "/health/event/7"):  # fmt: skip
        assert operator.get(path).status_code == 404, path
    assert operator.post("/health/item/retry", {"kind": "invoice"}).status_code == 400
    assert operator.get("/health/?range=nope").status_code == 200


def test_comparing_is_asked_for_once(world, browser):
    operator = browser("operator")
    operator.post("/health/compare")
    operator.post("/health/compare")
    rows = world.rows("SELECT * FROM work WHERE kind = 'reconcile'")
    assert len(rows) == 1
    assert "About to begin" in text_of(operator.page("/health/"))


def test_figures_are_saved_as_csv(world, browser):
    answer = browser("operator").get("/health/figures.csv?chart=freshness&range=day")
    assert answer.status_code == 200
    assert answer.text.splitlines()[0].endswith("from,Half within,95 of 100 within")


@pytest.mark.parametrize("screen", sorted(_SCREENS))
def test_every_banner_leads_somewhere(world, browser, screen, monkeypatch):
    monkeypatch.setattr(banner, "alarms", lambda _condition: [Alarm("Something broke.", "Mend it.", screen)])
    page = browser("operator").page("/health/parked")
    told = text_of(page.cssselect(".dl-banner")[0])
    assert "Something broke. Mend it." in told


def test_a_page_comes_though_the_banners_cannot_be_made(world, browser, monkeypatch):
    def broken(_condition):
        raise RuntimeError("broken")

    monkeypatch.setattr(banner, "alarms", broken)
    assert browser("operator").get("/health/parked").status_code == 200
