"""What an org refuses of quick actions, of the actions of page layouts, and of notification types."""

from collections.abc import Iterator

from tests.unit.metadata.bundles import bundles
from tests.unit.metadata.ownership import people_write
from tests.unit.metadata.project import Node, Part, Project, flag, text, texts
from tests.unit.metadata.references import has_object, resolves

_ACTION = "lightning__RecordAction"
_STANDARD_BUTTONS = {"ChangeOwnerOne", "Clone", "Delete", "Edit"}
_LABEL = 80


def quick_actions(project: Project) -> Iterator[str]:
    """Quick actions stand on objects that exist, open a component or make a row that can be saved, and are offered."""
    offered = _offered(project)
    for part in project.of("QuickAction"):
        sobject = part.name.partition(".")[0]
        problems: list[str] = []
        if not has_object(project, sobject):
            problems.append(f"there is no object {sobject}")
        if part.name not in offered:
            problems.append("no page and no layout offers this action")
        if not 0 < len(text(part.root, "label")) <= _LABEL:
            problems.append(f"a label has between 1 and {_LABEL} characters")
        match text(part.root, "type"):
            case "LightningWebComponent":
                problems += _component_problems(project, part)
            case "Create":
                problems += _create_problems(project, part, sobject)
            case kind:
                problems.append(f"actions of type {kind} are not known here")
        yield from (f"{project.where(part)}: {problem}" for problem in problems)


def _offered(project: Project) -> set[str]:
    return {
        node.text or ""
        for part in project.parts
        for tag in ("valueListItems/value", "platformActionListItems/actionName")
        for node in part.root.iterfind(f".//{tag}")
    }


def _component_problems(project: Project, part: Part) -> Iterator[str]:
    name = text(part.root, "lightningWebComponent")
    bundle = bundles(project).get(name)
    if bundle is None:
        yield f"there is no component {name}"
    elif not bundle.exposed or _ACTION not in bundle.targets:
        yield f"{name} is not exposed for {_ACTION}"
    elif bundle.targets[_ACTION].action_type != text(part.root, "actionSubtype"):
        yield f"{name} is a {bundle.targets[_ACTION].action_type}, the action a {text(part.root, 'actionSubtype')}"


def _create_problems(project: Project, part: Part, sobject: str) -> Iterator[str]:
    target = project.custom_objects.get(text(part.root, "targetObject"))
    if target is None:
        yield f"there is no object {text(part.root, 'targetObject')}"
        return
    parent = text(part.root, "targetParentField")
    node = target.find(parent)
    if node is None or text(node, "referenceTo") != sobject:
        yield f"{parent or 'targetParentField'} does not lead from {target.name} to {sobject}"
    shown = texts(part.root, ".//quickActionLayoutItems/field")
    preset = texts(part.root, "fieldOverrides/field")
    for name in (*shown, *preset):
        if name not in target.fields or not people_write(target.name, name):
            yield f"{target.name} has no field {name} that people fill in"
    for name, field in target.fields.items():
        if flag(field.root, "required") and name not in {*shown, *preset, parent}:
            yield f"{name} is required, and neither asked for nor preset"
    for override in part.root.findall("fieldOverrides"):
        yield from _preset_problems(project, target.find(text(override, "field")), override, sobject)


def _preset_problems(project: Project, field: Node | None, override: Node, sobject: str) -> Iterator[str]:
    value, formula = text(override, "literalValue"), text(override, "formula")
    values = [] if field is None else texts(field, "valueSet/valueSetDefinition/value/fullName")
    if value and values and value not in values:
        yield f"{text(override, 'field')} has no value {value}"
    source, _, path = formula.partition(".")
    if path and (source != sobject or not resolves(project, sobject, path)):
        yield f"{formula} is no field of {sobject}"


def layout_actions(project: Project) -> Iterator[str]:
    """The actions of a page layout exist, belong to its object, and stand in an order."""
    for part in project.of("Layout"):
        sobject = part.name.partition("-")[0]
        known = {name for name in project.names("QuickAction") if name.startswith(f"{sobject}.")}
        items = part.root.findall("platformActionList/platformActionListItems")
        for node in items:
            name, kind = text(node, "actionName"), text(node, "actionType")
            if name not in (known if kind == "QuickAction" else _STANDARD_BUTTONS):
                yield f"{project.where(part, node)}: {name} is no {kind} of {sobject}"
        if [text(node, "sortOrder") for node in items] != [str(number) for number in range(len(items))]:
            yield f"{project.where(part)}: the sortOrder of actions counts from 0"


def notifications(project: Project) -> Iterator[str]:
    """Notification types are named after their files, and reach people somewhere."""
    for part in project.of("CustomNotificationType"):
        if text(part.root, "customNotifTypeName") != part.name:
            yield f"{project.where(part)}: customNotifTypeName is not {part.name}"
        if not flag(part.root, "desktop") and not flag(part.root, "mobile"):
            yield f"{project.where(part)}: nobody would see it, neither on desktop nor on mobile"
