"""Outbound messages: what people change in the org is told to an address, in the SOAP of the real ones.

At least once and in no order: a message is sent again, after ever longer gaps, until the receiver acknowledges it. What
is sent is the row as it is then, not as it was when it changed. Nothing here makes a writer wait: changes are noted
under a lock of its own and sent by a thread. The subscription survives a restart with the rows; what was not yet
acknowledged does not (a real org keeps it for a day), which is why a message is only a reason to poll.
"""

import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby, islice
from typing import Any
from xml.etree.ElementTree import ParseError

import requests
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from connector.local.org.ids import make_id
from connector.local.org.model import Row
from connector.local.org.outbound_xml import acknowledged, envelope
from connector.local.org.store import Change, Store

_MOST_AT_ONCE = 100  # notifications in one message
_TIMEOUT_S = 10
_FIRST_GAP_S, _LONGEST_GAP_S = 0.5, 30.0  # a real org's gaps grow to two hours; local runs last minutes
_KEPT_S = timedelta(hours=24).total_seconds()
_HEADERS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}


@dataclass(frozen=True)
class Subscription:
    """Where messages go, and for which objects. `org_url` is this org's own address, which messages name."""

    url: str
    objects: tuple[str, ...]
    org_url: str


@dataclass
class _Notification:
    id: str
    sobject: str
    record_id: str
    dies: float
    tries: int = 0
    due: float = 0.0  # monotonic


@dataclass
class _Count:
    delivered: int = 0
    messages: int = 0
    refused: int = 0
    given_up: int = 0
    last_error: str | None = None


@dataclass
class Outbound:
    """The outbound messages of one org; `silent_user` is the one whose changes are not told."""

    store: Store
    org_id: str
    silent_user: str
    subscription: Subscription | None = None
    _lock: threading.Condition = field(default_factory=threading.Condition)
    _pending: list[_Notification] = field(default_factory=list)
    _count: _Count = field(default_factory=_Count)
    _number: int = 0
    _thread: threading.Thread | None = None
    _stopped: bool = False

    def subscribe(self, subscription: Subscription | None) -> None:
        """Send to that address from now on, or with None nowhere; what is pending for the former is dropped."""
        with self._lock:
            self.subscription = subscription
            self._pending.clear()
            self._count = _Count()
            if subscription is not None and self._thread is None:
                self._thread = threading.Thread(target=self._work, name="outbound-messages", daemon=True)
                self._thread.start()
            self._lock.notify_all()

    def note(self, changes: Iterable[Change]) -> None:
        """Rows were committed. Deleting and undeleting triggers no message, as in a real org."""
        wanted = self.subscription
        if wanted is None:
            return
        told = [change for change in changes if change.sobject in wanted.objects and self._tells(change)]
        dies = time.monotonic() + _KEPT_S
        with self._lock:
            for change in told:
                self._number = max(self._number + 1, time.time_ns() // 1_000)  # never again, even after a kill
                notification_id = make_id("04l", self._number)
                self._pending.append(_Notification(notification_id, change.sobject, change.row["Id"], dies))
            self._lock.notify_all()

    def _tells(self, change: Change) -> bool:
        was_deleted = change.old is not None and change.old["IsDeleted"]
        return change.row["LastModifiedById"] != self.silent_user and not change.row["IsDeleted"] and not was_deleted

    def shown(self) -> dict[str, Any]:
        """The subscription and what became of its notifications."""
        with self._lock:
            own = self.subscription
            return {
                "url": own.url if own else None,
                "objects": list(own.objects) if own else [],
                "pending": len(self._pending),
                "delivered": self._count.delivered,
                "messages": self._count.messages,
                "refused": self._count.refused,
                "given_up": self._count.given_up,
                "last_error": self._count.last_error,
            }

    def stop(self) -> None:
        """End the thread; a message on its way is finished first."""
        with self._lock:
            self._stopped = True
            self._lock.notify_all()
        if self._thread is not None:
            self._thread.join(_TIMEOUT_S)

    def _work(self) -> None:
        with requests.Session() as session:
            session.trust_env = False  # a proxy has no business between two local servers
            while (batches := self._due()) is not None:
                for batch in batches:
                    self._deliver(session, batch)

    def _due(self) -> list[list[_Notification]] | None:
        """Wait for notifications whose time has come: one object and up to 100 in each list. None when it is over."""
        with self._lock:
            while not self._stopped:
                now = time.monotonic()
                self._give_up(now)
                due = [one for one in self._pending if one.due <= now]
                if due:
                    return list(_batches(due))
                soonest = min((one.due for one in self._pending), default=None)
                self._lock.wait(None if soonest is None else soonest - now)
            return None

    def _give_up(self, now: float) -> None:
        kept = [one for one in self._pending if one.dies > now]
        self._count.given_up += len(self._pending) - len(kept)
        self._pending[:] = kept

    def _deliver(self, session: requests.Session, batch: list[_Notification]) -> None:
        """Send one message; note what came of it. Rows that are deleted by now are not told any more."""
        subscription = self.subscription
        rows = [(one.id, row) for one in batch if (row := self._row(one)) is not None]
        problem = None
        if rows and subscription is not None:
            body = envelope(self.org_id, subscription.org_url, batch[0].sobject, rows)
            problem = _post(session, subscription.url, body)
        self._settle(batch, len(rows), problem)

    def _row(self, one: _Notification) -> Row | None:
        with self.store.lock:
            row = self.store.find(one.record_id)
            return None if row is None or row["IsDeleted"] else row

    def _settle(self, batch: list[_Notification], told: int, problem: str | None) -> None:
        done = {one.id for one in batch}
        with self._lock:
            self._count.last_error = problem
            if problem is None:
                self._count.messages += 1 if told else 0
                self._count.delivered += told
                self._pending[:] = [one for one in self._pending if one.id not in done]
                return
            self._count.refused += 1
            for one in batch:
                one.due = time.monotonic() + min(_FIRST_GAP_S * 2**one.tries, _LONGEST_GAP_S)
                one.tries += 1


def _batches(due: Iterable[_Notification]) -> Iterator[list[_Notification]]:
    for _, found in groupby(sorted(due, key=lambda one: one.sobject), key=lambda one: one.sobject):
        while batch := list(islice(found, _MOST_AT_ONCE)):
            yield batch


def _post(session: requests.Session, url: str, body: bytes) -> str | None:
    """Send; what was wrong, or None where it was acknowledged."""
    try:
        answer = session.post(url, data=body, headers=_HEADERS, timeout=_TIMEOUT_S, allow_redirects=False)
    except requests.RequestException as error:
        return f"{type(error).__name__}: {error}"
    if answer.status_code != 200:
        return f"HTTP {answer.status_code}"
    try:
        return None if acknowledged(fromstring(answer.content)) else "the answer has no <Ack>true</Ack>"
    except (ParseError, DefusedXmlException) as error:
        return f"the answer is not XML: {error}"
