"""Reading from an org: queries that end, in as few API calls as the platform allows.

A query is one GET for up to 2,000 rows. Several queries share one call through `composite/batch`. A query too long for
a URL (16,384 bytes) goes into the body of a `composite` request instead; it is still one call, and still a read.
Values get into SOQL only through `quote`, names only through `checked_name`.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote as url_quote

from connector.errors import RetryableError
from connector.salesforce.errors import refused_part
from connector.salesforce.limits import Priority
from connector.salesforce.session import OrgSession
from connector.salesforce.values import long_id, quote, quote_like

__all__ = [
    "accounts",
    "accounts_by",
    "accounts_meant",
    "accounts_named",
    "at_path",
    "batch",
    "by_key",
    "checked_name",
    "in_parts",
    "query",
    "query_many",
    "quote",
    "quote_like",
    "scan",
]

Record = dict[str, Any]

_LONGEST_URL = 14_000  # bytes of encoded query; 16,384 is the limit for URI and headers together
_BATCH = 25  # sub-requests in one composite/batch
_WORDS = 8  # of a search
_PAGE = 2_000  # rows, the most that one answer holds
_ACCOUNT_FIELDS = ("Name", "OwnerId", "Website")
_FIELD = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)*", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?", re.ASCII)


def query(
    session: OrgSession, soql: str, *, include_deleted: bool = False, priority: Priority = Priority.NORMAL
) -> Iterator[Record]:
    """Every row of the answer, page after page; `include_deleted` also reads the recycle bin (queryAll)."""
    page = _first_page(session, soql, priority, include_deleted=include_deleted)
    yield from _pages(session, page, priority)


def query_many(
    session: OrgSession,
    soqls: Sequence[str],
    *,
    include_deleted: bool = False,
    priority: Priority = Priority.NORMAL,
) -> list[list[Record]]:
    """The rows of each query, in order: one API call for up to 25 of them, and one more for each further page."""
    paths = [_query_path(soql, include_deleted=include_deleted) for soql in soqls]
    answers = batch(session, paths, priority=priority)
    for answer in answers:
        _raise_refused(answer)
    return [list(_pages(session, answer["result"], priority)) for answer in answers]


def batch(session: OrgSession, paths: Sequence[str], *, priority: Priority = Priority.NORMAL) -> list[Record]:
    """GET several `paths` (relative to the version) in one call per 25: a `statusCode` and a `result` for each."""
    version = f"v{session.login.api_version}"
    answers: list[Record] = []
    for start in range(0, len(paths), _BATCH):
        requests = [{"method": "GET", "url": f"{version}/{path}"} for path in paths[start : start + _BATCH]]
        body = {"haltOnError": False, "batchRequests": requests}
        answer = session.request("POST", "composite/batch", json=body, reads=True, priority=priority)
        if len(answer["results"]) != len(requests):
            raise RetryableError("UNEXPECTED_ANSWER", "composite/batch gave another number of answers than was asked")
        answers += answer["results"]
    return answers


def scan(
    session: OrgSession,
    object_name: str,
    fields: Collection[str],
    *,
    condition: str = "",
    priority: Priority = Priority.BACKGROUND,
) -> Iterator[list[Record]]:
    """Every living row of an object, page by page, in the order of its Id; relationship paths are keys like fields.

    Each page is a query of its own that starts after the last Id, so it may take days: no locator can expire, and
    rows that come and go meanwhile shift nothing. `condition` is SOQL made only with `quote`.
    """
    columns = ["Id", *sorted({checked_name(name) for name in fields} - {"Id"})]
    start = f"SELECT {', '.join(columns)} FROM {checked_name(object_name)}"  # noqa: S608 - names checked
    last = ""
    while True:
        conditions = [*([f"({condition})"] if condition else []), *([f"Id > {quote(last)}"] if last else [])]
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        page = _first_page(session, f"{start}{where} ORDER BY Id LIMIT {_PAGE}", priority)
        rows = [{name: at_path(row, name) for name in columns} for row in page["records"]]
        if rows:
            yield rows
            last = rows[-1]["Id"]
        if page["done"] and len(rows) < _PAGE:
            return


def at_path(row: Mapping[str, Any], path: str) -> Any:
    """The value that a field or a relationship path ("CreatedBy.Name") has in a row; None behind an empty reference."""
    value: Any = row
    for name in path.split("."):
        if value is None:
            return None
        value = value[name]
    return value


def accounts(
    session: OrgSession,
    ids: Collection[str],
    fields: Collection[str] = _ACCOUNT_FIELDS,
    *,
    priority: Priority = Priority.NORMAL,
) -> dict[str, Record]:
    """Accounts by 18-character id, deleted and merged ones included (`IsDeleted`, `MasterRecordId`).

    The masters of merged accounts are among them, so the survivor can be looked up in the result. Ids that the org
    does not know (purged, or hidden from the integration user) are missing.
    """
    found: dict[str, Record] = {}
    asked: set[str] = set()
    wanted = {_checked_id(each) for each in ids}
    while wanted:
        soqls = in_parts(_select({"IsDeleted", "MasterRecordId", *fields}, "Id IN "), wanted)
        pages = query_many(session, soqls, include_deleted=True, priority=priority)
        found |= {row["Id"]: row for page in pages for row in page}
        asked |= wanted
        wanted = {row["MasterRecordId"] for row in found.values()} - {None, *found} - asked
    return found


def by_key(
    session: OrgSession,
    object_name: str,
    key_field: str,
    keys: Collection[str],
    fields: Collection[str],
    *,
    priority: Priority = Priority.NORMAL,
) -> dict[str, Record]:
    """The living records of these keys, by key, with `Id`: some hundred of them a query, 25 queries a call."""
    columns = ", ".join(dict.fromkeys(("Id", checked_name(key_field), *(checked_name(name) for name in fields))))
    start = f"SELECT {columns} FROM {checked_name(object_name)} WHERE {key_field} IN "  # noqa: S608 - names checked
    pages = query_many(session, in_parts(start, keys), priority=priority)
    return {row[key_field]: row for page in pages for row in page}


def accounts_by(
    session: OrgSession,
    field: str,
    values: Collection[Any],
    fields: Collection[str] = _ACCOUNT_FIELDS,
    *,
    priority: Priority = Priority.NORMAL,
) -> list[Record]:
    """The living accounts whose `field` has one of `values`; text is compared without regard to case, as in SOQL."""
    if not values:
        return []
    soqls = in_parts(_select({field, *fields}, f"{checked_name(field)} IN "), values)
    return [row for page in query_many(session, soqls, priority=priority) for row in page]


def accounts_named(
    session: OrgSession,
    names: Collection[str] = (),
    domains: Collection[str] = (),
    ids: Collection[str] = (),
    *,
    fields: Collection[str] = _ACCOUNT_FIELDS,
    priority: Priority = Priority.NORMAL,
) -> list[Record]:
    """The living accounts with one of `names` or `ids`, or whose website contains one of `domains`; each once."""
    columns = {"Name", "Website", *fields}
    soqls = in_parts(_select(columns, "Name IN "), names) if names else []
    soqls += in_parts(_select(columns, "Id IN "), {_checked_id(each) for each in ids}) if ids else []
    soqls += _either(_select(columns, ""), [_website(domain) for domain in sorted(set(domains))])
    rows = (row for page in query_many(session, soqls, priority=priority) for row in page)
    return list({row["Id"]: row for row in rows}.values())


def accounts_meant(
    session: OrgSession,
    text: str,
    fields: Collection[str] = _ACCOUNT_FIELDS,
    *,
    limit: int,
    priority: Priority = Priority.NORMAL,
) -> list[Record]:
    """Living accounts whose name has every word of `text`, or whose website contains it, or whose id it is.

    For somebody who waits: one call, sent once. At most `limit` of them, by name.
    """
    words = text.split()[:_WORDS]
    if not words:
        return []
    named = " AND ".join(f"Name LIKE {quote_like(word, before='%', after='%')}" for word in words)
    conditions = [f"({named})", _website(" ".join(words))]
    if len(words) == 1 and _is_account_id(words[0]):
        conditions.append(f"Id = {quote(words[0])}")
    soql = f"{_select({'Name', 'Website', *fields}, ' OR '.join(conditions))} ORDER BY Name LIMIT {int(limit)}"
    page = session.request("GET", _query_path(soql, include_deleted=False), priority=priority, attempts=1)
    rows: list[Record] = page["records"]
    return rows


def _is_account_id(word: str) -> bool:
    """Whether it is one for sure: comparing an Id with a word that only looks like one is an error."""
    return len(word) in {15, 18} and word.startswith("001") and long_id(word[:15]).startswith(word)


def _website(part: str) -> str:
    return f"Website LIKE {quote_like(part, before='%', after='%')}"


def _either(start: str, conditions: Sequence[str]) -> list[str]:
    """`start` (a query up to its `WHERE `) with any of the conditions, as often as keeps every URL short enough."""
    soqls: list[str] = []
    for condition in conditions:
        longer = f"{soqls[-1]} OR {condition}" if soqls else ""
        if soqls and len(url_quote(longer)) < _LONGEST_URL - 100:
            soqls[-1] = longer
        else:
            soqls.append(start + condition)
    return soqls


def _select(fields: Collection[str], condition: str) -> str:
    columns = sorted({checked_name(name) for name in fields} - {"Id"})
    return f"SELECT Id, {', '.join(columns)} FROM Account WHERE {condition}"  # noqa: S608 - names checked, values quoted


def in_parts(start: str, values: Collection[Any]) -> list[str]:
    """`start` (a query up to its last `IN `) with a list of `values`, as often as keeps every URL short enough."""
    soqls: list[str] = []
    part: list[Any] = []
    room = _LONGEST_URL - len(url_quote(start)) - 100  # bytes; the rest for path and parentheses
    left = room
    for value in sorted(set(values)):
        needed = len(url_quote(quote(value))) + 3  # and the encoded comma
        if part and needed > left:
            soqls.append(start + quote(part))
            part, left = [], room
        part.append(value)
        left -= needed
    return [*soqls, start + quote(part)] if part else soqls


def _first_page(session: OrgSession, soql: str, priority: Priority, *, include_deleted: bool = False) -> Record:
    path = _query_path(soql, include_deleted=include_deleted)
    if len(path) > _LONGEST_URL:
        return _in_body(session, path, priority)
    page: Record = session.request("GET", path, priority=priority)
    return page


def _query_path(soql: str, *, include_deleted: bool) -> str:
    return f"{'queryAll' if include_deleted else 'query'}/?q={url_quote(soql, safe='')}"


def _pages(session: OrgSession, page: Record, priority: Priority) -> Iterator[Record]:
    yield from page["records"]
    while not page["done"]:
        page = session.request("GET", page["nextRecordsUrl"], priority=priority)
        yield from page["records"]


def _in_body(session: OrgSession, path: str, priority: Priority) -> Record:
    url = f"/services/data/v{session.login.api_version}/{path}"
    body = {"compositeRequest": [{"method": "GET", "url": url, "referenceId": "query"}]}
    answer = session.request("POST", "composite", json=body, reads=True, priority=priority)
    part = answer["compositeResponse"][0]
    _raise_refused({"statusCode": part["httpStatusCode"], "result": part["body"]})
    page: Record = part["body"]
    return page


def _raise_refused(answer: Record) -> None:
    """Raise what a sub-request was refused with."""
    status = answer["statusCode"]
    if status >= 300:
        raise refused_part(status, answer["result"])


def checked_name(name: str) -> str:
    """`name` if it can be the API name of a field or an object, or a relationship path; ValueError if not."""
    if not _FIELD.fullmatch(name):
        raise ValueError(f"{name!r} is not the API name of a field")
    return name


def _checked_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError(f"{text!r} is not a Salesforce id (15 or 18 letters and digits)")
    return text
