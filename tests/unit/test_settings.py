"""Settings: what is accepted, how what is not is told, and that secrets stay secret."""

import json
import os
from decimal import Decimal

import pytest

from sync.settings import Settings, SettingsError, load

STRIPE = "DUELINE_STRIPE"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    """No setting comes from where the tests run."""
    for name in list(os.environ):
        if name.startswith("DUELINE_") or name in {"DATABASE_URL", "REDIS_URL", "PORT"}:
            monkeypatch.delenv(name)
    load.cache_clear()
    yield
    load.cache_clear()


@pytest.fixture
def given(monkeypatch):
    def loaded(**environment: str) -> Settings:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        load.cache_clear()
        return load()

    return loaded


def test_nothing_need_be_set(given):
    settings = given()
    assert (settings.database_url, settings.redis_url, settings.salesforce) == (None, None, None)
    assert settings.connections() == {}


def test_connections_are_given_as_json_or_key_by_key(given):
    settings = given(
        DUELINE_STRIPE__MAIN__WEBHOOK_SECRETS="whsec_1, whsec_2,",
        DUELINE_STRIPE__MAIN__API_KEY="rk_1",
        DUELINE_STRIPE__EU__WEBHOOK_SECRETS="whsec_3",
    )
    assert settings.stripe["main"].secrets() == ("whsec_1", "whsec_2")
    assert settings.stripe["eu"].secrets() == ("whsec_3",)
    assert settings.connections() == {"main": "stripe", "eu": "stripe"}
    as_json = given(DUELINE_STRIPE=json.dumps({"us": {"webhook_secrets": ["whsec_4", "whsec_5"]}}))
    assert as_json.stripe["us"].secrets() == ("whsec_4", "whsec_5")


def test_secrets_do_not_show(given):
    settings = given(
        DUELINE_STRIPE__MAIN__WEBHOOK_SECRETS="whsec_hidden",
        DUELINE_STRIPE__MAIN__API_KEY="rk_hidden",
        DUELINE_SALESFORCE__LOGIN_URL="https://acme.my.salesforce.com/",
        DUELINE_SALESFORCE__CLIENT_ID="id",
        DUELINE_SALESFORCE__CLIENT_SECRET="cs_hidden",
    )
    assert "hidden" not in repr(settings)
    assert "hidden" not in settings.model_dump_json()
    assert settings.salesforce is not None
    assert settings.salesforce.login_url == "https://acme.my.salesforce.com"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_a_postgresql_url_works(given, scheme):
    settings = given(DATABASE_URL=f"{scheme}://u:p@host/db", PORT="5000")
    assert settings.database_url == "postgresql+psycopg://u:p@host/db"
    assert settings.port == 5000


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL: must be a postgresql:// URL"),
        ({"PORT": "http"}, "PORT: "),
        ({"DUELINE_TIME_ZONE": "Mars/Olympus"}, "DUELINE_TIME_ZONE: is not a time zone name"),
        ({"DUELINE_ORG_CURRENCY": "DOGE"}, "DUELINE_ORG_CURRENCY: currency 'DOGE' is not known"),
        ({"DUELINE_API_SHARE": "20"}, "DUELINE_API_SHARE: "),
        ({"DUELINE_FLUSH_ROWS": "201"}, "DUELINE_FLUSH_ROWS: "),
        ({"DUELINE_MAX_ATTEMPTS": "0"}, "DUELINE_MAX_ATTEMPTS: "),
        ({"DUELINE_EXCHANGE_RATES": '{"EUR": "0"}'}, "the rate of EUR must be positive"),
        ({"DUELINE_EXCHANGE_RATES": '{"EUR": "NaN"}'}, "DUELINE_EXCHANGE_RATES__EUR: "),
        ({"DUELINE_EXCHANGE_RATES": '{"EURO": "1"}'}, "currency 'EURO' is not known"),
        ({STRIPE: "{not json"}, "nested settings are JSON objects"),
        ({STRIPE: '{"main": {}}'}, "DUELINE_STRIPE__MAIN: needs webhook_secrets (whsec_...), api_key, or both"),
        ({STRIPE: '{"main": {"webhook_secrets": " , "}}'}, "at least one signing secret (whsec_...)"),
        ({STRIPE: '{"main": {"webhook_secrets": 7}}'}, "one signing secret, or several with commas between"),
        ({STRIPE: '{"Main Street": {"webhook_secrets": "w"}}'}, "must be lower-case letters, digits, - and _"),
        ({"DUELINE_SALESFORCE": '{"login_url": "http://acme.example"}'}, "https://YOUR-DOMAIN.my.salesforce.com"),
        (
            {"DUELINE_SALESFORCE": '{"login_url": "https://acme.my.salesforce.com", "client_id": "i"}'},
            "needs client_secret, or private_key and username",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_is_wrong_is_named_in_one_line(given, environment, told):
    with pytest.raises(SettingsError) as caught:
        given(**environment)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_wrong_setting_does_not_tell_the_secret_beside_it(given):
    with pytest.raises(SettingsError) as caught:
        given(DUELINE_STRIPE='{"main": {"webhook_secrets": "whsec_hidden", "api_key": 7}}')
    assert "hidden" not in str(caught.value)


def test_all_that_is_wrong_is_told_at_once(given):
    with pytest.raises(SettingsError, match=r"DUELINE_TIME_ZONE: .*; DATABASE_URL: "):
        given(DATABASE_URL="x", DUELINE_TIME_ZONE="x")


def test_rates_are_exact(given):
    assert given(DUELINE_EXCHANGE_RATES='{"EUR": "0.92"}').exchange_rates == {"EUR": Decimal("0.92")}
    assert given(DUELINE_EXCHANGE_RATES='{"EUR": 0.92}').exchange_rates == {"EUR": Decimal("0.92")}


def test_an_administrators_password_is_long_or_there_is_none(given):
    with pytest.raises(SettingsError, match="DUELINE_ADMIN_PASSWORD: must have 12 characters or more"):
        given(DUELINE_ADMIN_PASSWORD="short")
    assert given(DUELINE_ADMIN_PASSWORD="").admin_password is None
    assert "correct horse" not in repr(given(DUELINE_ADMIN_PASSWORD="correct horse battery"))


def test_the_app_through_which_people_sign_in(given):
    app = {"DUELINE_SIGN_IN__CLIENT_ID": "id", "DUELINE_SIGN_IN__CLIENT_SECRET": "hidden"}
    assert given(**app).sign_in.login_url is None
    assert "hidden" not in repr(given(**app))
    assert given(**app, DUELINE_SIGN_IN__LOGIN_URL="https://a.my.salesforce.com/").sign_in.login_url[-1] != "/"
    for address in ("http://a.example", "http://127.0.0.1.evil.example", "https://", "javascript:x", "https://@evil"):
        with pytest.raises(SettingsError, match="DUELINE_SIGN_IN__LOGIN_URL"):
            given(**app, DUELINE_SIGN_IN__LOGIN_URL=address)
