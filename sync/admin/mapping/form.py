"""What people type into the mapping: how one figure is shown in one field, and saving.

Every way has its own inputs, all of them in the page at once, so that it works without JavaScript; only those of the
chosen way count.
"""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from sync.core.fieldmap.editing import ways
from sync.core.fieldmap.figures import Figure
from sync.core.fieldmap.orgfield import OrgField
from sync.core.fieldmap.transforms import (
    LONGEST_TEXT,
    AsDay,
    AsIs,
    AsText,
    Choices,
    Constant,
    DayForm,
    Rounded,
    Transform,
    TransformError,
    YesNo,
    pack,
    unpack,
)

WAYS: dict[str, tuple[type[Transform], str]] = {
    "is": (AsIs, "As it is"),
    "choices": (Choices, "A value of its own for each word"),
    "yes_no": (YesNo, "A text for yes and a text for no"),
    "number": (Rounded, "Rounded"),
    "text": (AsText, "As text"),
    "day": (AsDay, "As a day"),
    "constant": (Constant, "Always the same text"),
}
LONGEST_NOTE = 500
_SHORT = Length(max=LONGEST_TEXT, message=f"No more than {LONGEST_TEXT} characters, please.")
_FORMS = {form.name.lower(): f"like {form.value}" for form in DayForm}
_EMPTY = {"": "– leave it empty –"}


class RuleForm(FlaskForm):
    """How a figure is shown in a field. Made for the two by `rule_form`."""

    way = RadioField("How it is shown", validators=[InputRequired("Choose how the figure is shown.")])
    was = HiddenField(validators=[Length(max=64)])

    about: Figure
    target: OrgField

    def transform(self) -> Transform:
        """What was chosen. Raises TransformError in words."""
        return unpack({"as": self.way.data, **self._options()})

    def _options(self) -> dict[str, Any]:
        match self.way.data:
            case "choices":
                return {"values": {value: self[name].data or "" for name, value in self.value_names()}}
            case "yes_no":
                return {"yes": self["yes"].data or "", "no": self["no"].data or ""}
            case "number":
                return {"digits": self["digits"].data}
            case "text":
                return {"limit": self["limit"].data if "limit" in self else None}
            case "day":
                return {"form": self["form"].data if "form" in self else None}
            case "constant":
                return {"text": self["text"].data or ""}
        return {}

    def value_names(self) -> list[tuple[str, str]]:
        """The inputs of a value table: (name of the input, the figure's word)."""
        return [(f"value_{at}", value) for at, value in enumerate(self.about.values)]

    def options_of(self, way: str) -> list[Field]:
        """The inputs that belong to a way."""
        names = {
            "choices": [name for name, _ in self.value_names()],
            "yes_no": ["yes", "no"],
            "number": ["digits"],
            "text": ["limit"],
            "day": ["form"],
            "constant": ["text"],
        }
        return [self[name] for name in names.get(way, ()) if name in self]

    def validate(self, extra_validators: Any = None) -> bool:
        """Only the chosen way's inputs count; those of the others are left alone."""
        known = {field.name for way in WAYS for field in self.options_of(way)}
        counted = {field.name for field in self.options_of(self.way.data or "")}
        for name in known - counted:
            _let_be(self[name])
        if not super().validate(extra_validators):
            return False
        try:
            self.transform()
        except TransformError as error:
            self.tell(str(error))
            return False
        return True

    def tell(self, problem: str) -> None:
        """Say what is wrong at the first input of the chosen way."""
        options = self.options_of(self.way.data or "")
        field = options[0] if options else self.way
        told = problem[:1].upper() + problem[1:]
        field.errors = [*field.errors, told if told.endswith((".", "?")) else f"{told}."]


def _let_be(field: Field) -> None:
    """Whatever it holds is right."""
    field.validators, field.process_errors = (), []
    if isinstance(field, SelectField):
        field.validate_choice = False


def rule_form(about: Figure, target: OrgField, transform: Transform | None) -> RuleForm:
    """The form for a figure and a field, filled in with a way if nothing was sent yet."""
    possible = ways(about, target)
    inputs: dict[str, Any] = {"about": about, "target": target}
    inputs["way"] = RadioField(
        "How it is shown",
        choices={name: words for name, (kind, words) in WAYS.items() if kind in possible},
        validators=[InputRequired("Choose how the figure is shown.")],
    )
    for kind in possible:
        inputs |= _INPUTS.get(kind, _none)(about, target)
    made: RuleForm = type("RuleForm", (RuleForm,), inputs)(data=_filled(transform, about, target))
    return made


def _none(_about: Figure, _target: OrgField) -> dict[str, Any]:
    return {}


def _listed(target: OrgField) -> dict[str, str]:
    """The values of a picklist, as choices."""
    return {each: each for each in target.values}


def _value_inputs(about: Figure, target: OrgField) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for at, value in enumerate(about.values):
        if target.values:
            made[f"value_{at}"] = SelectField(value, choices=_EMPTY | _listed(target), default="")
        else:
            made[f"value_{at}"] = StringField(value, validators=[Optional(), _SHORT])
    return made


def _yes_no_inputs(_about: Figure, target: OrgField) -> dict[str, Any]:
    if target.values:
        choices = _EMPTY | _listed(target)
        return {"yes": SelectField("For yes", choices=choices), "no": SelectField("For no", choices=choices)}
    return {
        "yes": StringField("For yes", validators=[Optional(), _SHORT]),
        "no": StringField("For no", validators=[Optional(), _SHORT]),
    }


def _digit_inputs(_about: Figure, _target: OrgField) -> dict[str, Any]:
    words = "A whole number from 0 to 8, please."
    between = [InputRequired(words), NumberRange(0, 8, words)]
    return {"digits": IntegerField("Digits after the point", validators=between)}


def _text_inputs(about: Figure, target: OrgField) -> dict[str, Any]:
    if not about.length:  # an amount that is cut would be another amount
        return {}
    most = target.length or 131_072
    between = [Optional(), NumberRange(1, most, f"A whole number from 1 to {most:,}, please.")]
    return {"limit": IntegerField("Cut after so many characters", validators=between)}


def _day_inputs(_about: Figure, target: OrgField) -> dict[str, Any]:
    return {} if target.type == "date" else {"form": SelectField("How the day is written", choices=_FORMS)}


def _constant_inputs(_about: Figure, target: OrgField) -> dict[str, Any]:
    if target.values and target.restricted:
        return {"text": SelectField("The text", choices=_listed(target))}
    return {"text": StringField("The text", validators=[_SHORT])}


_INPUTS: dict[type[Transform], Any] = {
    Choices: _value_inputs,
    YesNo: _yes_no_inputs,
    Rounded: _digit_inputs,
    AsText: _text_inputs,
    AsDay: _day_inputs,
    Constant: _constant_inputs,
}


def _filled(transform: Transform | None, about: Figure, target: OrgField) -> dict[str, Any]:
    """What the inputs show at first: the way given, and for the others what would be likely."""
    same = {value: value for value in about.values if value in target.values}
    values = dict(transform.words) if isinstance(transform, Choices) else same
    filled: dict[str, Any] = {f"value_{at}": values.get(value, "") for at, value in enumerate(about.values)}
    filled |= {"digits": min(about.digits, target.scale), "limit": target.length or None}
    if transform is not None:
        document = pack(transform)
        filled |= {name: value for name, value in document.items() if name not in {"as", "values"}}
        filled["way"] = document["as"]
    return filled


class SaveForm(FlaskForm):
    """Saving what was previewed."""

    note = TextAreaField(
        "Why",
        description="One line for whoever reads the history next year.",
        validators=[
            InputRequired("Say in a few words why: it stands in the history."),
            Length(max=LONGEST_NOTE, message=f"No more than {LONGEST_NOTE} characters, please."),
        ],
    )
    when = RadioField(
        "Which records",
        choices={"now": "All records, now", "later": "Only records that change from now on"},
        default="now",
        validators=[InputRequired("Choose which records are written.")],
    )
    although = BooleanField("Save it although Salesforce would refuse some of these records")
    seen = HiddenField(validators=[InputRequired("Preview the draft first."), Length(max=2000)])

    def validate_note(self, field: Field) -> None:
        """Spaces are no reason."""
        if not (field.data or "").strip():
            raise ValidationError("Say in a few words why: it stands in the history.")
