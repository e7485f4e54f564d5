from collections.abc import Iterator

import pytest
import responses

from connector.salesforce.describe import Exposure
from connector.salesforce.session import OrgSession
from tests.contract.salesforce.fake_org import LOGIN, QUICK, TOKEN_URL, FakeOrg


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
