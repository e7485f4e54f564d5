"""Whether a figure fits a field of the org, told while one chooses: nothing is saved that the org would refuse later.

A refused field would hold back the whole record it stands in, so this is strict: what may not fit is a problem, with
the way out in words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sync.core.fieldmap.figures import ACCOUNT, Figure, FigureType
from sync.core.fieldmap.orgfield import CAN_HOLD, NUMBER_TYPES, TEXT_TYPES, OrgField
from sync.core.fieldmap.proposals import proposal
from sync.core.fieldmap.rules import FieldMap, Rule, field_problem, figure_of
from sync.core.fieldmap.transforms import (
    AsDay,
    AsIs,
    AsText,
    Choices,
    Constant,
    Rounded,
    Transform,
    YesNo,
    suits,
)
from sync.core.words import cut, listed

_MONEY_TEXT = 24  # characters of "USD 999,999,999,999.999"


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a rule cannot be: `problem` in words, about `field` of records of a kind."""

    kind: str
    field: str
    problem: str


@dataclass(frozen=True, slots=True)
class _Said:
    """What comes out of a transform: its type as describes call them, and how long or large it can be."""

    type: str  # number, text, date, datetime, boolean
    length: int = 0
    words: tuple[str, ...] = ()  # where it can only be one of these
    whole: int = 0
    digits: int = 0
    can_be_empty: bool = False


def misfits(fieldmap: FieldMap, fields: Mapping[str, Sequence[OrgField]]) -> list[Misfit]:
    """Everything in the mapping that the org would refuse. `fields`: those of the org, by kind."""
    found = []
    for kind, part in fieldmap.kinds.items():
        there = {each.name.lower(): each for each in fields.get(kind, ())}
        for rule in part.rules if part.on else ():
            told = problems(kind, figure_of(kind, rule), rule, there.get(rule.field.lower()))
            found += [Misfit(kind, rule.field, problem) for problem in told]
    return found


def problems(kind: str, figure: Figure, rule: Rule, field: OrgField | None) -> list[str]:
    """Why the rule cannot be, in words; none if it can. `field` None: the org does not show it to us."""
    if refused := field_problem(kind, rule.field):
        return [refused]
    if field is None:
        return ["is not in the org, or hidden from the integration user: give its permission set access to it"]
    if shut := locked(kind, field):
        return [shut]
    if not suits(rule.transform, figure):
        return [f"{figure.label} ({figure.type}) cannot be written in that way"]
    said = _said(figure, rule.transform)
    found = _type_problems(figure, rule.transform, said, field)
    if field.unique:
        found.append("must be different on every record, and a figure can be the same on two")
    if field.required and said.can_be_empty:
        found.append("must not be empty, and this can be")
    return found


def locked(kind: str, field: OrgField) -> str | None:
    """Why nothing at all can be written to the field; None where something can."""
    if field.calculated:
        return "is a formula: nobody can write it"
    if field.auto_number:
        return "is numbered by Salesforce: nobody can write it"
    created = kind != ACCOUNT  # accounts are there already: they are only ever updated
    if not field.updateable or (created and not field.createable):
        return "cannot be edited by the integration user: give its permission set edit access to it"
    if field.type not in CAN_HOLD:
        return f"holds {field.holds}, which no figure is"
    return None


def _said(figure: Figure, transform: Transform) -> _Said:
    match transform:
        case Constant(text):
            return _Said("text", len(text), (text,))
        case YesNo(yes, no):
            words = tuple(word for word in (yes, no) if word)
            return _Said("text", max(map(len, words)), words, can_be_empty=len(words) < 2)
        case Choices(words):
            told = tuple(word for _, word in words)
            unlisted = set(figure.values) - {value for value, _ in words}
            return _Said("text", max(map(len, told), default=0), told, can_be_empty=bool(unlisted))
        case Rounded(digits):
            return _Said("number", whole=figure.whole, digits=digits, can_be_empty=figure.can_be_empty)
        case AsText(limit):
            longest = _longest(figure)
            return _Said(
                "text",
                min(longest, limit) if limit else longest,
                figure.values if limit is None or limit >= longest else (),
                can_be_empty=figure.can_be_empty,
            )
        case AsDay(form):
            return _Said("text" if form else "date", 10, can_be_empty=figure.can_be_empty)
        case AsIs():
            return _plain(figure)


def _plain(figure: Figure) -> _Said:
    empty = figure.can_be_empty
    match figure.type:
        case FigureType.MONEY | FigureType.NUMBER:
            return _Said("number", whole=figure.whole, digits=figure.digits, can_be_empty=empty)
        case FigureType.DATE:
            return _Said("date", can_be_empty=empty)
        case FigureType.INSTANT:
            return _Said("datetime", can_be_empty=empty)
        case FigureType.FLAG:
            return _Said("boolean")
        case FigureType.TEXT | FigureType.CHOICE:
            return _Said("text", figure.length, figure.values, can_be_empty=empty)


def _longest(figure: Figure) -> int:
    match figure.type:
        case FigureType.MONEY:
            return _MONEY_TEXT
        case FigureType.NUMBER:
            return figure.whole + figure.whole // 3 + figure.digits + 2
        case _:
            return figure.length


def _type_problems(figure: Figure, transform: Transform, said: _Said, field: OrgField) -> list[str]:
    match said.type, field.type:
        case "number", kind if kind in NUMBER_TYPES:
            return _number_problems(said, field)
        case "text", "picklist":
            return _picklist_problems(figure, transform, said, field)
        case "text", kind if kind in TEXT_TYPES or (kind == "url" and figure.address):
            return _length_problems(figure, transform, said, field)
        case ("date", "date") | ("datetime", "datetime") | ("boolean", "boolean"):
            return []
    way_out = f": {proposed}" if (proposed := _way_out(figure, field)) else ""
    return [f"holds {field.holds}, and this is {_TOLD[said.type]}{way_out}"]


_TOLD = {
    "number": "a number",
    "text": "text",
    "date": "a date",
    "datetime": "a date and time",
    "boolean": "yes or no",
}


def _way_out(figure: Figure, field: OrgField) -> str:
    match proposal(figure, field):
        case AsText():
            return "write it as text"
        case AsDay(None):
            return "write it as a date"
        case AsDay(_):
            return "choose how the day is written"
        case YesNo():
            return "give a text for yes and one for no"
        case Choices():
            return "choose a value of its list for each"
    return ""


def _number_problems(said: _Said, field: OrgField) -> list[str]:
    found = []
    whole = field.precision - field.scale
    if field.precision and whole < said.whole:
        found.append(f"holds {whole} digits before the point; this can have {said.whole}")
    if field.scale < said.digits:
        kept = f"{field.scale} digits" if field.scale else "no digits"
        found.append(f"keeps {kept} after the point; this has {said.digits}: have it rounded to {field.scale}")
    return found


def _length_problems(figure: Figure, transform: Transform, said: _Said, field: OrgField) -> list[str]:
    if not field.length or said.length <= field.length:
        return []
    typed = isinstance(transform, Constant | YesNo | Choices)
    what = f"the longest text of {figure.label} has" if not typed else "the longest text here has"
    way_out = "shorten it" if typed else f"have it cut at {field.length}"
    return [f"holds {field.length} characters; {what} {said.length}: {way_out}"]


def _picklist_problems(figure: Figure, transform: Transform, said: _Said, field: OrgField) -> list[str]:
    if isinstance(transform, Choices) and not said.words:
        return ["choose a value of its list for each, or nothing is ever written"]
    if not field.restricted:
        return _length_problems(figure, transform, said, field)
    if not said.words:
        return ["takes only the values of its list, and this can be any text"]
    strange = [word for word in said.words if word not in field.values]
    if not strange:
        return []
    names = listed([f"'{cut(word, 40)}'" for word in strange], 5)
    return [f"the value {names} is not in its list" if len(strange) == 1 else f"the values {names} are not in its list"]
