"""One local org per test, and the people who call it. Nothing here knows the product's own Salesforce client."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from requests.adapters import HTTPAdapter

from connector.local.org.server import Credentials, LocalOrg, OrgConfig, OrgUser, SignInApp

REPO = Path(__file__).parents[3]
METADATA = REPO / "salesforce_metadata"
V = "v66.0"


class Api:
    """A signed-in REST client, as thin as can be."""

    def __init__(self, url: str, client_id: str, client_secret: str) -> None:
        self.url = url
        self.session = requests.Session()
        self._credentials = {"client_id": client_id, "client_secret": client_secret}
        self.sign_in()

    def sign_in(self) -> None:
        form = {"grant_type": "client_credentials", **self._credentials}
        answer = self.session.post(f"{self.url}/services/oauth2/token", data=form, timeout=30)
        self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        address = f"{self.url}{path}" if path.startswith("/") else f"{self.url}/services/data/{V}/{path}"
        return self.session.request(method, address, json=body, timeout=30, **more)

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.call("GET", path, **more)

    def post(self, path: str, body: Any, **more: Any) -> requests.Response:
        return self.call("POST", path, body, **more)

    def patch(self, path: str, body: Any, **more: Any) -> requests.Response:
        return self.call("PATCH", path, body, **more)

    def delete(self, path: str, **more: Any) -> requests.Response:
        return self.call("DELETE", path, **more)

    def create(self, sobject: str, **values: Any) -> str:
        answer = self.post(f"sobjects/{sobject}", values)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def upsert(self, sobject: str, records: list[dict[str, Any]], *, all_or_none: bool = False) -> list[dict[str, Any]]:
        typed = [{"attributes": {"type": sobject}, **record} for record in records]
        answer = self.patch(f"composite/sobjects/{sobject}/Key__c", {"allOrNone": all_or_none, "records": typed})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def query(self, text: str, resource: str = "query") -> list[dict[str, Any]]:
        answer = self.get(resource, params={"q": text})
        assert answer.status_code == 200, answer.text
        return answer.json()["records"]


class ToTheOrg(HTTPAdapter):
    """Sends what is meant for https://….salesforce.com to the local org; the client keeps believing in the host."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        request.headers["X-Orig-Host"] = parts.netloc
        request.url = self._url + parts._replace(scheme="", netloc="").geturl()
        return super().send(request, *args, **kwargs)


@pytest.fixture(scope="session")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


@pytest.fixture(scope="session")
def config(private_key: rsa.RSAPrivateKey) -> OrgConfig:
    public = private_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return OrgConfig(
        metadata=METADATA,
        integration=Credentials("integration", "s-int", "integration@dueline.example", public.decode()),
        org_admin=Credentials("admin", "s-adm", "admin@dueline.example"),
        users=(
            OrgUser("Ann Lee", "Account Executive", "ann", "s-ann", ("Dueline_User",)),
            OrgUser("Finn Olsen", "Finance", "finn", "s-finn", ("Dueline_Finance",)),
        ),
        sign_in=SignInApp("page", "s-page", callbacks=("https://ar.acme.example/back",), loopback_paths=("/back",)),
    )


@pytest.fixture
def org(config: OrgConfig) -> Iterator[LocalOrg]:
    with LocalOrg(config) as running:
        yield running


@pytest.fixture
def admin(org: LocalOrg) -> Iterator[Api]:
    yield from _signed_in(org, "admin", "s-adm")


@pytest.fixture
def api(org: LocalOrg) -> Iterator[Api]:
    """The integration user."""
    yield from _signed_in(org, "integration", "s-int")


@pytest.fixture
def ann(org: LocalOrg) -> Iterator[Api]:
    """A person in sales."""
    yield from _signed_in(org, "ann", "s-ann")


def _signed_in(org: LocalOrg, client_id: str, secret: str) -> Iterator[Api]:
    api = Api(org.url, client_id, secret)
    yield api
    api.session.close()


@pytest.fixture
def account(admin: Api) -> str:
    return admin.create("Account", Name="Acme", Website="acme.example")


@pytest.fixture
def salesforce_session(org: LocalOrg) -> Iterator[requests.Session]:
    """For clients that insist on https and salesforce.com."""
    with requests.Session() as session:
        session.mount("https://", ToTheOrg(org.url))
        yield session


@pytest.fixture(scope="session")
def recorded() -> Path:
    folder = Path(os.environ.get("DUELINE_PAYLOADS", REPO.parent / "shared/payloads")) / "salesforce/recorded"
    if not folder.is_dir():
        pytest.skip(f"no recorded exchanges at {folder}; set DUELINE_PAYLOADS")
    return folder


def invoice(key: str, **values: Any) -> dict[str, Any]:
    """An invoice as it is written."""
    return {"Key__c": key, "Name": key, "Status__c": "Open", "Balance__c": 10.5, "CurrencyIsoCode": "USD", **values}


@pytest.fixture
def started(config: OrgConfig) -> Iterator[Any]:
    """Starts orgs with other settings; all are stopped."""
    running: list[LocalOrg] = []

    def start(**changes: Any) -> LocalOrg:
        running.append(LocalOrg(replace(config, **changes)).start())
        return running[-1]

    yield start
    for org in running:
        org.stop()
