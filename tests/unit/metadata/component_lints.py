"""What an org refuses of Lightning Web Components, and what would only show in a browser: names that lead nowhere."""

import re
from collections import Counter
from collections.abc import Iterator

from tests.unit.metadata.bundles import Bundle, bundles
from tests.unit.metadata.project import Node, Part, Project, flag, text
from tests.unit.metadata.references import has_object, resolves

_TARGETS = {
    "lightning__AppPage",
    "lightning__HomePage",
    "lightning__RecordAction",
    "lightning__RecordPage",
    "lightning__UtilityBar",
}
_PROPERTY_TYPES = {"Boolean", "Integer", "String"}
_LABEL = "@salesforce/label/"
_SCHEMA = "@salesforce/schema/"
_CHANNEL = "@salesforce/messageChannel/"
# Modules of the platform that need no metadata of ours.
_PLATFORM = ("@salesforce/client/", "@salesforce/community/", "@salesforce/i18n/", "@salesforce/user/")
_LABEL_VALUE = 1000
_LABEL_TITLE = 80
_LABEL_NAME = 80


def bundle_files(project: Project) -> Iterator[str]:
    """Each bundle has a module of its name, speaks the project's API version, and says where it may stand."""
    for bundle in bundles(project).values():
        for problem in (*_file_problems(project, bundle), *_target_problems(project, bundle)):
            yield f"{project.where(bundle.part)}: {problem}"


def _file_problems(project: Project, bundle: Bundle) -> Iterator[str]:
    if not re.fullmatch(r"[a-z][A-Za-z0-9]*", bundle.name):
        yield f"{bundle.name} is not the name of a bundle: a small letter, then letters and digits"
    if bundle.part.name != bundle.name:
        yield f"the file is called {bundle.part.name}, the bundle {bundle.name}"
    if not (bundle.folder / f"{bundle.name}.js").is_file():
        yield f"there is no {bundle.name}.js"
    if text(bundle.part.root, "apiVersion") != project.settings["sourceApiVersion"]:
        yield f"apiVersion is not the project's {project.settings['sourceApiVersion']}"


def _target_problems(project: Project, bundle: Bundle) -> Iterator[str]:
    if bundle.exposed != bool(bundle.targets):
        yield "isExposed and <targets> go together: a page can hold it, or not"
    if bundle.exposed and not text(bundle.part.root, "masterLabel"):
        yield "what people choose in a list needs a <masterLabel>"
    for target in bundle.targets.values():
        if target.name not in _TARGETS:
            yield f"{target.name} is no target known here"
        for name in sorted(target.objects):
            if not has_object(project, name):
                yield f"there is no object {name}"
        for name, node in target.properties.items():
            yield from _property_problems(bundle, name, node)


def _property_problems(bundle: Bundle, name: str, node: Node) -> Iterator[str]:
    if node.get("type") not in _PROPERTY_TYPES:
        yield f"the property {name} is of type {node.get('type')}, which is not known here"
    if not node.get("label"):
        yield f"the property {name} has no label"
    if not re.search(rf"@api\s+(?:get\s+|set\s+)?{name}\b", "".join(bundle.sources.values())):
        yield f"the property {name} is no @api property"


def imports(project: Project) -> Iterator[str]:
    """Imports lead to bundles, labels, fields and message channels that exist; there is no Apex, no static resource."""
    known = bundles(project)
    for bundle in known.values():
        for path, name in bundle.imports():
            if problem := _import_problem(project, set(known), name):
                yield f"{path.relative_to(project.root)}: {problem}"
        for path, tag in bundle.tags():
            if tag not in known:
                yield f"{path.relative_to(project.root)}: there is no component {tag}"


def _import_problem(project: Project, known: set[str], name: str) -> str | None:
    found: bool = True
    if name.startswith("c/"):
        found = name.removeprefix("c/") in known
    elif name.startswith(_LABEL):
        found = name.removeprefix(f"{_LABEL}c.") in _labels(project)
    elif name.startswith(_CHANNEL):
        found = name.removeprefix(_CHANNEL).removesuffix("__c") in project.names("LightningMessageChannel")
    elif name.startswith(_SCHEMA):
        sobject, _, path = name.removeprefix(_SCHEMA).partition(".")
        found = has_object(project, sobject) and (not path or resolves(project, sobject, path))
    elif name.startswith("@salesforce/"):
        found = name.startswith(_PLATFORM)
    return None if found else f"{name} does not exist in this project"


def _labels(project: Project) -> dict[str, tuple[Part, Node]]:
    return {
        text(node, "fullName"): (part, node) for part in project.of("CustomLabels") for node in part.root.iter("labels")
    }


def labels(project: Project) -> Iterator[str]:
    """Labels fit, stand there once, and somebody shows them."""
    used = {name.removeprefix(f"{_LABEL}c.") for item in bundles(project).values() for _, name in item.imports()}
    names = Counter(text(node, "fullName") for part in project.of("CustomLabels") for node in part.root.iter("labels"))
    for name, (part, node) in _labels(project).items():
        if names[name] > 1:
            yield f"{project.where(part, node)}: the label {name} stands there {names[name]} times"
        if name not in used:
            yield f"{project.where(part, node)}: nothing shows the label {name}"
        for problem in _label_problems(name, node):
            yield f"{project.where(part, node)}: {problem}"


def _label_problems(name: str, node: Node) -> Iterator[str]:
    if not re.fullmatch(r"[A-Za-z](_?[A-Za-z0-9])*", name) or len(name) > _LABEL_NAME:
        yield f"{name} is not an API name of at most {_LABEL_NAME} characters"
    if not 0 < len(text(node, "value")) <= _LABEL_VALUE:
        yield f"the value of {name} has between 1 and {_LABEL_VALUE} characters"
    if not 0 < len(text(node, "shortDescription")) <= _LABEL_TITLE:
        yield f"the shortDescription of {name} has between 1 and {_LABEL_TITLE} characters"
    if text(node, "language") != "en_US":
        yield f"{name} is written in en_US; other languages are translations"


def message_channels(project: Project) -> Iterator[str]:
    """Message channels stay inside the package, name each field once, and are spoken on."""
    used = {name for item in bundles(project).values() for _, name in item.imports()}
    for part in project.of("LightningMessageChannel"):
        names = [text(node, "fieldName") for node in part.root.findall("lightningMessageFields")]
        if len(set(names)) < len(names):
            yield f"{project.where(part)}: a field of the message stands there twice"
        if flag(part.root, "isExposed"):
            yield f"{project.where(part)}: isExposed would let other packages speak on the channel {part.name}"
        if f"{_CHANNEL}{part.name}__c" not in used:
            yield f"{project.where(part)}: nothing speaks on the channel {part.name}"
