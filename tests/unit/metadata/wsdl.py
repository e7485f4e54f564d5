"""Metadata files against Salesforce's own schema, the metadata WSDL that ships with simple-salesforce.

The WSDL fixes the order of elements, but the platform accepts any; what it does not accept are unknown elements,
missing ones, and values outside an enumeration. Order is checked on its own (`out_of_order`), because a retrieve
writes the WSDL's order, and with any other one every retrieve is a diff.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import simple_salesforce
from lxml import etree

from tests.unit.metadata.project import Node, Part, Project

WSDL = Path(simple_salesforce.__file__).parent / "metadata.wsdl"
_XSD = "{http://www.w3.org/2001/XMLSchema}"

# Elements newer than the WSDL (API 63): (type, element) → why it is right all the same.
NEWER: dict[tuple[str, str], str] = {}

# What the schema says nothing about: the targetConfigs of a component, which component_lints reads.
OPAQUE = {"base64Binary"}
# What a retrieve returns as it was written, in any order.
AS_WRITTEN = {"LightningComponentBundle"}


@dataclass(frozen=True)
class Element:
    """One element of a complex type, in the order of the schema."""

    name: str
    type: str
    required: bool
    many: bool


class Schema:
    """The complex types and enumerations of the WSDL, by name."""

    def __init__(self, path: Path) -> None:
        root = etree.parse(path).getroot()
        self._types = {str(node.get("name")): node for node in root.iter(f"{_XSD}complexType") if node.get("name")}
        self.enumerations = {
            str(node.get("name")): {str(value.get("value")) for value in node.iter(f"{_XSD}enumeration")}
            for node in root.iter(f"{_XSD}simpleType")
            if node.get("name") and node.find(f".//{_XSD}enumeration") is not None
        }
        self._known: dict[str, dict[str, Element]] = {}

    def elements(self, name: str) -> dict[str, Element] | None:
        """The elements of a complex type, inherited ones first; None where there is no such type."""
        if name not in self._types:
            return None
        if name not in self._known:
            self._known[name] = self._read(self._types[name])
        return self._known[name]

    def _read(self, node: Node) -> dict[str, Element]:
        base = node.find(f".//{_XSD}extension")
        inherited = {} if base is None else (self.elements(_local(base.get("base"))) or {})
        own = {str(item.get("name")): _element(item) for item in node.iter(f"{_XSD}element")}
        return {**inherited, **own}


def _element(node: Node) -> Element:
    return Element(
        name=str(node.get("name")),
        type=_local(node.get("type")),
        required=node.get("minOccurs", "1") != "0",
        many=node.get("maxOccurs") == "unbounded",
    )


def _local(name: str | None) -> str:
    return (name or "").rpartition(":")[2]


@cache
def schema() -> Schema:
    """The schema, read once."""
    return Schema(WSDL)


def breaches(project: Project) -> Iterator[str]:
    """What the schema forbids: unknown, missing and repeated elements, values that are not of their type."""
    for part in project.parts:
        if schema().elements(part.kind) is None:
            yield f"{project.where(part)}: <{part.kind}> is not a metadata type of the WSDL"
        else:
            yield from _breaches(project, part, part.root, part.kind)


def _breaches(project: Project, part: Part, node: Node, type_name: str) -> Iterator[str]:
    known = schema().elements(type_name) or {}
    found = [str(child.tag) for child in node]
    for child in node:
        element = known.get(str(child.tag))
        if element is None:
            if (type_name, str(child.tag)) not in NEWER:
                yield f"{project.where(part, child)}: {type_name} has no element <{child.tag!s}>"
            continue
        if element.type in OPAQUE:
            continue
        yield from (f"{project.where(part, child)}: {problem}" for problem in _value_problems(child, element))
        yield from _breaches(project, part, child, element.type)
    for element in known.values():
        # The name of a component is that of its file: fullName is required by the schema, not by source format.
        if element.required and element.name not in found and element.name != "fullName":
            yield f"{project.where(part, node)}: {type_name} needs an element <{element.name}>"
        if not element.many and found.count(element.name) > 1:
            yield f"{project.where(part, node)}: {type_name} has <{element.name}> more than once"


def _value_problems(node: Node, element: Element) -> Iterator[str]:
    value = node.text or ""
    allowed = schema().enumerations.get(element.type)
    if allowed is not None and value not in allowed:
        yield f"<{element.name}> is {value!r}; {element.type} knows {', '.join(sorted(allowed))}"
    if element.type == "boolean" and value not in {"true", "false"}:
        yield f"<{element.name}> is {value!r}; write true or false"
    if element.type == "int" and not value.lstrip("-").isdigit():
        yield f"<{element.name}> is {value!r}; write a whole number"


def out_of_order(project: Project) -> Iterator[str]:
    """Files whose elements are not in the order in which a retrieve writes them."""
    for part in project.parts:
        if part.kind not in AS_WRITTEN:
            yield from _out_of_order(project, part, part.root, part.kind)


def _out_of_order(project: Project, part: Part, node: Node, type_name: str) -> Iterator[str]:
    known = schema().elements(type_name)
    if known is None:
        return
    ranks = {name: rank for rank, name in enumerate(known)}
    found = [ranks.get(str(child.tag), len(ranks)) for child in node]
    for child, before, after in zip(node[1:], found, found[1:], strict=False):
        if after < before:
            yield f"{project.where(part, child)}: <{child.tag!s}> belongs further up"
    for child in node:
        if str(child.tag) in known:
            yield from _out_of_order(project, part, child, known[str(child.tag)].type)
