"""Whom and what the integration user can see, and whether the people it works with are there.

What a describe cannot tell: sharing, who is active, what time it is over there. Everything here only reads.
"""

from collections.abc import Iterator, Sequence

from connector.errors import ConnectorError
from connector.salesforce.describe import Exposure
from connector.salesforce.doctor import Finding, finding
from connector.salesforce.errors import DEPLOY
from connector.salesforce.read import accounts, at_path, query, query_many, quote
from connector.salesforce.session import OrgSession
from connector.salesforce.task_rules import CLOSED

LARGEST_SKEW = 60.0  # seconds between our clock and another's: logins and signatures still pass
MOST_ACCOUNTS = 2_000  # whose owners are looked at
_NAMED = 5  # of many, this many are told by name
_NOT_THERE = frozenset({"INVALID_TYPE", "INVALID_FIELD", "INSUFFICIENT_ACCESS", "FUNCTIONALITY_NOT_ENABLED"})
_GRANTS = (
    "SELECT SobjectType FROM ObjectPermissions WHERE PermissionsViewAllRecords = true AND SobjectType IN {objects} "
    "AND ParentId IN (SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = {user})"
)
_SEES_ALL = (
    "SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = {user} AND PermissionSet.PermissionsViewAllData = true"
)


def clock(session: OrgSession) -> Iterator[Finding]:
    """Whether our clock and the org's agree: by the Date header of the last answer."""
    ahead = session.clock.ahead()
    if ahead is None:
        fix = "check that nothing between Dueline and the org removes the Date header"
        yield Finding(ok=False, area="clock", what="the org's answers do not say what time it is", fix=fix)
        return
    yield compared("Salesforce", ahead.total_seconds(), "clock")


def compared(whose: str, ahead: float, area: str) -> Finding:
    """Our clock beside another's, which is so many seconds `ahead` (negative: behind)."""
    what = f"this machine's clock is {abs(ahead):.0f} s {'behind' if ahead > 0 else 'ahead of'} that of {whose}"
    fix = "set this machine's clock, and let NTP keep it (timedatectl set-ntp true)"
    return finding(abs(ahead) <= LARGEST_SKEW, area, f"the clocks of {whose} and this machine agree", what, fix)


def visibility(session: OrgSession, objects: Sequence[str]) -> Iterator[Finding]:
    """Whether every record of these objects is shared with us: rows that we do not see are rows that we lose."""
    user = session.connect().user_id
    grants = _GRANTS.format(objects=quote(list(objects)), user=quote(user))
    try:
        granted, everything = query_many(session, [grants, _SEES_ALL.format(user=quote(user))])
    except ConnectorError as error:
        if error.code not in _NOT_THERE:
            raise
        fix = "give the integration user 'View Setup and Configuration' if the doctor is to look at permissions"
        what = f"'View All' cannot be looked at ({error.code}); {DEPLOY} grants it"
        yield Finding(ok=True, area="visibility", what=what, fix=fix)
        return
    seen = {row["SobjectType"] for row in granted}
    unseen = [] if everything else [name for name in objects if name not in seen]
    bad = f"only some records can be seen of: {', '.join(unseen)}"
    fix = f"grant 'View All' on these objects to the integration user: {DEPLOY}"
    yield finding(not unseen, "visibility", "every record can be seen", bad, fix)


def users(session: OrgSession) -> Iterator[Finding]:
    """Whether people can be named at all: we see ourselves in any case."""
    rows = list(query(session, "SELECT Id FROM User WHERE IsActive = true LIMIT 2"))
    bad, fix = "no user but the integration user can be seen", "give the integration user 'View All Users'"
    yield finding(len(rows) > 1, "people", "users can be seen", bad, fix)


def owners(session: OrgSession, account_ids: Sequence[str]) -> Iterator[Finding]:
    """Linked accounts whose owner has left: a follow-up for them would be refused."""
    looked_at = list(account_ids)[:MOST_ACCOUNTS]
    if not looked_at:
        yield Finding(ok=True, area="people", what="no account is linked yet")
        return
    rows = accounts(session, looked_at, ["Name", "OwnerId", "Owner.Name", "Owner.IsActive"]).values()
    lost = sorted(
        f"{row['Name']} ({at_path(row, 'Owner.Name')})"
        for row in rows
        if not row["IsDeleted"] and at_path(row, "Owner.IsActive") is False
    )
    told = ", ".join(lost[:_NAMED]) + (f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else "")
    bad = f"the owner is not active of: {told}"
    fix = "give these accounts an active owner: Salesforce refuses tasks for people who have left"
    yield finding(not lost, "people", f"{len(looked_at)} linked accounts have active owners", bad, fix)


def statuses(exposure: Exposure, first: str) -> Iterator[Finding]:
    """Whether tasks have the statuses that follow-ups begin (`first`) and end with."""
    facts = exposure.of("Task")
    status = facts.field("Status") if facts else None
    if status is None or not status.values:
        return
    lacking = [name for name in (first, CLOSED) if name not in status.values]
    bad = f"Task.Status has no value {' and no value '.join(lacking)}"
    fix = f"add {', '.join(lacking)} to the task statuses (Setup, Object Manager, Task, Status)"
    yield finding(not lacking, "fields", "Task.Status has the values that follow-ups need", bad, fix)
