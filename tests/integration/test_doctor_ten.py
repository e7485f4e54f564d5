"""`dueline doctor` as a program, against a world in which nothing is wrong, and one in which twelve things are."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from connector.local.org.server import LocalOrg, OrgConfig, OrgUser
from connector.local.stripe.server import LocalStripe
from sync.db import cursors
from tests.integration import place as places
from tests.integration.world import World

ANN = OrgUser("Ann Lee", "Account Executive", "ann", "s-ann", ("Dueline_User",))
TOKEN = "a-token-nobody-guesses"
RULE = """<?xml version="1.0" encoding="UTF-8"?>
<ValidationRule xmlns="http://soap.sforce.com/2006/04/metadata">
    <fullName>Is_Assigned</fullName>
    <active>true</active>
    <errorConditionFormula>ISBLANK(Assigned_To__c)</errorConditionFormula>
    <errorMessage>Every invoice needs somebody who looks after it.</errorMessage>
</ValidationRule>
"""
REQUIRED = """<?xml version="1.0" encoding="UTF-8"?>
<CustomField xmlns="http://soap.sforce.com/2006/04/metadata">
    <fullName>Region__c</fullName>
    <label>Region</label>
    <length>40</length>
    <required>true</required>
    <type>Text</type>
    <unique>false</unique>
</CustomField>
"""

# What is wrong, by a part of the finding, and a part of its fix: in the order in which they should be mended.
WRONG = [
    ("database: at revision 0001", "dueline db upgrade"),
    ("redis: ", "check REDIS_URL"),
    ("main: may not use event", "grant 'Events: Read"),
    ("main: this machine's clock", "set this machine's clock"),
    ("other: has no API key", "DUELINE_STRIPE__OTHER__API_KEY"),
    ("salesforce fields: AR_Payment__c: required, but not filled by Dueline: Region__c", "make them optional"),
    ("salesforce fields: Task: not visible: AR_Outcome__c", "assign the permission set Dueline_Integration"),
    ("salesforce key: AR_Summary__c.Key__c is not a unique", "deploy the package again"),
    ("salesforce currency: not active: EUR", "add the currency EUR"),
    ("salesforce people: the owner is not active of: Acme (Ann Lee)", "an active owner"),
    ("salesforce rules: AR_Invoice__c cannot be created: FIELD_CUSTOM_VALIDATION_EXCEPTION", "validation rule"),
    ("salesforce messages: Outbound Messages are believed from the org 00D000000000001EAA", "worker crm"),
    ("salesforce polling: polling every 15 s takes 5,760 of the 3,000", "DUELINE_POLL_EVERY_S to 58"),
]


@pytest.fixture(params=["right", "wrong"])
def wrong(request: pytest.FixtureRequest) -> bool:
    return request.param == "wrong"


@pytest.fixture
def metadata(wrong: bool, tmp_path: Path) -> Path:
    """Dueline's package, perhaps with what somebody changed in their org."""
    if not wrong:
        return places.METADATA
    copy = tmp_path / "metadata"
    shutil.copytree(places.METADATA, copy)
    objects = copy / "force-app/main/default/objects"
    (objects / "AR_Invoice__c/validationRules").mkdir(exist_ok=True)
    (objects / "AR_Invoice__c/validationRules/Is_Assigned.validationRule-meta.xml").write_text(RULE)
    (objects / "AR_Payment__c/fields/Region__c.field-meta.xml").write_text(REQUIRED)
    key = objects / "AR_Summary__c/fields/Key__c.field-meta.xml"
    key.write_text(key.read_text().replace("<unique>true</unique>", "<unique>false</unique>"))
    return copy


@pytest.fixture
def local_org(metadata: Path, wrong: bool) -> Iterator[LocalOrg]:
    limit = 15_000 if wrong else 100_000
    config = OrgConfig(metadata, places.INTEGRATION, places.ADMIN, users=(ANN,), daily_api_limit=limit)
    with LocalOrg(config) as org:
        yield org


def break_everything(world: World, stripe: LocalStripe, owner: str) -> dict[str, str]:
    """All that is wrong beside the package; the environment that goes with it."""
    everything = {
        f"rak_{name}_write" for name in ("customer", "invoice", "charge", "credit_note", "dispute", "payment_record")
    }
    stripe.config.restricted_keys[places.API_KEY] = frozenset(everything)
    world.fault("revoke_field", object="Task", field="AR_Outcome__c")
    [euro] = world.admin.query("SELECT Id FROM CurrencyType WHERE IsoCode = 'EUR'")
    world.admin.update("CurrencyType", [{"Id": euro["Id"], "IsActive": False}])
    world.admin.update("User", [{"Id": owner, "IsActive": False}])
    with world.engine.begin() as conn:
        cursors.put(conn, cursors.ORG_IDENTITY, {"org": "00D000000000001EAA", "user": None})
        conn.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    environment = environment_of(world)
    connections = json.loads(environment["DUELINE_STRIPE"]) | {"other": {"webhook_secrets": "whsec_2"}}
    del environment["DUELINE_TODAY_FILE"]  # with it, the doctor knows that this world's clocks are moved on purpose
    return environment | {"DUELINE_STRIPE": json.dumps(connections), "REDIS_URL": "redis://127.0.0.1:1/0"}


def environment_of(world: World) -> dict[str, str]:
    environment = world.place.environment()
    login = json.loads(environment["DUELINE_SALESFORCE"]) | {"hook_tokens": TOKEN}
    return environment | {"DUELINE_SALESFORCE": json.dumps(login), "PATH": os.environ["PATH"]}


def test_the_doctor_names_everything_that_is_wrong_and_nothing_that_is_right(world, local_stripe, local_org, wrong):
    [ann] = world.admin.query("SELECT Id FROM User WHERE Name = 'Ann Lee'")
    customer = world.customer(world.account(OwnerId=ann["Id"]))
    world.invoice(customer, currency="eur")
    world.drain()
    if wrong:
        environment = break_everything(world, local_stripe, ann["Id"])
    else:
        environment = environment_of(world)
        with world.engine.begin() as conn:
            cursors.put(conn, cursors.ORG_IDENTITY, {"org": local_org.org.org_id, "user": None})
    before = counts(world)
    command = [sys.executable, "-m", "sync.cli", "doctor"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    told = done.stdout.splitlines()
    found = [(line, told[at + 1]) for at, line in enumerate(told) if line.startswith("FIX")]
    assert done.returncode == (1 if wrong else 0), done.stdout + done.stderr
    assert len(found) == (len(WRONG) if wrong else 0), done.stdout
    for (line, fix), (part, way) in zip(found, WRONG, strict=False):
        assert part in line, done.stdout
        assert fix.startswith("      → "), done.stdout
        assert way in fix, done.stdout
    assert counts(world) == before  # nothing of what was tried is there


def counts(world: World) -> dict[str, int]:
    names = ("Account", "Task", "AR_Invoice__c", "AR_Payment__c", "AR_Summary__c", "AR_Activity__c")
    return {name: len(world.admin.query(f"SELECT Id FROM {name}")) for name in names}
