"""Stripe, through its official library.

Bodies are asked for in the library's own API version, which every request pins: an account that still defaults to an
older version answers in today's shape too (events keep the version in which they happened; nobody can change that).
Raw requests are used because the time of the answer (the Date header) belongs to what was read, and plain JSON does.
"""

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import requests
import stripe

from connector.billing.base import Endpoint, Fetched, Finding, Hold, HoldState, Json, Page
from connector.billing.stripe_events import EVENTS
from connector.errors import ConnectorError, GoneError, MisconfiguredError, RejectedError, RetryableError
from sync.core.mapping.stripe import HOLD_KEY

# Otherwise the library keeps an id in the home directory of whoever runs us, and reports timings with each request.
stripe.enable_telemetry = False

# --- from Stripe's codes to our three families (https://docs.stripe.com/error-codes, /api/errors) ---------------------
# A code decides before the status does; a status that is not here is decided by its hundred. Only `resource_missing`
# means gone: a bare 404 is an address that Stripe does not know, and must not pass for a deleted object.
FAMILIES: Mapping[str, type[ConnectorError]] = {
    "account_closed": MisconfiguredError,
    "account_invalid": MisconfiguredError,
    "api_key_expired": MisconfiguredError,
    "idempotency_key_in_use": RetryableError,
    "livemode_mismatch": MisconfiguredError,
    "lock_timeout": RetryableError,
    "platform_api_key_expired": MisconfiguredError,
    "rate_limit": RetryableError,
    "resource_missing": GoneError,
    "secret_key_required": MisconfiguredError,
    "testmode_charges_only": MisconfiguredError,
    "401": MisconfiguredError,
    "403": MisconfiguredError,
    "408": RetryableError,
    "409": RetryableError,
    "424": RetryableError,
    "429": RetryableError,
    "4xx": RejectedError,
    "5xx": RetryableError,
}


@dataclass(frozen=True)
class Kind:
    """Where a kind of object is found, what is asked to come with it, and the restricted-key permission it needs."""

    path: str
    permission: str
    expand: str | None = None
    since: str = "created[gte]"
    since_offset: int = 0


KINDS: Mapping[str, Kind] = {
    "customer": Kind("customers", "Customers"),
    "invoice": Kind("invoices", "Invoices", expand="payments"),
    "charge": Kind("charges", "Charges and Refunds"),
    "invoice_payment": Kind("invoice_payments", "Invoices"),
    "refund": Kind("refunds", "Charges and Refunds"),
    "credit_note": Kind("credit_notes", "Credit notes"),
    "dispute": Kind("disputes", "Disputes"),
    # This list alone has `created_after`, which leaves out the second itself.
    "payment_record": Kind("payment_records", "Payment Records", since="created_after", since_offset=-1),
    "event": Kind("events", "Events"),
}
HOLDS, ENDPOINTS = "hold", "webhook_endpoint"
PERMISSIONS: Mapping[str, str] = {
    **{kind: f"{entry.permission}: Read" for kind, entry in KINDS.items()},
    HOLDS: "Invoices: Write",
}
"""What a restricted API key must be allowed, as the Dashboard names it; `hold` only where dunning holds are used."""
TO_LISTEN = "Webhook Endpoints: Write"  # for `listen` alone

_NOTE_LENGTH = 500  # of a metadata value: https://docs.stripe.com/metadata#data
_COLLECTING = ("draft", "open")
_NAMED_PERMISSION = re.compile(r"'(rak_[a-z_]+)'")
_NOBODY = "in_dueline_permission_check"


class _Http(stripe.RequestsClient):
    """One session per thread (the library's default depends on what else is installed), which follows no redirects: an
    address that was entered is asked, and no other that it names.
    """

    def request(  # type: ignore[override] # as the library's own
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        if getattr(self._thread_local, "session", None) is None:
            self._thread_local.session = requests.Session()
            self._thread_local.session.max_redirects = 0
        return super().request(method, url, headers, post_data)


class StripeBilling:
    """One Stripe account, or a platform and its connected accounts (`account=` of each call). Safe to share by threads.

    `timeout`: seconds for connecting and for each silence while reading. A request is repeated at most
    `max_network_retries` times by the library; waiting longer is for the queue to decide.
    """

    def __init__(
        self, api_key: str, *, api_base: str | None = None, timeout: float = 20.0, max_network_retries: int = 1
    ) -> None:
        self._http = _Http(timeout=timeout)
        self._client = stripe.StripeClient(
            api_key,
            base_addresses={"api": api_base.rstrip("/")} if api_base else None,
            http_client=self._http,
            max_network_retries=max_network_retries,
        )

    def fetch(self, kind: str, object_id: str, *, account: str | None = None) -> Fetched:
        """One object now; an invoice with its payments. A deleted customer is a body with `deleted: true`."""
        entry = _kind(kind)
        expand = [entry.expand] if entry.expand else []
        return self._request("get", kind, _path(entry, object_id), {"expand": expand}, account)

    def list_all(
        self,
        kind: str,
        *,
        created_gte: int | None = None,
        starting_after: str | None = None,
        page_size: int = 100,
        account: str | None = None,
    ) -> Iterator[Page]:
        """All objects of a kind, newest first; events of the last 30 days only, for Stripe keeps no more.

        Objects made while the pages are read are not in them. Raises GoneError when the object to resume after was
        deleted meanwhile: start again without it.
        """
        entry = _kind(kind)
        params: dict[str, Any] = {"limit": page_size, "expand": [f"data.{entry.expand}"] if entry.expand else []}
        if created_gte is not None:
            params[entry.since] = created_gte + entry.since_offset
        more = True
        while more:
            if starting_after:
                params["starting_after"] = starting_after
            answer = self._request("get", kind, f"/v1/{entry.path}", params, account)
            items = answer.body["data"]
            starting_after = items[-1]["id"] if items else starting_after
            more = bool(answer.body["has_more"] and items)
            yield Page(items, answer.date, answer.elapsed, items[-1]["id"] if items else None, more)

    def hold(self, invoice_id: str, *, note: str, account: str | None = None) -> Hold:
        """Switch automatic collection (charges, reminders) off, and leave `note` beside our mark in the metadata."""
        body = self.fetch("invoice", invoice_id, account=account).body
        if body["status"] not in _COLLECTING:
            return Hold(invoice_id, HoldState.NOT_COLLECTING, body)
        if not body["auto_advance"]:
            ours = HOLD_KEY in (body["metadata"] or {})
            return Hold(invoice_id, HoldState.ALREADY_HELD if ours else HoldState.HELD_ELSEWHERE, body)
        mark = {HOLD_KEY: note[:_NOTE_LENGTH] or "on hold"}
        changed = self._update(invoice_id, {"auto_advance": False, "metadata": mark}, account)
        return Hold(invoice_id, HoldState.HELD, changed)

    def release(self, invoice_id: str, *, account: str | None = None) -> Hold:
        """Take our mark away and, where the invoice can still be collected, switch automatic collection on again."""
        body = self.fetch("invoice", invoice_id, account=account).body
        if HOLD_KEY not in (body["metadata"] or {}):
            return Hold(invoice_id, HoldState.NOT_HELD, body)
        changes: dict[str, Any] = {"metadata": {HOLD_KEY: ""}}
        if body["status"] in _COLLECTING and not body["auto_advance"]:
            changes["auto_advance"] = True
        return Hold(invoice_id, HoldState.RELEASED, self._update(invoice_id, changes, account))

    def permissions(self) -> list[Finding]:
        """One finding per kind, and one for holds. Raises what is not about permissions (a wrong key, no network)."""
        found = [self._may(kind, "get", f"/v1/{entry.path}", {"limit": 1}) for kind, entry in KINDS.items()]
        # Writing to an invoice that does not exist changes nothing, and is refused for a key that may not write.
        return [*found, self._may(HOLDS, "post", f"/v1/invoices/{_NOBODY}", {"description": ""})]

    def listen(self, url: str) -> Endpoint:
        """Have events sent to `url` from now on, in the version that this library reads. A second one at the same
        address has a secret of its own, and sends every event once more.
        """
        wanted = {"url": url, "enabled_events": list(EVENTS), "api_version": stripe.api_version}
        words = {"description": "Dueline: receivables in Salesforce"}
        body = self._request("post", ENDPOINTS, "/v1/webhook_endpoints", wanted | words, None).body
        return Endpoint(body["id"], body["secret"])

    def close(self) -> None:
        """Release the connections of the calling thread."""
        self._http.close()  # type: ignore[no-untyped-call]

    def _may(self, kind: str, method: str, path: str, params: dict[str, Any]) -> Finding:
        try:
            self._request(method, kind, path, params, None)
        except GoneError:
            return Finding(kind, ok=True, permission=PERMISSIONS[kind])
        except MisconfiguredError as error:
            if not error.code.startswith("403"):
                raise
            return Finding(kind, ok=False, permission=PERMISSIONS[kind], fix=error.fix)
        except RejectedError as error:
            return Finding(kind, ok=False, permission=PERMISSIONS[kind], fix=f"not available here: {error.reason}")
        return Finding(kind, ok=True, permission=PERMISSIONS[kind])

    def _update(self, invoice_id: str, changes: dict[str, Any], account: str | None) -> Json:
        # The library's random idempotency key is right here: values are absolute, so a repetition is harmless, while a
        # key made of the invoice's id would answer hold, release, hold within a day with the first hold's answer.
        return self._request("post", HOLDS, _path(KINDS["invoice"], invoice_id), changes, account).body

    def _request(self, method: str, kind: str, path: str, params: dict[str, Any], account: str | None) -> Fetched:
        started = time.monotonic()
        try:
            # A copy: the library takes its own options out of the parameters.
            answer = self._client.raw_request(method, path, stripe_account=account, **params)
        except stripe.StripeError as error:
            raise translated(error, kind=kind, writing=method != "get") from error
        elapsed = time.monotonic() - started
        return Fetched(json.loads(answer.body), _date(answer.headers), elapsed)


def translated(error: stripe.StripeError, *, kind: str, writing: bool) -> ConnectorError:
    """Stripe's exception as one of ours; `writing`: whether the request may have changed something."""
    status, code = error.http_status, _code(error)
    reason = " ".join((error.user_message or str(error)).split())
    if status is not None and _told(error) is None:  # a proxy's, or of who knows what: not for people to see
        reason = f"the answer ({status}) is not one of Stripe's"
    if isinstance(error, stripe.APIConnectionError):
        if error.should_retry:
            return RetryableError("no_connection", reason, outcome_unknown=writing)
        return MisconfiguredError("no_connection", reason, "check the address and certificates of the API")
    family = _family(code, status, reason)
    name = f"{status}{' ' + code if code else ''}"
    if issubclass(family, RetryableError):
        unknown = writing and (status or 0) >= 500
        return RetryableError(name, reason, retry_after=_retry_after(error.headers), outcome_unknown=unknown)
    return family(name, reason, _fix(family, status, reason, kind))


def _code(error: stripe.StripeError) -> str | None:
    """From the body: some of the library's exceptions do not carry it."""
    return (_told(error) or {}).get("code")


def _told(error: stripe.StripeError) -> Json | None:
    """What Stripe says of an error; None if the answer is not of its shape."""
    body = error.json_body
    told = body.get("error") if isinstance(body, dict) else None
    return told if isinstance(told, dict) else None


def _family(code: str | None, status: int | None, reason: str) -> type[ConnectorError]:
    if code == "resource_missing" and "similar object exists in" in reason:
        return MisconfiguredError  # a test key against live data, or the other way round
    if status is None or status < 400:  # an answer that is no JSON, say from a proxy
        return RetryableError
    names = (code or "", str(status), f"{status // 100}xx")
    return next((FAMILIES[name] for name in names if name in FAMILIES), RejectedError)


def _fix(family: type[ConnectorError], status: int | None, reason: str, kind: str) -> str:
    if family is GoneError:
        return "it was deleted in Stripe, or belongs to another account"
    if status == 403 and "permission" in reason:
        named = _NAMED_PERMISSION.search(reason)
        wanted = PERMISSIONS.get(kind, TO_LISTEN) + (f" ({named[1]})" if named else "")
        return f"Stripe Dashboard, Developers, API keys: edit the restricted key and grant '{wanted}'"
    if family is MisconfiguredError:
        return "Stripe Dashboard, Developers, API keys: give the connection a current key of the right account and mode"
    return ""


def _retry_after(headers: Mapping[str, str] | None) -> float | None:
    """Seconds to wait, where the answer names them (as a number or as a date)."""
    given = {name.lower(): value for name, value in (headers or {}).items()}
    wait = given.get("retry-after")
    if wait is None:
        return None
    try:
        return max(0.0, float(wait))
    except ValueError:
        try:
            return max(0.0, parsedate_to_datetime(wait).timestamp() - time.time())
        except ValueError:
            return None


def _date(headers: Mapping[str, str]) -> int:
    try:
        return int(parsedate_to_datetime(headers["Date"]).timestamp())
    except (KeyError, ValueError) as error:
        raise MisconfiguredError(
            "no_date", "the answer has no Date header", "a proxy in between removes it: let it pass"
        ) from error


def _kind(kind: str) -> Kind:
    if kind not in KINDS:
        raise ValueError(f"Stripe has no kind {kind!r} for us; known: {', '.join(KINDS)}")
    return KINDS[kind]


def _path(entry: Kind, object_id: str) -> str:
    return f"/v1/{entry.path}/{quote(object_id, safe='')}"
