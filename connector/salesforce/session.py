"""The one place where simple-salesforce is used: every call to an org goes through `OrgSession.request`.

simple-salesforce is handed a token and carries single requests. What it does badly is done here: it has no timeouts,
logs in again without end on a persistent 401, loses the caller's headers when it does, and never retries.

What is sent again, and what is not:

- A 401 is sent again once, with a new token. All threads share the token and its renewal, of which there is at most
  one every few seconds; a second 401 ends as a MisconfiguredError, never as a loop.
- What never left (no connection) and reads: again, a few times, after a jittered wait.
- A write that Salesforce answered with a passing failure (500, 503): again, if repeating it is harmless.
- A write whose request may still be alive over there (timeout, lost connection, gateway error) is never silently
  repeated. It raises RetryableError(outcome_unknown=True): only the caller can write again once the first can no
  longer commit, so that a late commit does not leave an older row.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from connector.errors import ConnectorError, MisconfiguredError, RetryableError
from connector.salesforce import answers, transport, values
from connector.salesforce.clock import OrgClock
from connector.salesforce.limits import ApiUsage, Priority, parse_limit_info
from connector.salesforce.login import OrgLogin, Token, log_in

__all__ = ["OrgLogin", "OrgSession", "Pace"]

CLIENT_NAME = "dueline"  # comes back as `changeOrigin` in change events


@dataclass(frozen=True)
class Pace:
    """How patient a session is, in seconds where not said otherwise."""

    attempts: int = 4  # how often one request is sent at most
    first_wait: float = 0.5  # doubles with every attempt; the actual wait is a random part of it
    longest_wait: float = 8.0  # what asks for a longer one is left to the caller
    between_logins: float = 3.0
    first_look: float = 1.0  # at a bulk job; each interval is half as long again as the one before
    longest_look: float = 15.0
    longest_job: float = 3600.0  # after which its rows are left in doubt


@dataclass
class _Call:
    """One request as the caller means it, through all its attempts."""

    method: str
    path: str
    options: dict[str, Any]
    reads: bool
    idempotent: bool
    priority: Priority
    attempts: int
    logged_in_again: bool = False


class _Client(Salesforce):
    """simple-salesforce with a given token: it cannot log in by itself, so its loops cannot start."""

    def __init__(self, token: Token, version: str, http: transport.Http) -> None:
        super().__init__(
            session_id=token.access_token,
            instance=token.instance_url.partition("://")[2].rstrip("/"),
            version=version,
            session=http,
            parse_float=Decimal,
            object_pairs_hook=dict,
        )
        self.headers = {
            "Authorization": f"Bearer {token.access_token}",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "Sforce-Call-Options": f"client={CLIENT_NAME}",
        }

    def send(self, call: _Call, hear: Callable[..., None]) -> requests.Response:
        """Carry one request; `hear` is given the response, also when SalesforceError is raised for it."""
        rooted = call.path.startswith("/")
        url = f"https://{self.sf_instance}{call.path}" if rooted else f"{self.base_url}{call.path}"
        return self._call_salesforce(call.method, url, name=call.path, hooks={"response": hear}, **call.options)


@dataclass
class _Connection:
    client: _Client
    token: Token
    since: float  # monotonic seconds


class _TokenRefusedError(Exception):
    """A 401 that a new token may cure; carries what the org said."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class _Shared:
    """What all threads share; `lock` is held during a login so that one serves all."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    connection: _Connection | None = None
    failure: tuple[float, MisconfiguredError] | None = None  # the last refused login and when


class OrgSession:
    """An authenticated session with one org, safe to share between threads.

    `allow(priority)` is asked before every API call and may raise (RetryableError: not now); `on_call(calls, usage)`
    is told after each one that reached the org. Together they are the caller's API budget. Logins are not API calls.
    """

    def __init__(
        self,
        login: OrgLogin,
        *,
        allow: Callable[[Priority], None] = lambda _priority: None,
        on_call: Callable[[int, ApiUsage | None], None] = lambda _calls, _usage: None,
        pace: Pace | None = None,
    ) -> None:
        self.login = login
        self.usage: ApiUsage | None = None
        self.clock = OrgClock()
        self._allow = allow
        self._on_call = on_call
        self.pace = pace or Pace()
        self._http = transport.Http(login.timeout)
        self._shared = _Shared()

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        idempotent: bool = True,
        reads: bool | None = None,
        priority: Priority = Priority.NORMAL,
        attempts: int | None = None,
    ) -> Any:
        """Send one request and return what came back: decoded JSON (fractions as Decimal), text for CSV, None for none.

        `path` is relative to `/services/data/vXX.X/`, or starts with a slash. `idempotent`: sending it twice does no
        harm. `reads`: it changes nothing (by default true for GET and HEAD). `attempts`: how often it is sent at most
        where somebody waits for it. Raises ConnectorError.
        """
        all_headers = {"Content-Type": "application/json", **(headers or {})}
        body = values.to_json(json) if json is not None else content
        options = {"params": params, "data": body, "headers": all_headers}
        reading = method in {"GET", "HEAD"} if reads is None else reads
        most = attempts or self.pace.attempts
        call = _Call(method, path, options, reads=reading, idempotent=idempotent, priority=priority, attempts=most)
        for attempt in range(1, most + 1):
            try:
                return self._attempt(call)
            except RetryableError as error:
                wait = self._wait(attempt, error, call)
                if wait is None:
                    raise
            time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def connect(self) -> Token:
        """Log in if need be and say as whom. Raises ConnectorError."""
        return self._connection().token

    def close(self) -> None:
        """Give the connections back. The session may be used again."""
        self._http.close()

    def _attempt(self, call: _Call) -> Any:
        connection = self._connection()
        try:
            return self._send(connection, call)
        except _TokenRefusedError as refused:
            if call.logged_in_again:
                raise self._hopeless(refused) from refused
            call.logged_in_again = True
        fresh = self._renewed(connection)
        try:
            return self._send(fresh, call)
        except _TokenRefusedError as refused:
            raise self._hopeless(refused) from refused

    def _send(self, connection: _Connection, call: _Call) -> Any:
        self._allow(call.priority)
        heard: list[requests.Response] = []
        sent = time.monotonic()
        try:
            response = connection.client.send(call, lambda answer, *_args, **_kwargs: heard.append(answer))
        except SalesforceError as error:
            self._count(heard, sent)
            raise self._refused(error, heard[-1], call) from error
        except requests.RequestException as error:
            failure = transport.trouble(error, connection.client.sf_instance, reads=call.reads)
            if failure.code != transport.UNREACHABLE:
                self._count(heard, sent)
            raise failure from error
        self._count(heard, sent)
        return answers.decode(response, reads=call.reads)

    def _refused(self, error: SalesforceError, response: requests.Response, call: _Call) -> Exception:
        refusal = answers.refused(response, error.content, reads=call.reads, idempotent=call.idempotent)
        if error.status == requests.codes.unauthorized and not answers.login_is_useless(refusal):
            return _TokenRefusedError(refusal.reason)
        return refusal

    def _count(self, heard: list[requests.Response], sent: float) -> None:
        told = None
        if heard:
            self.clock.hear(heard[-1].headers, sent=sent)
            told = parse_limit_info(heard[-1].headers.get("Sforce-Limit-Info"))
        self.usage = told or self.usage
        self._on_call(1, told)

    def _wait(self, attempt: int, error: RetryableError, call: _Call) -> float | None:
        """Seconds until the next attempt; None where there should be none."""
        unsent = error.code == transport.UNREACHABLE
        harmless = call.reads or (call.idempotent and not error.outcome_unknown)
        longest = self.pace.longest_wait
        if attempt >= call.attempts or not (unsent or harmless) or (error.retry_after or 0) > longest:
            return None
        wait = random.uniform(0, min(longest, self.pace.first_wait * 2 ** (attempt - 1)))  # noqa: S311 - only jitter
        return max(wait, error.retry_after or 0)

    def _connection(self) -> _Connection:
        with self._shared.lock:
            return self._shared.connection or self._log_in()

    def _renewed(self, refused: _Connection) -> _Connection:
        """A connection with another token than the refused one: another thread's, or a new one."""
        with self._shared.lock:
            current = self._shared.connection
            if current is not None and current is not refused:
                return current
            time.sleep(max(refused.since + self.pace.between_logins - time.monotonic(), 0))
            return self._log_in()

    def _log_in(self) -> _Connection:
        """Log in, with the lock held. A refusal stands for some seconds, whoever asks."""
        now = time.monotonic()
        failure = self._shared.failure
        if failure is not None and now - failure[0] < self.pace.between_logins:
            raise replace(failure[1])
        try:
            token = log_in(self.login, self._http)
        except MisconfiguredError as error:
            self._shared.connection, self._shared.failure = None, (now, error)
            raise
        self._http.allow_plain(token.instance_url)
        client = _Client(token, self.login.api_version, self._http)
        self._shared.connection = _Connection(client, token, time.monotonic())
        return self._shared.connection

    def _hopeless(self, refused: _TokenRefusedError) -> ConnectorError:
        return MisconfiguredError(
            "INVALID_SESSION_ID",
            f"the org refuses even a new token: {refused.reason}",
            "check the app's OAuth scope (api), its session policies and the integration user's login access",
        )
