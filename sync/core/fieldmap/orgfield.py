"""A field of the org, as far as fitting a figure into it goes."""

from dataclasses import dataclass

NUMBER_TYPES = frozenset({"currency", "double", "int"})
TEXT_TYPES = frozenset({"string", "textarea", "picklist"})
_TYPE_WORDS = {
    "currency": "an amount",
    "double": "a number",
    "int": "a whole number",
    "percent": "a percentage",
    "string": "text",
    "textarea": "text",
    "picklist": "a word of its list",
    "multipicklist": "several words of its list",
    "boolean": "a checkbox",
    "date": "a date",
    "datetime": "a date and time",
    "time": "a time of day",
    "url": "a web address",
    "email": "an e-mail address",
    "phone": "a phone number",
    "reference": "a link to another record",
}
CAN_HOLD = NUMBER_TYPES | TEXT_TYPES | {"boolean", "date", "datetime", "url"}


@dataclass(frozen=True, slots=True)
class OrgField:
    """One field of the org as our user may use it. `type`: as its describe says; `values`: of a picklist, in use."""

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    values: tuple[str, ...] = ()
    restricted: bool = False
    createable: bool = True
    updateable: bool = True
    required: bool = False
    unique: bool = False
    calculated: bool = False
    auto_number: bool = False
    custom: bool = True

    @property
    def holds(self) -> str:
        """What it holds, in words."""
        return _TYPE_WORDS.get(self.type, self.type)
