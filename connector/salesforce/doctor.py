"""Is this org ready? Each thing that must hold before go-live, checked as the integration user, with its fix."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from connector.errors import ConnectorError
from connector.salesforce.describe import Exposure, FieldFacts, ObjectFacts, Verb, missing
from connector.salesforce.errors import DEPLOY, MANAGE_CURRENCIES
from connector.salesforce.fields import MULTI_CURRENCY_ONLY
from connector.salesforce.limits import ApiUsage
from connector.salesforce.session import OrgSession
from sync.core.money import exponent

# In the order in which they should be mended: what comes first may be the cause of what comes later.
AREAS = (
    *("login", "version", "clock", "package", "fields", "key", "currency", "visibility", "people", "rules"),
    *("api", "storage"),
)
_LOW = 0.2  # of an allowance: less than this left is too little to go live with
_MONEY_TYPES = frozenset({"currency", "double"})


@dataclass(frozen=True)
class ObjectNeeds:
    """What Dueline does with one object: fields it writes, fields and relationship paths it reads, the key it upserts
    by, the amounts among them.
    """

    writes: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    key: str | None = None  # None: rows are known by their Salesforce id
    amounts: frozenset[str] = frozenset()
    creates: bool = True  # False for objects of which Dueline only updates records
    optional: bool = False  # an org without the object has nothing wrong with it


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `ok` False: `fix` says what a person does about it."""

    ok: bool
    area: str  # one of AREAS
    what: str
    fix: str = ""


def examine(
    session: OrgSession,
    required: Mapping[str, ObjectNeeds],
    *,
    currencies: Collection[str] = (),
    exposure: Exposure | None = None,
) -> list[Finding]:
    """Everything that was looked at, failed or not. `currencies`: those that the billing systems bill in (ISO codes).

    Without a login there is nothing else to see, so that finding then stands alone.
    """
    try:
        session.connect()
        exposure = exposure or Exposure(session)
        organization = exposure.organization()
        exposure.learn(required)
    except ConnectorError as error:
        return [failed("login", error)]
    kind = "sandbox" if organization.sandbox else organization.edition or "org"
    findings = [Finding(ok=True, area="login", what=f"logged in to {organization.name} ({kind})")]
    findings += guarded("version", _version(session))
    for name, needs in required.items():
        findings += guarded("package", _object(exposure, name, needs, currencies))
    findings += guarded("currency", _currencies(exposure, currencies))
    findings += guarded("api", _head_room(session))
    return findings


def guarded(area: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, and one more where looking itself fails."""
    try:
        yield from findings
    except ConnectorError as error:
        yield failed(area, error)


def _version(session: OrgSession) -> Iterator[Finding]:
    offered = [each["version"] for each in session.request("GET", "/services/data/")]
    wanted = session.login.api_version
    newest = max(offered, key=float, default="none")
    fix = f"set the API version to one that the org offers; its newest is {newest}"
    yield finding(wanted in offered, "version", f"API version {wanted}", f"no API version {wanted}", fix)


def _object(exposure: Exposure, name: str, needs: ObjectNeeds, currencies: Collection[str]) -> Iterator[Finding]:
    facts = exposure.of(name)
    if facts is None and needs.optional:
        yield Finding(ok=True, area="package", what=f"{name}: this org does not use it")
        return
    if facts is None:
        yield Finding(ok=False, area="package", what=f"{name} does not exist for the integration user", fix=DEPLOY)
        return
    verb: Verb = ("upsert" if needs.key else "create") if needs.creates else "update"
    allowed = (facts.createable or verb == "update") and (facts.updateable or not needs.writes)
    done = "written" if needs.writes or needs.key else "read"
    yield finding(allowed, "package", f"{name} can be {done}", f"{name} cannot be {done}", DEPLOY)
    yield from _fields(exposure, facts, needs, verb)
    if needs.key:
        yield _key(facts, needs.key)
    if verb != "update":
        yield from _others_required(facts, needs)
    yield from _scales(facts, needs, currencies)


def _fields(exposure: Exposure, facts: ObjectFacts, needs: ObjectNeeds, verb: Verb) -> Iterator[Finding]:
    unread = {path for path in needs.reads if exposure.spelled(facts, path) is None}
    hidden = sorted((unread | {name for name in needs.writes if facts.field(name) is None}) - {MULTI_CURRENCY_ONLY})
    locked = [name for name in missing(facts, sorted(needs.writes), verb) if facts.field(name)]
    if hidden:
        yield Finding(ok=False, area="fields", what=f"{facts.name}: not visible: {', '.join(hidden)}", fix=DEPLOY)
    if locked:
        yield Finding(ok=False, area="fields", what=f"{facts.name}: not editable: {', '.join(locked)}", fix=DEPLOY)
    if not hidden and not locked:
        yield Finding(ok=True, area="fields", what=f"{facts.name}: every field that Dueline needs")


def _key(facts: ObjectFacts, name: str) -> Finding:
    field = facts.field(name)
    good = field is not None and field.external_id and field.unique and field.case_sensitive
    key, kind = f"{facts.name}.{name}", "a unique, case-sensitive external id"
    return finding(good, "key", f"{key} is {kind}", f"{key} is not {kind}", f"make it {kind}: deploy the package again")


def _others_required(facts: ObjectFacts, needs: ObjectNeeds) -> Iterator[Finding]:
    """Fields that somebody made required and that Dueline does not fill: nothing could be created."""
    unfilled = sorted(facts.required - needs.writes - {needs.key})
    if unfilled:
        what = f"{facts.name}: required, but not filled by Dueline: {', '.join(unfilled)}"
        yield Finding(ok=False, area="fields", what=what, fix="make them optional, give them a default, or map to them")


def _scales(facts: ObjectFacts, needs: ObjectNeeds, currencies: Collection[str]) -> Iterator[Finding]:
    """Amount fields with fewer decimal places than a currency in use: Salesforce would round."""
    digits = max((exponent(code) for code in currencies), default=0)
    found = [field for name in sorted(needs.amounts) if (field := facts.field(name)) is not None]
    short = [field.name for field in found if _rounds(field, digits)]
    if short:
        what = f"{facts.name}: fewer than {digits} decimal places: {', '.join(short)}"
        yield Finding(ok=False, area="fields", what=what, fix=f"give these fields {digits} decimal places")


def _rounds(field: FieldFacts, digits: int) -> bool:
    return field.type in _MONEY_TYPES and field.scale < digits


def _currencies(exposure: Exposure, needed: Collection[str]) -> Iterator[Finding]:
    known = exposure.org_currencies()
    if not known:
        yield Finding(ok=True, area="currency", what="one currency; amounts in others are converted by Dueline")
        return
    active = {each.code for each in known if each.active}
    lacking = sorted(set(needed) - active)
    names = ", ".join(lacking)
    fix = MANAGE_CURRENCIES.format(value=names)
    yield finding(not lacking, "currency", f"active: {', '.join(sorted(active))}", f"not active: {names}", fix)


def _head_room(session: OrgSession) -> Iterator[Finding]:
    """API calls and storage, from `limits`; only the calls, from the last answer's header, where we may not see it."""
    try:
        limits = session.request("GET", "limits")
    except ConnectorError as error:
        yield _usage(session.usage)
        what = f"head-room not visible ({error.code})"
        fix = "give the integration user 'View Setup and Configuration' if the doctor is to watch storage"
        yield Finding(ok=True, area="storage", what=what, fix=fix)
        return
    api, storage = limits["DailyApiRequests"], limits["DataStorageMB"]
    yield _usage(ApiUsage(api["Max"] - api["Remaining"], api["Max"]))
    enough = storage["Remaining"] >= _LOW * storage["Max"]
    what = f"{storage['Remaining']} of {storage['Max']} MB data storage left"
    yield finding(enough, "storage", what, what, "free data storage or buy more; a row takes about 2 KB")


def _usage(usage: ApiUsage | None) -> Finding:
    if usage is None:
        fix = "check that nothing between Dueline and the org removes the Sforce-Limit-Info header"
        return Finding(ok=False, area="api", what="the org does not say how many API calls are used", fix=fix)
    what = f"{usage.used} of {usage.maximum} API calls used in the last 24 hours"
    return finding(usage.share <= 1 - _LOW, "api", what, what, "buy API calls, or slow other integrations down")


def finding(ok: bool, area: str, good: str, bad: str, fix: str) -> Finding:
    """`good` where it is `ok`, else `bad` with its `fix`."""
    return Finding(ok=True, area=area, what=good) if ok else Finding(ok=False, area=area, what=bad, fix=fix)


def failed(area: str, error: ConnectorError) -> Finding:
    """What stands in the way of looking."""
    return Finding(ok=False, area=area, what=f"{error.code}: {error.reason}", fix=error.fix or "try again later")
