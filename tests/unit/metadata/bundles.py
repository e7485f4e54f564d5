"""The Lightning Web Components of the project, as far as the checks read them: what they declare and what they name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.unit.metadata.project import Node, Part, Project, flag, text, texts

_IMPORT = re.compile(r"""(?:import\s[^;'"]*?from\s*|import\s*\(?\s*)['"]([^'"]+)['"]""")
_TAG = re.compile(r"<c-([a-z0-9-]+)")


@dataclass(frozen=True)
class Target:
    """One place where a bundle may stand, with what its `targetConfig` says about it."""

    name: str
    objects: frozenset[str]
    action_type: str
    form_factors: frozenset[str]
    properties: dict[str, Node]


@dataclass(frozen=True)
class Bundle:
    """One folder under `lwc/`."""

    name: str
    part: Part

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return self.part.path.parent

    @property
    def exposed(self) -> bool:
        """Whether a page may hold it."""
        return flag(self.part.root, "isExposed")

    @cached_property
    def targets(self) -> dict[str, Target]:
        """Where it may stand."""
        return {name: _target(self.part.root, name) for name in texts(self.part.root, "targets/target")}

    @cached_property
    def sources(self) -> dict[Path, str]:
        """Its own JavaScript and templates, without tests."""
        paths = sorted([*self.folder.glob("*.js"), *self.folder.glob("*.html")])
        return {path: path.read_text(encoding="utf-8") for path in paths}

    def imports(self) -> Iterator[tuple[Path, str]]:
        """Every module that is imported, with the file that does."""
        for path, source in self.sources.items():
            if path.suffix == ".js":
                yield from ((path, name) for name in _IMPORT.findall(source))

    def tags(self) -> Iterator[tuple[Path, str]]:
        """Every bundle of the project that a template holds, by its camelCase name."""
        for path, source in self.sources.items():
            if path.suffix == ".html":
                yield from ((path, _camel(name)) for name in _TAG.findall(source))


def bundles(project: Project) -> dict[str, Bundle]:
    """All bundles, by name."""
    return {
        part.path.parent.name: Bundle(part.path.parent.name, part) for part in project.of("LightningComponentBundle")
    }


def _target(root: Node, name: str) -> Target:
    configs = [node for node in root.findall("targetConfigs/targetConfig") if name in _listed(node)]
    properties = {str(item.get("name")): item for node in configs for item in node.findall("property")}
    sizes = {str(item.get("type")) for node in configs for item in node.iter("supportedFormFactor")}
    return Target(
        name,
        frozenset(value for node in configs for value in texts(node, "objects/object")),
        next((text(node, "actionType") for node in configs if node.find("actionType") is not None), "ScreenAction"),
        frozenset(sizes or {"Large"}),
        properties,
    )


def _listed(config: Node) -> list[str]:
    return [name.strip() for name in str(config.get("targets", "")).split(",")]


def _camel(tag: str) -> str:
    first, *rest = tag.split("-")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)
