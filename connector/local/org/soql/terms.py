"""Names to things: a path or function in a query becomes a `Term` that can be asked for its value in a row.

Everything is resolved against the schema the asking user may see, so a hidden field is as unknown as a missing one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connector.local.org.model import Field, Row, SObject, Source
from connector.local.org.soql import dates, errors, tree

MAX_LEVELS = 5  # parents that a path may climb
LONG_TEXT = 255  # text areas beyond this are long ones: neither filtered, sorted, grouped nor aggregated

Get = Callable[[Any], Any]

_KINDS = {
    **dict.fromkeys("string textarea email phone url picklist combobox".split(), "text"),
    **dict.fromkeys("int double currency percent long".split(), "number"),
    **dict.fromkeys("id reference".split(), "id"),
}
# What a polymorphic parent (Task.What, an Owner that may be a queue) can be asked for: fields of the Name object.
_NAME_OBJECT = frozenset(
    "id name firstname middlename lastname suffix alias email phone title username isactive".split()
)
_TYPE_OF_PARENT = Field(name="Type", label="Type", type="string", length=40)


@dataclass(frozen=True)
class Context:
    """One query being run: its text (for carets), the org as the user sees it, and what was asked around it."""

    text: str
    source: Source
    include_deleted: bool
    api_version: str

    def shows(self, row: Row) -> bool:
        """Whether the row counts as existing for this query."""
        return self.include_deleted or not row.get("IsDeleted")


@dataclass(frozen=True)
class Place:
    """Where a field is looked up: one object, or the several that a polymorphic relationship may lead to."""

    objects: tuple[SObject, ...]
    polymorphic: bool = False

    @property
    def entity(self) -> str:
        """What records and errors call it."""
        return "Name" if self.polymorphic else self.objects[0].name

    def object_of(self) -> Callable[[str], str | None]:
        """From record id to object name."""
        if not self.polymorphic:
            only = self.objects[0].name
            return lambda _id: only
        names = {sobject.key_prefix: sobject.name for sobject in self.objects}
        return lambda record_id: names.get(record_id[:3])

    def find(self, name: str) -> Field | None:
        """The field of that name, in any case."""
        if not self.polymorphic:
            return self.objects[0].get(name)
        if name.lower() == "type":
            return _TYPE_OF_PARENT
        known = name.lower() in _NAME_OBJECT
        return next((field for sobject in self.objects if known and (field := sobject.get(name))), None)


@dataclass(frozen=True)
class Hop:
    """One step to a parent: `key` is its name in results, `get` finds the parent row from the row of the query."""

    key: str
    place: Place
    get: Get


@dataclass(frozen=True)
class Term:
    """A value a row can be asked for. `name` is spelled as the schema spells it; `type` as describe spells it."""

    name: str
    type: str
    get: Get
    at: int
    field: Field | None = None
    place: Place | None = None
    hops: tuple[Hop, ...] = ()

    @property
    def kind(self) -> str:
        """What its values are: text, number, id, boolean, date, datetime, multipicklist or a type that has no kind."""
        return _KINDS.get(self.type, self.type)

    @property
    def label(self) -> str:
        """The key of the value in its record."""
        return self.name.rpartition(".")[2]

    @property
    def is_long_text(self) -> bool:
        """Whether it is a long text area."""
        return self.type == "textarea" and self.field is not None and self.field.length > LONG_TEXT

    @property
    def stored_name(self) -> str | None:
        """The name under which `Source.matching` may have indexed it: a stored field of the row itself."""
        return self.field.name if self.field and not self.hops and self.field.formula is None else None


Resolve = Callable[[tree.Operand], Term]


class Names:
    """The names that can be used in one SELECT: fields of its object, of parents, its alias, and functions of them."""

    def __init__(self, context: Context, sobject: SObject, alias: str | None) -> None:
        self.context = context
        self.sobject = sobject
        self._place = Place((sobject,))
        self._alias = alias.lower() if alias else None

    def __call__(self, operand: tree.Operand) -> Term:
        """The term of a path, date function or toLabel(); INVALID_FIELD if the user knows no such thing."""
        if isinstance(operand, tree.Path):
            return self.field(operand)
        if operand.name in dates.DATE_FUNCTIONS:
            return self._date_function(operand)
        if operand.name == "TOLABEL":
            return self._label(operand)
        raise errors.unsupported(f"the function {operand.name}() here")

    def field(self, path: tree.Path) -> Term:
        """The term of a field, of the object itself or of a parent up to five levels up."""
        *steps, last = self._without_own_name(path.parts)
        if len(steps) > MAX_LEVELS:
            message = f"SOQL supports at most {MAX_LEVELS} levels of child-to-parent relationships: {path.text}"
            raise errors.malformed(errors.header(self.context.text, path.at) + message)
        hops: tuple[Hop, ...] = ()
        for step in steps:
            hops = (*hops, self._hop(step, hops, path))
        place = hops[-1].place if hops else self._place
        field = place.find(last)
        if field is None:
            raise errors.no_such_column(self.context.text, path.at, last, place.entity)
        name = ".".join([*(hop.key for hop in hops), field.name])
        return Term(name, field.type, self._value(field, hops), path.at, field, place, hops)

    def _without_own_name(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """The path without a leading alias or object name; a relationship of the object's own name comes first."""
        head = parts[0].lower()
        if len(parts) > 1 and head == self._alias:
            return parts[1:]
        if len(parts) > 1 and head == self.sobject.name.lower() and not _relationship(self.sobject, head):
            return parts[1:]
        return parts

    def _hop(self, step: str, hops: tuple[Hop, ...], path: tree.Path) -> Hop:
        place = hops[-1].place if hops else self._place
        if place.polymorphic:
            raise errors.unsupported(f"paths beyond a polymorphic relationship ('{path.text}')")
        field = _relationship(place.objects[0], step.lower())
        schema = self.context.source.schema
        objects = tuple(found for name in field.reference_to if (found := schema.get(name))) if field else ()
        if field is None or not objects:
            raise errors.no_such_relationship(self.context.text, path.at, step)
        target = Place(objects, polymorphic=len(field.reference_to) > 1)
        return Hop(field.relationship_name or step, target, self._parent(self._value(field, hops), target))

    def _parent(self, key: Get, target: Place) -> Get:
        by_id, shows, object_of = self.context.source.by_id, self.context.shows, target.object_of()

        def parent(row: Row) -> Row | None:
            record_id = key(row)
            name = object_of(record_id) if record_id else None
            found = by_id(name, record_id) if name else None
            return found if found is not None and shows(found) else None

        return parent

    def _value(self, field: Field, hops: tuple[Hop, ...]) -> Get:
        """How to read the field from the row that the hops lead to."""
        read = self._read(field, hops[-1].place if hops else self._place)
        if not hops:
            return read
        climb = hops[-1].get

        def value(row: Row) -> Any:
            parent = climb(row)
            return None if parent is None else read(parent)

        return value

    def _read(self, field: Field, place: Place) -> Get:
        name, object_of = field.name, place.object_of()
        if field is _TYPE_OF_PARENT:
            return lambda row: object_of(row["Id"])
        if field.formula is None and not place.polymorphic:
            return lambda row: row.get(name)
        compute = self.context.source.value
        having = {sobject.name for sobject in place.objects if sobject.get(name)}

        def computed(row: Row) -> Any:
            sobject = object_of(row["Id"])
            return compute(sobject, row, name) if sobject in having else None

        return computed

    def _date_function(self, call: tree.Call) -> Term:
        argument = call.args[0] if len(call.args) == 1 else None
        if isinstance(argument, tree.Call) and argument.name == "CONVERTTIMEZONE":
            raise errors.unsupported("convertTimezone(): compare with instants instead")
        if not isinstance(argument, tree.Path):
            raise errors.malformed(f"{call.name} takes one date or dateTime field: {call.text}")
        term = self.field(argument)
        if term.type != "datetime" and (term.type != "date" or call.name in dates.NEED_TIME):
            raise errors.malformed(f"field '{term.name}' of type {term.type} is not supported by function {call.name}")
        return date_function(call.name, term, call.at)

    def _label(self, call: tree.Call) -> Term:
        """Values and labels of a picklist are the same in the local org: its metadata gives both one name."""
        argument = call.args[0] if len(call.args) == 1 else None
        if not isinstance(argument, tree.Path):
            raise errors.malformed(f"toLabel takes one picklist field: {call.text}")
        term = self.field(argument)
        if term.type not in ("picklist", "multipicklist"):
            raise errors.unsupported(f"toLabel() of a field of type {term.type} ('{term.name}')")
        return term


def date_function(name: str, term: Term, at: int) -> Term:
    """The term of a date function over another term."""
    value = term.get
    result = "date" if name == "DAY_ONLY" else "int"
    return Term(f"{name}({term.name})", result, lambda row: dates.apply(name, value(row)), at)


def _relationship(sobject: SObject, name: str) -> Field | None:
    for field in sobject.fields.values():
        if field.relationship_name and field.relationship_name.lower() == name:
            return field
    return None
