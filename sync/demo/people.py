"""Acting as somebody in the local org, and as Stripe's user in the local account: plain HTTP, as a person's browser."""

import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import requests

API = "/services/data/v66.0"


class OrgUserClient:
    """Somebody signed in to the org."""

    def __init__(self, url: str, client_id: str, client_secret: str) -> None:
        self._url = url
        self._http = requests.Session()
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        answer = self._http.post(f"{url}/services/oauth2/token", data=form, timeout=30)
        answer.raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def query(self, soql: str) -> list[dict[str, Any]]:
        """All records of a query."""
        page = self._json("GET", f"{API}/query", params={"q": soql})
        found: list[dict[str, Any]] = page["records"]
        while not page["done"]:
            page = self._json("GET", page["nextRecordsUrl"])
            found += page["records"]
        return found

    def find(self, object_name: str, field: str, value: str) -> str:
        """The id of the first record with that value. Raises LookupError."""
        soql = f"SELECT Id FROM {object_name} WHERE {field} = '{value}' ORDER BY Id LIMIT 1"  # noqa: S608 - our own words
        for row in self.query(soql):
            return str(row["Id"])
        raise LookupError(f"The org has no {object_name} with {field} {value}.")

    def create(self, object_name: str, rows: list[dict[str, Any]]) -> list[str]:
        """Create records, 200 a call; their ids."""
        return self._collections("POST", object_name, rows)

    def update(self, object_name: str, rows: list[dict[str, Any]]) -> list[str]:
        """Change records by their `Id`, 200 a call."""
        return self._collections("PATCH", object_name, [{"id": row["Id"], **_without_id(row)} for row in rows])

    def _collections(self, method: str, object_name: str, rows: list[dict[str, Any]]) -> list[str]:
        made: list[str] = []
        for start in range(0, len(rows), 200):
            records = [{"attributes": {"type": object_name}, **row} for row in rows[start : start + 200]]
            body = {"allOrNone": True, "records": records}
            for row in self._json(method, f"{API}/composite/sobjects", json=body):
                if not row["success"]:
                    raise RuntimeError(f"{object_name} refused: {row['errors']}")
                made.append(row["id"])
        return made

    def move_clock(self, today: str | None) -> None:
        """Move the org's date, and with it that of the whole local world."""
        self._json("POST", "/_control/clock", json={"today": today})

    def send_messages(self, url: str, objects: tuple[str, ...]) -> None:
        """Have outbound messages sent when people change records of these objects."""
        self._json("POST", "/_control/outbound", json={"url": url, "objects": list(objects)})

    def calls(self) -> int:
        """API calls so far, as Salesforce would count them."""
        return int(self._json("GET", "/_control/calls")["total"])

    def answer(self, method: str, path: str, body: dict[str, Any] | None = None) -> requests.Response:
        """What the org answers to any request, refusals too."""
        return self._http.request(method, f"{self._url}{path}", timeout=60, json=body)

    def _json(self, method: str, path: str, **options: Any) -> Any:
        answer = self._http.request(method, f"{self._url}{path}", timeout=60, **options)
        answer.raise_for_status()
        return answer.json(parse_float=Decimal) if answer.content else None


def _without_id(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "Id"}


class StripeUserClient:
    """Somebody at Stripe's dashboard: `act` does things there, `get` reads them with the API key."""

    def __init__(self, url: str, api_key: str) -> None:
        self._url = url
        self._http = requests.Session()
        self._http.headers["Authorization"] = f"Bearer {api_key}"

    def act(self, action: str, **arguments: Any) -> Any:
        """Run an action of the account; its result. Its events are delivered by webhook."""
        body = {"action": action, **arguments}
        answer = self._http.post(f"{self._url}/_control/act", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()["result"]

    def get(self, path: str) -> dict[str, Any]:
        """An object, as Stripe's API answers."""
        answer = self._http.get(f"{self._url}/v1/{path}", timeout=60)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def every(self, path: str, **given: str) -> list[dict[str, Any]]:
        """All objects of a list."""
        return list(_every(self, path, given))


def _every(client: StripeUserClient, path: str, given: dict[str, str]) -> Iterator[dict[str, Any]]:
    after: dict[str, str] = {}
    while True:
        page = client.get(f"{path}?{urlencode({'limit': '100', **given, **after})}")
        yield from page["data"]
        if not page["has_more"]:
            return
        after = {"starting_after": page["data"][-1]["id"]}


def until(check: Any, *, timeout_s: float = 30.0, every_s: float = 0.05) -> Any:
    """Wait until `check` returns something true; that, or the last falsy answer when time is up."""
    deadline = time.monotonic() + timeout_s
    while not (found := check()) and time.monotonic() < deadline:
        time.sleep(every_s)
    return found
