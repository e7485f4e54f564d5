"""Fields of standard objects in few words: one function for each kind that takes more than its name and label."""

from typing import Any

from connector.local.org.model import Field, Picklist


def text(name: str, label: str, length: int, **more: Any) -> Field:
    """A line of text."""
    return Field(name, label, "string", length=length, **more)


def area(name: str, label: str, length: int = 32_000, **more: Any) -> Field:
    """A text of several lines."""
    return Field(name, label, "textarea", length=length, **more)


def pick(name: str, label: str, values: str, default: str | None = None, **more: Any) -> Field:
    """An unrestricted picklist; `values` separated by semicolons."""
    picklist = Picklist(tuple(values.split(";")), restricted=False, default=default)
    return Field(name, label, "picklist", length=255, picklist=picklist, default=default, **more)


def number(name: str, label: str, kind: str, precision: int, scale: int, **more: Any) -> Field:
    """A number: `kind` is double, int, currency or percent."""
    return Field(name, label, kind, precision=precision, scale=scale, **more)


def flag(name: str, label: str, *, default: bool = False, **more: Any) -> Field:
    """A checkbox."""
    return Field(name, label, "boolean", required=True, default=default, **more)


def ref(name: str, label: str, *to: str, on_delete: str = "SetNull", **more: Any) -> Field:
    """A lookup. Its relationship is the name without `Id`."""
    return Field(
        name,
        label,
        "reference",
        length=18,
        reference_to=to,
        relationship_name=name.removesuffix("Id"),
        delete_constraint=on_delete,
        **more,
    )


def fixed(name: str, label: str, kind: str, **more: Any) -> Field:
    """A field that only the platform writes."""
    return Field(name, label, kind, createable=False, updateable=False, **more)
