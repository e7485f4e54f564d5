"""For the tests of the mapping screen: an org with fields of its own, and an account that owes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.local.org.server import LocalOrg
from tests.integration.own_fields import org_with_own_fields
from tests.integration.world import World


@pytest.fixture
def local_org(tmp_path: Path) -> Iterator[LocalOrg]:
    """An org with fields of its company's own, and a rule that no account may owe more than 1,000."""
    with org_with_own_fields(tmp_path, rule=True) as org:
        yield org


@pytest.fixture
def late(world: World) -> str:
    """An account that owes 100 USD since three days."""
    account = world.account(Owed_Words__c="ask Dana")
    world.invoice(world.customer(account), due_in_days=-3)
    world.settle()
    return account
