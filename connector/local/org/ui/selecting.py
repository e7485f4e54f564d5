"""`fields` and `optionalFields`: which fields of a record, and of its parents, an answer shows, and that answer.

Names are resolved as in a query, so parents may be five levels away, and what is hidden is as unknown as what is not.
Unverified: a real org's refusal of an unknown field quotes a query of its own making; here it is one of that field.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from connector.local.org.model import OrgError, Row, SObject
from connector.local.org.org import Org, View
from connector.local.org.soql.terms import Context, Hop, Names, Place, Term
from connector.local.org.soql.tree import Path
from connector.local.org.standard import SETUP_OBJECTS
from connector.local.org.ui.values import instant, shown

MASTER = "012000000000000AAA"  # the record type of objects that have none


@dataclass
class _Node:
    """The fields of one record, and its parents by the name of the relationship."""

    place: Place
    terms: dict[str, Term] = field(default_factory=dict)
    parents: dict[str, tuple[Hop, "_Node"]] = field(default_factory=dict)


class Selection:
    """Fields of one object. With `bare` they may be named without it."""

    def __init__(self, org: Org, view: View, sobject: SObject, *, bare: bool = False) -> None:
        self._org = org
        self._source = org.source(view)
        self._sobject = sobject
        self._bare = bare
        self._root = _Node(Place((sobject,)))

    def add(self, names: Iterable[str]) -> None:
        """Show these; raises INVALID_FIELD for one that the user does not see."""
        for name in names:
            self._add(name)

    def add_optional(self, names: Iterable[str]) -> None:
        """Show those of them that the user sees."""
        for name in names:
            try:
                self._add(name)
            except OrgError as error:
                if error.code != "INVALID_FIELD":
                    raise

    def record(self, row: Row) -> dict[str, Any]:
        """The row's Record representation."""
        return self._record(self._root, row, row)

    def _add(self, name: str) -> None:
        term = self._term(name)
        node = self._root
        for hop in term.hops:
            if hop.key not in node.parents:
                node.parents[hop.key] = (hop, _Node(hop.place))
            node = node.parents[hop.key][1]
        node.terms[term.label] = term

    def _term(self, name: str) -> Term:
        first, *rest = parts = tuple(name.split("."))
        own = bool(rest) and first.lower() == self._sobject.name.lower()
        if not own and not self._bare:
            raise OrgError("INVALID_FIELD", f"Write {self._sobject.name}.{name}: a field is named with its object.")
        path = Path(tuple(rest) if own else parts, len("SELECT "))
        text = f"SELECT {path.text} FROM {self._sobject.name}"  # noqa: S608 - quoted by a refusal, never run
        context = Context(text, self._source, include_deleted=False, api_version="")
        return Names(context, self._sobject, None).field(path)

    def _record(self, node: _Node, root: Row, row: Row) -> dict[str, Any]:
        """The record of `row`, which is the root's row or one of its parents."""
        fields: dict[str, Any] = {}
        for label, term in node.terms.items():
            if term.field is not None:
                fields[label] = shown(term.field, term.get(root), row, self._org)
        for key, (hop, parent) in node.parents.items():
            fields[key] = self._parent(parent, root, hop.get(root))
        return _representation(node.place, row, dict(sorted(fields.items())))

    def _parent(self, node: _Node, root: Row, row: Row | None) -> dict[str, Any]:
        if row is None:
            return {"displayValue": None, "value": None}
        record = self._record(node, root, row)
        record["fields"].setdefault("Id", {"displayValue": None, "value": row["Id"]})
        return {"displayValue": _name(node.place, row), "value": record}


def _representation(place: Place, row: Row, fields: dict[str, Any]) -> dict[str, Any]:
    """A Record. Of a parent that may be of several objects only the fields are known (as recorded)."""
    several = place.polymorphic
    moments = (None, None) if several else (instant(row["LastModifiedDate"]), instant(row["SystemModstamp"]))
    record = {
        "apiName": place.entity,
        "childRelationships": {},
        "fields": fields,
        "id": row["Id"],
        "lastModifiedById": None if several else row["LastModifiedById"],
        "lastModifiedDate": moments[0],
        "recordTypeId": None if several or place.entity in SETUP_OBJECTS else MASTER,
        "recordTypeInfo": None,
        "systemModstamp": moments[1],
        "weakEtag": 0 if several else int(row["SystemModstamp"].timestamp() * 1000),
    }
    return {**record, "eTag": etag(record)}


def etag(payload: Any) -> str:
    """What changes whenever the answer does."""
    text = json.dumps(payload, sort_keys=True, default=str)
    return hashlib.blake2s(text.encode(), digest_size=16).hexdigest()


def _name(place: Place, row: Row) -> str | None:
    names = [own.name for own in place.objects[0].fields.values() if own.name_field] or ["Name"]
    return row.get(names[0]) or row.get("Name") or row.get("CaseNumber")
