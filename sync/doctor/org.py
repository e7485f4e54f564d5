"""The org as the doctor looks at it: what the connector finds, and what follows from our settings."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from connector.errors import ConnectorError
from connector.salesforce import doctor, doctor_people
from connector.salesforce.describe import Exposure
from connector.salesforce.doctor import AREAS, Finding, finding, guarded
from connector.salesforce.read import accounts, at_path
from connector.salesforce.rehearsal import rehearse
from connector.salesforce.session import OrgSession
from sync.adapters.salesforce import org_field
from sync.core.budget import Budget
from sync.core.fieldmap.figures import MAPPED, OBJECTS
from sync.core.fieldmap.fit import misfits
from sync.core.fieldmap.rules import FieldMap, default
from sync.core.projection_crm import NOT_STARTED
from sync.doctor.needs import OrgFacts, needs, scenes
from sync.settings import Salesforce, Settings

_OURS = ("AR_Summary__c", "AR_Invoice__c", "AR_Payment__c", "AR_Commitment__c", "AR_Dispute__c", "AR_Activity__c")
_ORDER = (*AREAS, "messages", "polling")  # those two need everything before them
_DAY_S = 86_400


@dataclass(frozen=True)
class Known:
    """What the database knows of the org: currencies billed in, linked accounts, and which org it worked with last."""

    currencies: Sequence[str] = ()
    accounts: Sequence[str] = ()
    org_id: str | None = None
    fieldmap: FieldMap = field(default_factory=default)


def examine_org(session: OrgSession, settings: Settings, salesforce: Salesforce, known: Known) -> list[Finding]:
    """Everything about the org, in the order in which it should be mended."""
    exposure = Exposure(session)
    wanted = needs(known.fieldmap, multi_currency=_multi(exposure))
    found = doctor.examine(session, wanted, currencies=known.currencies, exposure=exposure)
    if not any(each.ok and each.area == "login" for each in found):
        return found
    looks: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("clock", lambda: doctor_people.clock(session)),
        ("visibility", lambda: doctor_people.visibility(session, _OURS)),
        ("fields", lambda: doctor_people.statuses(exposure, NOT_STARTED)),
        ("fields", lambda: _mapping(exposure, known.fieldmap)),
        ("people", lambda: doctor_people.users(session)),
        ("people", lambda: doctor_people.owners(session, known.accounts)),
        ("messages", lambda: _messages(session, salesforce, known, settings.poll_every_s)),
        ("polling", lambda: _polling(session, settings)),
    ]
    for area, look in looks:
        found += guarded(area, look())
    broken = {name for name in wanted for each in found if not each.ok and each.what.startswith(name)}
    found += guarded("rules", _rehearsal(session, exposure, settings, known, broken))
    return sorted(found, key=lambda each: _ORDER.index(each.area))


def _multi(exposure: Exposure) -> bool:
    """Whether the org has several currencies; False where it cannot be asked, which the examination then tells."""
    try:
        return bool(exposure.org_currencies())
    except ConnectorError:
        return False


def _rehearsal(
    session: OrgSession, exposure: Exposure, settings: Settings, known: Known, broken: set[str]
) -> Iterator[Finding]:
    """One row of each kind, for practice. Those known to be broken are left out: they would only say it again."""
    listed = exposure.org_currencies()
    home = next((item.code for item in listed if item.corporate), settings.org_currency)
    living, owner = _living(session, known.accounts)
    facts = OrgFacts(home, bool(listed), living, owner)
    acts = [scene for scene in scenes(facts, known.fieldmap) if scene.object not in broken]
    yield from rehearse(session, acts)


def _mapping(exposure: Exposure, fieldmap: FieldMap) -> Iterator[Finding]:
    """Fields of the org's own that a figure is mapped to and does not fit."""
    seen = {kind: exposure.of(OBJECTS[kind]) for kind in MAPPED if fieldmap.foreign(kind)}
    fields = {kind: [org_field(each) for each in facts.fields.values()] for kind, facts in seen.items() if facts}
    for found in misfits(fieldmap, fields):
        if found.kind in fields and found.field in fieldmap.foreign(found.kind):
            what = f"{OBJECTS[found.kind]}.{found.field}: {found.problem}"
            yield Finding(ok=False, area="fields", what=what, fix="choose another field, or another way of writing it")


def _living(session: OrgSession, ids: Sequence[str]) -> tuple[list[str], str | None]:
    """Linked accounts that exist, those with an active owner first, and such an owner."""
    rows = accounts(session, ids[:200], ["OwnerId", "Owner.IsActive"]).values()
    living = [row for row in rows if not row["IsDeleted"]]
    living.sort(key=lambda row: (at_path(row, "Owner.IsActive") is not True, row["Id"]))
    active = next((row["OwnerId"] for row in living if at_path(row, "Owner.IsActive") is True), None)
    return [row["Id"] for row in living], active


def _messages(session: OrgSession, salesforce: Salesforce, known: Known, poll_every_s: float) -> Iterator[Finding]:
    """Outbound Messages: whether they are set up, and whether we would believe them."""
    address = f"/webhooks/salesforce/{salesforce.connection}/TOKEN"
    if not salesforce.hooks()[salesforce.connection]:
        what = f"Outbound Messages are not set up: changes there are seen within {poll_every_s:g} s, by polling alone"
        fix = f"for 2 s: set DUELINE_SALESFORCE__HOOK_TOKENS, and send them to {address}"
        yield Finding(ok=True, area="messages", what=what, fix=fix)
        return
    org_id = session.connect().org_id
    if known.org_id is None:
        what = "which org Outbound Messages come from is not known yet: they are refused until then"
        yield Finding(ok=False, area="messages", what=what, fix="start dueline worker crm; its first poll learns it")
        return
    bad = f"Outbound Messages are believed from the org {known.org_id}, but this is {org_id}"
    fix = "start dueline worker crm with the present settings, or set DUELINE_SALESFORCE__LOGIN_URL back"
    yield finding(known.org_id == org_id, "messages", f"Outbound Messages to {address} are believed", bad, fix)


def _polling(session: OrgSession, settings: Settings) -> Iterator[Finding]:
    """Whether looking for changes as often as wanted fits into our share of the API calls."""
    maximum = session.usage.maximum if session.usage else 0
    every = settings.poll_every_s
    possible = Budget(0, 0, maximum, settings.api_share).poll_every_s(every)
    calls, ours = round(_DAY_S / every), round(maximum * settings.api_share)
    told = f"polling every {every:g} s takes {calls:,} of the {ours:,} API calls a day that are ours"
    fix = f"set DUELINE_POLL_EVERY_S to {-(-possible // 1):.0f} or more, raise DUELINE_API_SHARE, or buy API calls"
    yield finding(possible <= every, "polling", told, f"{told}: too many, so it is done less often", fix)
