from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

from connector.local.org.server import Credentials, LocalOrg, OrgConfig, OrgUser
from connector.salesforce.describe import Exposure
from connector.salesforce.session import OrgLogin, OrgSession
from tests.contract.salesforce.fake_org import LOGIN, QUICK, TOKEN_URL, FakeOrg

METADATA = Path(__file__).parents[3] / "salesforce_metadata"
INTEGRATION = Credentials("integration", "secret", "integration@acme.example")
ADMIN = Credentials("admin", "secret", "admin@acme.example")


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def org(mock) -> FakeOrg:
    org = FakeOrg(mock)
    mock.add_callback("POST", TOKEN_URL, org.token)
    org.on("POST", "composite/batch", lambda request: org.batch(request))  # noqa: PLW0108 - tests replace it
    return org


@pytest.fixture
def session(org) -> Iterator[OrgSession]:
    session = OrgSession(LOGIN, pace=QUICK)
    yield session
    session.close()


@pytest.fixture
def exposure(session) -> Exposure:
    return Exposure(session)


# --- a real server instead of canned answers -------------------------------------------------------------------------


@pytest.fixture
def standing() -> Iterator[LocalOrg]:
    """The local org, with Ann of sales and Ben, who may see nothing of Dueline's."""
    users = (
        OrgUser("Ann Lee", "Account Executive", "ann", "s-ann", ("Dueline_User",)),
        OrgUser("Ben Roe", "Engineer", "ben", "s-ben"),
    )
    with LocalOrg(OrgConfig(METADATA, INTEGRATION, ADMIN, users=users)) as org:
        yield org


@pytest.fixture
def as_user(standing) -> Iterator[Callable[[str, str], OrgSession]]:
    opened: list[OrgSession] = []

    def sign_in(client_id: str, secret: str) -> OrgSession:
        opened.append(OrgSession(OrgLogin(standing.url, client_id, secret, timeout=5), pace=QUICK))
        return opened[-1]

    yield sign_in
    for session in opened:
        session.close()


@pytest.fixture
def us(as_user) -> OrgSession:
    """The integration user."""
    return as_user("integration", "secret")


@pytest.fixture
def admin(as_user) -> OrgSession:
    return as_user("admin", "secret")


@pytest.fixture
def ann(as_user) -> OrgSession:
    return as_user("ann", "s-ann")


@pytest.fixture
def account(admin) -> str:
    return admin.request("POST", "sobjects/Account", json={"Name": "Acme"})["id"]


@pytest.fixture
def calls(standing) -> Callable[[], dict[str, int]]:
    """API calls since this was asked last."""

    def count() -> dict[str, int]:
        by = requests.get(f"{standing.url}/_control/calls", timeout=5).json()["by"]
        requests.delete(f"{standing.url}/_control/calls", timeout=5)
        return by

    return count


@pytest.fixture
def fault(standing) -> Callable[..., None]:
    def order(kind: str, **details: Any) -> None:
        answer = requests.post(f"{standing.url}/_control/faults", json={"kind": kind, **details}, timeout=5)
        assert answer.ok, answer.text

    return order
