"""Webhook endpoints of the account: made, changed and deleted by API or on the dashboard, as at Stripe.

What they may be: https://docs.stripe.com/api/webhook_endpoints. Unlike Stripe, which sends to the public internet only,
this account sends to addresses of this machine, by plain HTTP too: that is what it is for.
"""

import secrets
import typing
from urllib.parse import urlsplit

from stripe.params import WebhookEndpointCreateParams

from connector.local.stripe.book import LINKS
from connector.local.stripe.forms import truth, unknown
from connector.local.stripe.refusal import Json, StripeRefusal, invalid
from connector.local.stripe.shapes import render
from connector.local.stripe.store import Query
from connector.local.stripe.webhooks import Target
from connector.local.stripe.world import World

_KIND = "webhook_endpoint"
_MOST = 16  # in test mode
_TYPES, _VERSIONS = (
    frozenset(typing.get_args(typing.get_args(WebhookEndpointCreateParams.__annotations__[name])[0]))
    for name in ("enabled_events", "api_version")
)
_CHANGES = {"url", "enabled_events", "description", "metadata"}


def create(world: World, given: Json) -> Json:
    """A new endpoint, with the secret that is shown only now. Refuses what Stripe would."""
    strange = sorted(given.keys() - _CHANGES - {"api_version", "connect"})
    if strange:
        raise unknown(strange[0])
    for name in ("enabled_events", "url"):
        if not given.get(name):
            raise StripeRefusal(400, f"Missing required param: {name}.", code="parameter_missing", param=name)
    version = given.get("api_version")
    if version is not None and version not in _VERSIONS:
        raise invalid(f"Invalid API version: {version}", param="api_version")
    kept = {"secret": f"whsec_{secrets.token_hex(16)}", "connect": truth(given.get("connect", "false"), "connect")}
    with world.transaction():
        if len(_all(world)) >= _MOST:
            raise invalid(f"You have reached the maximum of {_MOST} test webhook endpoints.")
        made = {
            "id": world.new_id("we"),
            "object": _KIND,
            "api_version": version,
            "application": None,
            "created": world.now,
            "description": None,
            "livemode": False,
            "metadata": {},
            "status": "enabled",
            **_checked(given),
            LINKS: kept,
        }
        world.store.put(made)
    return {**render(made), "secret": kept["secret"]}


def update(world: World, endpoint: str, given: Json) -> Json:
    """Change an endpoint. Refuses what Stripe would."""
    strange = sorted(given.keys() - _CHANGES - {"disabled"})
    if strange:
        raise unknown(strange[0])
    with world.transaction():
        row = world.get(_KIND, endpoint)
        changed = {**row, **_checked(given)}
        changed["metadata"] = _merged(row["metadata"], given.get("metadata"))
        if "disabled" in given:
            changed["status"] = "disabled" if truth(given["disabled"], "disabled") else "enabled"
        world.store.put(changed)
    return render(changed)


def delete(world: World, endpoint: str) -> Json:
    """Take an endpoint away; what waits for it is dropped."""
    with world.transaction():
        row = world.get(_KIND, endpoint)
        world.store.put({**row, "deleted": True})
    return {"id": endpoint, "object": _KIND, "deleted": True}


def revealed(world: World) -> list[Json]:
    """Every endpoint with its signing secret, newest first, as the dashboard shows it to the account's people."""
    return [{**render(row), "secret": _kept(row)["secret"]} for row in _all(world)]


def targets_of(world: World) -> dict[str, Target]:
    """Where events go, by the id of the endpoint; disabled ones get none."""
    return {
        row["id"]: Target(
            row["url"],
            _kept(row)["secret"],
            events=frozenset(row["enabled_events"]),
            connected=_kept(row)["connect"],
            api_version=row["api_version"],
        )
        for row in _all(world)
        if row["status"] == "enabled"
    }


def _all(world: World) -> list[Json]:
    """Those made here; one that was merely put into the account has no secret, and gets nothing."""
    found, _ = world.store.page(Query(_KIND, limit=1_000))
    return [row for row in found if _kept(row)]


def _kept(row: Json) -> Json:
    kept: Json = row.get(LINKS) or {}
    return kept


def _checked(given: Json) -> Json:
    """The fields that are kept as they are given."""
    fields = {name: given[name] for name in _CHANGES & given.keys()}
    if "url" in fields:
        _check_address(fields["url"])
    for number, name in enumerate(fields.get("enabled_events", ())):
        if name not in _TYPES:
            message = f"Invalid enabled_events[{number}]: must be a type of event that Stripe has, or *; not {name}"
            raise invalid(message, param=f"enabled_events[{number}]")
    if "description" in fields:
        fields["description"] = fields["description"] or None
    if "metadata" in fields:
        fields["metadata"] = _merged({}, fields["metadata"])
    return fields


def _check_address(address: str) -> None:
    try:
        url = urlsplit(address)
        usable = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except ValueError:
        usable, url = False, urlsplit("")
    if not usable:
        why = "Not a valid URL" if url.scheme else "An explicit scheme (such as https) must be provided"
        raise invalid(f"Invalid URL: {why}.", param="url", code="url_invalid")


def _merged(before: Json, given: object) -> Json:
    """Metadata after a change: an empty value takes its key away, an empty text all of them."""
    if given is None:
        return before
    changes = given if isinstance(given, dict) else dict.fromkeys(before, "")
    return {key: value for key, value in {**before, **changes}.items() if value != ""}
