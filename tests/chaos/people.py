"""Somebody at work in the org: tries again when the org fails, signs in again when the session is over, and does
nothing twice when an answer got lost.

Faults of the org strike everybody who uses it. What people have done is therefore known for certain here: an edit is
repeated until it is confirmed, and a new record is looked for before it is made again.
"""

import time
from decimal import Decimal
from typing import Any

import requests

from sync.demo.people import OrgUserClient

Row = dict[str, Any]
PATIENCE_S = 60.0
_PAUSE_S = 0.3
_PASSING = ("UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "REQUEST_LIMIT_EXCEEDED")


class RefusedError(RuntimeError):
    """The org will not have it, now or later."""


class Person(OrgUserClient):
    """Somebody, by name."""

    def __init__(self, url: str, client_id: str, client_secret: str, name: str) -> None:
        self._credentials = (url, client_id, client_secret)
        self.name = name
        super().__init__(*self._credentials)

    def edit(self, sobject: str, row: Row) -> None:
        """Change a record, for certain. Raises RefusedError."""
        self._insist(lambda: self.update(sobject, [_plain(row)]))

    def make(self, sobject: str, row: Row, marker: str, owner: tuple[str, str]) -> str:
        """Make a record, once. `marker`: the field whose text tells it apart among those whose field `owner` says."""
        field, value = owner
        soql = f"SELECT Id, {marker} FROM {sobject} WHERE {field} = '{value}'"

        def once() -> str:
            try:
                return self.create(sobject, [_plain(row)])[0]
            except (requests.RequestException, RuntimeError):
                found = [each["Id"] for each in self.query(soql) if each[marker] == row[marker]]
                if found:
                    return str(found[0])
                raise

        return str(self._insist(once))

    def query(self, soql: str) -> list[Row]:
        """The records of a query, for certain."""
        found: list[Row] = self._insist(lambda: super(Person, self).query(soql))
        return found

    def delete(self, sobject: str, record_id: str) -> None:
        """Put a record into the bin, for certain."""

        def once() -> None:
            answer = self._http.delete(f"{self._url}/services/data/v66.0/sobjects/{sobject}/{record_id}", timeout=60)
            if answer.status_code != 404:  # an answer that got lost may have been a yes
                answer.raise_for_status()

        self._insist(once)

    def control(self, method: str, path: str, body: Row | None = None) -> Any:
        """One of the stand-in's handles."""
        return self._json(method, f"/_control/{path}", json=body)

    def _insist(self, act: Any) -> Any:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return act()
            except requests.HTTPError as error:
                if not self._may_pass(error.response):
                    raise RefusedError(f"{self.name}: {error.response.text[:500]}") from error
                problem: Exception = error
            except requests.RequestException as error:
                problem = error
            except RuntimeError as error:  # rows of a call that was answered
                if not any(code in str(error) for code in _PASSING):
                    raise RefusedError(f"{self.name}: {error}") from error
                problem = error
            if time.monotonic() > deadline:
                raise problem
            time.sleep(_PAUSE_S)

    def _may_pass(self, answer: requests.Response) -> bool:
        if answer.status_code == 401:
            self._http.close()
            try:
                super().__init__(*self._credentials)
            except requests.RequestException:
                time.sleep(_PAUSE_S)
            return True
        return answer.status_code >= 500 or "REQUEST_LIMIT_EXCEEDED" in answer.text


def _plain(row: Row) -> Row:
    """The row as JSON takes it; amounts here have two digits, which a float keeps."""
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()}
