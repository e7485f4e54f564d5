"""People who are signed in to Lightning: what their pages ask for is not counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from connector.local.org.server import LocalOrg, OrgUser

from .conftest import Api

NOBODY = OrgUser("Nora Quist", "Support", "nora", "s-nora")


class Browser(Api):
    """A page of one user."""

    def __init__(self, org: LocalOrg, username: str) -> None:
        self.url = org.url
        self.user_id = user_id(org, username)
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {org.org.sessions.sign_in(self.user_id)}"

    def record(self, record_id: str, *fields: str, **more: str) -> requests.Response:
        return self.get(f"ui-api/records/{record_id}", params={"fields": ",".join(fields), **more})


@contextmanager
def browsing(org: LocalOrg, username: str) -> Iterator[Browser]:
    browser = Browser(org, username)
    with browser.session:
        yield browser


def user_id(org: LocalOrg, username: str) -> str:
    (found,) = org.org.store.table("User").find("Username", f"{username}@dueline.example") or ()
    return found


def saved(answer: requests.Response) -> dict[str, Any]:
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()
