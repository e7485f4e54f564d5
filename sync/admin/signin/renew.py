"""What people of Salesforce may do is asked for again while they are signed in, so that a permission set that was taken
away is felt here within a quarter of an hour.

No request waits for it while the last answer is fresh: after ten minutes a thread asks, once for everybody who is due;
only after fifteen does a request wait for it, some seconds at most. While the org does not answer, people go on with
what they had, for an hour.
"""

import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait

import structlog
from flask import current_app, flash

from sync.admin import access
from sync.admin.gate import connection, run
from sync.admin.signin import provider
from sync.bootstrap import Runtime
from sync.db import sessions
from sync.db.tables import AnyRow
from sync.pipeline.accounts import OrgAwayError

log = structlog.get_logger()

ASK_S, MUST_S, LOST_S = 600.0, 900.0, 3_600.0  # since the last answer
_WAIT_S = 3.0
_PAUSE_S = 30.0  # after the org did not answer
PREFIX = "salesforce:"


def subject_of(user: str) -> str:
    """How sessions and the history call a Salesforce user."""
    return f"{PREFIX}{user}"


def living(token: str, agent: str) -> AnyRow | None:
    """The session of a cookie with the rights that hold now; None if it has ended."""
    found = _find(token, agent)
    if found is None or found.unchecked_s is None or found.unchecked_s < ASK_S:
        return found
    asked = _asking().ask(run())
    if found.unchecked_s < MUST_S:
        return found
    if asked is not None:
        wait([asked], timeout=_WAIT_S)
    found = _find(token, agent)
    if found is None:
        flash("You were signed out: Salesforce says that you may not use Dueline any more.", "error")
    elif found.unchecked_s > LOST_S:
        with connection() as conn:
            sessions.end(conn, token)
        flash("You were signed out: Salesforce has not answered for an hour what you may do. Sign in again.", "error")
        return None
    return found


def _find(token: str, agent: str) -> AnyRow | None:
    with connection() as conn:
        return sessions.find(conn, token, agent)


def _asking() -> "_Asking":
    found: _Asking = current_app.extensions.setdefault("dueline rights", _Asking())
    return found


class _Asking:
    """Asks the org, one question at a time."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rights")
        self._lock = threading.Lock()
        self._asked: Future[None] | None = None
        self._not_before = 0.0

    def ask(self, now: Runtime) -> "Future[None] | None":
        """Have everybody who is due asked about; None so soon after the org did not answer."""
        with self._lock:
            if self._asked is not None and not self._asked.done():
                return self._asked
            if time.monotonic() < self._not_before:
                return None
            self._asked = self._threads.submit(self._ask, now)
            return self._asked

    def _ask(self, now: Runtime) -> None:
        try:
            read_again(now)
        except OrgAwayError as error:
            self._not_before = time.monotonic() + _PAUSE_S
            log.warning("Salesforce could not be asked for people's rights", error=str(error))
        except Exception:
            self._not_before = time.monotonic() + _PAUSE_S
            log.exception("people's rights could not be read again")  # nobody else would tell


def read_again(now: Runtime, older_s: float = ASK_S / 2) -> None:
    """Ask the org about everybody whose rights were not read for so long. Raises OrgAwayError."""
    with now.engine.connect() as conn:
        subjects = sessions.unchecked(conn, older_s)
        grants = access.read_grants(provider.stored(conn))
    if not subjects:
        return
    users = {subject.removeprefix(PREFIX): subject for subject in subjects}
    found = rights_of(now, users, grants)
    for user, subject in users.items():
        with now.engine.begin() as conn:
            if user in found:
                name, sees = found[user]
                role, scope = access.role_of(sees, user)
                sessions.renew(conn, subject, name=name, role=role, scope=scope)
            else:
                sessions.end_all(conn, subject)
                log.info("signed out: no right in Salesforce any more", user=user)


def rights_of(now: Runtime, users: Iterable[str], grants: Iterable[access.Grant]) -> dict[str, tuple[str, str]]:
    """Name, and key of `access.SEES`, of those of these users who may do anything here. Raises OrgAwayError."""
    from sync.adapters import rights

    if now.org is None:
        raise OrgAwayError("NOT_CONNECTED", "Salesforce is not connected", "connect it on the page Set-up", 0.0)
    table = list(grants)
    known = rights.active_users(now.org, list(users), {grant.permission_set for grant in table})
    may = {user.id: (user.name, access.highest(table, user.permission_sets)) for user in known.values()}
    return {user: (name, sees) for user, (name, sees) in may.items() if sees}
