"""The long work of setting up: the doctor's look, the backfill, the comparison of all three sides."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sync.bootstrap import Runtime
from sync.core.reconciled import added, report
from sync.db import cursors
from sync.db.work import Slice
from sync.pipeline import backfill as walk
from sync.pipeline import compare as comparison
from sync.pipeline.accounts import OrgAwayError
from sync.pipeline.compare import compare
from sync.pipeline.day import turn_day
from sync.pipeline.pages import Gait
from sync.settings import SettingsError

if TYPE_CHECKING:
    from sync.adapters.crm import CrmOrg

DOCTOR, BACKFILL, RECONCILE = "doctor", "backfill", "reconcile"
SALESFORCE = "salesforce"  # what the doctor looks at, beside connections by name
KIND_WORDS = {
    "customer": "customers",
    "invoice": "invoices",
    "charge": "payments",
    "refund": "refunds",
    "credit_note": "credit notes",
    "dispute": "chargebacks",
}
OBJECT_WORDS = {
    "AR_Summary__c": "summaries",
    "AR_Invoice__c": "invoices",
    "AR_Payment__c": "payments",
    "AR_Activity__c": "timeline entries",
    "Account": "accounts",
}

_Argument = dict[str, Any]
_Proceed = Callable[[], bool]
_Note = Callable[[int, str], None]

# Work of every kind is begun in the same way, whether or not it asks for all of that: hence ARG001 below.


def examine(run: Runtime, argument: _Argument, place: Any, proceed: _Proceed, note: _Note) -> Slice:  # noqa: ARG001
    """Look at Salesforce, or at one connection, and write down what was found."""
    from sync.doctor import billing_findings, org_findings

    area = argument["area"]
    found = []
    for finding in org_findings(run) if area == SALESFORCE else billing_findings(run, area):
        found.append(asdict(finding))
        note(len(found), "looking")
    wrong = sum(not each["ok"] for each in found)
    told = f"{len(found)} checks, {wrong} to be mended" if wrong else f"{len(found)} checks, all in order"
    if area == SALESFORCE and run.org is not None:
        _know_org(run, run.org)
    return Slice(None, len(found), len(found), told, finished=True, result=found)


def _know_org(run: Runtime, org: "CrmOrg") -> None:
    """Keep which org it is, and its currencies, for screens, which ask nobody. If it is away, the findings say why."""
    try:
        identity, money = {"org": org.org_id, "user": org.user_id}, org.money()
    except OrgAwayError:
        return
    rates = {name: str(rate) for name, rate in money.rates.items()}
    with run.engine.begin() as conn:
        cursors.put(conn, cursors.ORG_IDENTITY, identity)
        cursors.put(conn, cursors.ORG_CURRENCIES, {"home": money.home, "multi": money.multi, "rates": rates})


def backfill(run: Runtime, argument: _Argument, place: Any, proceed: _Proceed, note: _Note) -> Slice:
    """Read everything that a billing system holds. It goes on where an earlier one stopped, unless `anew`."""
    name = argument["connection"]
    provider = _provider(run, name)
    if place is None and argument.get("anew"):
        walk.restart(run.engine, name)
    read, unreadable = Counter((place or {}).get("read", {})), Counter((place or {}).get("unreadable", {}))

    def count(kind: str, objects: int) -> None:
        read[kind] += objects
        note(read.total(), _counted(read))

    found = walk.backfill(
        run.engine, run.ingest, run.billing.pages, name, provider, count, gait=_gait(run, name), proceed=proceed
    )
    unreadable.update(found.unreadable)
    _wake(run)
    result = {"read": dict(read), "unreadable": dict(unreadable)}
    return Slice(result, read.total(), None, _counted(read), finished=found.finished, result=result)


def reconcile(run: Runtime, argument: _Argument, place: Any, proceed: _Proceed, note: _Note) -> Slice:  # noqa: ARG001
    """Compare billing systems with the ledger, and the ledger with Salesforce; mend what differs, and report it.

    `place`: what was found so far, the connections and objects still to be compared, and where the first one stands.
    """
    here = place or _beginning(run)
    if here["connections"]:
        _billing_piece(run, here, proceed, note)
    elif here["objects"]:
        _org_piece(run, here, note)
    if here["connections"] or here["objects"]:
        return Slice(here, here["done"], None, here["told"], finished=False)
    found = report(datetime.now(UTC), here["billing"], here["salesforce"], dry=False)
    with run.engine.begin() as conn:
        cursors.put(conn, cursors.LAST_RECONCILE, found)
    return Slice(None, here["done"], here["done"], "objects and rows compared", finished=True, result=found)


def _beginning(run: Runtime) -> dict[str, Any]:
    objects = list(comparison.OBJECTS) if run.org is not None else []
    empty: dict[str, Any] = {"billing": {}, "salesforce": {}, "done": 0, "told": "", "at": [0, None]}
    return {**empty, "connections": sorted(run.billing.names), "objects": objects}


def _billing_piece(run: Runtime, here: dict[str, Any], proceed: _Proceed, note: _Note) -> None:
    name = here["connections"][0]
    place = walk.Place(*here["at"])

    def count(kind: str, objects: int) -> None:
        here["done"] += objects
        here["told"] = f"compared: {name}, {KIND_WORDS[kind]}"
        note(here["done"], here["told"])

    found = walk.reconcile(
        *(run.engine, run.ingest, run.billing.pages, name, _provider(run, name), count),
        fetch=run.billing.fetch,
        gait=_gait(run, name),
        place=place,
        proceed=proceed,
    )
    here["billing"][name] = added(here["billing"].get(name), found.packed())
    here["at"] = [place.kinds, place.after]
    if found.finished:
        here["connections"], here["at"] = here["connections"][1:], [0, None]
    _wake(run)


def _org_piece(run: Runtime, here: dict[str, Any], note: _Note) -> None:
    name, *rest = here["objects"]

    def count(_name: str, rows: int) -> None:
        here["done"] += rows
        here["told"] = f"compared: Salesforce, {OBJECT_WORDS[name]}"
        note(here["done"], here["told"])

    turn_day(run.engine, run.calendar, lambda: True, run.settings.milestones)
    drift = compare(run.engine, run.require_org(), run.publishing, run.books, count, only=[name])
    here["salesforce"] |= {each: found.packed() for each, found in drift.items()}
    here["objects"] = rest
    _wake(run)


def _provider(run: Runtime, name: str) -> str:
    if name not in run.billing.names:
        raise SettingsError(f"the connection {name} has no API key: enter one under Set-up, Stripe")
    return run.settings.connections()[name]


def _gait(run: Runtime, name: str) -> Gait:
    """Little patience: work that fails is tried again after a while anyway."""
    return Gait(rate=run.settings.stripe[name].rate_limit, tries=2, longest_s=5.0)


def _counted(read: Counter[str]) -> str:
    return "read: " + (", ".join(f"{read[kind]:,} {words}" for kind, words in KIND_WORDS.items() if read[kind]) or "–")


def _wake(run: Runtime) -> None:
    for queue in ("fetch", "salesforce"):
        run.bell.ring(queue)
