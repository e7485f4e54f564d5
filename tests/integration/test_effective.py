"""What holds: the environment over the page over the defaults, in every process, without a restart."""

import threading
import time

import pytest

from sync import effective
from sync.bootstrap import Current
from sync.db import config, secrets
from sync.settings import Settings
from sync.vault import Vault
from tests.integration.place import API_KEY, SECRET
from tests.integration.test_receiving import body

NOT_CONNECTED = {"DUELINE_STRIPE": "{}", "DUELINE_SALESFORCE": "null"}


@pytest.fixture
def settings():
    """Nothing is connected by the environment."""
    return NOT_CONNECTED


def save(world, area, value, **hidden):
    """Save on the page: a version and secrets, in one transaction."""
    with world.engine.begin() as conn:
        for name, clear in hidden.items():
            secrets.put(conn, name.replace("__", ":"), clear, world.run.vault.seal(clear), "Farid")
        config.add(conn, area, value, "Farid")


def connect(world, **hidden):
    given = hidden or {"stripe__main__webhook_secret__1": SECRET, "stripe__main__api_key": API_KEY}
    save(world, "connections", {"stripe": {"main": {"api_base": world.place.stripe_url}}}, **given)


def post(world, **options):
    return world.send(body(), **options).status_code


def test_rules_hold_once_they_are_saved_and_no_longer_when_taken_back(books):
    assert books.run.settings.grace_days == 0
    save(books, "rules", {"grace_days": 3, "time_zone": "Asia/Tokyo", "exchange_rates": {"EUR": "0.92"}})
    run = books.renew()
    assert (run.settings.grace_days, run.reviewing.terms.grace_days) == (3, 3)
    assert run.calendar.zone.key == "Asia/Tokyo"
    assert str(run.settings.exchange_rates["EUR"]) == "0.92"
    save(books, "rules", {})
    assert books.renew().settings.grace_days == 0


@pytest.mark.parametrize("settings", [NOT_CONNECTED | {"DUELINE_GRACE_DAYS": "7"}], ids=["grace set"])
def test_what_the_environment_sets_wins(books):
    save(books, "rules", {"grace_days": 3, "follow_up_days": 20})
    settings = books.renew().settings
    assert (settings.grace_days, settings.follow_up_days) == (7, 20)
    assert "grace_days" in effective.from_environment(books.run.by_environment)


def test_what_cannot_be_used_any_more_is_told_and_left_out(books):
    save(books, "rules", {"grace_days": -1, "follow_up_days": 20, "no_such_rule": 1})
    save(books, "connections", {"salesforce": {"login_url": "http://evil.example", "client_id": "x"}})
    run = books.renew()
    assert (run.settings.grace_days, run.settings.follow_up_days, run.settings.salesforce) == (0, 20, None)
    told = " ".join(run.problems)
    assert "grace days" in told
    assert "connection to Salesforce" in told


def test_a_secret_that_was_sealed_with_another_key_is_told(books):
    connect(books)
    books.run.__dict__["vault"] = Vault.of(None, books.place.today_file.parent / "elsewhere")
    run = books.renew()
    assert "sealed with another key" in " ".join(run.problems)
    assert run.settings.stripe == {}


def test_secrets_are_in_no_text_of_the_runtime(books):
    connect(books)
    assert SECRET not in repr(books.renew())
    assert API_KEY not in repr(books.run)


def test_a_connection_added_on_the_page_receives_and_reads_at_once(books):
    assert post(books) == 404
    connect(books)
    time.sleep(Current.HURRY_S)
    assert post(books) == 200
    books.renew()
    books.customer()
    books.drain()
    assert books.rows("SELECT name FROM customer")[0].name == "Acme"


def test_of_several_secrets_each_is_good_until_it_is_removed(books):
    connect(books)
    time.sleep(Current.HURRY_S)
    assert post(books) == 200
    connect(books, stripe__main__webhook_secret__2="whsec_new")
    with books.engine.begin() as conn:
        secrets.drop(conn, "stripe:main:webhook_secret:1")
        config.add(conn, "connections", {"stripe": {"main": {}}}, "Farid")
    books.now.look()  # as every web process does each second
    assert post(books) == 400
    connect(books, stripe__main__webhook_secret__3=SECRET)
    time.sleep(Current.HURRY_S)
    assert post(books) == 200


def test_a_flood_of_bad_signatures_asks_the_database_a_few_times_only(books, monkeypatch):
    connect(books)
    books.now.look()
    asked = []
    monkeypatch.setattr(config, "stamp", lambda _conn: asked.append(1) or (1, 1, None))
    for _ in range(50):
        assert post(books, header="t=1,v1=0") == 400
    assert len(asked) < 10


@pytest.mark.parametrize(
    "settings", [{"DUELINE_SALESFORCE": "null", "DUELINE_STRIPE": '{"main": {"webhook_secrets": "whsec_env"}}'}]
)
def test_a_key_from_the_page_completes_a_connection_of_the_environment_but_not_its_address(books):
    save(books, "connections", {"stripe": {"main": {"api_base": "https://evil.example"}}}, stripe__main__api_key="rk_x")
    made = books.renew().settings.stripe["main"]
    assert made.secrets() == ("whsec_env",)
    assert made.api_key is not None
    assert made.api_key.get_secret_value() == "rk_x"
    assert made.api_base is None


def test_an_open_connection_to_salesforce_outlives_what_does_not_concern_it(world):
    value = {"salesforce": {"login_url": world.org.url, "client_id": "integration"}}
    save(world, "connections", value, salesforce__client_secret="secret")
    org = world.renew().require_org()
    assert org.org_id
    save(world, "setup", {"mapping": 0})
    assert world.renew().org is org
    save(world, "rules", {"api_share": 0.5})
    assert world.renew().org is not org
    assert world.run.require_org().org_id == org.org_id


def test_versions_that_are_committed_out_of_their_order_are_seen(books):
    first, second = books.engine.connect(), books.engine.connect()
    config.add(first, "rules", {"grace_days": 1}, "Farid")
    config.add(second, "setup", {}, "Gina")
    second.commit()
    assert books.renew().settings.grace_days == 0
    first.commit()
    assert books.renew().settings.grace_days == 1
    first.close()
    second.close()


def test_many_threads_renew_once(books, monkeypatch):
    save(books, "rules", {"grace_days": 4})
    read, made = effective.read, []
    monkeypatch.setattr(effective, "read", lambda *given: made.append(1) or read(*given))
    threads = [threading.Thread(target=books.now.look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert books.now.last.settings.grace_days == 4


def test_without_its_tables_a_process_works_with_the_environment(empty_database_url, redis_url, monkeypatch):
    from sync.bootstrap import Runtime

    run = Runtime(Settings(DATABASE_URL=empty_database_url, REDIS_URL=redis_url))
    assert Current(run).look() is run
    run.close()
