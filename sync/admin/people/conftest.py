"""For the tests of people: a member of finance, and people of Salesforce."""

import pytest

from sync.admin.signin import local
from sync.admin.signin.local import COMMAND_LINE
from sync.db import crm
from tests.integration.world import World


@pytest.fixture
def ann(world: World) -> tuple[str, str]:
    """A member of finance: name and password."""
    return local.add(world.engine, "ann.lee", "finance", None, COMMAND_LINE)


@pytest.fixture
def users(world: World) -> None:
    """People of Salesforce as read back."""
    rows = [
        ("005000000000001AAA", "Ada Okafor", "ada@acme.example", True),
        ("005000000000002AAA", "Ada Okoye", None, True),
        ("005000000000003AAA", "Ben <b>Sato</b>", "ben@acme.example", True),
        ("005000000000004AAA", "Ada Gone", "gone@acme.example", False),
    ]
    keys = ("id", "name", "email", "active")
    with world.engine.begin() as conn:
        crm.put_people(conn, [{**dict(zip(keys, row, strict=True)), "role": None} for row in rows])
