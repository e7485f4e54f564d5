"""The SFDX project read into plain structures, so that the checks speak of fields and layouts, not of XML.

Nothing here judges; a file that is not XML, or lies where no metadata belongs, fails the load with its path.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from lxml import etree

ROOT = Path(__file__).parents[3] / "salesforce_metadata"
NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
Node = etree._Element
# Kinds of which an org keeps folders, whose names are part of theirs.
IN_FOLDERS = {"Dashboard", "Report"}


def parse(path: Path) -> Node:
    """The root of a metadata file, its tags without the namespace (which every file must declare)."""
    root = etree.parse(path, etree.XMLParser(remove_comments=True, resolve_entities=False)).getroot()
    for node in root.iter():
        name = etree.QName(node)
        if name.namespace != NAMESPACE:
            raise ValueError(f"{path}:{node.sourceline}: <{name.localname}> is not in the namespace {NAMESPACE}")
        node.tag = name.localname
    return root


def text(node: Node | None, name: str, default: str = "") -> str:
    """The text of a child element; `default` where there is no such child."""
    return default if node is None else (node.findtext(name) or default)


def texts(node: Node, name: str) -> list[str]:
    """The texts of all children, or grandchildren by path, of that name."""
    return [found.text or "" for found in node.findall(name)]


def flag(node: Node | None, name: str) -> bool:
    """A boolean child element; absent is false, as Salesforce reads it."""
    return text(node, name) == "true"


@dataclass(frozen=True)
class Part:
    """One metadata file. `name` and `kind` are those of the component, as `package.xml` would have them."""

    path: Path
    root: Node

    @property
    def kind(self) -> str:
        """The metadata type: `CustomField`, `Layout` …"""
        return str(self.root.tag)

    @property
    def name(self) -> str:
        """The file name without its suffixes; of what lies in folders of an org, with the folder."""
        own = re.sub(r"\.[A-Za-z]+-meta\.xml$", "", self.path.name)
        return f"{self.path.parent.name}/{own}" if self.kind in IN_FOLDERS else own


@dataclass(frozen=True)
class SObject:
    """An object folder. `definition` is missing for standard objects, which we only add fields to."""

    name: str
    definition: Part | None = None
    fields: dict[str, Part] = field(default_factory=dict)
    list_views: list[Part] = field(default_factory=list)
    compact_layouts: list[Part] = field(default_factory=list)
    validation_rules: list[Part] = field(default_factory=list)

    def find(self, name: str) -> Node | None:
        """The definition of one of its custom fields."""
        part = self.fields.get(name)
        return None if part is None else part.root


@dataclass(frozen=True)
class Project:
    """Everything under the package directories that `sfdx-project.json` names."""

    root: Path
    settings: dict[str, Any]
    parts: tuple[Part, ...]

    @classmethod
    def load(cls, root: Path = ROOT) -> "Project":
        """Read the project at `root`."""
        settings = json.loads((root / "sfdx-project.json").read_text(encoding="utf-8"))
        folders = [root / item["path"] for item in settings["packageDirectories"]]
        paths = sorted(path for folder in folders for path in folder.rglob("*-meta.xml"))
        return cls(root, settings, tuple(Part(path, parse(path)) for path in paths))

    def of(self, kind: str) -> Iterator[Part]:
        """All files of one metadata type."""
        return (part for part in self.parts if part.kind == kind)

    def names(self, kind: str) -> set[str]:
        """The names of all components of one metadata type."""
        return {part.name for part in self.of(kind)}

    @cached_property
    def objects(self) -> dict[str, SObject]:
        """Objects by API name, standard ones that get a field from us included."""
        found: dict[str, SObject] = {}
        definitions = {part.name: part for part in self.of("CustomObject")}
        for part in self.parts:
            owner = _object_of(part)
            if owner is None:
                continue
            item = found.setdefault(owner, SObject(owner, definitions.get(owner)))
            match part.kind:
                case "CustomField":
                    item.fields[part.name] = part
                case "ListView":
                    item.list_views.append(part)
                case "CompactLayout":
                    item.compact_layouts.append(part)
                case "ValidationRule":
                    item.validation_rules.append(part)
        return found

    @cached_property
    def custom_objects(self) -> dict[str, SObject]:
        """The objects that this project defines."""
        return {name: item for name, item in self.objects.items() if item.definition is not None}

    def where(self, part: Part, node: Node | None = None) -> str:
        """`path:line` of a finding, relative to the project."""
        line = (part.root if node is None else node).sourceline
        return f"{part.path.relative_to(self.root)}:{line}"


def _object_of(part: Part) -> str | None:
    """The object in whose folder the file lies: `objects/AR_Invoice__c/fields/…` → `AR_Invoice__c`."""
    folders = part.path.parts
    return folders[folders.index("objects") + 1] if "objects" in folders else None
