"""Which fields of the org a figure can go to, best first."""

from collections.abc import Sequence
from dataclasses import dataclass

from sync.core.fieldmap.figures import Figure, FigureType
from sync.core.fieldmap.fit import locked, problems
from sync.core.fieldmap.orgfield import OrgField
from sync.core.fieldmap.proposals import proposal
from sync.core.fieldmap.rules import Rule, field_problem
from sync.core.fieldmap.transforms import AsDay, AsIs, Choices, Rounded, Transform, YesNo


@dataclass(frozen=True, slots=True)
class Choice:
    """A field that a figure fits, and the way in which it would be written there."""

    field: OrgField
    transform: Transform


def choices_for(figure: Figure, kind: str, fields: Sequence[OrgField], used: Sequence[str] = ()) -> list[Choice]:
    """The fields that the figure fits in some way, best first; those in `used` say another figure already."""
    taken = {name.lower() for name in used}
    found = []
    for field in fields:
        way = proposal(figure, field)
        if field.name.lower() not in taken and way is not None and _could(kind, figure, field, way):
            found.append(Choice(field, way))
    return sorted(found, key=lambda choice: (_rank(figure, choice), choice.field.label.lower(), choice.field.name))


def _could(kind: str, figure: Figure, field: OrgField, way: Transform) -> bool:
    """Whether it fits, or would once its words are chosen."""
    if isinstance(way, Choices | YesNo):
        return field_problem(kind, field.name) is None and locked(kind, field) is None and not field.unique
    return not problems(kind, figure, Rule(figure.name, field.name, way), field)


def _rank(figure: Figure, choice: Choice) -> tuple[int, bool]:
    """Its own type first, then what keeps its kind (a rounded number, a day), then text; custom fields first."""
    same = (figure.type is FigureType.MONEY) == (choice.field.type == "currency")
    match choice.transform:
        case AsIs() if same:
            place = 0
        case AsIs() | Rounded() | AsDay(None):
            place = 1
        case _:
            place = 3 if choice.field.type == "textarea" else 2
    return place, not choice.field.custom
