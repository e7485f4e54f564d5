"""The command line against real engines: what it says, what it does, and how it fails: one line, exit code not 0."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from sync import bootstrap, cli, logs, settings
from tests.integration.place import FIELD, NO_KEY, SECRET
from tests.integration.world import World


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    out: str
    error: str
    code: int


Run = Callable[..., Said]


@pytest.fixture
def dueline(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process, in an environment that holds nothing else of ours."""
    made: list[bootstrap.Runtime] = []
    build = bootstrap.Runtime

    def remember(*given, **named):
        made.append(build(*given, **named))
        return made[-1]

    monkeypatch.setattr(bootstrap, "Runtime", remember)
    monkeypatch.setattr(logs, "configure", lambda _level: None)

    def run(*arguments: str, environment: dict[str, str]) -> Said:
        for name in [name for name in os.environ if name.startswith("DUELINE_")]:
            monkeypatch.delenv(name)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        bootstrap.current.cache_clear()
        settings.load.cache_clear()
        capsys.readouterr()
        code = 0
        try:
            cli.main(arguments)
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            while made:
                made.pop().close()
        said = capsys.readouterr()
        return Said(said.out, said.err, code)

    yield run
    bootstrap.current.cache_clear()
    settings.load.cache_clear()


@pytest.fixture
def here(world: World) -> dict[str, str]:
    """The world's settings."""
    return replace(world.place, org_url=world.org.url).environment()


def one_line(said: Said) -> str:
    """The only line of an error."""
    assert said.code != 0
    [line] = said.error.strip().splitlines()
    assert "Traceback" not in line
    return line


# --- errors in one line ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL: must be a postgresql:// URL"),
        ({"DUELINE_STRIPE": "{"}, "nested settings are JSON objects"),
        ({"DUELINE_TIME_ZONE": "Mars"}, "DUELINE_TIME_ZONE: is not a time zone name"),
        ({"DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "PostgreSQL: "),
    ],
)
def test_a_setting_that_is_wrong_and_a_database_that_is_away(dueline, environment, told):
    line = one_line(dueline("status", environment=environment))
    assert line.startswith("dueline: ")
    assert told in line


def test_a_database_without_tables_is_told_what_to_run(dueline, empty_database_url):
    line = one_line(dueline("status", environment={"DATABASE_URL": empty_database_url}))
    assert "run dueline db upgrade" in line
    assert dueline("db", "upgrade", environment={"DATABASE_URL": empty_database_url}).code == 0
    said = dueline("status", "--json", environment={"DATABASE_URL": empty_database_url})
    assert json.loads(said.out)["waiting"] == 0


def test_a_redis_that_is_away(dueline, books):
    environment = books.place.environment() | {"REDIS_URL": "redis://127.0.0.1:1/0"}
    assert "Redis: " in one_line(dueline("replay", "--parked", environment=environment))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("backfill", "nobody"), "no connection 'nobody' is configured (there is: main)"),
        (("reconcile", "nobody"), "no connection 'nobody' is configured"),
        (("replay", "evt_nobody"), "1 of these events are not in the inbox"),
        (("link", "main:cus_1", "Acme"), "'Acme' is not an account id"),
        (("unlink", "main:cus_1"), "no billing customer 'main:cus_1': dueline link --list"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_told_with_the_way_out(dueline, books, arguments, told):
    said = dueline(*arguments, environment=books.place.environment())
    assert told in one_line(said)


def test_a_connection_without_a_key_is_told_which_variable_to_set(dueline, books):
    said = dueline("backfill", "main", environment=books.place.environment() | NO_KEY)
    assert "set DUELINE_STRIPE__MAIN__API_KEY" in one_line(said)


def test_a_wrong_key_is_told_with_the_way_out_and_not_shown(dueline, books):
    connection = {"webhook_secrets": SECRET, "api_key": "rk_test_wrong", "api_base": books.stripe.url}
    environment = books.place.environment() | {"DUELINE_STRIPE": json.dumps({"main": connection})}
    line = one_line(dueline("backfill", "main", environment=environment))
    assert "API keys" in line
    assert "rk_test_wrong" not in line


@pytest.mark.parametrize(
    "arguments", [("replay",), ("replay", "--parked", "evt_1"), ("link",), ("worker", "nothing"), ("nonsense",)]
)
def test_wrong_usage_ends_with_2(dueline, arguments):
    said = dueline(*arguments, environment={})
    assert said.code == 2
    assert "Traceback" not in said.error


@pytest.mark.parametrize("command", list(cli.COMMANDS))
def test_every_command_has_help(dueline, command):
    said = dueline(command, "--help", environment={})
    assert said.code == 0
    assert len(said.out.splitlines()) > 3


# --- looking and mending ---------------------------------------------------------------------------------------------


def test_status_as_json_has_what_others_build_on_and_as_text_the_problems_with_their_way_out(dueline, world, here):
    world.invoice(world.customer(metadata={"salesforce_account_id": "001000000000001AAA"}))
    world.settle()
    told = json.loads(dueline("status", "--json", environment=here).out)
    wanted = {"waiting", "parked", "unlinked", "freshness_p50_s", "freshness_p95_s", "api_calls_today"}
    assert wanted <= told.keys()
    assert told["parked"] == 3
    shown = dueline("status", environment=here).out
    assert "3 x ACCOUNT_GONE" in shown
    assert "dueline link CUSTOMER ACCOUNT" in " ".join(shown.split())


def test_replay_runs_events_by_id_and_everything_that_is_parked(dueline, world, here):
    account = world.account()
    invoice = world.invoice(world.customer(account))
    world.drain()
    world.fault("partial", object="AR_Invoice__c", every=1, code="CUSTOM_ERROR", message="no")
    world.publish()
    world.send(b"garbage")
    said = dueline("replay", "--parked", environment=here)
    assert (said.code, said.out.strip()) == (0, "1 event, 1 record and 0 dunning holds will be tried again")
    world.settle()
    assert world.shown_invoice(invoice)["Balance__c"] == 100
    assert world.status.parked_records == 0
    assert world.status.parked_events == 1  # garbage stays garbage
    event = world.objects("event")[-1]["id"]
    assert dueline("replay", event, environment=here).out.startswith("1 event, 0 records")
    world.drain()
    world.check()


def test_a_person_links_and_unlinks(dueline, world, here):
    account = world.account("Acme")
    customer = world.customer(name="Acme", email="ap@acme.example")
    world.invoice(customer, 123_456)
    world.drain()
    world.link()
    listed = dueline("link", "--list", environment=here).out
    assert f"main:{customer}  Acme <ap@acme.example>  owes USD 1,234.56" in listed
    assert f"dueline link main:{customer} {account}" in listed
    said = dueline("link", f"main:{customer}", account[:15], environment=here)
    assert (said.code, said.out.strip()) == (0, f"main:{customer} belongs to account {account}")
    world.accounts[customer] = account
    world.settle()
    world.check()
    assert "every customer has an account" in dueline("link", "--list", environment=here).out
    assert dueline("unlink", f"main:{customer}", environment=here).out.strip().endswith("belongs to no account")
    del world.accounts[customer]
    world.settle()
    world.check_summaries()


def test_backfill_then_reconcile_say_what_they_found(dueline, world, here):
    account = world.account()
    customer = world.customer(account, deliver=False)
    invoice = world.invoice(customer, deliver=False)
    world.clock.tick(10)
    said = dueline("backfill", "main", environment=here)
    assert said.code == 0
    assert "main: 2 objects read, 2 were not as the billing system has them" in said.out
    assert "missing invoice: 1" in said.out
    world.act("pay_invoice", invoice=invoice, amount=100, deliver=False)
    world.clock.tick(10)
    said = dueline("reconcile", "--days", "3650", environment=here)
    assert "different invoice: 1" in said.out
    assert "missing charge: 1" in said.out
    again = dueline("reconcile", "main", environment=here).out
    assert re.match(r"main: \d+ objects read, 0 were not as the billing system has them", again)
    world.settle()
    world.check()
    assert "0 objects read" in dueline("backfill", "main", environment=here).out
    assert " objects read, 0 were not" in dueline("backfill", "main", "--restart", environment=here).out


def test_reconcile_looks_at_salesforce_too_and_keeps_its_report(dueline, world, here):
    invoice = world.invoice(world.customer(world.account()), 500)
    world.clock.tick(10)
    world.reconcile()  # which sees an open payment attempt that no event told of
    world.settle()
    [row] = world.admin.query("SELECT Id FROM AR_Invoice__c")
    world.admin.update("AR_Invoice__c", [{"Id": row["Id"], "Balance__c": 1, "Status__c": "Paid"}])
    for arguments in (("--dry-run",), ()):
        said = dueline("reconcile", *arguments, environment=here)
        assert said.code == 0
        assert "salesforce: 3 rows compared, 1 were not as the ledger has them" in said.out
        assert "  AR_Invoice__c: 1 different (Balance__c, Status__c)" in said.out
        assert world.status.waiting_records == (0 if arguments else 1)
    world.publish()
    assert world.shown_invoice(invoice)["Balance__c"] == 5
    assert "3 rows compared, 0 were" in dueline("reconcile", environment=here).out
    report = world.one("SELECT position FROM cursor WHERE name = 'last reconcile'").position
    assert report["mended"] is True
    assert report["billing"]["main"]["missing"] == {}
    assert report["salesforce"]["AR_Invoice__c"]["compared"] == 1


def test_reconcile_ends_with_1_over_what_it_cannot_mend(dueline, world, here):
    account = world.account()
    strange = {"Key__c": "old:in_1", "Name": "X", "Account__c": account, "CurrencyIsoCode": "USD"}
    world.admin.create("AR_Invoice__c", [strange])
    said = dueline("reconcile", environment=here)
    assert said.code == 1
    assert "AR_Invoice__c: 1 strange (old:in_1)" in said.out
    assert "1 row in Salesforce has a key that the ledger does not know" in said.error


def test_an_org_that_is_away_is_told_in_one_line_and_loses_nothing(dueline, world, here):
    world.invoice(world.customer(world.account()))
    world.settle()
    world.fault("expire_session", for_good=True)
    said = dueline("reconcile", environment=here)
    assert "Traceback" not in said.error
    assert said.code == 1


def test_a_walk_over_an_unknown_shape_ends_with_1_and_names_the_kind(dueline, books):
    invoice = books.invoice(books.customer())
    books.stripe.world.store.put({**books.stripe.world.get("invoice", invoice), "status": "forgiven"})
    said = dueline("reconcile", environment=books.place.environment())
    assert said.code == 1
    assert "unreadable invoice: 1" in said.out
    assert "1 object has a shape that is not known" in said.error


def test_doctor_finds_a_good_setup_healthy_and_names_each_thing_that_is_not(dueline, world, here):
    world.invoice(world.customer(world.account()), currency="eur")
    world.drain()
    said = dueline("doctor", environment=here)
    assert "FIX" not in said.out, said.out
    assert said.code == 0
    world.fault("revoke_field", object="AR_Invoice__c", field="Balance__c")
    world.fault("revoke_field", object="Account", field="AR_Status__c")
    said = dueline("doctor", environment=here | {"REDIS_URL": "redis://127.0.0.1:1/0"})
    assert said.code == 1
    told = " ".join(said.out.split())
    for wrong in ("Balance__c", "AR_Status__c", "check REDIS_URL", "Dueline_Integration"):
        assert wrong in told
    assert "checks need attention" in said.error


def test_doctor_says_what_is_not_configured(dueline, database_url, redis_url):
    said = dueline("doctor", environment={"DATABASE_URL": database_url, "REDIS_URL": redis_url})
    told = " ".join(said.out.split())
    assert said.code == 1
    assert "set DUELINE_STRIPE__MAIN__WEBHOOK_SECRETS" in told
    assert "set DUELINE_SALESFORCE__LOGIN_URL" in told


def test_it_runs_as_a_program(books):
    """`python -m sync.cli` in a process of its own, with nothing but its environment."""
    environment = {"PATH": os.environ["PATH"], **books.place.environment()}
    command = [sys.executable, "-m", "sync.cli", "status", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["unlinked"] == 0
    assert FIELD not in done.stdout
