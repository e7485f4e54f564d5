"""An org answered by `responses`: its real host names, canned answers in Salesforce's documented shapes."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import responses
from requests import PreparedRequest

from connector.salesforce.session import OrgLogin, Pace

HOST = "https://acme.my.salesforce.com"
DATA = f"{HOST}/services/data/v66.0"
TOKEN_URL = f"{HOST}/services/oauth2/token"
USAGE = {"Sforce-Limit-Info": "api-usage=18/15000"}
LOGIN = OrgLogin(HOST, "client", "secret")
QUICK = Pace(first_wait=0, between_logins=0.05, first_look=0.0, longest_look=0.0, longest_job=5.0)

Answer = tuple[int, dict[str, str], str]


def ok(body: Any, status: int = 200) -> Answer:
    return status, {**USAGE, "Content-Type": "application/json;charset=UTF-8"}, json.dumps(body)


def refuse(code: str, message: str = "", status: int = 400, fields: list[str] | None = None) -> Answer:
    return ok([{"message": message, "errorCode": code, "fields": fields or []}], status)


def described(name: str, fields: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    return {"name": name, "label": name, "createable": True, "updateable": True, "fields": fields, **changes}


def described_field(name: str, **changes: Any) -> dict[str, Any]:
    plain = {
        "name": name,
        "label": name,
        "type": "string",
        "length": 255,
        "precision": 0,
        "scale": 0,
        "createable": True,
        "updateable": True,
        "nillable": True,
        "defaultedOnCreate": False,
        "unique": False,
        "externalId": False,
        "caseSensitive": False,
        "relationshipName": None,
    }
    return plain | changes


KEY = described_field("Key__c", nillable=False, unique=True, externalId=True, caseSensitive=True)


@dataclass
class FakeOrg:
    """What the org answers; everything it was asked is in `asked`, tokens it gave in `tokens`."""

    mock: responses.RequestsMock
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    queries: dict[str, Any] = field(default_factory=dict)
    asked: list[PreparedRequest] = field(default_factory=list)
    tokens: int = 0

    def on(self, method: str, path: str, answer: Callable[[PreparedRequest], Answer] | Answer) -> None:
        """Answer `method path` (relative to the version, or rooted) from now on."""

        def reply(request: PreparedRequest) -> Answer:
            self.asked.append(request)
            return answer(request) if callable(answer) else answer

        url = f"{HOST}{path}" if path.startswith("/") else f"{DATA}/{path}"
        self.mock.add_callback(method, url, reply)

    def in_turn(self, method: str, path: str, *given: Answer | Exception) -> None:
        """Answer with each of `given` in turn, then with the last for ever."""
        left = list(given)

        def reply(_request: PreparedRequest) -> Answer:
            answer = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(answer, Exception):
                raise answer
            return answer

        self.on(method, path, reply)

    def token(self, _request: PreparedRequest) -> Answer:
        self.tokens += 1
        body = {
            "access_token": f"token-{self.tokens}",
            "instance_url": HOST,
            "id": "https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA",
            "token_type": "Bearer",
            "issued_at": "1",
        }
        return ok(body)

    def batch(self, request: PreparedRequest) -> Answer:
        """composite/batch over `objects` (describes) and `queries`."""
        results = [self._one(each["url"]) for each in sent(request)["batchRequests"]]
        return ok({"hasErrors": any(each["statusCode"] >= 300 for each in results), "results": results})

    def _one(self, url: str) -> dict[str, Any]:
        path = urlsplit(url)
        if "/sobjects/" in path.path:
            known = self.objects.get(path.path.split("/")[2])
        else:
            known = self.queries.get(parse_qs(path.query)["q"][0])
        if known is not None:
            return {"statusCode": 200, "result": known}
        return {"statusCode": 404, "result": [{"errorCode": "NOT_FOUND", "message": "no such resource"}]}

    def paths(self) -> list[str]:
        """`METHOD path` of every API call so far."""
        return [f"{each.method} {urlsplit(each.url).path.removeprefix('/services/data/v66.0/')}" for each in self.asked]


def sent(request: PreparedRequest) -> Any:
    """The JSON body of a request."""
    return json.loads(request.body)
