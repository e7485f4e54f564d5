"""`/_control`: how a test or a demo makes the org fail, moves its date, counts its calls, and does what people do in
the org's own pages. None of this exists in a real org.
"""

from datetime import date
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from connector.local.org.config import OrgConfig
from connector.local.org.dml import Saved
from connector.local.org.faults import KINDS, read_fault
from connector.local.org.http.context import body, the_org
from connector.local.org.outbound import Subscription
from connector.local.org.removal import Remover
from connector.local.org.wire import nothing, reply

control = Blueprint("control", __name__, url_prefix="/_control")


@control.post("/faults")
def add_fault() -> Response:
    """Break something; see `faults.KINDS`."""
    org = the_org()
    fault = read_fault(body())
    if fault.kind == "revoke_field":
        sobject = org.schema.get(fault.object or "")
        if sobject is None or sobject.get(fault.field or "") is None:
            raise ValueError(f"There is no field {fault.object}.{fault.field}.")
    org.faults.add(fault)
    return reply(fault.shown(), 201)


@control.get("/faults")
def list_faults() -> Response:
    """What is still broken."""
    return reply({"faults": the_org().faults.listed()})


@control.delete("/faults")
def clear_faults() -> Response:
    """Heal everything, the extra delay included; or with `?kind=…` all faults of one kind."""
    org, kind = the_org(), request.args.get("kind")
    if kind is not None and kind not in KINDS:
        raise ValueError(f"kind must be one of: {', '.join(KINDS)}.")
    org.faults.clear(kind)
    if kind is None:
        org.faults.extra_ms = 0
    return nothing()


@control.get("/calls")
def calls() -> Response:
    """API calls as Salesforce would count them."""
    return reply(the_org().calls.since_reset())


@control.delete("/calls")
def reset_calls() -> Response:
    """Count from zero."""
    the_org().calls.reset()
    return nothing()


@control.get("/clock")
def clock() -> Response:
    """The org's date, and whether it was moved."""
    own = the_org().clock
    return reply({"today": own.today.isoformat(), "moved": own.moved_to is not None})


@control.post("/clock")
def move_clock() -> Response:
    """Make it another day, or with null the real one."""
    given = body()
    if "today" not in given:
        raise ValueError('Send {"today": "YYYY-MM-DD"}, or null for the real date.')
    the_org().clock.move(None if given["today"] is None else date.fromisoformat(str(given["today"])))
    return clock()


@control.post("/delay")
def delay() -> Response:
    """Let every API answer take so many milliseconds more."""
    ms = body().get("ms")
    if not isinstance(ms, int) or ms < 0:
        raise ValueError('Send {"ms": n} with n not negative.')
    the_org().faults.extra_ms = ms
    return reply({"ms": ms})


@control.get("/outbound")
def outbound() -> Response:
    """Where outbound messages go, and what became of them."""
    return reply(the_org().outbound.shown())


@control.post("/outbound")
def subscribe() -> Response:
    """Send outbound messages about people's changes: {"url": …, "objects": […]}; a null url ends it."""
    given, org = body(), the_org()
    if set(given) - {"url", "objects"} or "url" not in given:
        raise ValueError('Send {"url": "http://…", "objects": ["AR_Commitment__c", …]}, or {"url": null} for none.')
    if given["url"] is None:
        org.subscribe(None)
        return outbound()
    url, names = str(given["url"]), given.get("objects")
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
        raise ValueError(f"{url} is no http(s) address.")
    if not isinstance(names, list) or not names:
        raise ValueError("objects must name at least one object.")
    found = [org.schema.get(str(name)) for name in names]
    if None in found:
        raise ValueError(f"There is no object {names[found.index(None)]}.")
    objects = tuple(item.name for item in found if item)
    org.subscribe(Subscription(url, objects, request.host_url.rstrip("/")))
    return outbound()


@control.post("/undelete")
def undelete() -> Response:
    """Bring records back from the recycle bin, as a person would: {"ids": […]}."""
    remover = _administrator()
    ids = body().get("ids") or []
    with remover.writer.store.transaction():
        return _done([remover.undelete(record_id) for record_id in ids])


@control.post("/merge")
def merge() -> Response:
    """Merge records, as a person would: {"master": id, "merged": [id, …]}."""
    remover = _administrator()
    given = body()
    with remover.writer.store.transaction():
        return _done([remover.merge(str(given.get("master")), *map(str, given.get("merged") or []))])


def _administrator() -> Remover:
    org = the_org()
    config: OrgConfig = org.config
    users = org.store.table("User")
    (user_id,) = users.find("Username", config.org_admin.username) or ("",)
    return org.remover(org.view(user_id))


def _done(results: list[Saved]) -> Response:
    return reply({"ids": [saved.id for saved in results]})


@control.errorhandler(ValueError)
def misused(error: ValueError) -> tuple[dict[str, Any], int]:
    """A control request that makes no sense."""
    return {"error": str(error), "path": request.path}, 400
