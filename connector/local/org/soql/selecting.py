"""The select list: which keys a record has, in the order written, and how each is read from a row."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from connector.local.org.model import OrgError, Row, SObject
from connector.local.org.soql import errors, tree
from connector.local.org.soql.terms import Context, Hop, Names, Place, Term

FIELDS_LIMIT = 200  # rows that an unbounded FIELDS() may ask for

Part = Callable[[Row], Any]


def instant(value: datetime) -> str:
    """`2026-01-31T12:00:00.000+0000`."""
    moment = value.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


_JSON: dict[str, Callable[[Any], Any]] = {
    "date": lambda value: value.isoformat(),
    "datetime": instant,
    "int": int,
    "long": int,
}


def json_value(field_type: str, value: Any) -> Any:
    """A value as results carry it. Decimals stay Decimals: the encoder of the server writes them exactly."""
    convert = _JSON.get(field_type)
    return value if value is None or convert is None else convert(value)


def _json_part(term: Term) -> Part:
    get, convert = term.get, _JSON.get(term.type)
    if convert is None:
        return get

    def part(row: Row) -> Any:
        value = get(row)
        return None if value is None else convert(value)

    return part


class Shape:
    """The form of one record, parents nested inside. Every part is read from the row that the query itself found."""

    def __init__(self, context: Context, place: Place) -> None:
        self._context = context
        self._place = place
        self._object_of = place.object_of()
        self._base = f"/services/data/{context.api_version}/sobjects/"
        self._parts: dict[str, Part] = {}
        self._parents: dict[str, Shape] = {}

    def record(self, row: Row, own: Row) -> dict[str, Any]:
        """The record of the row `own`, which is `row` itself or one of its parents; `attributes` come first."""
        url = f"{self._base}{self._object_of(own['Id'])}/{own['Id']}"
        record: dict[str, Any] = {"attributes": {"type": self._place.entity, "url": url}}
        for key, part in self._parts.items():
            record[key] = part(row)
        return record

    def add(self, key: str, part: Part) -> None:
        """One more key; INVALID_FIELD if it is there already."""
        if key in self._parts:
            raise OrgError("INVALID_FIELD", f"duplicate field selected: {key}")
        self._parts[key] = part

    def add_term(self, term: Term, key: str | None = None) -> None:
        """A field, inside the parents that lead to it; under another key where it has an alias."""
        shape = self
        if key is None:
            for hop in term.hops:
                shape = shape.parent(hop)
        shape.add(key or term.label, _json_part(term))

    def parent(self, hop: Hop) -> "Shape":
        """The form of a parent of this record."""
        if hop.key not in self._parents:
            shape = self._parents[hop.key] = Shape(self._context, hop.place)
            find = hop.get
            self.add(hop.key, lambda row: None if (own := find(row)) is None else shape.record(row, own))
        return self._parents[hop.key]


def add_selected(shape: Shape, item: tree.Selected, query: tree.Query, names: Names) -> None:
    """One entry of a select list without aggregates: a field, toLabel() or FIELDS()."""
    operand = item.operand
    if isinstance(operand, tree.Path):
        if item.alias:
            raise errors.malformed("only aggregate expressions use field aliasing")
        shape.add_term(names.field(operand))
    elif operand.name == "FIELDS":
        for name in _fields(operand, query, names.sobject):
            shape.add_term(names.field(tree.Path((name,), operand.at)))
    else:
        shape.add_term(names(operand), item.alias)


def _fields(call: tree.Call, query: tree.Query, sobject: SObject) -> list[str]:
    """The fields that FIELDS(ALL), FIELDS(STANDARD) or FIELDS(CUSTOM) stands for."""
    which = call.args[0].text.upper() if len(call.args) == 1 else ""
    if which not in ("ALL", "STANDARD", "CUSTOM"):
        raise errors.malformed(f"FIELDS takes one of ALL, STANDARD and CUSTOM: {call.text}")
    if which != "STANDARD" and not _is_bounded(query):
        raise errors.malformed(f"The SOQL FIELDS function must have a LIMIT of at most {FIELDS_LIMIT}")
    names = [field.name for field in sobject.fields.values() if which == "ALL" or field.custom == (which == "CUSTOM")]
    if not names and len(query.select) == 1:
        raise errors.malformed("'FIELDS(...)' expansion function must result in at least one field being selected.")
    return names


def _is_bounded(query: tree.Query) -> bool:
    """LIMIT up to 200, or as many ids named in the outermost AND."""
    if query.limit is not None and query.limit <= FIELDS_LIMIT:
        return True
    where = query.where
    terms = where.terms if isinstance(where, tree.Junction) and where.every else (where,)
    return any(
        isinstance(term, tree.Comparison)
        and term.left.text.lower() == "id"
        and term.op in ("=", "IN")
        and isinstance(term.right, (tree.Literal, tuple))
        and (isinstance(term.right, tree.Literal) or len(term.right) <= FIELDS_LIMIT)
        for term in terms
    )
