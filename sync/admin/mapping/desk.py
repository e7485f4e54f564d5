"""What every route of this screen begins with: how the mapping stands, and the org's fields as far as it tells them."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from sync.admin import audit, gate
from sync.admin.mapping.lines import OrgFields
from sync.core.fieldmap.figures import MAPPED
from sync.core.fieldmap.orgfield import OrgField
from sync.core.fieldmap.rules import FieldMap
from sync.core.fieldmap.telling import told
from sync.db.fieldmaps import Pins
from sync.pipeline import mapping_draft
from sync.pipeline.accounts import OrgAwayError
from sync.pipeline.mapping_draft import Desk


@dataclass(frozen=True, slots=True)
class Org:
    """The fields of the org by kind; None with the reason in words while it cannot be asked."""

    fields: OrgFields | None
    away: str = ""

    def of(self, kind: str) -> list[OrgField]:
        """The fields of a kind's object."""
        return list(self.fields[kind].values()) if self.fields is not None else []

    def field(self, kind: str, name: str) -> OrgField | None:
        """One of them, in any case; None if the org does not show it."""
        return self.fields[kind].get(name.lower()) if self.fields is not None else None

    def labels(self) -> dict[tuple[str, str], str]:
        """What fields are called, by kind and API name in lower case."""
        known = self.fields or {}
        return {(kind, name): field.label for kind, each in known.items() for name, field in each.items()}


def pins() -> Pins:
    """What the environment says of Account fields."""
    return gate.run().settings.account_fields


def now(conn: Connection) -> Desk:
    """How the mapping stands."""
    return mapping_draft.desk(conn, pins())


def step(conn: Connection, change: Callable[[FieldMap], FieldMap]) -> Desk:
    """Make a step in the draft, and write it down. Raises FieldMapError and DraftError."""
    before = now(conn)
    after = mapping_draft.edit(conn, pins(), gate.who().name, change)
    audit.note(conn, "changed draft of mapping", "mapping", before=in_words(before), after=in_words(after))
    return after


def in_words(desk: Desk) -> list[str]:
    """What the draft changes."""
    return [change.what for change in told(desk.held, desk.working)]


def org() -> Org:
    """The org's fields, from its describe calls, which are kept for some minutes."""
    reader = gate.run().org
    if reader is None:
        return Org(None, "Salesforce is not connected yet: connect it under Set-up.")
    try:
        return Org({kind: {each.name.lower(): each for each in reader.fields(kind)} for kind in MAPPED})
    except OrgAwayError as error:
        return Org(None, f"Salesforce cannot be asked now: {error}")
    finally:
        gate.run().meter.flush()
