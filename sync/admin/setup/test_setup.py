"""The set-up screen: from nothing connected to everything done, and what nobody may do or see."""

import time

import pytest
from sqlalchemy import text

from connector.billing.stripe_events import EVENTS
from sync.bootstrap import Current
from sync.db import config, cursors
from sync.errands import do_slice
from tests.browsing import text_of
from tests.integration.place import API_KEY, SECRET
from tests.integration.test_receiving import body
from tests.integration.world import once

KEY = "-----BEGIN PRIVATE KEY-----\nhidden\n-----END PRIVATE KEY-----"


@pytest.fixture
def settings():
    """Nothing is connected by the environment."""
    return {"DUELINE_STRIPE": "{}", "DUELINE_SALESFORCE": "null"}


def work_off(world):
    """Do all long work that waits."""
    while do_slice(world.renew(), once()):
        pass


def states(visitor):
    """Each step's title and how it stands."""
    steps = visitor.page("/setup/").cssselect(".dl-step")
    return {text_of(step.cssselect("h2")[0]): text_of(step.cssselect("strong")[0]) for step in steps}


def org_form(world, **changes):
    values = {
        "login_url": world.org.url,
        "client_id": "integration",
        "way": "secret",
        "client_secret": "secret",
        "api_version": "66.0",
    }
    return values | changes


def stripe_form(world, **changes):
    return {"api_key": API_KEY, "api_base": world.place.stripe_url} | changes


def everything_stored(world):
    """Whatever the page keeps or tells anywhere, as text."""
    with world.engine.connect() as conn:
        tables = [conn.execute(text(f"SELECT * FROM {name}")).all() for name in ("config", "audit", "work", "cursor")]
    return str(tables)


def test_a_newcomer_goes_from_nothing_to_everything(world, browser):
    finance = browser("finance")
    assert finance.get("/").location.endswith("/setup/")
    assert states(finance) == {
        "Connect Salesforce": "To do.",
        "Connect Stripe": "To do.",
        "Review the mapping": "Waits.",
        "Load what is there already": "Waits.",
        "Match customers with accounts": "Waits.",
        "Check that everything agrees": "Waits.",
    }
    assert finance.post("/setup/salesforce", org_form(world)).status_code == 303
    work_off(world)
    page = text_of(finance.page("/setup/salesforce"))
    assert "Everything needed is in place" in page
    assert states(finance)["Connect Salesforce"] == "Done."

    customer = world.customer(world.account("Acme"), deliver=False)
    world.invoice(customer, deliver=False)
    assert finance.post("/setup/stripe/main", stripe_form(world)).status_code == 303
    work_off(world)
    assert "Everything needed is in place" in text_of(finance.page("/setup/stripe/main"))
    assert finance.post("/setup/stripe/main/secrets", {"secret": SECRET}).status_code == 303
    assert "Everything needed is in place" in text_of(finance.page("/setup/stripe/main"))  # it is the same key
    assert "Waiting for the first event" in text_of(finance.page("/setup/stripe/main"))
    assert states(finance)["Connect Stripe"] == "To do."
    time.sleep(Current.HURRY_S)
    assert world.send(body()).status_code == 200
    assert "Got it" in finance.get("/setup/stripe/main/arrivals").text
    assert states(finance)["Connect Stripe"] == "Done."

    assert "Every figure fits the field it goes to" in text_of(finance.page("/setup/mapping"))
    assert finance.post("/setup/mapping/reviewed").status_code == 303
    assert finance.post("/setup/load/main").status_code == 303
    work_off(world)
    assert states(finance)["Load what is there already"] == "Done."
    assert "1 invoices" in text_of(finance.page("/setup/load"))
    world.settle()
    assert finance.post("/setup/check").status_code == 303
    work_off(world)
    assert "All three say the same" in text_of(finance.page("/setup/check"))
    assert set(states(finance).values()) == {"Done."}
    assert not finance.get("/").location.endswith("/setup/")
    assert world.admin.query("SELECT COUNT() FROM AR_Invoice__c") is not None


def test_secrets_go_in_and_never_come_out(world, browser):
    finance = browser("finance")
    finance.post("/setup/salesforce", org_form(world, client_secret="a-long-client-secret"))
    finance.post("/setup/stripe/main", stripe_form(world))
    finance.post("/setup/stripe/main/secrets", {"secret": "whsec_very_hidden_one"})
    finance.post("/setup/salesforce", org_form(world, way="key", username="u@x.example", private_key=KEY))
    shown = "".join(finance.get(path).text for path in ("/setup/salesforce", "/setup/stripe/main", "/history/"))
    for hidden in ("a-long-client-secret", API_KEY, "whsec_very_hidden_one", "PRIVATE KEY-----\nhidden"):
        assert hidden not in shown
        assert hidden not in everything_stored(world)
    assert "ends in …_one" in shown
    assert "ends in" not in browser("operator").get("/setup/stripe/main").text
    assert world.rows("SELECT name FROM secret WHERE name = 'salesforce:client_secret'") == []


def test_a_refused_form_gives_no_secret_back_and_names_the_field(world, browser):
    finance = browser("finance")
    answer = finance.post("/setup/salesforce", org_form(world, login_url="http://evil.example", client_secret="hid1"))
    assert answer.status_code == 422
    assert "must be https://YOUR-DOMAIN.my.salesforce.com" in answer.text
    assert "hid1" not in answer.text
    answer = finance.post("/setup/stripe/main", stripe_form(world, api_key="nonsense"))
    assert "A key begins with rk_" in answer.text
    answer = finance.post("/setup/stripe/main", stripe_form(world, api_base="http://evil.example"))
    assert "It must begin with https://" in answer.text
    answer = finance.post("/setup/stripe/main/secrets", {"secret": "sk_wrong"})
    assert "A signing secret begins with whsec_." in answer.text
    assert world.rows("SELECT * FROM config") == []


def test_a_secret_is_not_sent_to_another_address_than_it_was_entered_for(world, browser):
    finance = browser("finance")
    finance.post("/setup/salesforce", org_form(world))
    moved = org_form(world, login_url="https://evil.my.salesforce.com", client_secret="")
    assert "sent to another address now" in finance.post("/setup/salesforce", moved).text
    same = org_form(world, client_secret="", client_id="other")
    assert finance.post("/setup/salesforce", same).status_code == 303
    finance.post("/setup/stripe/main", stripe_form(world))
    moved = stripe_form(world, api_key="", api_base="https://evil.example")
    assert "sent to another address now" in finance.post("/setup/stripe/main", moved).text


def test_a_wrong_secret_of_the_org_is_told_with_its_fix(world, browser):
    finance = browser("finance")
    finance.post("/setup/salesforce", org_form(world, client_secret="wrong"))
    work_off(world)
    page = text_of(finance.page("/setup/salesforce"))
    assert "to be mended" in page
    assert "→" in page
    finance.post("/setup/salesforce", org_form(world))
    assert "About to begin" in text_of(finance.page("/setup/salesforce"))  # what was found no longer holds
    assert states(finance)["Connect Salesforce"] == "To do."


def test_stripe_makes_the_endpoint_and_its_events_are_taken_in(world, browser):
    finance = browser("finance")
    finance.post("/setup/stripe/main", stripe_form(world))
    answer = finance.post("/setup/stripe/main/listen", follow_redirects=True)
    assert "Stripe made the endpoint we_" in answer.text
    [endpoint] = world.objects("webhook_endpoint")
    assert endpoint["url"].endswith("/webhooks/stripe/main")
    assert set(endpoint["enabled_events"]) == set(EVENTS)
    assert len(world.renew().settings.stripe["main"].secrets()) == 1


def test_an_endpoint_that_stripe_refuses_is_told_in_words(world, browser):
    finance = browser("finance")
    finance.post("/setup/stripe/main", stripe_form(world, api_key="rk_unknown"))
    answer = finance.post("/setup/stripe/main/listen", follow_redirects=True)
    assert "Stripe did not make the endpoint" in answer.text
    assert "rk_unknown" not in answer.text


def test_secrets_are_rotated_one_by_one(world, browser):
    finance = browser("finance")
    for secret in ("whsec_one_is_long", "whsec_two_is_long"):
        finance.post("/setup/stripe/main/secrets", {"secret": secret})
    assert len(world.renew().settings.stripe["main"].secrets()) == 2
    assert finance.post("/setup/stripe/main/secrets/1/remove").status_code == 303
    assert world.renew().settings.stripe["main"].secrets() == ("whsec_two_is_long",)
    assert finance.post("/setup/stripe/main/secrets/1/remove").status_code == 404
    finance.post("/setup/stripe/main/forget")
    assert world.renew().settings.stripe == {}


def test_disconnecting_salesforce_forgets_its_secret_and_what_was_known_of_it(world, browser):
    finance = browser("finance")
    finance.post("/setup/salesforce", org_form(world))
    work_off(world)
    finance.post("/setup/salesforce/forget")
    assert world.renew().org is None
    with world.engine.connect() as conn:
        assert cursors.get(conn, cursors.ORG_IDENTITY) is None
    assert world.rows("SELECT * FROM secret") == []


def test_the_field_of_accounts_is_chosen_here(world, browser):
    finance = browser("finance")
    assert "Set by the environment" in finance.get("/setup/customers").text  # the world's own settings name one
    assert finance.post("/setup/customers", {"choice": "none", "name": ""}, follow_redirects=True).status_code == 200
    assert world.renew().settings.account_billing_field == "Billing_Customer_Id__c"


@pytest.mark.parametrize("path", ["/setup/stripe/Not A Name", "/setup/stripe/-a", "/setup/stripe/" + "x" * 60])
def test_names_that_no_connection_may_have_are_nowhere(browser, path):
    assert browser("finance").get(path).status_code == 404


def test_two_people_saving_at_once_lose_nothing(world, browser):
    from tests.integration.world import in_threads

    people = [browser("finance") for _ in range(4)]
    in_threads(4, lambda at: people[at].post(f"/setup/stripe/c{at}/secrets", {"secret": f"whsec_{at}"}))
    assert sorted(world.renew().settings.stripe) == ["c0", "c1", "c2", "c3"]


def test_what_of_the_mapping_does_not_fit_is_told(world, browser):
    finance = browser("finance")
    assert "fits" not in text_of(finance.page("/setup/mapping"))  # nobody can be asked yet
    finance.post("/setup/salesforce", org_form(world))
    assert "Every figure fits" in text_of(finance.page("/setup/mapping"))
    world.fault("revoke_field", object="Account", field="AR_Status__c")
    world.renew().require_org().exposure.forget("Account")
    page = text_of(finance.page("/setup/mapping"))
    assert "This does not fit" in page
    assert "Account, AR_Status__c:" in page


class TestByEnvironment:
    """What the environment sets is shown as done, and cannot be changed."""

    @pytest.fixture
    def settings(self):
        """The world's own: Stripe and the org are connected by the environment."""
        return {}

    def test_it_is_shown_and_read_only(self, world, browser):
        finance = browser("finance")
        assert "set by the environment" in finance.get("/setup/salesforce").text
        assert "DUELINE_STRIPE__MAIN__API_KEY" in finance.get("/setup/stripe/main").text
        for path, form in (
            ("/setup/salesforce", org_form(world)),
            ("/setup/salesforce/forget", {}),
            ("/setup/stripe/main", stripe_form(world)),
            ("/setup/stripe/main/secrets", {"secret": "whsec_x"}),
            ("/setup/stripe/main/listen", {}),
        ):
            assert "cannot be changed here" in finance.post(path, form, follow_redirects=True).text
        with world.engine.connect() as conn:
            assert config.current(conn, "connections") is None

    def test_another_account_can_be_added_beside_it(self, world, browser):
        browser("finance").post("/setup/stripe/eu/secrets", {"secret": "whsec_eu"})
        assert world.renew().settings.connections() == {"main": "stripe", "eu": "stripe"}

    def test_a_system_that_runs_is_set_up(self, world, browser):
        world.customer(world.account())
        world.settle()
        finance = browser("finance")
        finance.post("/setup/salesforce/test")
        finance.post("/setup/load/main")
        work_off(world)
        assert states(finance)["Connect Salesforce"] == states(finance)["Connect Stripe"] == "Done."
        assert not finance.get("/").location.endswith("/setup/")


def test_reading_is_stopped_between_two_pages_and_goes_on(world, browser):
    for number in range(3):
        world.customer(name=f"C{number}", deliver=False)
    finance = browser("finance")
    finance.post("/setup/stripe/main", stripe_form(world))
    work_off(world)
    finance.post("/setup/load/main")
    from sync.admin.setup import work as errands

    run = world.renew()
    list_all = run.billing.pages
    run.billing.pages = lambda *given: (page for page in list_all(*given))
    first = errands.backfill(run, {"connection": "main"}, None, lambda: False, lambda *_: None)
    assert first.told.startswith("read: 3 customers")
    while not first.finished:
        first = errands.backfill(run, {"connection": "main"}, first.place, lambda: False, lambda *_: None)
    assert first.result["read"]["customer"] == 3
    assert finance.page("/setup/load") is not None
