"""An Outbound Message through the real web application: our org is known from the database, the poll is rung for."""

import pytest

from sync.db import cursors
from tests.integration.world import World
from tests.unit.webhooks.test_salesforce import message

ORG = "00D000000000009EAA"
TOKEN = "a-token-that-nobody-guesses"
PATH = f"/webhooks/salesforce/org/{TOKEN}"


@pytest.fixture
def settings() -> dict[str, str]:
    return {"DUELINE_SALESFORCE__HOOK_TOKENS": f"{TOKEN},another-token-to-rotate"}


def known(world: World, org: str = ORG) -> None:
    with world.engine.begin() as conn:
        cursors.put(conn, cursors.ORG_IDENTITY, {"org": org, "user": "005000000000001AAA"})


def test_a_message_brings_the_poll_forward(world):
    assert world.client.post(PATH, data=message(org=ORG)).status_code == 503
    known(world)
    answer = world.client.post(PATH, data=message(org=ORG))
    assert (answer.status_code, b"<Ack>true</Ack>" in answer.data) == (200, True)
    assert [queue for queue in world.run.bell.rung if queue.startswith("crm")] == ["crm:now"]
    assert world.rows("SELECT 1 FROM inbox") == []
    assert 'outcome="rung",provider="salesforce"' in world.client.get("/metrics").text


def test_another_org_and_another_token_are_refused(world):
    known(world)
    assert world.client.post(PATH, data=message(org="00D000000000008EAA")).status_code == 400
    assert world.client.post(PATH + "x", data=message(org=ORG)).status_code == 404
    assert (
        world.client.post("/webhooks/salesforce/org/another-token-to-rotate", data=message(org=ORG)).status_code == 200
    )


@pytest.mark.parametrize("settings", [{}])
def test_without_tokens_there_is_no_such_address(books):
    assert books.client.post(PATH, data=message(org=ORG)).status_code == 404
