"""What the org shows to us: objects, fields and what we may do with them, as its describe calls say for our user.

Salesforce leaves out what the integration user may not see, so "not deployed" and "not permitted" look the same and
have the same way out. Descriptions are kept for some minutes; those that have aged are fetched again together, in one
API call, and any of them at once when the org contradicts it.
"""

import threading
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from connector.errors import ConnectorError, GoneError, MisconfiguredError
from connector.salesforce.errors import DEPLOY, refused_part
from connector.salesforce.limits import Priority
from connector.salesforce.read import batch, checked_name, query
from connector.salesforce.session import OrgSession

Verb = Literal["create", "update", "upsert"]

MAX_AGE = 300.0  # seconds
INCOMPLETE_MAX_AGE = 60.0  # of an object of which something was left out
_ORGANIZATION = "SELECT Id, Name, IsSandbox, InstanceName, OrganizationType FROM Organization LIMIT 1"
_CURRENCIES = "SELECT IsoCode, ConversionRate, DecimalPlaces, IsActive, IsCorporate FROM CurrencyType ORDER BY IsoCode"


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """One field as our user may use it. `length` in characters; `precision` and `scale` in digits."""

    name: str
    label: str
    type: str
    length: int
    precision: int
    scale: int
    createable: bool
    updateable: bool
    required: bool  # must be given when a record is created
    unique: bool
    external_id: bool
    case_sensitive: bool
    relationship: str | None  # "Account__r" for Account__c
    refers_to: tuple[str, ...] = ()  # objects it may point to
    values: tuple[str, ...] = ()  # of a picklist: those in use
    restricted: bool = False  # a picklist that takes no other values
    calculated: bool = False
    auto_number: bool = False
    custom: bool = False

    def writable(self, verb: Verb) -> bool:
        """Whether it may be part of such a write; an upsert may turn out to be either of the other two."""
        return (self.createable or verb == "update") and (self.updateable or verb == "create")


@dataclass(frozen=True)
class ObjectFacts:
    """One object as our user may use it."""

    name: str
    label: str
    createable: bool
    updateable: bool
    fields: Mapping[str, FieldFacts]  # by lower-case name
    references: Mapping[str, FieldFacts]  # by lower-case relationship name

    def field(self, name: str) -> FieldFacts | None:
        """The field, or the field behind a relationship name, in any case; None if we do not see it."""
        return self.fields.get(name.lower()) or self.references.get(name.lower())

    @property
    def required(self) -> frozenset[str]:
        """Names of the fields without which nothing can be created."""
        return frozenset(each.name for each in self.fields.values() if each.required)


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency of a multi-currency org. `rate`: units of it per unit of the corporate currency."""

    code: str
    rate: Decimal
    decimals: int
    active: bool
    corporate: bool


@dataclass(frozen=True, slots=True)
class Organization:
    """Which org this is."""

    id: str
    name: str
    sandbox: bool
    instance: str
    edition: str


class Exposure:
    """The org as our user sees it, remembered for `max_age` seconds. Safe to share between threads."""

    def __init__(self, session: OrgSession, *, max_age: float = MAX_AGE) -> None:
        self._session = session
        self._max_age = max_age
        self._lock = threading.Lock()  # held while asking the org; what is fresh is read without it
        self._objects: dict[str, tuple[float, ObjectFacts | None]] = {}
        self._currencies: tuple[float, tuple[Currency, ...]] | None = None
        self._told: set[tuple[str, str]] = set()
        self._incomplete: set[str] = set()  # objects of which something was left out: a person may be mending them

    def of(self, object_name: str, *, priority: Priority = Priority.NORMAL) -> ObjectFacts | None:
        """What we may do with the object; None where it does not exist for us. Raises ConnectorError."""
        key = object_name.lower()
        known = self._objects.get(key)
        if known is not None and not self._is_old(key, known[0]):
            return known[1]
        with self._lock:
            self._refresh([object_name], priority)
            return self._objects[key][1]

    def learn(self, object_names: Iterable[str], *, priority: Priority = Priority.NORMAL) -> None:
        """Know these objects, so that `of` need not ask for one after the other: one API call per 25 unknown ones."""
        with self._lock:
            self._refresh(object_names, priority)

    def require(self, object_name: str, *, priority: Priority = Priority.NORMAL) -> ObjectFacts:
        """As `of`; MisconfiguredError with the way out where the object does not exist for us."""
        facts = self.of(object_name, priority=priority)
        if facts is None:
            raise MisconfiguredError("INVALID_TYPE", f"{object_name} does not exist for the integration user", DEPLOY)
        return facts

    def spelled(self, facts: ObjectFacts, path: str, *, priority: Priority = Priority.NORMAL) -> str | None:
        """A field or relationship path (CreatedBy.Name) in the org's own spelling; None where a part of it is hidden.

        Raises ConnectorError, and ValueError for what can be no path.
        """
        name, _dot, rest = checked_name(path).partition(".")
        if not rest:
            field = facts.fields.get(name.lower())
            return field.name if field else None
        reference = facts.references.get(name.lower())
        if reference is None:
            return None
        if len(reference.refers_to) != 1:  # it may lead to several objects; SOQL shows what all have in common
            return f"{reference.relationship}.{rest}"
        target = self.of(reference.refers_to[0], priority=priority)
        inner = target and self.spelled(target, rest, priority=priority)
        return f"{reference.relationship}.{inner}" if inner else None

    def forget(self, object_name: str) -> None:
        """Ask the org again next time: it has just contradicted what we know of the object."""
        with self._lock:
            self._objects.pop(object_name.lower(), None)

    def forget_all(self) -> None:
        """Ask the org for everything again: it has contradicted something, and did not say in which object."""
        with self._lock:
            self._objects.clear()

    def first_told(self, object_name: str, fields: Iterable[str]) -> tuple[str, ...]:
        """Those of `fields`, which are left out, that nobody has been told of yet; from now on they are told.

        An object of which something is left out is looked at again soon: the permission may be on its way.
        """
        left_out = set(fields)
        with self._lock:
            if left_out:
                self._incomplete.add(object_name.lower())
            new = {(object_name, name) for name in left_out} - self._told
            self._told |= new
        return tuple(sorted(name for _object, name in new))

    def org_currencies(self, *, priority: Priority = Priority.NORMAL) -> tuple[Currency, ...]:
        """The currencies of a multi-currency org, by code; none in an org with a single one."""
        with self._lock:
            if self._currencies is None or self._aged(self._currencies[0]):
                self._currencies = (time.monotonic(), self._read_currencies(priority))
            return self._currencies[1]

    def organization(self, *, priority: Priority = Priority.NORMAL) -> Organization:
        """Which org the session is in."""
        row = next(query(self._session, _ORGANIZATION, priority=priority))
        return Organization(
            id=row["Id"],
            name=row["Name"],
            sandbox=bool(row["IsSandbox"]),
            instance=row["InstanceName"] or "",
            edition=row["OrganizationType"] or "",
        )

    def _aged(self, since: float) -> bool:
        return time.monotonic() - since >= self._max_age

    def _is_old(self, key: str, since: float) -> bool:
        age = min(self._max_age, INCOMPLETE_MAX_AGE) if key in self._incomplete else self._max_age
        return time.monotonic() - since >= age

    def _refresh(self, wanted: Iterable[str], priority: Priority) -> None:
        """Fetch those that are not known (another thread may have asked meanwhile). With the lock held.

        Whatever else has aged comes along, since a call costs the same.
        """
        names = {name.lower(): name for name in wanted if self._unknown(name)}
        if not names:
            return
        for since, facts in self._objects.values():
            if facts is not None and self._aged(since):
                names.setdefault(facts.name.lower(), facts.name)
        answers = batch(self._session, [f"sobjects/{name}/describe" for name in names.values()], priority=priority)
        now = time.monotonic()
        for name, answer in zip(names, answers, strict=True):
            self._incomplete.discard(name)
            self._objects[name] = (now, _facts(answer["statusCode"], answer["result"]))

    def _unknown(self, object_name: str) -> bool:
        key = object_name.lower()
        known = self._objects.get(key)
        return known is None or self._is_old(key, known[0])

    def _read_currencies(self, priority: Priority) -> tuple[Currency, ...]:
        try:
            rows = list(query(self._session, _CURRENCIES, priority=priority))
        except ConnectorError as error:
            if error.code == "INVALID_TYPE":  # there is no CurrencyType in a single-currency org
                return ()
            raise
        return tuple(_currency(row) for row in rows)


def missing(facts: ObjectFacts, names: Collection[str], verb: Verb) -> tuple[str, ...]:
    """Those of `names` that we may not write in that way, in order."""
    return tuple(name for name in names if not ((field := facts.field(name)) and field.writable(verb)))


def _facts(status: int, result: Any) -> ObjectFacts | None:
    if status == 200:
        fields = [_field(each) for each in result["fields"]]
        return ObjectFacts(
            name=result["name"],
            label=result["label"],
            createable=result["createable"],
            updateable=result["updateable"],
            fields={each.name.lower(): each for each in fields},
            references={each.relationship.lower(): each for each in fields if each.relationship},
        )
    error = refused_part(status, result)
    if isinstance(error, GoneError) or error.code == "INVALID_TYPE":
        return None
    raise error


def _field(described: Mapping[str, Any]) -> FieldFacts:
    return FieldFacts(
        name=described["name"],
        label=described["label"],
        type=described["type"],
        length=described["length"],
        precision=described["precision"] or described.get("digits") or 0,  # whole numbers state digits instead
        scale=described["scale"],
        createable=described["createable"],
        updateable=described["updateable"],
        required=described["createable"] and not described["nillable"] and not described["defaultedOnCreate"],
        unique=described["unique"],
        external_id=described["externalId"],
        case_sensitive=described["caseSensitive"],
        relationship=described["relationshipName"],
        refers_to=tuple(described.get("referenceTo") or ()),
        values=tuple(each["value"] for each in described.get("picklistValues") or () if each["active"]),
        restricted=bool(described.get("restrictedPicklist")),
        calculated=bool(described.get("calculated")),
        auto_number=bool(described.get("autoNumber")),
        custom=bool(described.get("custom")),
    )


def _currency(row: Mapping[str, Any]) -> Currency:
    return Currency(
        code=row["IsoCode"],
        rate=Decimal(row["ConversionRate"]),
        decimals=int(row["DecimalPlaces"]),
        active=row["IsActive"],
        corporate=row["IsCorporate"],
    )
