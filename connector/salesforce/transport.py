"""HTTP as Salesforce needs it: what `requests` leaves open is settled here, once.

- Every request has a connect and a read timeout; none is redirected (a bearer token does not follow a moved org).
- Cookies are not kept, so one Session serves all threads; ~/.netrc cannot replace the token; proxies and certificates
  come from the environment as ever.
- A request that never left, one whose outcome nobody knows, and a refusal are three different things to whoever
  writes, so failures are told apart by what happened on the wire.
- simple-salesforce writes `https://` before every host. The local org speaks plain HTTP on the loopback, so for those
  hosts, and no others, an adapter takes the `s` out again.
"""

import ssl
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3.exceptions as wire
from requests.adapters import HTTPAdapter

from connector.errors import ConnectorError, MisconfiguredError, RetryableError

CONNECT_TIMEOUT = 10.0  # seconds
_CONNECTIONS = 32  # kept alive per host; more threads than this open and close their own
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

UNREACHABLE, TIMEOUT, DISCONNECTED = "UNREACHABLE", "TIMEOUT", "DISCONNECTED"


class Http(requests.Session):
    """A requests Session with this module's rules; shared by all threads of one org."""

    def __init__(self, timeout: float) -> None:
        super().__init__()
        self._timeout = (min(CONNECT_TIMEOUT, timeout), timeout)
        self.auth = _leave_alone
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self.mount("https://", HTTPAdapter(pool_maxsize=_CONNECTIONS))

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """As in requests, with a timeout and without redirects."""
        kwargs.setdefault("timeout", self._timeout)
        kwargs.setdefault("allow_redirects", False)
        return super().request(method, url, *args, **kwargs)

    def allow_plain(self, url: str) -> None:
        """Speak plain HTTP to the loopback host of `url` where https:// is asked for; nothing for https URLs."""
        if is_plain_loopback(url):
            self.mount(f"https://{urlsplit(url).netloc}/", _PlainLoopback(pool_maxsize=_CONNECTIONS))


class _PlainLoopback(HTTPAdapter):
    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = f"http{(request.url or '').removeprefix('https')}"
        return super().send(request, *args, **{**kwargs, "proxies": {}})


def is_plain_loopback(url: str) -> bool:
    """Whether `url` is http:// on this very machine."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in _LOOPBACK


def trouble(error: requests.RequestException, host: str, *, reads: bool) -> ConnectorError:
    """What a failure without an answer means. `reads`: the request changes nothing, so no doubt remains after it."""
    if _certificate_refused(error):
        return MisconfiguredError(
            "CERTIFICATE",
            f"the certificate of {host} is not trusted: {_gist(error)}",
            "set REQUESTS_CA_BUNDLE to your proxy's CA",
        )
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidProxyURL):
        return MisconfiguredError("INVALID_URL", str(error), "correct the login URL or the proxy settings")
    if _never_sent(error):
        return RetryableError(UNREACHABLE, f"no connection to {host}: {_gist(error)}")
    code = TIMEOUT if isinstance(error, requests.Timeout) else DISCONNECTED
    return RetryableError(code, f"{host} did not answer in full: {_gist(error)}", outcome_unknown=not reads)


def _never_sent(error: requests.RequestException) -> bool:
    """Whether not a byte of the request can have arrived (no connection, no name, no proxy)."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    return any(isinstance(cause, wire.NewConnectionError | wire.ConnectTimeoutError) for cause in _causes(error))


def _certificate_refused(error: requests.RequestException) -> bool:
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def _gist(error: requests.RequestException) -> str:
    """The system's own words. Those of requests repeat the URL, and with it whatever a query asked for."""
    inner = (cause for cause in _causes(error) if isinstance(cause, OSError) and cause.strerror)
    return next((str(cause.strerror) for cause in inner), type(error).__name__)


def _causes(error: BaseException) -> list[BaseException]:
    """The exceptions inside `error`: requests and urllib3 wrap them as arguments, reasons and contexts."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, BaseException) and cause not in found:
            found.append(cause)
            inner = (*cause.args, getattr(cause, "reason", None), cause.__cause__)
            waiting.extend(each for each in inner if isinstance(each, BaseException))
    return found


def _leave_alone(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """An auth that does nothing: having one keeps requests from looking into ~/.netrc."""
    return request
